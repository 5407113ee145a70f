"""Who is told that a superseded price is still billed: the officers and the company, in the transaction of the run."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.companies.models import Company
from supervision.findings.daily import bears_old_price
from supervision.findings.models import CheckRun, FindingPart
from supervision.notifications import Kind, officers, people_of, tell
from supervision.settings import Clock

_TENTH = Decimal("0.1")


def old_prices(session: Session, clock: Clock, run: CheckRun) -> None:
    """For each finding of the run that bears an old price, every officer and everybody of the company is told with the
    share of bills, once for the company, period, category and tariff, however often the period is checked again."""
    company = session.get_one(Company, run.company_id)
    for part in session.scalars(select(FindingPart).where(FindingPart.run_id == run.id)):
        finding = part.finding
        if not bears_old_price(finding):
            continue
        share = (100 * Decimal(part.bills) / part.exposed_bills).quantize(_TENTH, ROUND_HALF_UP)
        for audience, people in (("officer", officers(session)), ("company", people_of(session, company.id))):
            tell(
                session,
                clock,
                Kind.OLD_PRICE_BILLED,
                people,
                path=f"/{audience}/findings/{finding.public_id}",
                key=f"old-price {company.id} {run.period} {finding.category} {finding.tariff_id}",
                company_zh=company.name_zh,
                company_en=company.name_en,
                period=run.period,
                bills=f"{part.bills:,}",
                exposed=f"{part.exposed_bills:,}",
                share=share,
            )
