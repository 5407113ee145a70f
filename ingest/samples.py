"""Sample files, templates and schemas, written from the standard.

``python -m ingest.samples FOLDER`` writes all of them for every feed.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

from ingest.standard import FEEDS, SCALES, Feed, Kind, feed
from ingest.standard.schemas import json_schema, table_schema


def write_sample_csv(code: str, path: Path, *, encoding: str = "utf-8-sig", labels: bool = False) -> None:
    """Writes the feed's sample rows with a header of codes, or of Chinese labels. The file is accepted when filed."""
    standard = feed(code)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.zh if labels else column.code for column in standard.columns])
        writer.writerows([row.get(column.code, "") for column in standard.columns] for row in standard.sample)


def write_template_xlsx(code: str, path: Path) -> None:
    """Writes an empty workbook with one sheet: the Chinese labels as its header, required ones bold, each with its note, and
    columns of identifiers, codes, dates and texts formatted as text so that nothing typed there is turned into a number, and
    columns of codes with their labels to choose from."""
    import openpyxl
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

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
        choices = [code.zh for code in column.codes] or (["是", "否"] if column.kind is Kind.BOOL else [])
        if choices:
            listed = DataValidation(
                type="list", formula1=f'"{",".join(choices)}"', allow_blank=True, showErrorMessage=True
            )
            listed.add(f"{letter}2:{letter}1048576")
            sheet.add_data_validation(listed)
    sheet.freeze_panes = "A2"
    book.save(path)


def write_all(folder: Path) -> list[Path]:
    """Writes sample CSV, template, JSON Schema and Table Schema of every feed into ``folder``; returns the files written."""
    written: list[Path] = []
    for one in FEEDS.values():
        sample, template = _names(one, folder)
        write_sample_csv(one.code, sample)
        write_template_xlsx(one.code, template)
        written += [sample, template]
        for name, schema in (("schema", json_schema(one)), ("tableschema", table_schema(one))):
            file = folder / f"{one.code}.{name}.json"
            file.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            written.append(file)
    return written


def _names(standard: Feed, folder: Path) -> tuple[Path, Path]:
    return folder / f"{standard.code}-sample.csv", folder / f"{standard.code}-template.xlsx"


def main(arguments: list[str]) -> int:
    """Writes everything into the folder named, which is made where it is missing; 0."""
    folder = Path(arguments[0]) if arguments else Path("data-standard")
    folder.mkdir(parents=True, exist_ok=True)
    for file in write_all(folder):
        sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
