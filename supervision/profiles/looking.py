"""A sample looked at with a profile: what it suggests, its first rows before and after, and the verdict it would get.

Both are found in child processes under limits; what is said of a file that cannot be read is the edits of its judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from ingest.child import ChildLimits, judge_in_child
from ingest.evidence import EvidenceStore
from ingest.judge import Judgement
from ingest.profiles import Profile
from ingest.suggesting import Sample
from ingest.suggesting.in_child import LIMITS, as_data, look_in_child
from supervision.filings.profiles import profile_in_force
from supervision.filings.reading import FilingReading, period_of, season_text, withdrawn_edits

SHOWN_HITS = 20


@dataclass(frozen=True, slots=True)
class Ground:
    """What a filing of that company, feed and period would be read by and compared with now."""

    company_id: int
    feed: str
    period: str
    in_force: Profile | None
    next_number: int
    roster: Path | None
    beside: Mapping[str, list[Path]]
    withdrawn: frozenset[str]


@dataclass(frozen=True, slots=True)
class Looked:
    """``verdict`` is that of the judgement with the profile of the sample; ``hits`` are the first that were found."""

    sample: Sample
    verdict: dict[str, Any]

    def as_data(self) -> dict[str, Any]:
        return {**as_data(self.sample), "verdict": self.verdict}

    @property
    def is_usable(self) -> bool:
        """Whether it may be kept: readable, and without a column of personal data."""
        found = self.sample.suggestion
        return found is not None and not found.has_personal


def ground_of(
    session: Session, evidence: EvidenceStore, company_id: int, feed: str, period: str, next_number: int
) -> Ground:
    """Raises FilingRefused (T09, T10)."""
    season = season_text(period_of(feed, period))
    reading, path = FilingReading(session, evidence), evidence.path
    roster = None if feed == "accounts" else reading.current(company_id, "accounts", season)
    known = profile_in_force(session, company_id, feed)
    return Ground(
        company_id,
        feed,
        period,
        None if known is None else known.profile,
        next_number,
        path(roster.table_digest) if roster is not None and roster.table_digest else None,
        {
            code: [path(one) for one in digests]
            for code, digests in reading.beside(company_id, feed, period, season).items()
        },
        withdrawn_edits(session),
    )


def look(
    file: Path,
    filename: str,
    ground: Ground,
    *,
    draft: Profile | None = None,
    limits: ChildLimits = LIMITS,
) -> Looked:
    """The look at ``file`` by ``draft``, or by what it suggests after the profile in force."""
    sample = look_in_child(
        file,
        feed=ground.feed,
        period=ground.period,
        filename=filename,
        version=ground.next_number,
        base=draft or ground.in_force,
        draft=draft,
        child_limits=limits,
    )
    judgement = judge_in_child(
        file,
        feed=ground.feed,
        period=ground.period,
        filename=filename,
        roster=ground.roster,
        beside=ground.beside,
        profile=sample.profile,
        withdrawn=ground.withdrawn,
        child_limits=limits,
    )
    return Looked(sample, _verdict(judgement))


def _verdict(judgement: Judgement) -> dict[str, Any]:
    first = judgement.edits.slice(0, SHOWN_HITS).to_pylist()
    return {
        "verdict": judgement.verdict,
        "rows": judgement.rows,
        "totals": judgement.totals,
        "count": judgement.edits.num_rows,
        "edits": [
            {"id": one.edit_id, "class": one.edit_class, "count": one.count, "zh": one.zh, "en": one.en}
            for one in judgement.summary()
        ],
        "hits": [
            {
                "id": hit["edit_id"],
                "row": hit["row"] + judgement.row_offset if hit["row"] else 0,
                "field": hit["field"],
                "zh": hit["message_zh"],
                "en": hit["message_en"],
            }
            for hit in first
        ],
    }
