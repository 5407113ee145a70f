"""A price that changes inside a season, by the transition the new tariff names, as both computations see it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from test_certificate_alone import HARBIN

from checks.certificate import certificate_of, check_sample
from checks.certificate import verify_certificate as checker
from checks.recompute import recompute
from checks.tariffs.load import load_published
from checks.tariffs.record import Transition
from ingest.standard import arrow_schema

CHANGE = dt.date(2015, 1, 1)


@pytest.mark.parametrize(
    ("transition", "start", "outcome"),
    [
        (Transition.NEXT_SEASON, dt.date(2014, 10, 20), "conforms"),
        (Transition.NEXT_SEASON, dt.date(2015, 1, 20), "breach"),
        (Transition.BY_READING, dt.date(2015, 1, 20), "breach"),
        (Transition.BY_DAY, dt.date(2014, 10, 20), "inconclusive"),
        (Transition.BY_DAY, dt.date(2015, 1, 20), "breach"),
    ],
)
def test_both_computations_follow_the_transition(
    transition: Transition, start: dt.date, outcome: str
) -> None:
    bill: dict[str, Any] = HARBIN | {"service_from": start, "total": Decimal("4004.10")}
    table = pa.Table.from_pylist([bill], schema=arrow_schema("bills"))
    city = [one for one in load_published() if one.city == "哈尔滨市"]
    first = recompute(table, None, city, city="哈尔滨市").to_pylist()[0]["tariff_id"]
    old = next(one for one in city if one.id == first)
    before = replace(old, valid_to=CHANGE - dt.timedelta(days=1))
    after = replace(old, id="hrb-next", valid_from=CHANGE, transition=transition)
    tariffs = [before, after, *(one for one in city if one.id != first)]
    found = recompute(table, None, tariffs, city="哈尔滨市")
    assert found["outcome"].to_pylist() == [outcome]
    assert check_sample(table, None, lambda _rows: found, tariffs, city="哈尔滨市", seed="1").bills == 1
    certificate = certificate_of(bill, None, tariffs, city="哈尔滨市")
    assert checker.disagreements(certificate) == []
