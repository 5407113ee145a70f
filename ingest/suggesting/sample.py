"""A file looked at for a profile: what its headers and codes may mean, and its first rows as the profile reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from ingest.judging import Judging
from ingest.profiles import Profile, ProfileError
from ingest.readers.block import Limits, Refusal
from ingest.readers.header import Naming
from ingest.standard import Period
from ingest.standard import feed as feed_of
from ingest.suggesting.beginning import beginning_of
from ingest.suggesting.suggestion import Suggestion, suggest

FIRST_ROWS = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """``suggestion`` is None where the file cannot be read at all; the judgement of it says why. ``profile`` is the one that
    its first rows are read by; ``columns`` and ``rows`` are those rows as read, none where the header is refused. A value
    that cannot be read is empty."""

    suggestion: Suggestion | None
    profile: Profile
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class _Enough(Exception):
    pass


def look_at(
    path: Path,
    *,
    feed: str,
    period: str,
    filename: str,
    version: int,
    base: Profile | None = None,
    draft: Profile | None = None,
    limits: Limits | None = None,
) -> Sample:
    """The suggestion of the file, after ``base``, and its first rows read by ``draft``, or by what is suggested where there is
    none. KeyError for an unknown feed, ValueError for a period that is none of it."""
    standard = feed_of(feed)
    bounds = limits or Limits()
    within = Period.parse(period, standard.periods)
    empty = Profile(feed, version)
    try:
        found = suggest(beginning_of(path, filename, Naming(standard, base), bounds), standard, base)
    except Refusal:
        return Sample(None, draft or base or empty)
    profile = draft or _fitting(found.profile(feed, version, base)) or empty
    judging = Judging(
        standard, within, bounds, None, values_only=True, profile=_with_strangers_left_out(profile, found)
    )
    table = _first_rows(path, filename, judging)
    if table is None:
        return Sample(found, profile)
    columns = [name for name in table.column_names[1:] if table.column(name).null_count < table.num_rows]
    rows = tuple(
        tuple("" if row[name] is None else str(row[name]) for name in columns) for row in table.to_pylist()
    )
    return Sample(found, profile, tuple(columns), rows)


def _fitting(profile: Profile) -> Profile | None:
    try:
        return Profile.parse(profile.text())
    except ProfileError:
        return None


def _with_strangers_left_out(profile: Profile, found: Suggestion) -> Profile:
    """For a look at the rows only: headers that nobody has said anything of yet do not stand in their way."""
    strangers = {
        one.name: None for one in found.headers if one.how == "none" and one.name not in profile.headers
    }
    return replace(profile, headers={**strangers, **profile.headers})


def _first_rows(path: Path, filename: str, judging: Judging) -> pa.Table | None:
    taken: list[pa.RecordBatch] = []

    def keep(batch: pa.RecordBatch) -> None:
        taken.append(batch.slice(0, FIRST_ROWS))
        raise _Enough

    judging.keep = keep
    try:
        judging.read(path, filename)
    except _Enough:
        return pa.Table.from_batches(taken)
    return None
