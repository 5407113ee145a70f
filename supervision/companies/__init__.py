"""The heat companies under supervision (供热企业)."""

from __future__ import annotations

from typing import Any

from supervision.companies.models import Company
from supervision.companies.service import CompanyService, NoSuchCompany, NotAsItStands

__all__ = ["Company", "CompanyService", "NoSuchCompany", "NotAsItStands"]


def includeme(config: Any) -> None:
    config.register_service(CompanyService, lambda request: CompanyService(request.db, request.clock))
