"""The judgement of a partial correction: first of its own rows, then of the whole filing that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from ingest.corrections import corrected, correction_form, write_whole
from ingest.edits.comparing import Filed
from ingest.judge import judge
from ingest.judgement import Judgement
from ingest.judging import Judging, Progress
from ingest.readers.block import Limits
from ingest.readers.manifest import Manifest
from ingest.standard import Period
from ingest.standard import feed as feed_of


def judge_correction(
    path: Path,
    *,
    feed: str,
    period: str,
    filename: str,
    base: pa.Table,
    whole: Path,
    roster: pa.Table | None = None,
    beside: Mapping[str, pa.Table | Filed] | None = None,
    declared: Manifest | None = None,
    on_progress: Progress | None = None,
    limits: Limits | None = None,
    withdrawn: frozenset[str] = frozenset(),
) -> Judgement:
    """Judges the correction in ``path`` of the filing whose rows are ``base``. Where its own rows cannot be used the
    judgement is of them, with their row numbers, and rejects. Else the whole filing that results lies in ``whole`` as a
    standard file, and the judgement is that file's, as if it had been filed; ``correction`` says how many rows were added,
    changed and withdrawn. ``declared`` speaks of the whole. Edits that are ``withdrawn`` judge neither. Raises as :func:`ingest.judge.judge`."""
    standard = feed_of(feed)
    reading = Judging(
        correction_form(standard),
        Period.parse(period, standard.periods),
        limits or Limits(),
        on_progress,
        values_only=True,
        withdrawn=withdrawn,
    )
    rows = reading.read_only(path, filename)
    if rows is None or reading.has_hits:
        return reading.as_read(filename)
    made = corrected(rows, base, standard, reading.log)
    if reading.has_hits:
        return reading.as_read(filename)
    write_whole(made.table, standard, whole)
    judged = judge(
        whole, feed=feed, period=period, filename="whole.csv", roster=roster, beside=beside, declared=declared,
        on_progress=on_progress, limits=limits, withdrawn=withdrawn,
    )  # fmt: skip
    read = reading.as_read(filename)
    return replace(
        judged,
        filename=read.filename,
        coercions=read.coercions,
        columns=read.columns,
        correction={"added": made.added, "changed": made.changed, "withdrawn": made.withdrawn},
    )
