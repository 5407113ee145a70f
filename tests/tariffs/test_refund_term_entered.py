"""The term of hours after which cold rooms earn a refund is kept by the form that tariffs are entered with."""

from __future__ import annotations

import pytest

from checks.tariffs.load import load_published, tariff_to_dict
from supervision.tariffs.entry_form import record_of, values_of


@pytest.mark.parametrize(("tariff_id", "hours"), [("lyang-res", 48), ("bj-res-citynet", None)])
def test_a_record_shown_and_entered_again_keeps_its_term(tariff_id: str, hours: int | None) -> None:
    record = tariff_to_dict(next(one for one in load_published() if one.id == tariff_id))
    assert record.get("refund_after_hours") == hours
    assert record_of(values_of(record), today="2026-01-01")["refund_after_hours"] == hours
