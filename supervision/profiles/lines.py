"""A profile as lines of a form: one a header, one a word of the company, one a column alike in every row; and the profile that the
filled-in lines make. The lines follow from what is stored, so a line is told by its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.profiles import Profile
from ingest.standard import FEEDS, Column, Feed, Kind
from ingest.suggesting import Suggestion

LEFT_OUT = "-"

#: Why something is suggested: tone and source string.
HOWS: dict[str, tuple[str, str]] = {
    "standard": ("good", "标准名称"),
    "profile": ("good", "方案已有"),
    "left_out": ("secondary", "不读取"),
    "words": ("info", "行业用语"),
    "alike": ("open", "名称相近"),
    "none": ("bad", "未识别"),
    "absent": ("secondary", "样本中没有"),
}


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """``chosen`` is a column, LEFT_OUT, or empty where the profile says nothing of the header; ``standard`` the column that the
    standard itself takes it for, ``suggested`` what the sample suggests."""

    name: str
    values: tuple[str, ...]
    how: str
    sure: int
    standard: Column | None
    suggested: Column | None
    chosen: str


@dataclass(frozen=True, slots=True)
class CodeLine:
    column: Column
    word: str
    count: int
    how: str
    sure: int
    suggested: str | None
    chosen: str


@dataclass(frozen=True, slots=True)
class ConstantLine:
    column: Column
    chosen: str

    @property
    def is_code(self) -> bool:
        return self.column.kind is Kind.CODE


@dataclass(frozen=True, slots=True)
class Lines:
    headers: tuple[HeaderLine, ...]
    codes: tuple[CodeLine, ...]
    constants: tuple[ConstantLine, ...]


def lines_of(profile: Profile, found: Suggestion) -> Lines:
    """The headers and words of the sample in its order, then those that only the profile has; required columns that no header
    is, and those that the profile says of every row."""
    feed = FEEDS[profile.feed]
    return Lines(
        tuple(_headers(feed, profile, found)),
        tuple(_codes(feed, profile, found)),
        tuple(_constants(feed, profile, found)),
    )


def profile_from(lines: Lines, said: Mapping[str, str], before: Profile) -> Profile:
    """The profile that the fields ``header-1``, ``code-1``, ``constant-1`` … make; what is blank is not in it. Raises ProfileError."""
    headers: dict[str, str | None] = {}
    for number, line in enumerate(lines.headers, start=1):
        chosen = said.get(f"header-{number}", "")
        if chosen:
            headers[line.name] = None if chosen == LEFT_OUT else chosen
    codes: dict[str, dict[str, str]] = {}
    for number, word in enumerate(lines.codes, start=1):
        if chosen := said.get(f"code-{number}", ""):
            codes.setdefault(word.column.code, {})[word.word] = chosen
    constants = {
        line.column.code: text
        for number, line in enumerate(lines.constants, start=1)
        if (text := said.get(f"constant-{number}", "").strip())
    }
    made = Profile(before.feed, before.version, headers, codes, constants)
    return Profile.parse(made.text())


def _headers(feed: Feed, profile: Profile, found: Suggestion) -> list[HeaderLine]:
    lines = []
    seen = set()
    for one in found.headers:
        if not one.name.strip() or one.name in seen:
            continue
        seen.add(one.name)
        column = feed.column(one.code) if one.code else None
        lines.append(
            HeaderLine(
                one.name,
                one.values,
                one.how,
                one.sure,
                column if one.how == "standard" else None,
                column if one.how in ("words", "alike") else None,
                _chosen(profile, one.name),
            )
        )
    absent = [name for name in sorted(profile.headers) if name not in seen]
    return lines + [HeaderLine(name, (), "absent", 0, None, None, _chosen(profile, name)) for name in absent]


def _chosen(profile: Profile, name: str) -> str:
    return (profile.headers[name] or LEFT_OUT) if name in profile.headers else ""


def _codes(feed: Feed, profile: Profile, found: Suggestion) -> list[CodeLine]:
    lines = [
        CodeLine(
            feed.column(one.column),
            one.word,
            one.count,
            one.how,
            one.sure,
            one.code if one.how in ("words", "alike") else None,
            profile.codes.get(one.column, {}).get(one.word, ""),
        )
        for one in found.codes
    ]
    known = {(line.column.code, line.word) for line in lines}
    return lines + [
        CodeLine(feed.column(code), word, 0, "absent", 0, None, meant)
        for code, words in sorted(profile.codes.items())
        for word, meant in sorted(words.items())
        if (code, word) not in known
    ]


def _constants(feed: Feed, profile: Profile, found: Suggestion) -> list[ConstantLine]:
    wanted = [code for code in found.missing if code not in feed.key and code not in profile.constants]
    return [
        ConstantLine(feed.column(code), profile.constants.get(code, ""))
        for code in (*wanted, *sorted(profile.constants))
    ]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that two versions say otherwise; None where a version does not have it."""

    kind: str  # header, code, constant
    name: str
    column: Column | None
    before: str | None
    after: str | None


def changes(before: Profile | None, after: Profile) -> list[Change]:
    """Every entry of a profile that another version says otherwise, in the order of headers, codes, constants."""
    feed = FEEDS[after.feed]
    old, new = _entries(before, feed), _entries(after, feed)
    found = []
    for key in sorted(
        set(old) | set(new), key=lambda key: (("header", "code", "constant").index(key[0]), *key[1:])
    ):
        if old.get(key) != new.get(key):
            kind, column, name = key
            found.append(
                Change(kind, name, feed.column(column) if column else None, old.get(key), new.get(key))
            )
    return found


def _entries(profile: Profile | None, feed: Feed) -> dict[tuple[str, str, str], str]:
    """(kind, column of a code or constant, name) → what it means: a column's code, LEFT_OUT, a code, a text."""
    if profile is None:
        return {}
    return {
        **{("header", "", name): code or LEFT_OUT for name, code in profile.headers.items()},
        **{
            ("code", column, word): meant
            for column, words in profile.codes.items()
            for word, meant in words.items()
        },
        **{("constant", column, ""): text for column, text in profile.constants.items()},
    }
