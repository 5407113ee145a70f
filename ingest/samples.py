"""Sample files and templates, written from the standard."""

from __future__ import annotations

import csv
from pathlib import Path

from ingest.standard import FEEDS, SCALES, Feed, feed


def write_sample_csv(code: str, path: Path, *, encoding: str = "utf-8-sig", labels: bool = False) -> None:
    """Writes the feed's sample rows with a header of codes, or of Chinese labels. The file is accepted when filed."""
    standard = feed(code)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.zh if labels else column.code for column in standard.columns])
        writer.writerows([row.get(column.code, "") for column in standard.columns] for row in standard.sample)


def write_template_xlsx(code: str, path: Path) -> None:
    """Writes an empty workbook with one sheet: the Chinese labels as its header, required ones bold, each with its note, and
    columns of identifiers, codes, dates and texts formatted as text so that nothing typed there is turned into a number."""
    import openpyxl
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    standard = feed(code)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = standard.zh
    for place, column in enumerate(standard.columns, start=1):
        cell = sheet.cell(1, place, column.zh)
        cell.font = Font(bold=column.required)
        said = [
            column.code,
            "必填 required" if column.required else "选填 optional",
            column.note_zh,
            column.note_en,
        ]
        cell.comment = Comment("\n".join(filter(None, said)), standard.code)
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(12, 2 * len(column.zh) + 4)
        if column.kind not in SCALES:
            sheet.column_dimensions[letter].number_format = "@"
    sheet.freeze_panes = "A2"
    book.save(path)


def write_all(folder: Path) -> list[Path]:
    """Writes the sample CSV and the template of every feed into ``folder``; returns the files written."""
    written: list[Path] = []
    for one in FEEDS.values():
        sample, template = _names(one, folder)
        write_sample_csv(one.code, sample)
        write_template_xlsx(one.code, template)
        written += [sample, template]
    return written


def _names(standard: Feed, folder: Path) -> tuple[Path, Path]:
    return folder / f"{standard.code}-sample.csv", folder / f"{standard.code}-template.xlsx"
