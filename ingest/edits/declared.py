"""What was declared with a filing against what was found in it: both are said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from ingest.readers.block import Finding
from ingest.readers.manifest import Manifest
from ingest.readers.packed import Part
from ingest.standard import Feed


def part_findings(declared: Manifest, parts: Iterable[Part]) -> list[Finding]:
    """Parts that are missing (DEC04), not declared (DEC05), or other bytes than declared (DEC03). Nothing where no parts
    are declared."""
    if not declared.parts:
        return []
    here = {part.name: part for part in parts}
    said = {part.name: part for part in declared.parts}
    found = [Finding("DEC04", name, name, value=name) for name in said if name not in here]
    found += [Finding("DEC05", name, name, value=name) for name in here if name not in said]
    for name, part in here.items():
        digest = said[name].sha256 if name in said else None
        if digest is not None and digest != part.sha256:
            found.append(Finding("DEC03", *_both(digest, part.sha256, name), value=name))
    return found


def row_findings(declared: Manifest, rows: int, rows_of_parts: Mapping[str, int]) -> list[Finding]:
    """Other numbers of rows than declared, of the whole or of a part (DEC01)."""
    found = []
    if declared.rows is not None and declared.rows != rows:
        found.append(Finding("DEC01", *_both(declared.rows, rows), value=str(declared.rows)))
    for part in declared.parts:
        here = rows_of_parts.get(part.name, 0)
        if part.rows is not None and part.rows != here:
            found.append(Finding("DEC01", *_both(part.rows, here, part.name), value=str(part.rows)))
    return found


def total_findings(
    declared: Manifest, totals: Mapping[str, str], feed: Feed, unsure: Sequence[str]
) -> list[Finding]:
    """Other sums than declared (DEC02), exact; sums of columns of which values could not be read are ``unsure`` and not
    compared."""
    found = []
    for name, said in declared.totals.items():
        column = feed.column(name.partition(" ")[0])
        here = totals.get(name, "0")
        if column.code in unsure or Decimal(said) == Decimal(here):
            continue
        finding = Finding("DEC02", *_both(said, here), field=column.code, value=said)
        found.append(replace(finding, column_zh=column.zh, column_en=f"{name} ({column.en})"))
    return found


def _both(said: object, found: object, where: str = "") -> tuple[str, str]:
    place_zh, place_en = (f"{where}：", f"{where}: ") if where else ("", "")
    return f"{place_zh}声明 {said}，实际 {found}", f"{place_en}declared {said}, found {found}"
