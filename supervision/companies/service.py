"""The heat companies under supervision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from supervision.companies.models import Company
from supervision.journal import Actor, Journal
from supervision.settings import Clock
from supervision.users.tickets import end_company


class NoSuchCompany(LookupError):
    """No company has this code, or it is not one the asker may see."""


class NotAsItStands(Exception):
    """The company is active, or inactive, already."""


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
        detail = {"name_zh": name_zh, "city": city, "service_areas": list(service_areas)}
        self._record("company.registered", company, by, detail)
        return company

    def deactivate(self, code: str, *, by: Actor) -> Company:
        """The company is no longer under supervision: its people cannot sign in and every ticket of theirs has ended.
        What it filed and what was decided stay. Raises NoSuchCompany, NotAsItStands where it is inactive already."""
        company = self._switch(code, to=False)
        ended = end_company(self._session, self._clock, company.id)
        self._record("company.deactivated", company, by, {"tickets_ended": ended})
        return company

    def reactivate(self, code: str, *, by: Actor) -> Company:
        """The company is under supervision again and its people may sign in anew. Raises NoSuchCompany, NotAsItStands
        where it is active."""
        company = self._switch(code, to=True)
        self._record("company.reactivated", company, by, {})
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

    def _switch(self, code: str, *, to: bool) -> Company:
        """One conditional UPDATE: of two people who switch at once only one does."""
        company = self.by_code(code)
        changed = self._session.execute(
            update(Company)
            .where(Company.id == company.id, Company.is_active.is_(not to))
            .values(is_active=to)
        )
        if int(changed.rowcount) != 1:  # type: ignore[attr-defined]
            raise NotAsItStands(code)
        return company

    def _record(self, act: str, company: Company, by: Actor, detail: Mapping[str, object]) -> None:
        Journal(self._session, self._clock).record(
            act,
            actor=by,
            object_type="company",
            object_id=company.code,
            company_id=company.id,
            detail=detail,
        )
