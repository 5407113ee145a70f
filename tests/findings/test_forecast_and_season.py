"""After a season the forecast a tariff was approved with stands beside what the season's bills show."""

from __future__ import annotations

import datetime as dt
import json
import threading
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from checks.tariffs.load import load_published
from supervision.db import begin
from supervision.findings.proof import flaws
from supervision.jobs import enqueue
from supervision.jobs.models import Job
from supervision.jobs.worker import work
from supervision.security import Identity, Role
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.drafting import new_version_of
from supervision.tariffs.models import TariffDraft
from tests.findings.checked_company import DECEMBER, CheckedCompany, account, bill


def person(number: int, role: Role) -> Identity:
    return Identity(number, f"person-{number}", f"person-{number}", role, f"P-{number}", None)


AUTHOR, REVIEWER = person(1, Role.OFFICER), person(2, Role.OFFICER)
APPROVER = person(3, Role.SUPERVISING_OFFICER)
NEW_PRICE = Decimal("39.32")


@pytest.fixture
def published(company: CheckedCompany) -> CheckedCompany:
    """Three homes of 80 m2 billed in 2025-26; from 2026-27 on a square metre costs 1 CNY more."""
    company.file("accounts", "2025-26", [account(number) for number in range(1, 4)])
    company.file("bills", DECEMBER, [bill(number) for number in range(1, 4)])
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
        "area_price": {"value": f"{NEW_PRICE}", "per": "season", "periods": 1},
        "sources": [
            {"key": "n", "name": "通知", "kind": "government_page", "url": "https://www.example.gov.cn/n"}
        ],
    }
    with begin(company.engine) as session:
        service = DraftService(session, company.desk.clock, company.desk.evidence)
        draft = service.start(record, by=AUTHOR)
        service.submit(draft, by=AUTHOR, version=draft.version, reason="与通知逐条核对。")
    company.work()
    with begin(company.engine) as session:
        service = DraftService(session, company.desk.clock, company.desk.evidence)
        draft = session.scalars(select(TariffDraft)).one()
        service.confirm(
            draft,
            by=REVIEWER,
            version=draft.version,
            record_digest=draft.record_digest,
            reason="与通知一致。",
        )
        service.approve(
            draft,
            by=APPROVER,
            version=draft.version,
            record_digest=draft.record_digest,
            effect_digest=draft.effect_digest or "",
            reason="测算与通知一致，同意。",
        )
    company.work()
    return company


def the_next_season(company: CheckedCompany, *areas: str) -> None:
    """The same company a year later, with these homes, billed by the new price."""
    company.desk.clock.move(dt.timedelta(days=380))
    homes = dict(enumerate(areas, start=1))
    company.file("accounts", "2026-27", [account(number, area) for number, area in homes.items()])
    later = {"season": "2026-27", "service_from": "2026-10-20", "service_to": "2027-04-20"}
    rows = [
        bill(number, area, NEW_PRICE, issued_on="2026-12-05", due_on="2026-12-31", **later)
        for number, area in homes.items()
    ]
    company.file("bills", "2026-12", rows)


def compared(company: CheckedCompany) -> dict[str, Any] | None:
    """What stands beside the forecast after the daily round."""
    with begin(company.engine) as session:
        enqueue(session, "compare_forecasts", enqueued_at=company.desk.clock.now())
    desk = company.desk
    names = ("compare_forecasts", "check_filing")
    work(desk.engine, desk.settings, threading.Event(), clock=desk.clock, only=names, until_idle=True)
    with begin(company.engine) as session:
        assert [job.error for job in session.query(Job).filter(Job.error.is_not(None))] == []
        draft = session.scalars(select(TariffDraft)).one()
        if draft.realised_digest is None:
            return None
        found: dict[str, Any] = json.loads(desk.evidence.read_bytes(draft.realised_digest))
        return found


def test_before_its_first_season_there_is_nothing_to_compare(published: CheckedCompany) -> None:
    assert compared(published) is None


def test_the_first_season_shows_what_the_price_really_changed(published: CheckedCompany) -> None:
    the_next_season(published, "80.00", "80.00", "100.00", "120.00")
    found = compared(published)
    assert found is not None
    homes = found["by_category"]["residential"]
    assert (found["season"], found["forecast_season"], homes["compared"]) == ("2026-27", "2025-26", 4)
    assert Decimal(homes["old_total"]) == 380 * Decimal("38.32")
    assert Decimal(homes["new_total"]) == 380 * NEW_PRICE
    assert Decimal(homes["shift"]) == Decimal("380.00")  # 240.00 was forecast
    assert (homes["dearer"], homes["cheaper"]) == (4, 0)
    assert found["total"] == homes
    with begin(published.engine) as session:
        draft = session.scalars(select(TariffDraft)).one()
        assert [event.act for event in draft.events][-1] == "compare_season"
        assert list(flaws(session, published.desk.evidence, published.desk.clock)) == []


def test_it_is_made_again_only_when_the_season_rests_on_other_evidence(published: CheckedCompany) -> None:
    the_next_season(published, "80.00")
    first = compared(published)
    published.desk.clock.move(dt.timedelta(days=1))
    assert compared(published) == first
    published.file("accounts", "2026-27", [account(1, "90.00")])
    later = compared(published)
    assert first is not None
    assert later is not None
    assert Decimal(first["total"]["shift"]) == Decimal("80.00")
    assert Decimal(later["total"]["shift"]) == Decimal("90.00")
