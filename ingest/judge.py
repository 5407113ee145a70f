"""The judgement of a file: every edit evaluated on every row, or said not to have been."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

from ingest.edits.comparing import Filed
from ingest.judgement import EditGroup, Judgement
from ingest.judging import Judging, Progress, Reading
from ingest.profiles import Profile
from ingest.readers.block import Finding, Limits
from ingest.readers.manifest import Manifest
from ingest.standard import Period, PeriodKind
from ingest.standard import feed as feed_of

__all__ = ["EditGroup", "Judgement", "Progress", "Reading", "judge", "not_judged", "read"]

_ANY_PERIODS = {
    PeriodKind.SEASON: "2025-26",
    PeriodKind.MONTH: "2025-12",
    PeriodKind.DAY: "2025-12-03",
}


def judge(
    path: Path,
    *,
    feed: str,
    period: str,
    filename: str,
    roster: pa.Table | None = None,
    beside: Mapping[str, pa.Table | Filed] | None = None,
    declared: Manifest | None = None,
    on_progress: Progress | None = None,
    limits: Limits | None = None,
    profile: Profile | None = None,
    withdrawn: frozenset[str] = frozenset(),
) -> Judgement:
    """Reads and judges one file of ``feed`` for ``period``. ``roster`` is the accepted accounts table the rows are
    compared with, ``beside`` the rows in force of other feeds, by feed (and ``earlier_accounts``, the roster of the season
    before), ``declared`` what was said of the filing beside it. ``profile`` says what the company's own headers and codes
    are. Edits that are ``withdrawn`` judge nothing. ``on_progress(stage, done, total)`` hears of bytes done. Bad content
    never raises: it is an edit.
    KeyError for an unknown feed and ValueError for a period that the feed is not filed by or a profile of another feed;
    OSError when the file cannot be read."""
    standard = feed_of(feed)
    if profile is not None and profile.feed != feed:
        raise ValueError(
            f"对应方案属于 {profile.feed}，文件是 {feed} / the profile is of {profile.feed}, the file of {feed}"
        )
    judged = Judging(
        standard,
        Period.parse(period, standard.periods),
        limits or Limits(),
        on_progress,
        profile=profile,
        withdrawn=withdrawn,
    )
    if declared is not None:
        judged.manifests.append(declared)
    return judged.run(path, filename, roster, _filed(beside or {}))


def _filed(beside: Mapping[str, pa.Table | Filed]) -> dict[str, Filed]:
    return {code: one if isinstance(one, Filed) else Filed((one,)) for code, one in beside.items()}


def read(
    path: Path,
    *,
    feed: str,
    filename: str,
    limits: Limits | None = None,
    keep: Callable[[pa.RecordBatch], None] | None = None,
) -> Reading:
    """Reads one file of ``feed`` for somebody who is not filing it: every value by the same strict grammars, and none of
    the rules about what a filing must hold. ``keep`` is given the rows as they are read, some ten thousand at a time, and
    the table then has none: so a file of any size is read. Bad content never raises. KeyError for an unknown feed;
    OSError when the file cannot be read."""
    standard = feed_of(feed)
    any_period = Period.parse(_ANY_PERIODS[standard.periods[0]], standard.periods)
    reading = Judging(standard, any_period, limits or Limits(), None, values_only=True)
    if keep is not None:
        reading.keep = keep
    return reading.read(path, filename)


def not_judged(feed: str, period: str, filename: str, finding: Finding) -> Judgement:
    """The judgement of a file that could not be judged at all, for the reason of ``finding``: rejected, and every edit on its
    values listed as not evaluated."""
    standard = feed_of(feed)
    judged = Judging(standard, Period.parse(period, standard.periods), Limits(), None)
    return judged.stopped(filename, finding)
