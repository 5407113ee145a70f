"""What holds for every bill: parts come to the whole but for their rounding, more use costs no less, edges do not jump."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
from bill_cases import CITY, SEASON_FIRST, bill, bills_table, tariff
from hypothesis import given
from hypothesis import strategies as st

from checks.recompute import recompute
from checks.recompute.service import MEASURED_SCHEMA
from checks.tariffs.record import MeteredPrice, Per, Price, RefundBand, RefundBasis, Tariff

FEN = Decimal("0.01")
AREAS = st.integers(1, 10_000_000).map(lambda hundredths: Decimal(hundredths).scaleb(-2))
PRICES = st.integers(1, 99_999).map(lambda thousandths: Decimal(thousandths).scaleb(-3))
HEAT = st.integers(0, 10**9).map(lambda thousandths: Decimal(thousandths).scaleb(-3))
DAYS = st.integers(0, 119)
CAPS = st.sampled_from([None, Decimal(1), Decimal("1.1"), Decimal("1.15")])


def due(rows: list[dict[str, Any]], record: Tariff, measured: pa.Table | None = None) -> list[Decimal]:
    """What each bill should come to, each by itself."""
    numbered = [
        row | {"source_row": place, "bill_no": f"B{place}", "account_no": f"A{place}"}
        for place, row in enumerate(rows, start=1)
    ]
    found = recompute(bills_table(*numbered), None, [record], city=CITY, measured=measured).to_pylist()
    assert [row["missing"] for row in found] == [None] * len(rows)
    return [row["recomputed_total"] for row in found]


def on(day: int) -> dt.date:
    return SEASON_FIRST + dt.timedelta(days=day)


def settled(heat: Decimal, **changes: Any) -> dict[str, Any]:
    return bill(
        kind="settlement", billing_method="metered", heat_used=heat, heat_unit="kWh", total="0.00", **changes
    )


def priced(area: Decimal, base: Decimal, metered: Decimal, cap: Decimal | None) -> Tariff:
    return tariff(
        area_price=Price(area, Per.SEASON),
        base_price=Price(base, Per.SEASON),
        metered_price=MeteredPrice(metered, tariff().metered_price.unit),  # type: ignore[union-attr]
        cap_share=cap,
    )


@given(area=AREAS, price=PRICES, cuts=st.sets(st.integers(1, 119), min_size=1, max_size=4))
def test_a_season_cut_into_bills_comes_to_the_whole_but_for_half_a_fen_a_bill(
    area: Decimal, price: Decimal, cuts: set[int]
) -> None:
    starts = [0, *sorted(cuts)]
    ends = [*(cut - 1 for cut in sorted(cuts)), 119]
    parts = [
        bill(service_from=on(start), service_to=on(end), billed_area_m2=area, total="0.00")
        for start, end in zip(starts, ends, strict=True)
    ]
    whole, *found = due([bill(billed_area_m2=area, total="0.00"), *parts], priced(price, price, price, None))
    assert abs(sum(found) - whole) <= FEN * (len(parts) + 1) / 2


@given(price=PRICES, readings=st.lists(st.integers(0, 10**9), min_size=3, max_size=6))
def test_heat_cut_at_readings_in_between_comes_to_the_whole_but_for_half_a_fen_a_bill(
    price: Decimal, readings: list[int]
) -> None:
    shown = [Decimal(reading).scaleb(-3) for reading in sorted(readings)]
    record = priced(price, Decimal("0.01"), price, None)
    nothing, whole, *parts = due(
        [settled(Decimal(0)), settled(shown[-1] - shown[0])]
        + [settled(after - before) for before, after in zip(shown[:-1], shown[1:], strict=True)],
        record,
    )
    assert abs(sum(part - nothing for part in parts) - (whole - nothing)) <= FEN * (len(parts) + 1) / 2


@given(area=AREAS, prices=st.tuples(PRICES, PRICES, PRICES), cap=CAPS, heats=st.tuples(HEAT, HEAT))
def test_more_heat_never_costs_less(
    area: Decimal,
    prices: tuple[Decimal, Decimal, Decimal],
    cap: Decimal | None,
    heats: tuple[Decimal, Decimal],
) -> None:
    less, more = due([settled(heat, billed_area_m2=area) for heat in sorted(heats)], priced(*prices, cap))
    assert less <= more


@given(areas=st.tuples(AREAS, AREAS), price=PRICES, days=st.tuples(DAYS, DAYS))
def test_more_area_and_more_days_never_cost_less(
    areas: tuple[Decimal, Decimal], price: Decimal, days: tuple[int, int]
) -> None:
    record = priced(price, price, price, None)
    small, large = (bill(billed_area_m2=area, total="0.00") for area in sorted(areas))
    short, long = (bill(service_to=on(day), total="0.00") for day in sorted(days))
    found = due([small, large, short, long], record)
    assert found[0] <= found[1]
    assert found[2] <= found[3]


@given(
    area=AREAS, prices=st.tuples(PRICES, PRICES, PRICES), cap=CAPS.filter(bool), step=st.integers(0, 10_000)
)
def test_the_cap_is_reached_without_a_jump(
    area: Decimal, prices: tuple[Decimal, Decimal, Decimal], cap: Decimal, step: int
) -> None:
    """Around the heat at which the cap takes over, a thousandth of a kWh moves the bill by its own price, or less."""
    by_area, base, metered = prices
    at = max((cap * by_area - base) * area / metered, Decimal(0)).quantize(Decimal("0.001"))
    heat = max(at + Decimal(step - 5000).scaleb(-3), Decimal(0))
    if heat >= 10**9:
        return
    before, after = due(
        [settled(one, billed_area_m2=area) for one in (heat, heat + Decimal("0.001"))], priced(*prices, cap)
    )
    assert 0 <= after - before <= metered * Decimal("0.001") + FEN


BANDS = (
    RefundBand(Decimal("0.2"), Decimal(16), True, Decimal(18), False),
    RefundBand(Decimal("0.5"), Decimal(14), True, Decimal(16), False),
    RefundBand(Decimal(1), None, False, Decimal(14), False),
)


@given(
    area=AREAS,
    price=PRICES,
    days=st.sets(DAYS, min_size=1, max_size=30),
    temps=st.tuples(st.integers(500, 2200), st.integers(500, 2200)),
    basis=st.sampled_from([RefundBasis.DAY, RefundBasis.DAY_NET_OF_BASE]),
)
def test_colder_rooms_never_get_less_back_and_never_more_than_the_fee(
    area: Decimal, price: Decimal, days: set[int], temps: tuple[int, int], basis: RefundBasis
) -> None:
    record = tariff(
        area_price=Price(price, Per.SEASON),
        base_price=Price(price * Decimal("0.3"), Per.SEASON),
        refund_bands=BANDS,
        refund_basis=basis,
    )
    rows = [
        {
            "account_no": account,
            "requested_on": on(min(days)),
            "day": on(day),
            "room_temp_c": Decimal(temp).scaleb(-2),
        }
        for account, temp in zip(("A1", "A2"), sorted(temps), strict=True)
        for day in sorted(days)
    ]
    measured = pa.Table.from_pylist(rows, schema=MEASURED_SCHEMA)
    one = bill(billed_area_m2=area, issued_on=dt.date(2026, 6, 1), total="0.00")
    colder, warmer, untouched = due([one, one, one], record, measured)
    assert 0 <= colder <= warmer <= untouched
