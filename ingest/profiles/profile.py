"""A profile as data: which column of the standard each header of the company is, what its codes mean, what holds in every row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.standard import FEEDS, STANDARD_VERSION, Feed, Kind, is_personal
from ingest.strict_json import strict_json

_MOST_NAMES = 200
_LONGEST = 100


class ProfileError(ValueError):
    """A profile that cannot be used: what is wrong in it and how to mend it, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Profile:
    """``headers`` maps a header as it stands in the company's files to a column of the feed, or to None where that column is
    left out. ``codes`` maps for a code column the company's words to the codes of the standard. ``constants`` are values of
    columns that the files do not have, alike in every row. A header or code that the standard itself knows needs no entry."""

    feed: str
    version: int
    headers: dict[str, str | None] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The profile as canonical JSON: keys in order, UTF-8, one line. Equal profiles give equal text."""
        return json.dumps(self.as_object(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def as_object(self) -> dict[str, Any]:
        return {
            "standard": STANDARD_VERSION,
            "feed": self.feed,
            "version": self.version,
            "headers": self.headers,
            "codes": self.codes,
            "constants": self.constants,
        }

    @property
    def digest(self) -> str:
        """SHA-256 of :meth:`text`."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    @property
    def name(self) -> str:
        """What a report says of it: ``v3 sha256:…``."""
        return f"v{self.version} sha256:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> Profile:
        """The profile that :meth:`text` wrote, or that somebody wrote by hand. Raises ProfileError."""
        try:
            said = strict_json(text.encode())
        except ValueError:
            raise ProfileError(
                "对应方案不是 JSON，或有键重复。", "The profile is no JSON, or a key stands twice in it."
            ) from None
        return cls.of(said)

    @classmethod
    def of(cls, said: Any) -> Profile:
        """The profile of its JSON object. Raises ProfileError where it does not fit the standard."""
        wanted = {"standard", "feed", "version", "headers", "codes", "constants"}
        if not isinstance(said, dict) or set(said) != wanted:
            keys = ", ".join(sorted(wanted))
            raise ProfileError(
                f"对应方案应有且只有这些键：{keys}。", f"A profile has these keys and no other: {keys}."
            )
        if said["standard"] != STANDARD_VERSION:
            raise ProfileError(
                f"对应方案属于另一版标准，现为第 {STANDARD_VERSION} 版。",
                f"The profile is of another version of the standard; this is {STANDARD_VERSION}.",
            )
        if said["feed"] not in FEEDS:
            raise ProfileError(f"没有数据类别“{said['feed']}”。", f"There is no feed {said['feed']!r}.")
        if type(said["version"]) is not int or said["version"] < 1:
            raise ProfileError("版本号应为正整数。", "The version is a positive whole number.")
        profile = cls(
            said["feed"],
            said["version"],
            _texts(said["headers"], "headers", may_be_none=True),
            {
                code: _plain(words, f"codes.{code}")
                for code, words in _mapping(said["codes"], "codes").items()
            },
            _plain(said["constants"], "constants"),
        )
        profile.refuse_unfit()
        return profile

    def refuse_unfit(self) -> None:
        """Raises ProfileError where an entry names what the feed does not have, two headers are one column, or a column of
        personal data would be taken."""
        feed = FEEDS[self.feed]
        columns = {column.code: column for column in feed.columns}
        taken: dict[str, str] = {}
        for header, code in self.headers.items():
            _refuse_header(header, code, feed, taken)
        for code, words in self.codes.items():
            if code not in columns or columns[code].kind is not Kind.CODE:
                raise ProfileError(f"“{code}”不是代码列。", f"{code!r} is no column of codes.")
            known = {one.code for one in columns[code].codes}
            for word, meant in words.items():
                if meant not in known:
                    listed = ", ".join(sorted(known))
                    raise ProfileError(
                        f"{columns[code].zh}：“{word}”对应的代码“{meant}”不在代码表中（{listed}）。",
                        f"{code}: {meant!r}, meant by {word!r}, is not in the code list ({listed}).",
                    )
        for code in self.constants:
            if code not in columns:
                raise ProfileError(f"没有列“{code}”。", f"There is no column {code!r}.")
            if code in feed.key or code in taken:
                raise ProfileError(
                    f"“{columns[code].zh}”不能每行相同：它是主键，或文件中已有。",
                    f"{code} cannot be alike in every row: it is of the key, or the file has it.",
                )


def _refuse_header(header: str, code: str | None, feed: Feed, taken: dict[str, str]) -> None:
    if code is None:
        if is_personal(header):
            raise ProfileError(
                f"“{header}”是个人信息，不能只在读取时略去；请从文件中删除。",
                f"{header!r} is personal data: remove it from the file, it is not enough to leave it out.",
            )
        return
    if code not in {column.code for column in feed.columns}:
        raise ProfileError(
            f"“{header}”对应的列“{code}”不在标准中。", f"{header!r}: the feed has no column {code!r}."
        )
    if code in taken:
        raise ProfileError(
            f"“{header}”与“{taken[code]}”对应同一列 {code}，只能保留一个。",
            f"{header!r} and {taken[code]!r} are both {code}: keep one.",
        )
    taken[code] = header


def _mapping(said: Any, where: str) -> dict[str, Any]:
    if not isinstance(said, dict) or len(said) > _MOST_NAMES:
        raise ProfileError(
            f"{where} 应为对象，最多 {_MOST_NAMES} 项。", f"{where} is an object of at most {_MOST_NAMES}."
        )
    return said


def _texts(said: Any, where: str, may_be_none: bool) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name, value in _mapping(said, where).items():
        fits = (value is None and may_be_none) or (isinstance(value, str) and 0 < len(value) <= _LONGEST)
        if not fits or not name.strip() or len(name) > _LONGEST:
            raise ProfileError(
                f"{where}：“{name[:40]}”一项应为 1–{_LONGEST} 个字的文字。",
                f"{where}: the entry {name[:40]!r} is a text of 1–{_LONGEST} characters.",
            )
        found[name] = value
    return found


def _plain(said: Any, where: str) -> dict[str, str]:
    return {
        name: value for name, value in _texts(said, where, may_be_none=False).items() if value is not None
    }


def coded(profile: Profile | None, code: str) -> Mapping[str, str]:
    """The company's words for a code column; none without a profile."""
    return {} if profile is None else profile.codes.get(code, {})
