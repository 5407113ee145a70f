"""How alike a header is to a column and a word to a code, in hundredths, and why."""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ingest.readers.units import without_unit
from ingest.standard import FEEDS, Column

#: Less than this is no suggestion.
LEAST = 60
_EXACT_WORD, _ALMOST = 95, 90
_NOISE = re.compile(r"[\s*_\-./、:：#]+|\((?:必填|选填|required|optional)\)")
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Likeness:
    """``how`` is ``words`` for a word of the trade, ``alike`` for a likeness of letters."""

    code: str
    sure: int
    how: str


def plain(word: str) -> str:
    """The word without unit, spaces, marks, capitals and full-width forms."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", without_unit(word)[0]).strip().lower())[:_LONGEST]


@cache
def columns_like(feed: str, header: str) -> tuple[Likeness, ...]:
    """The columns of the feed that the header may be, the likeliest first."""
    said = plain(header)
    found = (
        _likeness(
            column.code,
            said,
            _words()["columns"].get(column.code, ()),
            (column.zh, column.code, column.en),
        )
        for column in FEEDS[feed].columns
    )
    return _best(found)


def codes_like(feed: str, column: Column, word: str) -> tuple[Likeness, ...]:
    """The codes of the column that the word may mean, the likeliest first."""
    said = plain(word)
    lists = _words()["codes"]
    trade = lists.get(f"{feed}.{column.code}") or lists.get(column.code, {})
    found = (
        _likeness(one.code, said, trade.get(one.code, ()), (one.zh, one.code, one.en, *one.aliases))
        for one in column.codes
    )
    return _best(found)


def _best(found: Iterable[Likeness]) -> tuple[Likeness, ...]:
    return tuple(sorted((one for one in found if one.sure >= LEAST), key=lambda one: -one.sure))


def _likeness(code: str, said: str, trade: Iterable[str], names: Iterable[str]) -> Likeness:
    words = [plain(word) for word in trade]
    if said and said in words:
        return Likeness(code, _EXACT_WORD, "words")
    ratio = max((_ratio(said, plain(name)) for name in (*names, *words)), default=0.0)
    return Likeness(code, min(int(ratio * 100), _ALMOST), "alike")


def _ratio(one: str, other: str) -> float:
    if not one or not other or not set(one) & set(other):
        return 0.0
    if min(len(one), len(other)) * 2 < 0.6 * (len(one) + len(other)):
        return 0.0
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(resources.files("ingest.suggesting").joinpath("words.toml").read_text("utf-8"))
