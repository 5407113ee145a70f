"""The pages of a published tariff show its forecast beside what its first season brought, to everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from webtest import TestApp

from supervision.db import begin
from supervision.tariffs.models import TariffDraft
from tests.findings.checked_company import CheckedCompany
from tests.findings.test_forecast_and_season import compared, published, the_next_season

__all__ = ["published"]


@pytest.fixture
def company(harbin: CheckedCompany) -> CheckedCompany:
    return harbin


def test_forecast_and_season_stand_side_by_side(
    app: TestApp,
    published: CheckedCompany,  # noqa: F811 -- the fixture
    sign_in: Callable[[TestApp, str], TestApp],
) -> None:
    page = app.get("/tariffs/hrb-res-2026")
    assert "预测与实际" not in page
    the_next_season(published, "80.00", "100.00", "120.00", "80.00")
    assert compared(published) is not None
    told = app.get("/tariffs/hrb-res-2026").html.select_one("[aria-labelledby=realised]").get_text(" ")
    for figure in ("2026-27", "240.00", "380.00", "140.00", "2.61%"):
        assert figure in told
    with begin(published.engine) as session:
        path = f"/officer/tariffs/{session.scalars(select(TariffDraft)).one().public_id}"
    sign_in(app, "officer").set_cookie("language", "en")
    page = app.get(path)
    assert "Forecast and season" in page
    assert "Compared with its first season" in page
