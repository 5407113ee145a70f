"""How what one run found joins the findings of the season, and what becomes of what an earlier run had found.

A finding that people decided keeps the parts it was decided on; what came out the same again joins it, so nobody
decides the same thing twice, and everything else joins the one open finding of its key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.db import serialise
from supervision.findings.lifecycle import LIFECYCLE, FindingAct, FindingState
from supervision.findings.models import CheckRun, Finding, FindingKey, FindingPart

if TYPE_CHECKING:
    from checks.runs import FoundCause

# What a person decided about, and what ends when nothing of it stands any more.
DECIDED = (FindingState.IN_CASE, FindingState.CLOSED, FindingState.DISMISSED)
ENDING = (FindingState.OPEN, FindingState.DISMISSED)
FIGURES = (
    "bills",
    "exposed_bills",
    "amount_over",
    "amount_under",
    "largest",
    "first_seen",
    "last_seen",
)
NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A cause that was found, and where the outcomes of its bills lie."""

    found: FoundCause
    rows_digest: str
    distribution: list[list[str | int]]


def hold(session: Session, company_id: int) -> None:
    """Until the transaction ends nobody else records a run of the company or decides about its findings. Whoever needs
    this takes it before the journal's lock, so that two never wait for each other in a ring."""
    serialise(session, f"runs of company {company_id}")


def open_finding(session: Session, key: FindingKey) -> Finding | None:
    """The one open finding of that key."""
    return session.scalars(_of_key(key).where(Finding.state == FindingState.OPEN)).one_or_none()


def of_key(session: Session, key: FindingKey) -> Sequence[Finding]:
    """Every finding of that key, the first opened first."""
    return session.scalars(_of_key(key).order_by(Finding.id)).all()


def _of_key(key: FindingKey) -> Any:
    return select(Finding).where(
        Finding.company_id == key.company_id,
        Finding.season == key.season,
        Finding.cause == key.cause,
        Finding.category == key.category,
        Finding.tariff_id == key.tariff_id,
    )


# -- recording ----------------------------------------------------------------------------------------------------


def join(
    session: Session, run: CheckRun, previous: CheckRun | None, kept: Sequence[KeptFinding], now: dt.datetime
) -> None:
    """Every cause the run found is a part of a finding, what the run before had found is followed, and the figures of
    all findings concerned are those of the parts that count. The caller holds the company."""
    earlier = {part.finding.key: part for part in _parts_of(session, previous)}
    stood = {part.finding_id: _standing(part.finding) for part in earlier.values()}
    joined: dict[int, Finding] = {}
    for one in kept:
        found = one.found
        key = FindingKey(run.company_id, found.season, found.cause, found.category, found.tariff_id)
        before = earlier.get(key)
        finding = _same_again(before, one) or open_finding(session, key)
        if finding is None:
            finding = Finding(**key._asdict(), opened_at=now, **_figures_found(found))
            session.add(finding)
        else:
            stood.setdefault(finding.id, _standing(finding))
        part = FindingPart(
            finding=finding,
            run=run,
            predecessor_id=before.id if before else None,
            is_counted=True,
            distribution=one.distribution,
            rows_digest=one.rows_digest,
            **_figures_found(found),
        )
        session.add(part)
        session.flush()
        joined[finding.id] = finding
    for before in earlier.values():
        _left_behind(session, before, joined)
    session.flush()
    for finding_id, was in stood.items():
        _counted_again(session.get_one(Finding, finding_id), was)
    session.flush()


def _parts_of(session: Session, run: CheckRun | None) -> Sequence[FindingPart]:
    if run is None:
        return ()
    return session.scalars(select(FindingPart).where(FindingPart.run_id == run.id)).all()


def _same_again(before: FindingPart | None, one: KeptFinding) -> Finding | None:
    """The decided finding of the part before, where the same bills came out with the same amounts: the rows are one
    piece of evidence."""
    if before is None or before.rows_digest != one.rows_digest:
        return None
    return before.finding if before.finding.state in DECIDED else None


def _left_behind(session: Session, before: FindingPart, joined: dict[int, Finding]) -> None:
    """The part of the run before does not count any more, unless a case rests on it or it is the last its finding has:
    that finding is superseded and says what it last said."""
    finding = before.finding
    if finding.id in joined:
        before.is_counted = False
    elif finding.state in ENDING:
        if any(part.is_counted for part in finding.parts if part is not before):
            before.is_counted = False
        else:
            LIFECYCLE.move(session, finding, FindingAct.SUPERSEDE)


# -- opening again ------------------------------------------------------------------------------------------------


def open_again(session: Session, finding: Finding, act: FindingAct, **changes: Any) -> Finding | None:
    """The finding is open by ``act`` and counts what stands of it today; a finding of its key that was opened in the
    meantime goes over into it and is answered. One of which nothing stands is superseded at once. The caller holds the
    company. Raises NotPossible, MovedMeanwhile."""
    LIFECYCLE.step(finding.state, act)
    meanwhile = open_finding(session, finding.key)
    if meanwhile is not None:
        LIFECYCLE.move(session, meanwhile, FindingAct.SUPERSEDE)
    LIFECYCLE.move(session, finding, act, **changes)
    session.expire(finding, ["parts"])
    was = _standing(finding)
    stands = [part for part in finding.parts if part.is_counted and part.run.is_current]
    for part in list(meanwhile.parts) if meanwhile is not None else ():
        part.finding = finding
        stands += [part] if part.is_counted else []
    session.flush()
    if not stands:
        LIFECYCLE.move(session, finding, FindingAct.SUPERSEDE)
        return meanwhile
    for part in finding.parts:
        part.is_counted = part in stands
    session.flush()
    _counted_again(finding, was)
    session.flush()
    return meanwhile


# -- figures ------------------------------------------------------------------------------------------------------


def totals(parts: Iterable[FindingPart]) -> dict[str, Any]:
    """The figures of these parts together."""
    counted = list(parts)
    firsts = [part.first_seen for part in counted if part.first_seen is not None]
    lasts = [part.last_seen for part in counted if part.last_seen is not None]
    return {
        "bills": sum(part.bills for part in counted),
        "exposed_bills": sum(part.exposed_bills for part in counted),
        "amount_over": sum((part.amount_over for part in counted), start=NOTHING),
        "amount_under": sum((part.amount_under for part in counted), start=NOTHING),
        "largest": max((part.largest for part in counted), default=NOTHING),
        "first_seen": min(firsts, default=None),
        "last_seen": max(lasts, default=None),
    }


def _figures_found(found: FoundCause) -> dict[str, Any]:
    return {name: getattr(found, name) for name in FIGURES}


def _standing(finding: Finding) -> tuple[Any, ...]:
    """All that an officer decides on: the figures, and the very rows behind them."""
    rows = sorted(part.rows_digest for part in finding.parts if part.is_counted)
    return (rows, [getattr(finding, name) for name in FIGURES])


def _counted_again(finding: Finding, was: tuple[Any, ...]) -> None:
    """The figures are those of the parts that count; where anything is another than it ``was``, so is the version, and
    whoever decides on a page from before is told."""
    counted = [part for part in finding.parts if part.is_counted]
    for name, value in totals(counted).items():
        setattr(finding, name, value)
    if _standing(finding) != was:
        finding.version += 1
