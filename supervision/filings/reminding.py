"""The daily round over the calendar: who owes what soon, or already too late, is told."""

from __future__ import annotations

from sqlalchemy import select

from supervision.companies.models import Company
from supervision.filings import telling
from supervision.filings.calendar import FilingCalendar
from supervision.jobs import JobContext
from supervision.settings.evidence import open_evidence

SEASONS = 2  # of the one that is running and the one before, some of whose days fall into it


def remind(context: JobContext) -> None:
    """Each active company in a transaction of its own: a round that is broken off goes on where it was."""
    evidence = open_evidence(context.settings)
    with context.transaction() as session:
        companies = session.scalars(select(Company.id).where(Company.is_active).order_by(Company.id)).all()
    for done, company_id in enumerate(companies):
        with context.transaction() as session:
            calendar = FilingCalendar(session, context.clock, evidence)
            company = session.get_one(Company, company_id)
            for season in calendar.seasons()[:SEASONS]:
                owed = calendar.of_company(company, season)
                telling.reminded(session, context.clock, company_id, owed, calendar.today)
        context.progress("reminding", done + 1, len(companies))
