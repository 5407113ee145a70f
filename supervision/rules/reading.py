"""A rule as the public reads it: words with their figures, class, basis, dates, examples."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ingest.edits import CATALOGUE, Edit
from ingest.edits.thresholds import bare, of_edit
from supervision.filings.models import RuleWithdrawal

STANDINGS = ("binding", "shadow", "ended", "proposed", "withdrawn")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rules are looked for; what is empty is any. ``search`` is looked for in number and words."""

    feed: str = ""
    edit_class: str = ""
    standing: str = ""
    search: str = ""


@cache
def examples() -> dict[str, dict[str, Any]]:
    """By rule: feed, columns, and the rows that trip it and that just do not."""
    text = resources.files("ingest.edits").joinpath("examples.json").read_text("utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def words(edit: Edit) -> dict[str, str]:
    """What is wrong and how to mend it, in both languages, without a column or a row."""
    return {
        "zh": bare(edit.zh, edit.id),
        "en": bare(edit.en, edit.id),
        "mend_zh": bare(edit.mend_zh, edit.id),
        "mend_en": bare(edit.mend_en, edit.id),
    }


def standing(edit: Edit, withdrawal: RuleWithdrawal | None, today: dt.date) -> str:
    """One of STANDINGS. A rule whose withdrawal is only proposed still binds."""
    if withdrawal is not None and withdrawal.state == "approved":
        return "withdrawn"
    if edit.valid_to is not None and today > edit.valid_to:
        return "ended"
    return "shadow" if today < edit.valid_from else "binding"


def matching(
    wanted: Wanted, open_withdrawals: dict[str, RuleWithdrawal], today: dt.date
) -> list[tuple[Edit, str]]:
    """The rules, each with its standing, in the order of the catalogue."""
    found = []
    for edit in CATALOGUE.values():
        withdrawal = open_withdrawals.get(edit.id)
        now = standing(edit, withdrawal, today)
        is_proposed = withdrawal is not None and withdrawal.state == "proposed"
        if wanted.standing and wanted.standing != now and not (wanted.standing == "proposed" and is_proposed):
            continue
        if wanted.feed and edit.feeds and wanted.feed not in edit.feeds:
            continue
        if wanted.edit_class and wanted.edit_class != edit.edit_class:
            continue
        said = words(edit)
        text = " ".join((edit.id, edit.name, *said.values(), edit.basis_zh, edit.basis_en)).casefold()
        if wanted.search.casefold() in text:
            found.append((edit, now))
    return found


def as_json(
    edit: Edit, now: str, counts: tuple[int, int], withdrawal: RuleWithdrawal | None
) -> dict[str, Any]:
    """Everything public of a rule, for programs."""
    said = words(edit)
    return {
        "id": edit.id,
        "name": edit.name,
        "class": str(edit.edit_class),
        "standing": now,
        "feeds": list(edit.feeds),
        "zh": said["zh"],
        "en": said["en"],
        "mend_zh": said["mend_zh"],
        "mend_en": said["mend_en"],
        "basis_zh": edit.basis_zh,
        "basis_en": edit.basis_en,
        "shadow_from": _day(edit.shadow_from),
        "valid_from": _day(edit.valid_from),
        "valid_to": _day(edit.valid_to),
        "prerequisites": list(edit.prerequisites),
        "thresholds": [
            {
                "key": one.key,
                "zh": one.zh,
                "en": one.en,
                "unit": one.unit_en,
                "values": [{"from": _day(dated.since), "value": str(dated.value)} for dated in one.values],
            }
            for one in of_edit(edit.id)
        ],
        "filings_hit": counts[0],
        "hits": counts[1],
        "example": examples().get(edit.id),
        "withdrawn_reason": withdrawal.reason if withdrawal and withdrawal.state == "approved" else None,
    }


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
