"""What a new price would change, computed from the bills that a company signed."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from checks.tariffs.load import load_published
from supervision.db import begin
from supervision.jobs import enqueue
from supervision.jobs.models import Job
from supervision.security import Identity, Role
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.drafting import new_version_of
from supervision.tariffs.models import TariffDraft
from tests.findings.checked_company import CITY, DECEMBER, CheckedCompany, account, bill

AUTHOR = Identity(0, "author", "author", Role.OFFICER, "P-author", None)


def drafted(company: CheckedCompany, **changes: Any) -> None:
    """A draft that follows the residential price of the city waits for review, its effect in the queue."""
    base = next(one for one in load_published() if one.id == "hrb-res-2015")
    record = new_version_of(base) | {
        "id": "hrb-res-2026",
        "issuer": "发展和改革委员会",
        "document": "哈发改价格〔2026〕1号",
        "valid_from": "2026-10-20",
        "known_from": "2026-09-01",
        "rounding": {"unit": "0.01", "when": "line"},
        "proration": "day",
        "transition": "next_season",
        "area_price": {"value": "39.32", "per": "season", "periods": 1},
        "sources": [
            {"key": "n", "name": "通知", "kind": "government_page", "url": "https://www.example.gov.cn/n"}
        ],
        **changes,
    }
    with begin(company.engine) as session:
        service = DraftService(session, company.desk.clock, company.desk.evidence)
        draft = service.start(record, by=AUTHOR)
        service.submit(draft, by=AUTHOR, version=draft.version)


def effect(company: CheckedCompany) -> dict[str, Any]:
    with begin(company.engine) as session:
        draft = session.scalars(select(TariffDraft)).one()
        assert draft.effect_of == draft.record_digest
        found: dict[str, Any] = json.loads(company.desk.evidence.read_bytes(draft.effect_digest or ""))
        return found


@pytest.fixture
def filed(company: CheckedCompany) -> CheckedCompany:
    assert CITY == "哈尔滨市"
    company.file("accounts", "2025-26", [account(number) for number in range(1, 4)])
    company.file("bills", DECEMBER, [bill(number) for number in range(1, 4)])
    return company


def test_one_yuan_more_a_square_metre_costs_every_home_its_area(filed: CheckedCompany) -> None:
    drafted(filed)
    filed.work()
    found = effect(filed)
    homes = found["by_category"]["residential"]
    assert (homes["accounts"], homes["compared"], homes["dearer"], homes["cheaper"]) == (3, 3, 3, 0)
    assert Decimal(homes["shift"]) == Decimal("240.00"), "three homes of 80 m2, 1 CNY more each"
    assert found["season"] == "2025-26"
    assert found["total"] == homes


def test_winners_and_losers_stand_by_area(company: CheckedCompany) -> None:
    areas = {1: "60.00", 2: "60.01", 3: "80.00", 4: "250.00"}
    company.file("accounts", "2025-26", [account(number, area) for number, area in areas.items()])
    company.file("bills", DECEMBER, [bill(number, area) for number, area in areas.items()])
    drafted(company, area_price={"value": "37.32", "per": "season", "periods": 1})
    company.work()
    bands = effect(company)["by_area"]
    told = [(one["over"], one["to"], one["bills"], one["cheaper"], Decimal(one["shift"])) for one in bands]
    assert told == [
        (None, "60", 1, 1, Decimal("-60.00")),  # 60.00 m2 is up to 60
        ("60", "90", 2, 2, Decimal("-140.01")),
        ("200", None, 1, 1, Decimal("-250.00")),
    ]


def test_a_publication_asks_for_every_bill_of_the_city_again(filed: CheckedCompany) -> None:
    filed.work()
    with begin(filed.engine) as session:
        before = len(session.scalars(select(Job.id).where(Job.name == "check_filing")).all())
        enqueue(session, "check_city_again", city=CITY)
    filed.work()
    with begin(filed.engine) as session:
        after = len(session.scalars(select(Job.id).where(Job.name == "check_filing")).all())
    assert after == before + 1
