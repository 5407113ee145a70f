"""What is known of a rule, and its withdrawal: an officer proposes, a supervising officer who is somebody else decides.

Each act and its journal entry are one transaction; with the approval, everything the rule has touched is judged anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from ingest.edits import CATALOGUE, Edit
from supervision.db import serialise
from supervision.db.lifecycle import MovedMeanwhile
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing, FilingEdit, ReplacedVerdict, RuleWithdrawal
from supervision.filings.problems import FilingRefused
from supervision.jobs import enqueue
from supervision.journal import Journal
from supervision.security import Identity
from supervision.settings import Clock

PERIODS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Hits:
    """Filings judged in which the rule hit, of how many, and how often it hit in how many rows."""

    filings: int
    of_filings: int
    hits: int
    rows: int


@dataclass(frozen=True, slots=True)
class PeriodHits:
    period: str
    hits: Hits


class RuleService:
    def __init__(self, session: Session, clock: Clock) -> None:
        self._session, self._clock = session, clock

    # -- what is known ------------------------------------------------------------------------------------

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each rule that hit: in how many filings, and how often. Tests and filings taken back are left out; so are
        hits before it bound."""
        query = _counted(
            select(FilingEdit.edit_id, func.count(), func.sum(FilingEdit.count)).where(
                FilingEdit.is_shadow.is_(False)
            )
        ).group_by(FilingEdit.edit_id)
        return {edit_id: (filings, int(hits)) for edit_id, filings, hits in self._session.execute(query)}

    def hits(self, edit: Edit) -> tuple[Hits, list[PeriodHits]]:
        """How often the rule hit, bound or in shadow, among the filings of its feeds: in all, and by period, latest last."""
        judged = select(Filing.period, func.count(), func.coalesce(func.sum(Filing.rows), 0)).where(
            *_counting(), Filing.judged_at.is_not(None)
        )
        if edit.feeds:
            judged = judged.where(Filing.feed.in_(edit.feeds))
        hit = _counted(
            select(Filing.period, func.count(func.distinct(Filing.id)), func.sum(FilingEdit.count)).where(
                FilingEdit.edit_id == edit.id
            )
        )
        found = {period: (filings, int(hits)) for period, filings, hits in self._run(hit)}
        periods = [
            PeriodHits(
                period, Hits(found.get(period, (0, 0))[0], filings, found.get(period, (0, 0))[1], int(rows))
            )
            for period, filings, rows in self._run(judged)
        ]
        whole = Hits(
            *(
                sum(getattr(one.hits, name) for one in periods)
                for name in ("filings", "of_filings", "hits", "rows")
            )
        )
        return whole, sorted(periods, key=lambda one: one.period)[-PERIODS_SHOWN:]

    def _run(self, query: Select[*tuple[Any, ...]]) -> Sequence[Any]:
        return self._session.execute(query.group_by(Filing.period)).all()

    def withdrawals(self, edit_id: str | None = None) -> Sequence[RuleWithdrawal]:
        """What was proposed and decided, latest first."""
        query = select(RuleWithdrawal).order_by(RuleWithdrawal.id.desc())
        if edit_id is not None:
            query = query.where(RuleWithdrawal.edit_id == edit_id)
        return self._session.scalars(query).all()

    def withdrawn(self) -> dict[str, RuleWithdrawal]:
        """The rules that judge nothing any more."""
        return {one.edit_id: one for one in self.withdrawals() if one.state == "approved"}

    def proposed(self) -> int:
        return (
            self._session.scalar(
                select(func.count()).select_from(RuleWithdrawal).where(RuleWithdrawal.state == "proposed")
            )
            or 0
        )

    def touched(self, edit_id: str) -> int:
        """How many filings would be judged anew."""
        return (
            self._session.scalar(
                _counted(
                    select(func.count(func.distinct(Filing.id))).where(FilingEdit.edit_id == edit_id),
                    tests=True,
                )
            )
            or 0
        )

    def judged_anew(self, withdrawal: RuleWithdrawal) -> int:
        return (
            self._session.scalar(select(func.count()).where(ReplacedVerdict.withdrawal_id == withdrawal.id))
            or 0
        )

    # -- withdrawal ---------------------------------------------------------------------------------------

    def propose(self, edit_id: str, *, reason: str, by: Identity) -> RuleWithdrawal:
        """Raises FilingRefused (F21: it reads values or keeps keys apart; F22: proposed or withdrawn already)."""
        edit = CATALOGUE[edit_id]
        if not edit.may_be_withdrawn:
            raise FilingRefused("F21", edit_id)
        serialise(self._session, f"rule {edit_id}")
        if any(one.state in ("proposed", "approved") for one in self.withdrawals(edit_id)):
            raise FilingRefused("F22", edit_id)
        found = RuleWithdrawal(
            edit_id=edit_id,
            reason=reason,
            proposed_by=by.name,
            proposed_person=by.person_no,
            proposed_at=self._clock.now(),
        )
        self._session.add(found)
        self._session.flush()
        self._record("rule.withdrawal_proposed", found, by, reason=reason)
        return found

    def decide(
        self, edit_id: str, *, approve: bool, remark: str, by: Identity, version: int
    ) -> RuleWithdrawal:
        """The proposal is approved, and what the rule touched will be judged anew; or it is refused. Raises FilingRefused (F23:
        nothing is proposed; F24: by the same person), MovedMeanwhile."""
        found = next((one for one in self.withdrawals(edit_id) if one.state == "proposed"), None)
        if found is None:
            raise FilingRefused("F23", edit_id)
        if found.proposed_person == by.person_no:
            raise FilingRefused("F24")
        now = self._clock.now()
        result: CursorResult[Any] = self._session.execute(  # type: ignore[assignment]
            update(RuleWithdrawal)
            .where(
                RuleWithdrawal.id == found.id,
                RuleWithdrawal.state == "proposed",
                RuleWithdrawal.version == version,
            )
            .values(
                state="approved" if approve else "refused",
                version=version + 1,
                remark=remark,
                decided_by=by.name,
                decided_at=now,
            )
            .execution_options(synchronize_session=False)
        )
        if result.rowcount != 1:
            raise MovedMeanwhile
        self._session.refresh(found)
        touched = self._judge_anew(found) if approve else 0
        act = "rule.withdrawn" if approve else "rule.withdrawal_refused"
        self._record(act, found, by, remark=remark, filings=touched)
        return found

    def _judge_anew(self, withdrawal: RuleWithdrawal) -> int:
        """Every filing that the rule hit waits to be judged without it, latest first."""
        query = (
            select(Filing.id)
            .join(FilingEdit, FilingEdit.filing_id == Filing.id)
            .where(FilingEdit.edit_id == withdrawal.edit_id, Filing.state != State.WITHDRAWN)
            .group_by(Filing.id)
            .order_by(Filing.id.desc())
        )
        found = self._session.scalars(query).all()
        for filing_id in found:
            enqueue(
                self._session,
                "readjudicate_filing",
                key=f"readjudicate_filing {filing_id} {withdrawal.id}",
                enqueued_at=self._clock.now(),
                filing_id=filing_id,
                withdrawal_id=withdrawal.id,
            )
        return len(found)

    def _record(self, act: str, withdrawal: RuleWithdrawal, by: Identity, **detail: Any) -> None:
        Journal(self._session, self._clock).record(
            act,
            actor=by.actor,
            object_type="rule",
            object_id=withdrawal.edit_id,
            detail={"withdrawal": withdrawal.public_id, **detail},
        )


def _counting() -> tuple[Any, ...]:
    return Filing.is_test.is_(False), Filing.state != State.WITHDRAWN


def _counted(query: Select[*tuple[Any, ...]], *, tests: bool = False) -> Select[*tuple[Any, ...]]:
    """The query over hits, joined to the filings that count; with ``tests`` also to those that never do."""
    joined = query.join_from(FilingEdit, Filing, FilingEdit.filing_id == Filing.id)
    return joined.where(Filing.state != State.WITHDRAWN) if tests else joined.where(*_counting())
