"""The heat companies under supervision."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.companies.models import Company
from supervision.journal import Actor, Journal
from supervision.settings import Clock


class NoSuchCompany(LookupError):
    """No company has this code, or it is not one the asker may see."""


class CompanyService:
    def __init__(self, session: Session, clock: Clock) -> None:
        self._session, self._clock = session, clock

    def register(
        self,
        *,
        code: str,
        name_zh: str,
        name_en: str,
        province: str,
        city: str,
        service_areas: Sequence[str],
        by: Actor,
    ) -> Company:
        """A new company under supervision, entered in the journal."""
        company = Company(
            code=code,
            name_zh=name_zh,
            name_en=name_en,
            province=province,
            city=city,
            service_areas=list(service_areas),
        )
        self._session.add(company)
        self._session.flush()
        Journal(self._session, self._clock).record(
            "company.registered",
            actor=by,
            object_type="company",
            object_id=company.code,
            company_id=company.id,
            detail={"name_zh": name_zh, "city": city, "service_areas": list(service_areas)},
        )
        return company

    def all(self) -> Sequence[Company]:
        return self._session.scalars(select(Company).order_by(Company.city, Company.code)).all()

    def by_code(self, code: str) -> Company:
        """Raises NoSuchCompany."""
        company = self._session.scalars(select(Company).where(Company.code == code)).first()
        if company is None:
            raise NoSuchCompany(code)
        return company

    def by_id(self, company_id: int) -> Company:
        company = self._session.get(Company, company_id)
        if company is None:
            raise NoSuchCompany(str(company_id))
        return company
