"""Two runs beside each other: whose each difference is, to the fen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checks.engine import check
from checks.fees import shipped_register
from checks.runs.moves import REASONS, Known, moves, summary
from checks.tariffs.errors import NoTariffInForce
from checks.tariffs.in_force import in_force
from checks.tariffs.known import as_known_on
from checks.tariffs.load import load_published
from checks.tariffs.record import Scope, Tariff
from tests.findings.checked_company import CITY, OLD_PRICE, Row, account, bill, typed

HARBIN = tuple(one for one in load_published() if one.city == CITY)
NEW = next(one for one in HARBIN if one.id == "hrb-res-2015")
BEFORE_THE_NOTICE = NEW.known_from - dt.timedelta(days=1)


class Side:
    """What one run knew and said."""

    def __init__(
        self,
        folder: Path,
        bills: Sequence[Row],
        roster: Sequence[Row],
        tariffs: tuple[Tariff, ...] = HARBIN,
    ) -> None:
        folder.mkdir()
        table, accounts = typed("bills", list(bills)), typed("accounts", list(roster))
        pq.write_table(table, folder / "bills.parquet")
        pq.write_table(accounts, folder / "accounts.parquet")
        self.said = check(table, accounts, tariffs, city=CITY).outcomes
        self.known = Known(
            folder / "bills.parquet", None, folder / "accounts.parquet", None, tariffs, shipped_register()
        )


def moved(before: Side, after: Side) -> dict[str, dict[str, object]]:
    found = moves(before.known, before.said, after.known, after.said, city=CITY)
    return {row["bill_no"]: row for row in found.to_pylist()}


def test_two_runs_that_say_the_same_differ_in_nothing(tmp_path: Path) -> None:
    rows, roster = [bill(1), bill(2, price=OLD_PRICE)], [account(1), account(2)]
    one, other = Side(tmp_path / "a", rows, roster), Side(tmp_path / "b", rows, roster)
    assert moved(one, other) == {}
    found = moves(one.known, one.said, other.known, other.said, city=CITY)
    assert summary(found, one.said, other.said) == {"stands": {"bills": 1, "change": "162.40"}}


def test_each_difference_is_whose_it_is_and_the_steps_add_up(tmp_path: Path) -> None:
    before = Side(
        tmp_path / "a",
        [bill(1), bill(2), bill(3), bill(4, price=OLD_PRICE)],
        [account(number) for number in (1, 2, 3, 4)],
    )
    after = Side(
        tmp_path / "b",
        [bill(1), bill(2, price=OLD_PRICE), bill(3, price=OLD_PRICE), bill(4, price=OLD_PRICE), bill(5)],
        [account(1, "75.00"), account(2), account(3, "75.00"), account(4), account(5)],
    )
    found = moved(before, after)
    assert {number: row["reasons"] for number, row in found.items()} == {
        "B0001": "late_data",
        "B0002": "company_error",
        "B0003": "late_data;company_error",
        "B0005": "company_error",  # filed for the first time
    }
    both = found["B0003"]  # 75 m2 were due, 80 m2 at the old price billed
    assert (both["by_late_data"], both["by_company_error"]) == (Decimal("191.60"), Decimal("162.40"))
    for row in found.values():
        steps = sum(Decimal(str(row[f"by_{reason}"])) for reason in REASONS)
        ends = [row["overcharge_before"] or Decimal(0), row["overcharge_after"] or Decimal(0)]
        assert steps == ends[1] - ends[0]


def test_a_price_that_was_published_later_is_a_late_tariff(tmp_path: Path) -> None:
    rows, roster = [bill(1), bill(2, price=OLD_PRICE)], [account(1), account(2)]
    now = Side(tmp_path / "now", rows, roster)
    then = Side(tmp_path / "then", rows, roster, as_known_on(HARBIN, BEFORE_THE_NOTICE))
    found = moved(now, then)
    assert {number: (row["outcome_after"], row["reasons"]) for number, row in found.items()} == {
        "B0001": ("breach", "late_tariff"),
        "B0002": ("conforms", "late_tariff"),
    }


def test_what_was_recorded_and_is_now_computed_otherwise_is_our_error(tmp_path: Path) -> None:
    rows, roster = [bill(1), bill(2)], [account(1), account(2)]
    now = Side(tmp_path / "now", rows, roster)
    recorded = now.said.to_pylist()
    recorded[1] |= {
        "outcome": "breach",
        "recomputed_total": Decimal("3000.00"),
        "overcharge": Decimal("65.60"),
    }
    now_wrong = pa.Table.from_pylist(recorded, schema=now.said.schema)
    found = moves(now.known, now_wrong, now.known, now.said, city=CITY)
    (row,) = found.to_pylist()
    assert (row["bill_no"], row["reasons"], row["by_our_error"]) == ("B0002", "our_error", Decimal("-65.60"))


def test_before_its_notice_a_price_is_unknown_and_the_old_one_has_no_end() -> None:
    known = {one.id: one for one in as_known_on(HARBIN, BEFORE_THE_NOTICE)}
    assert NEW.id not in known
    old = next(one for one in HARBIN if one.id == "hrb-res-2008")
    assert old.valid_to is not None
    assert known["hrb-res-2008"] == replace(old, valid_to=None, standing=known["hrb-res-2008"].standing)
    assert as_known_on(HARBIN, dt.date(2099, 1, 1)) == HARBIN


@pytest.mark.parametrize("year", [1990, 2008, 2014, 2020, 2025])
def test_whatever_was_known_a_scope_has_one_price_at_most(year: int) -> None:
    everything = load_published()
    known = as_known_on(everything, dt.date(year, 6, 1))
    for one in known:
        areas = (one.service_area,) if one.service_area else ()
        for method in one.methods:
            try:
                in_force(known, Scope(one.city, one.category, method, areas), dt.date(year, 11, 20))
            except NoTariffInForce:
                continue  # a price that ended with nothing after it; TariffsCollide is what must not come
