"""Findings and runs as the people of the portal see and decide them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.companies.models import Company
from supervision.db.lifecycle import MovedMeanwhile
from supervision.findings.lifecycle import LIFECYCLE, REASONS, FindingAct, FindingState
from supervision.findings.models import CheckRun, Finding
from supervision.jobs import enqueue
from supervision.journal import Actor, Journal
from supervision.security import Identity
from supervision.settings import Clock
from supervision.web.paging import Page

if TYPE_CHECKING:
    import pyarrow as pa

NOTE_LENGTH = (10, 2000)
ROWS_SHOWN = 50


class NoSuchFinding(LookupError):
    """No finding has this identifier, or it is not one the asker may see: the two are told apart by nobody."""


class NoSuchRun(LookupError):
    """No run has this identifier, or it is not one the asker may see."""


class DismissalRefused(ValueError):
    """The dismissal lacks its reason; ``zh`` and ``en`` say how to mend it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which findings are wanted. ``state`` None is every state that a later run did not supersede."""

    company: str | None = None
    city: str | None = None
    cause: str | None = None
    category: str | None = None
    season: str | None = None
    state: FindingState | None = FindingState.OPEN
    least: Decimal | None = None  # CNY that customers paid too much
    run: str | None = None  # public id of a run
    by_under: bool = False  # order by what was billed too little


@dataclass(frozen=True, slots=True)
class Sums:
    """Findings counted and summed, CNY."""

    findings: int
    bills: int
    amount_over: Decimal
    amount_under: Decimal


@dataclass(frozen=True, slots=True)
class SeasonSummary:
    """What the current runs of a season (or of several) say together. Amounts are CNY, both positive."""

    runs: int
    bills: int
    conforms: int
    breaches: int
    inconclusive: int
    billed_total: Decimal
    amount_over: Decimal
    amount_under: Decimal


class FindingReading:
    """Queries. ``viewer`` bounds what is found: company people find their own company's only."""

    def __init__(self, session: Session, evidence: EvidenceStore) -> None:
        self._session, self._evidence = session, evidence

    # -- findings -----------------------------------------------------------------------------------------

    def queue(self, viewer: Identity, wanted: QueueFilter) -> Select[tuple[Finding]]:
        """The findings wanted, greatest harm to customers first."""
        query = self._visible(select(Finding), Finding.company_id, viewer)
        if wanted.state is not None:
            query = query.where(Finding.state == wanted.state)
        if wanted.run is not None:
            query = query.where(
                Finding.run_id.in_(select(CheckRun.id).where(CheckRun.public_id == wanted.run))
            )
        elif wanted.state is not FindingState.SUPERSEDED:
            query = query.where(Finding.is_latest)
        for column, value in (
            (Finding.cause, wanted.cause),
            (Finding.category, wanted.category),
            (Finding.season, wanted.season),
        ):
            if value:
                query = query.where(column == value)
        companies = select(Company.id)
        if wanted.company:
            query = query.where(Finding.company_id.in_(companies.where(Company.code == wanted.company)))
        if wanted.city:
            query = query.where(Finding.company_id.in_(companies.where(Company.city == wanted.city)))
        if wanted.least is not None:
            query = query.where(Finding.amount_over >= wanted.least)
        first, second = Finding.amount_over.desc(), Finding.amount_under.desc()
        if wanted.by_under:
            first, second = second, first
        return query.order_by(first, second, Finding.id)

    def sums(self, query: Select[tuple[Finding]]) -> Sums:
        """What the findings of a :meth:`queue` come to."""
        found = query.order_by(None).with_only_columns(Finding.id).subquery()
        row = self._session.execute(
            select(
                func.count(),
                func.sum(Finding.bills),
                func.sum(Finding.amount_over),
                func.sum(Finding.amount_under),
            ).where(Finding.id.in_(select(found.c.id)))
        ).one()
        return Sums(row[0], int(row[1] or 0), _yuan(row[2]), _yuan(row[3]))

    def choices(self, viewer: Identity) -> dict[str, list[str]]:
        """The causes, categories and seasons that findings have, for the filters."""
        return {
            name: list(
                self._session.scalars(
                    self._visible(select(column), Finding.company_id, viewer).distinct().order_by(column)
                )
            )
            for name, column in (
                ("cause", Finding.cause),
                ("category", Finding.category),
                ("season", Finding.season),
            )
        }

    def finding(self, public_id: str, viewer: Identity) -> Finding:
        """Raises NoSuchFinding."""
        query = self._visible(select(Finding), Finding.company_id, viewer)
        found = self._session.scalars(query.where(Finding.public_id == public_id)).one_or_none()
        if found is None:
            raise NoSuchFinding(public_id)
        return found

    def by_id(self, finding_id: int) -> Finding:
        """For other features, which hold findings by number. Raises NoSuchFinding."""
        found = self._session.get(Finding, finding_id)
        if found is None:
            raise NoSuchFinding(str(finding_id))
        return found

    def of_same_cause(self, finding: Finding) -> Sequence[Finding]:
        """Every open finding of the company with this cause in this season, over all periods, categories and
        tariffs, the first seen first; ``finding`` itself among them while it is open. One case takes them all."""
        query = select(Finding).where(
            Finding.company_id == finding.company_id,
            Finding.cause == finding.cause,
            Finding.season == finding.season,
            Finding.state == FindingState.OPEN,
            Finding.is_latest,
        )
        return self._session.scalars(query.order_by(Finding.first_seen, Finding.id)).all()

    def successor(self, finding: Finding) -> Finding | None:
        """The finding of the next run that speaks of the same cause, category, tariff and season."""
        return self._session.scalars(
            select(Finding).where(Finding.predecessor_id == finding.id)
        ).one_or_none()

    def rows(self, finding: Finding, number: int, size: int = ROWS_SHOWN) -> Page[dict[str, Any]]:
        """One page of the outcomes of its bills, the largest difference first."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self._evidence.path(finding.rows_digest)) as file:
            items = _slice(file, (number - 1) * size, size)
        return Page(items, number, max(1, -(-finding.bills // size)), finding.bills)

    def all_rows(self, finding: Finding) -> Iterator[dict[str, Any]]:
        """Every outcome of its bills, the largest difference first; read in groups, so memory stays small."""
        yield from self._streamed(finding.rows_digest)

    def outcomes(self, run: CheckRun) -> Iterator[dict[str, Any]]:
        """Every outcome of the run in the order filed; read in groups, so memory stays small."""
        yield from self._streamed(run.outcomes_digest)

    def _streamed(self, digest: str) -> Iterator[dict[str, Any]]:
        import pyarrow.parquet as pq

        with pq.ParquetFile(self._evidence.path(digest)) as file:
            for batch in file.iter_batches(batch_size=4096):
                yield from batch.to_pylist()

    # -- runs ---------------------------------------------------------------------------------------------

    def run(self, public_id: str, viewer: Identity) -> CheckRun:
        """Raises NoSuchRun."""
        query = self._visible(select(CheckRun), CheckRun.company_id, viewer)
        found = self._session.scalars(query.where(CheckRun.public_id == public_id)).one_or_none()
        if found is None:
            raise NoSuchRun(public_id)
        return found

    def runs(
        self, viewer: Identity, *, company: str | None = None, season: str | None = None
    ) -> Select[tuple[CheckRun]]:
        """The current runs, newest season and period first."""
        query = self._visible(select(CheckRun), CheckRun.company_id, viewer).where(CheckRun.is_current)
        if company:
            query = query.where(CheckRun.company_id.in_(select(Company.id).where(Company.code == company)))
        if season:
            query = query.where(CheckRun.season == season)
        return query.order_by(CheckRun.season.desc(), CheckRun.company_id, CheckRun.period.desc())

    def run_of_filing(self, filing_id: int) -> CheckRun | None:
        """The last run of that filing, if it was checked."""
        return self._session.scalars(
            select(CheckRun).where(CheckRun.filing_id == filing_id).order_by(CheckRun.number.desc()).limit(1)
        ).one_or_none()

    def findings_of(self, run: CheckRun) -> Sequence[Finding]:
        """All findings of a run, greatest harm first."""
        return self._session.scalars(
            select(Finding)
            .where(Finding.run_id == run.id)
            .order_by(Finding.amount_over.desc(), Finding.amount_under.desc(), Finding.id)
        ).all()

    def seasons(self, viewer: Identity) -> list[str]:
        query = self._visible(select(CheckRun.season), CheckRun.company_id, viewer)
        return list(self._session.scalars(query.distinct().order_by(CheckRun.season.desc())))

    def season_summary(self, company_id: int | None = None, season: str | None = None) -> SeasonSummary:
        """The current runs of the company and season together; None is all of them. All zero without runs."""
        query = select(
            func.count(),
            *(func.sum(column) for column in _COUNTED),
            *(
                func.sum(column)
                for column in (CheckRun.billed_total, CheckRun.amount_over, CheckRun.amount_under)
            ),
        ).where(CheckRun.is_current)
        if company_id is not None:
            query = query.where(CheckRun.company_id == company_id)
        if season is not None:
            query = query.where(CheckRun.season == season)
        row = self._session.execute(query).one()
        bills, conforms, breaches, inconclusive = (int(value or 0) for value in row[1:5])
        billed, over, under = (_yuan(value) for value in row[5:])
        return SeasonSummary(row[0], bills, conforms, breaches, inconclusive, billed, over, under)

    def _visible(self, query: Select[Any], company_id: Any, viewer: Identity) -> Select[Any]:
        return query.where(company_id == viewer.company_id) if viewer.is_company else query


class FindingService(FindingReading):
    """What can be done about a finding. Each act and its journal entry are one transaction."""

    def __init__(self, session: Session, clock: Clock, evidence: EvidenceStore) -> None:
        super().__init__(session, evidence)
        self._clock = clock

    def dismiss(self, finding: Finding, *, reason: str, note: str, by: Actor, version: int) -> None:
        """Nothing follows from the finding, for a reason on record. Raises DismissalRefused, NotPossible,
        MovedMeanwhile."""
        _seen(finding, version)
        note = note.strip()
        if reason not in REASONS:
            raise DismissalRefused("请选择不予处理的理由。", "Choose the reason for the dismissal.")
        least, most = NOTE_LENGTH
        if not least <= len(note) <= most:
            raise DismissalRefused(
                f"请用 {least} 至 {most} 个字写明依据。",
                f"State the grounds in {least} to {most} characters.",
            )
        self._move(
            finding,
            FindingAct.DISMISS,
            "finding.dismissed",
            by,
            {"reason": reason},
            reason=reason,
            reason_note=note,
            decided_at=self._clock.now(),
            decided_by=by.name,
        )

    def reopen(self, finding: Finding, *, by: Actor, version: int) -> None:
        """A dismissed finding is open again. Raises NotPossible, MovedMeanwhile."""
        _seen(finding, version)
        detail = {"reason": finding.reason}
        nothing = dict.fromkeys(("reason", "reason_note", "decided_at", "decided_by"))
        self._move(finding, FindingAct.REOPEN, "finding.reopened", by, detail, **nothing)

    def take_into_case(self, finding: Finding, *, by: Actor, case: str) -> None:
        """The finding belongs to the case of that number. Raises NotPossible, MovedMeanwhile."""
        self._decide(finding, FindingAct.TAKE, "finding.taken_into_case", by, case)

    def give_back(self, finding: Finding, *, by: Actor, case: str) -> None:
        """The case was given up: the finding is open again. Raises NotPossible, MovedMeanwhile."""
        self._decide(finding, FindingAct.GIVE_BACK, "finding.given_back", by, case)

    def close(self, finding: Finding, *, by: Actor, case: str) -> None:
        """Its case is closed. Later runs in which it came out the same are closed with it. Raises NotPossible,
        MovedMeanwhile."""
        self._decide(finding, FindingAct.CLOSE, "finding.closed", by, case)

    def ask_recheck(self, run: CheckRun, *, by: Actor) -> str:
        """A check of the same filing on what is in force now is queued; returns the job's identifier. Unchanged inputs
        make no new run."""
        now = self._clock.now()
        job = enqueue(self._session, "check_filing", enqueued_at=now, filing_id=run.filing_id)
        Journal(self._session, self._clock).record(
            "run.recheck_asked",
            actor=by,
            object_type="check_run",
            object_id=run.public_id,
            company_id=run.company_id,
            detail={"job": job},
        )
        return job

    def _decide(self, finding: Finding, act: FindingAct, entry: str, by: Actor, case: str) -> None:
        stood = finding.state
        self._move(finding, act, entry, by, {"case": case}, decided_at=self._clock.now(), decided_by=by.name)
        heir = self.successor(finding)
        if heir is not None and heir.state is stood and heir.rows_digest == finding.rows_digest:
            self._decide(heir, act, entry, by, case)

    def _move(
        self,
        finding: Finding,
        act: FindingAct,
        entry: str,
        by: Actor,
        detail: dict[str, Any],
        **changes: Any,
    ) -> None:
        LIFECYCLE.move(self._session, finding, act, **changes)
        Journal(self._session, self._clock).record(
            entry,
            actor=by,
            object_type="finding",
            object_id=finding.public_id,
            company_id=finding.company_id,
            detail={"cause": finding.cause, "amount_over": str(finding.amount_over), **detail},
        )


_COUNTED = (CheckRun.bills, CheckRun.conforms, CheckRun.breaches, CheckRun.inconclusive)


def _seen(finding: Finding, version: int) -> None:
    if finding.version != version:
        raise MovedMeanwhile


def _yuan(value: Decimal | int | None) -> Decimal:
    return Decimal("0.00") if value is None else Decimal(value)


def _slice(file: Any, start: int, count: int) -> list[dict[str, Any]]:
    """Rows ``start`` to ``start + count``, reading only the row groups that hold them."""
    rows: list[dict[str, Any]] = []
    first = 0
    for group in range(file.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        low, high = max(start - first, 0), min(start + count - first, size)
        if low < high:
            part: pa.Table = file.read_row_group(group)
            rows += part.slice(low, high - low).to_pylist()
        first += size
    return rows
