"""The header of a file, matched to the columns of its feed by code or by Chinese label."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass

from ingest.readers.block import Finding, HeaderCoercion, Refusal
from ingest.standard import Column, Feed, is_personal

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Header:
    """``codes`` in the order of the file; every one is a column of the feed and stands once."""

    codes: tuple[str, ...]
    coercions: tuple[HeaderCoercion, ...]


def known_headers(names: list[str], feed: Feed) -> int:
    """How many names are columns of the feed."""
    return sum(_match(name, feed) is not None for name in names)


def match_header(names: list[str], feed: Feed) -> Header:
    """The columns that the names stand for. Refusal, with every fault of the header, when a required column is missing
    (S01), a column stands twice (S02), or one is personal (S15) or unknown (S16). A name that fits only after removing
    spaces, capitals or full-width forms is a coercion."""
    findings: list[Finding] = []
    coercions: list[HeaderCoercion] = []
    codes: list[str] = []
    for name in names:
        column = _match(name, feed)
        if column is None:
            findings.append(_stranger(name, feed))
            continue
        if column.code in codes:
            findings.append(
                Finding("S02", field=column.code, column_zh=column.zh, column_en=column.code, value=name)
            )
        codes.append(column.code)
        if name not in (column.code, column.zh):
            coercions.append(HeaderCoercion(name, column.code))
    missing = [column for column in feed.columns if column.required and column.code not in codes]
    gaps = [
        Finding("S01", field=gap.code, column_zh=gap.zh, column_en=f"{gap.code} ({gap.zh})")
        for gap in missing
    ]
    personal = [finding for finding in findings if finding.edit_id == "S15"]
    others = [finding for finding in findings if finding.edit_id != "S15"]
    if gaps or findings:
        raise Refusal(*personal, *gaps, *others)
    return Header(tuple(codes), tuple(coercions))


def _match(name: str, feed: Feed) -> Column | None:
    plain = _plain(name)
    for column in feed.columns:
        if name in (column.code, column.zh) or plain in (column.code, _plain(column.zh)):
            return column
    return None


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().lower()


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
