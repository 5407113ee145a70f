"""The calendar of what is owed (报送日历): read for a company or for all, extended by officers, kept free of outages. What
lifts or answers an obligation without a file is in ``relief``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from checks.deadlines import Unavailable
from ingest.evidence import EvidenceStore
from ingest.standard import Period, PeriodKind, season_of, season_starting
from supervision.companies.models import Company
from supervision.filings import telling
from supervision.filings.calendar_models import FilingExemption, FilingExtension, NothingToReport, Outage
from supervision.filings.models import Filing
from supervision.filings.obligations import ACCOUNTS, Circumstances, Obligation, obligations
from supervision.filings.problems import FilingRefused
from supervision.filings.reading import FilingReading
from supervision.journal import Actor, Journal
from supervision.settings import Clock
from supervision.settings.clock import local_date

LONGEST_EXTENSION = dt.timedelta(days=180)
METERED = "metered"


@dataclass(frozen=True, slots=True)
class Owed:
    """What one company owes."""

    company: Company
    obligation: Obligation


class FilingCalendar:
    def __init__(self, session: Session, clock: Clock, evidence: EvidenceStore) -> None:
        self._session, self._clock, self._evidence = session, clock, evidence

    @property
    def today(self) -> dt.date:
        return local_date(self._clock.now())

    def seasons(self) -> list[Period]:
        """The season of today and every earlier one for which something was filed, latest first."""
        filed = set(self._session.scalars(select(Filing.season).where(Filing.is_test.is_(False)).distinct()))
        texts = sorted(filed | {season_of(self.today).text}, reverse=True)
        return [Period.parse(text, (PeriodKind.SEASON,)) for text in texts]

    def of_company(self, company: Company, season: Period) -> list[Obligation]:
        """What the company owes for the season, in the order of the days it is due on."""
        filings = self._session.scalars(
            select(Filing)
            .where(Filing.company_id == company.id, Filing.season == season.text)
            .order_by(Filing.id)
        ).all()
        found = obligations(
            season,
            filings,
            has_metered_accounts=self.has_metered_accounts(company.id, season.text),
            today=self.today,
            circumstances=self.circumstances(company.id),
        )
        return sorted(found, key=lambda one: (one.due_on, one.rule.feed, one.period))

    def of_all(self, season: Period) -> list[Owed]:
        """What every active company owes, what is due first in front."""
        companies = self._session.scalars(select(Company).where(Company.is_active).order_by(Company.code))
        found = [Owed(company, one) for company in companies for one in self.of_company(company, season)]
        return sorted(found, key=lambda one: one.obligation.due_on)

    def one(self, company: Company, feed: str, period: str) -> Obligation:
        """Raises FilingRefused (F06) where the company does not owe it."""
        for season in self.seasons():
            for obligation in self.of_company(company, season):
                if (obligation.rule.feed, obligation.period) == (feed, period):
                    return obligation
        raise FilingRefused("F06", f"{feed[:30]} {period[:10]}")

    def circumstances(self, company_id: int) -> Circumstances:
        """What moves or lifts what the company owes."""
        extensions = select(FilingExtension).where(FilingExtension.company_id == company_id)
        declared = select(NothingToReport).where(NothingToReport.company_id == company_id)
        return Circumstances(
            self._session.scalars(extensions).all(),
            tuple(Unavailable(one.began_at, one.ended_at) for one in self.outages()),
            self.exemptions(company_id),
            self._session.scalars(declared).all(),
        )

    def exemptions(self, company_id: int | None = None) -> Sequence[FilingExemption]:
        """Of the company or of all, the latest granted first."""
        query = select(FilingExemption).order_by(FilingExemption.id.desc())
        if company_id is not None:
            query = query.where(FilingExemption.company_id == company_id)
        return self._session.scalars(query).all()

    def has_metered_accounts(self, company_id: int, season: str) -> bool:
        """Whether the roster in force has accounts that are billed by meter; while there is none, that of the season
        before."""
        reading = FilingReading(self._session, self._evidence)
        roster = reading.current(company_id, ACCOUNTS, season) or reading.current(
            company_id, ACCOUNTS, season_starting(int(season[:4]) - 1).text
        )
        return (
            roster is not None
            and roster.table_digest is not None
            and _has_metered(self._evidence, roster.table_digest)
        )

    def outages(self) -> Sequence[Outage]:
        """Latest first."""
        return self._session.scalars(select(Outage).order_by(Outage.began_at.desc(), Outage.id.desc())).all()

    # -- acts ---------------------------------------------------------------------------------------------

    def extend(
        self, company: Company, feed: str, period: str, *, due_on: dt.date, reason: str, by: Actor
    ) -> None:
        """The company may file until ``due_on``, and the journal says who granted it and why. Raises FilingRefused (F06
        where nothing is owed, F07 where the day is no later one, F08 where it is filed already)."""
        owed = self.one(company, feed, period)
        if owed.answer.is_given:
            raise FilingRefused("F08")
        latest = max(owed.rule_due_on, self.today) + LONGEST_EXTENSION
        if not owed.due_on < due_on <= latest:
            raise FilingRefused("F07", f"{owed.due_on} – {latest}")
        self._session.add(
            FilingExtension(
                company_id=company.id,
                feed=feed,
                period=period,
                due_on=due_on,
                reason=reason,
                granted_by=by.name,
                granted_at=self._clock.now(),
            )
        )
        Journal(self._session, self._clock).record(
            "filing.extended",
            actor=by,
            object_type="obligation",
            object_id=f"{company.code} {feed} {period}",
            company_id=company.id,
            detail={
                "feed": feed,
                "period": period,
                "from": owed.due_on.isoformat(),
                "to": due_on.isoformat(),
                "reason": reason,
            },
        )
        telling.extended(self._session, self._clock, company.id, feed, period, due_on)

    def enter_outage(self, *, began_at: dt.datetime, ended_at: dt.datetime, reason: str, by: Actor) -> Outage:
        """The portal was away then: every last day that falls into it moves. Raises FilingRefused (F09) where it ends
        before it begins or has not ended yet."""
        if not began_at <= ended_at <= self._clock.now():
            raise FilingRefused("F09")
        outage = Outage(
            began_at=began_at,
            ended_at=ended_at,
            reason=reason,
            entered_by=by.name,
            entered_at=self._clock.now(),
        )
        self._session.add(outage)
        self._session.flush()
        number = self._session.scalar(select(func.count()).select_from(Outage))
        Journal(self._session, self._clock).record(
            "outage.entered",
            actor=by,
            object_type="outage",
            object_id=str(number),
            detail={"began_at": began_at.isoformat(), "ended_at": ended_at.isoformat(), "reason": reason},
        )
        return outage


# (folder of the store, digest) → whether the roster has metered accounts. Evidence never changes, so it is asked once.
_known: dict[tuple[str, str], bool] = {}
_REMEMBERED = 512


def _has_metered(evidence: EvidenceStore, digest: str) -> bool:
    key = (str(evidence.root), digest)
    if key not in _known:
        import pyarrow.compute as pc

        methods = evidence.read_table(digest, ["billing_method"])["billing_method"]
        if len(_known) >= _REMEMBERED:
            _known.clear()
        _known[key] = bool(pc.any(pc.equal(methods, METERED)).as_py())
    return _known[key]
