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


@pytest.mark.parametrize(
    "rule",
    [
        None,
        {"after_hours": 24, "after_included": False, "counts": "hours", "share": "1", "total_over_days": 7},
        {
            "after_hours": 0,
            "after_included": True,
            "counts": "calendar_days",
            "share": "2",
            "total_over_days": None,
        },
    ],
    ids=["the law's", "in hours", "in days, double"],
)
def test_a_rule_for_time_without_heat_is_kept(rule: dict[str, object] | None) -> None:
    record = tariff_to_dict(next(one for one in load_published() if one.id == "jn-res")) | {"outage": rule}
    again = record_of(values_of(record), today="2026-01-01")
    assert again["outage"] == rule
