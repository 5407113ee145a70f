"""The header of a file, matched to the columns of its feed by code, by Chinese label, or as the company's profile says."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ingest.profiles import Profile
from ingest.readers.block import Finding, HeaderCoercion, Refusal
from ingest.readers.units import bare, unit_meant, without_unit
from ingest.standard import Column, Feed, is_personal

_SHOWN = 40
_MARKS = re.compile(r"\s+|^\*+|\*+$|\((?:必填|选填|required|optional)\)")


@dataclass(frozen=True, slots=True)
class Naming:
    """How the headers of a file are understood: by the standard, and by the company's profile where there is one."""

    feed: Feed
    profile: Profile | None = None
    #: The profile's headers, as they are compared.
    own: dict[str, str | None] = field(init=False)
    #: Code and Chinese label of each column of the feed, as they are compared, and the column's code.
    known: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        headers = {} if self.profile is None else self.profile.headers
        object.__setattr__(self, "own", {_plain(name): code for name, code in headers.items()})
        columns = self.feed.columns
        known = {_plain(column.zh): column.code for column in columns}
        object.__setattr__(self, "known", known | {column.code: column.code for column in columns})


@dataclass(frozen=True, slots=True)
class Header:
    """``codes`` in the order of the file, None for a column that the profile leaves out; every other one is a column of the
    feed and stands once. ``constants``: a column that has no cells, the column beside which it has its value (empty: in
    every row), and that value."""

    codes: tuple[str | None, ...]
    coercions: tuple[HeaderCoercion, ...]
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)


def meaning(name: str, naming: Naming) -> str | None:
    """The column that a name stands for, empty where the profile leaves it out; None when it stands for none."""
    own, known, plain = naming.own, naming.known, _plain(name)
    if plain in own:
        return own[plain] or ""
    return known.get(plain) or known.get(_plain(without_unit(name)[0]))


def known_headers(names: Sequence[str], naming: Naming) -> int:
    """How many names are columns of the feed, or names of the profile."""
    return sum(meaning(name, naming) is not None for name in names)


def match_header(names: Sequence[str], naming: Naming, units: Sequence[str] = ()) -> Header:
    """The columns that the names stand for. Refusal, with every fault of the header, when a required column is missing
    (S01), a column stands twice (S02), one is personal (S15) or unknown (S16), or names a unit that is not the column's
    (S21) or that a column of the file names too (S22). A name that fits only after removing spaces, capitals, full-width
    forms, a star or its unit is a coercion. ``units`` is the row under the header, where it holds units."""
    matching = _Matching(naming)
    for place, name in enumerate(names):
        matching.take(name, bare(units[place]) if place < len(units) else "")
    return matching.header()


class _Matching:
    def __init__(self, naming: Naming) -> None:
        self._feed, self._naming, self._own = naming.feed, naming, naming.own
        self._findings: list[Finding] = []
        self._coercions: list[HeaderCoercion] = []
        self._codes: list[str | None] = []
        self._units: dict[str, tuple[str, str]] = {}

    def take(self, name: str, below: str) -> None:
        column = self._column(name)
        if column is not None and below:
            self._take_unit(below, column, below, "unit_row")

    def _column(self, name: str) -> Column | None:
        """The column that this name is, noted with all that is said of it; None where it is left out or unknown."""
        plain = _plain(name)
        if plain in self._own:
            return self._take_own(name, self._own[plain])
        code, unit = self._naming.known.get(plain), ""
        if code is None:
            bare, unit = without_unit(name)
            code = self._naming.known.get(_plain(bare)) if unit else None
        if code is None:
            self._findings.append(_stranger(name, self._feed))
            self._codes.append(None)
            return None
        column = self._feed.column(code)
        self._once(name, column)
        if unit:
            self._take_unit(name, column, unit, "header_unit")
        elif name not in (column.code, column.zh):
            self._coercions.append(HeaderCoercion(name, column.code))
        return column

    def _take_own(self, name: str, code: str | None) -> Column | None:
        if code is None and is_personal(name):
            self._findings.append(_stranger(name, self._feed))
        rule = "profile_left_out" if code is None else "profile_header"
        self._coercions.append(HeaderCoercion(name, code or "", rule))
        if code is None:
            self._codes.append(None)
            return None
        column = self._feed.column(code)
        self._once(name, column)
        unit = without_unit(name)[1]
        if unit and (column.unit or column.unit_column):
            self._take_unit(name, column, unit, "header_unit")
        return column

    def _once(self, name: str, column: Column) -> None:
        if column.code in self._codes:
            self._findings.append(
                Finding("S02", field=column.code, column_zh=column.zh, column_en=column.code, value=name)
            )
        self._codes.append(column.code)

    def _take_unit(self, name: str, column: Column, unit: str, rule: str) -> None:
        meant = unit_meant(self._feed, column, unit)
        if meant is None:
            self._findings.append(_wrong_unit(self._feed, column, unit))
            return
        if column.unit_column is not None:
            known = self._units.setdefault(column.unit_column, (column.code, meant))
            if known != (column.code, meant):
                self._findings.append(_unit_twice(self._feed, column, unit))
        self._coercions.append(HeaderCoercion(name, meant, rule, field=column.code))

    def header(self) -> Header:
        """The header, or a Refusal with all that is wrong in it."""
        constants = dict(self._units)
        for code in self._units:
            if code in self._codes:
                column = self._feed.column(self._units[code][0])
                self._findings.append(_unit_twice(self._feed, column, self._units[code][1]))
        profile = self._naming.profile
        for code, text in ({} if profile is None else profile.constants).items():
            if code not in self._codes and code not in constants:
                constants[code] = ("", text)
                self._coercions.append(HeaderCoercion("", text, "profile_constant", field=code))
        given = {*self._codes, *constants}
        gaps = [
            Finding("S01", field=gap.code, column_zh=gap.zh, column_en=f"{gap.code} ({gap.zh})")
            for gap in self._feed.columns
            if gap.required and gap.code not in given
        ]
        personal = [finding for finding in self._findings if finding.edit_id == "S15"]
        others = [finding for finding in self._findings if finding.edit_id != "S15"]
        if gaps or self._findings:
            raise Refusal(*personal, *gaps, *others)
        return Header(tuple(self._codes), tuple(self._coercions), constants)


def _wrong_unit(feed: Feed, column: Column, said: str) -> Finding:
    codes = feed.column(column.unit_column).codes if column.unit_column else ()
    wanted = column.unit or ", ".join(code.code for code in codes) or "—"
    return Finding("S21", wanted, wanted, 0, column.code, said, column.zh, f"{column.code} ({column.zh})")


def _unit_twice(feed: Feed, column: Column, said: str) -> Finding:
    unit = feed.column(column.unit_column or "")
    return Finding("S22", unit.zh, unit.code, 0, column.code, said, column.zh, f"{column.code} ({column.zh})")


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", name).strip().lower())


def _stranger(name: str, feed: Feed) -> Finding:
    shown = name if len(name) <= _SHOWN else name[:_SHOWN] + "…"
    if is_personal(name):
        return Finding("S15", field=shown, value=shown, column_zh=shown, column_en=shown)
    if not name.strip():
        shown = "（空）"
    words = {column.zh: column.code for column in feed.columns} | {
        column.code: column.code for column in feed.columns
    }
    near = difflib.get_close_matches(_plain(name)[:_SHOWN], words, n=3, cutoff=0.5)
    hint = "、".join(dict.fromkeys(words[word] for word in near)) or "—"
    return Finding("S16", hint, hint, field=shown, value=shown, column_zh=shown, column_en=shown)
