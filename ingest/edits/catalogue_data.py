"""Edits written as data: one TOML file a feed beside the code that evaluates them."""

from __future__ import annotations

import datetime as dt
import tomllib
from importlib import resources
from typing import Any

from ingest.edits.edit import Edit, EditClass
from ingest.standard import FEEDS, SCALES, Kind, PeriodKind

_LOGIC = ("逻辑关系", "Logic of the data")
_REFUSALS: dict[Kind, tuple[str, ...]] = {
    Kind.DATE: ("V05",),
    Kind.INSTANT: ("V13",),
    Kind.CODE: ("V08",),
    Kind.SEASON: ("V12",),
    Kind.BOOL: ("V11",),
    Kind.IDENTIFIER: ("N06", "V09", "X08"),
    Kind.TEXT: (),
} | dict.fromkeys(SCALES, ("V01", "V02", "V03", "V04"))


def refusals_of(feed: str, codes: tuple[str, ...]) -> set[str]:
    """The edits that can refuse a cell of those columns of the feed."""
    columns = [FEEDS[feed].column(code) for code in codes]
    found = {edit_id for column in columns for edit_id in _REFUSALS[column.kind]}
    return found | ({"V10"} if any(column.required for column in columns) else set())


def load_edits() -> tuple[Edit, ...]:
    """Every edit of the TOML files, feed by feed in the order of the standard. An entry's ``needs`` are the columns it reads;
    what can refuse them, and the edits named in ``after``, are its prerequisites."""
    folder = resources.files("ingest.edits")
    edits: list[Edit] = []
    for code in FEEDS:
        file = folder.joinpath(f"{code}.toml")
        if file.is_file():
            edits += [_edit(code, entry) for entry in tomllib.loads(file.read_text("utf-8"))["edit"]]
    return tuple(edits)


def _edit(code: str, entry: dict[str, Any]) -> Edit:
    feeds = tuple(entry.get("feeds", (code,)))
    roots = {root for feed in feeds for root in refusals_of(feed, tuple(entry.get("needs", ())))}
    since: dt.date = entry.get("valid_from", dt.date(2000, 1, 1))
    return Edit(
        id=entry["id"],
        name=entry["name"],
        edit_class=EditClass(entry["class"]),
        stage=entry["stage"],
        zh=entry["zh"],
        en=entry["en"],
        mend_zh=entry["mend_zh"],
        mend_en=entry["mend_en"],
        basis_zh=entry.get("basis_zh", _LOGIC[0]),
        basis_en=entry.get("basis_en", _LOGIC[1]),
        feeds=feeds,
        prerequisites=(*entry.get("after", ()), *sorted(roots)),
        valid_from=since,
        valid_to=entry.get("valid_to"),
        periods=tuple(PeriodKind(kind) for kind in entry.get("periods", ())),
        shadow_from=entry.get("shadow_from"),
    )
