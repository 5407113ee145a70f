"""Two vectors for every edit of the seven feeds besides accounts and bills, made from the standard's own samples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
from ingest_filings import Case, Row, account, bill, csv_bytes, judge_rows, roster

from ingest.standard import FEEDS


@dataclass(frozen=True)
class Vector:
    """``trips`` must hit the edit; ``passes`` must have it evaluated and not hit."""

    trips: Case
    passes: Case


def sample(feed: str, **changes: str) -> Row:
    """The first sample row of the feed, changed."""
    return {**FEEDS[feed].sample[0], **changes}


def _case(feed: str, *rows: Row, **more: pa.Table) -> Case:
    roster_table = more.pop("accounts", None)
    return Case(csv_bytes(list(rows), feed), feed=feed, roster=roster_table, beside=dict(more))


def _vector(feed: str, trips: Row, passes: Row) -> Vector:
    return Vector(_case(feed, sample(feed, **trips)), _case(feed, sample(feed, **passes)))


def meter(energies: list[str], hours: int = 24, **changes: str) -> list[Row]:
    """Readings of one meter, ``hours`` apart from 1 December; the changes stand in the last."""
    start = dt.datetime(2025, 12, 1)
    rows = [
        {
            "meter_no": "RB1",
            "read_at": f"{(start + dt.timedelta(hours=hours * step)).isoformat()}+08:00",
            "kind": "actual",
            "energy": energy,
            "energy_unit": "kWh",
        }
        for step, energy in enumerate(energies)
    ]
    rows[-1].update(changes)
    return rows


def _meter(trips: list[Row], passes: list[Row]) -> Vector:
    return Vector(_case("readings", *trips), _case("readings", *passes))


def _shown(rows: list[Row], **columns: list[str]) -> list[Row]:
    """The rows with further columns, one value a row."""
    return [{**row, **{code: texts[at] for code, texts in columns.items()}} for at, row in enumerate(rows)]


def reading_vectors() -> dict[str, Vector]:
    def row(**changes: str) -> Row:
        return changes

    witness = {"supply_temp_c": ["45.00", "45.00"], "return_temp_c": ["35.00", "35.00"]}
    still = {"volume_m3": ["5.000"] * 6, "supply_temp_c": ["45.00"] * 6, "return_temp_c": ["35.00"] * 6}
    steady = [f"{100 + 10 * step}.000" for step in range(7)]
    kinds = ["actual"] * 15 + ["estimated"] * 15
    return {
        "RDG01": _vector("readings", row(event="rollover", kind="estimated"), row(event="rollover")),
        "RDG02": _vector(
            "readings", row(return_temp_c="45.21", power_kw=""), row(return_temp_c="45.20", power_kw="")
        ),
        "RDG03": _vector("readings", row(power_kw="7.260"), row(power_kw="7.250")),
        "RDG04": _vector("readings", row(event="installed", seal_no=""), row(event="installed")),
        "RDS01": _meter(meter(["100.000", "99.999"]), meter(["100.000", "99.999"], event="rollover")),
        "RDS02": _meter(
            _shown(meter(["100.000"] * 6, 1), **still),
            _shown(meter(["100.000"] * 5 + ["100.001"], 1), **still),
        ),
        "RDS03": _meter(meter(["100.000"] * 4), meter(["100.000"] * 3 + ["100.001"])),
        "RDS04": _meter(
            _shown(meter(["1.000", "2.000"]), volume_m3=["5.000", "4.999"]),
            _shown(meter(["1.000", "2.000"]), volume_m3=["5.000", "5.000"]),
        ),
        "RDS05": _meter(
            _shown(meter(["1.000", "2.000"]), operating_hours=["10.00", "35.01"]),
            _shown(meter(["1.000", "2.000"]), operating_hours=["10.00", "35.00"]),
        ),
        "RDS06": _meter(
            _shown(meter(["0.000", "34.891"]), volume_m3=["0.000", "1.000"], **witness),
            _shown(meter(["0.000", "34.890"]), volume_m3=["0.000", "1.000"], **witness),
        ),
        "RDS07": _meter(
            meter(["1.000", "2.000"], energy_unit="GJ"),
            meter(["1.000", "2.000"], energy_unit="GJ", event="replaced"),
        ),
        "RDS08": _meter(meter([*steady, "3160.000"]), meter([*steady, "3159.999"])),
        "RDS09": _meter(
            meter(["100.000", "100.000"], event="rollover"), meter(["100.000", "99.999"], event="rollover")
        ),
        "RDS10": _meter(
            meter(["1230.000", "1420.000", "1250.000"]), meter(["1230.000", "1920.000", "1250.000"])
        ),
        "RDS11": _meter(
            [*meter(steady, 12), {**meter(["170.000"])[0], "read_at": "2025-12-05T12:00:01+08:00"}],
            [*meter(steady, 12), {**meter(["170.000"])[0], "read_at": "2025-12-05T12:00:00+08:00"}],
        ),
        "MAC02": _meter(
            _shown(meter([f"{n}.000" for n in range(31)], 1), kind=[*kinds, "estimated"]),
            _shown(meter([f"{n}.000" for n in range(30)], 1), kind=kinds),
        ),
    }


def temperature_vectors() -> dict[str, Vector]:
    feed = "room_temperatures"

    def many(last: str) -> Case:
        rows = [sample(feed, account_no=f"A{at}", room_temp_c="20.00") for at in range(29)]
        return _case(feed, *rows, sample(feed, account_no="A29", room_temp_c=last))

    return {
        "RTM01": _vector(feed, {"instrument_no": ""}, {}),
        "RTM02": _vector(feed, {"calibrated_on": "2025-12-04"}, {"calibrated_on": "2025-12-03"}),
        "RTM03": _vector(feed, {"calibrated_on": "2024-12-01"}, {"calibrated_on": "2024-12-02"}),
        "RTM04": _vector(feed, {"room_temp_c": "40.01"}, {"room_temp_c": "40.00"}),
        "RTM05": _vector(feed, {"signed_by_resident": "false"}, {}),
        "RTM06": _vector(
            feed,
            {"room_temp_c": "11.99", "outdoor_temp_c": "12.00"},
            {"room_temp_c": "12.00", "outdoor_temp_c": "12.00"},
        ),
        "MAC03": Vector(many("20.00"), many("20.01")),
    }


def payment_vectors() -> dict[str, Vector]:
    feed = "payments"
    first, again = sample(feed), sample(feed, payment_no="P2")
    return {
        "PAY01": _vector(feed, {"amount": "-0.01"}, {"amount": "0.01"}),
        "PAY02": _vector(feed, {"kind": "refund", "amount": "0.01"}, {"kind": "refund", "amount": "-0.01"}),
        "PAY03": _vector(
            feed, {"refund_order_no": "T1"}, {"refund_order_no": "T1", "kind": "refund", "amount": "-1.00"}
        ),
        "PAY04": _vector(feed, {"amount": "0.00"}, {"amount": "0.01"}),
        "PAY05": Vector(_case(feed, again, first), _case(feed, first, {**again, "amount": "2148.01"})),
    }


def request_vectors() -> dict[str, Vector]:
    feed, early, same = "service_requests", "2025-12-03T08:11:59+08:00", "2025-12-03T08:12:00+08:00"
    first, again = sample(feed), sample(feed, request_no="S2")
    return {
        "REQ01": _vector(feed, {"responded_at": early}, {"responded_at": same}),
        "REQ02": _vector(feed, {"on_site_at": early}, {"on_site_at": same}),
        "REQ03": _vector(feed, {"resolved_at": early}, {"resolved_at": same}),
        "REQ04": _vector(feed, {"outcome": ""}, {}),
        "REQ05": _vector(feed, {"outcome": "monetary"}, {"outcome": "monetary", "amount": "1.00"}),
        "REQ06": _vector(feed, {"amount": "1.00"}, {"outcome": "monetary", "amount": "1.00"}),
        "REQ07": _vector(feed, {"resolved_at": ""}, {}),
        "REQ08": Vector(_case(feed, first, again), _case(feed, first, {**again, "topic": "leak"})),
    }


def outage_vectors() -> dict[str, Vector]:
    feed = "outages"
    planned = {"planned": "true", "notice_at": "2025-12-01T08:00:00+08:00"}
    first, later = sample(feed), sample(feed, outage_no="TR2", ended_at="")
    return {
        "OUT01": _vector(
            feed, {"ended_at": "2025-12-03T02:09:59+08:00"}, {"ended_at": "2025-12-03T02:10:00+08:00"}
        ),
        "OUT02": _vector(feed, {"planned": "true"}, planned),
        "OUT03": _vector(
            feed,
            {**planned, "notice_at": "2025-12-03T02:10:01+08:00"},
            {**planned, "notice_at": "2025-12-03T02:10:00+08:00"},
        ),
        "OUT04": _vector(
            feed, {"ended_at": "2025-12-10T02:10:01+08:00"}, {"ended_at": "2025-12-10T02:10:00+08:00"}
        ),
        "OUT05": _vector(
            feed,
            {"accounts_affected": "10", "area_affected_m2": "99.99"},
            {"accounts_affected": "10", "area_affected_m2": "100.00"},
        ),
        "OUT06": Vector(
            _case(feed, first, {**later, "started_at": "2025-12-03T09:44:59+08:00"}),
            _case(feed, first, {**later, "started_at": "2025-12-03T09:45:00+08:00"}),
        ),
    }


def network_vectors() -> dict[str, Vector]:
    feed, area = "network_days", {"supplied_area_m2": "1000.00", "heat_unit": "MJ"}
    bought = {"fuel_kind": "purchased_heat", "fuel_unit": "GJ", "fuel_used": "9315.000"}
    return {
        "NWD01": _vector(feed, {"return_temp_c": "92.40"}, {"return_temp_c": "92.39"}),
        "NWD02": _vector(feed, {"heat_supplied": "0"}, {"heat_supplied": "0.001"}),
        "NWD03": _vector(feed, {"fuel_unit": "t"}, {"fuel_unit": "t", "fuel_kind": "coal"}),
        "NWD04": _vector(
            feed, {**area, "heat_supplied": "12960.001"}, {**area, "heat_supplied": "12960.000"}
        ),
        "NWD05": _vector(feed, {**bought, "heat_supplied": "9315.001"}, bought),
    }


def cost_vectors() -> dict[str, Vector]:
    feed = "costs"
    first, second = sample(feed), sample(feed, item="tax", quantity="", unit="")
    return {
        "COS01": _vector(feed, {"unit": ""}, {}),
        "COS02": _vector(feed, {"heat_unit": ""}, {}),
        "COS03": _vector(feed, {"quantity": "", "unit": ""}, {"quantity": "1.000"}),
        "COS04": _vector(feed, {"amount": "-0.01"}, {"amount": "0.00"}),
        "COS05": Vector(
            _case(feed, first, {**second, "supplied_area_m2": "2310400.01"}), _case(feed, first, second)
        ),
        "COS06": Vector(_case(feed, second), _case(feed, first, second)),
    }


def table_of(feed: str, *rows: Row, period: str = "") -> pa.Table:
    """An accepted table of a feed."""
    table = judge_rows(*rows, feed=feed, period=period).table
    assert table is not None
    return table


def beside_vectors() -> dict[str, Vector]:
    metered = account(1, billing_method="metered", meter_no="RB20180233", network_code="NET01")
    accounts = roster(metered)
    requests, bills = table_of("service_requests", sample("service_requests")), table_of("bills", bill(1))
    paid = {"bill_no": "B0001", "account_no": "A0001"}

    def against(feed: str, **more: pa.Table) -> Callable[..., Case]:
        return lambda **changes: _case(feed, sample(feed, **changes), **more)

    reading = against("readings", accounts=accounts)
    payment = against("payments", bills=bills)
    request = against("service_requests", accounts=accounts)
    outage = against("outages", accounts=accounts)
    network = against("network_days", accounts=accounts)
    room = against("room_temperatures", service_requests=requests)
    little = {"heat_supplied": "0.500"}
    small = {"area_affected_m2": "89.50", "accounts_affected": "1"}
    two = roster(metered, account(2, network_code="NET02"))
    return {
        "RDX01": Vector(reading(meter_no="RB1"), reading()),
        "RDX02": Vector(reading(meter_no="RB1"), reading()),
        "RTX01": Vector(room(request_no="S1"), room()),
        "PAX01": Vector(payment(), payment(**paid)),
        "PAX02": Vector(payment(**{**paid, "account_no": "A0002"}), payment(**paid)),
        "PAX03": Vector(payment(**paid, amount="2148.01"), payment(**paid)),
        "REX01": Vector(request(account_no="A0001", community="站前街"), request(account_no="A0001")),
        "CRO06": Vector(outage(**small, network_code="NET09"), outage(**small)),
        "OUX01": Vector(outage(**{**small, "area_affected_m2": "89.51"}), outage(**small)),
        "OUX02": Vector(outage(**{**small, "accounts_affected": "2"}), outage(**small)),
        "NWX01": Vector(
            network(supplied_area_m2="98.46", **little), network(supplied_area_m2="98.45", **little)
        ),
        "NWX02": Vector(against("network_days", accounts=two)(), network()),
    }


@cache
def all_feed_vectors() -> dict[str, Vector]:
    return {
        **reading_vectors(),
        **temperature_vectors(),
        **payment_vectors(),
        **request_vectors(),
        **outage_vectors(),
        **network_vectors(),
        **cost_vectors(),
        **beside_vectors(),
    }
