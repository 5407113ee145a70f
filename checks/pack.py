"""The golden pack of a tariff version (对账样例): cases at every edge of its rules, with what each must come to.

A company computes the same cases with its own system; where an amount differs, its bills will differ too. The pack is a
pure function of the tariff and of the records it stands among: the same tariff, the same pack, to the byte.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from checks.recompute import recompute
from checks.recompute.filed import COMPUTED_LINES
from checks.recompute.service import MEASURED_SCHEMA
from checks.recompute.text import Text
from checks.tariffs.in_force import season_dates
from checks.tariffs.laws import outage_rule, refund_rule
from checks.tariffs.record import HeatUnit, HeightShape, LateFeeShape, Tariff
from ingest.standard import arrow_schema

#: The lines of a case.
AMOUNT_LINES = (*COMPUTED_LINES, "refund")

_AREA = Decimal("100.00")
_DAY = dt.timedelta(days=1)
_CM = Decimal("0.01")
_UNIT = Decimal("0.001")
_NORM_HEAT = {HeatUnit.KWH: Decimal("10000.000"), HeatUnit.GJ: Decimal("36.000")}


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """One case: what it is about, the bill and the roster's row it is computed from. ``lines`` are the lines that must
    be billed and ``due`` their sum, CNY; where it cannot be computed there are none, and ``missing`` says why."""

    number: str
    about: Text
    bill: dict[str, Any]
    account: dict[str, Any]
    service: dict[str, Any]  # what was measured after a request, and when there was no heat
    tariff_id: str | None
    lines: dict[str, Decimal]
    due: Decimal | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sketch:
    about: Text
    bill: dict[str, Any]
    account: dict[str, Any]
    service: dict[str, Any] = field(default_factory=dict)

    def measured(self) -> list[dict[str, Any]]:
        """The rows of ``MEASURED_SCHEMA`` of its account."""
        told, rows = self.service, []
        for day in told.get("cold_days", ()):
            rows.append(
                {"requested_on": told["requested_on"], "day": day, "room_temp_c": told["room_temp_c"]}
            )
        if "no_heat_from" in told:
            rows.append(
                {"stopped_at": told["no_heat_from"], "resumed_at": told["no_heat_to"], "is_whole": True}
            )
        return [row | {"account_no": self.account["account_no"]} for row in rows]


def golden_pack(tariff: Tariff, tariffs: Sequence[Tariff], season: str) -> tuple[GoldenCase, ...]:
    """The cases of a tariff in a season (``2025-26``): whole and broken seasons, the days around a change of price, each
    edge of height, cap, late fee, refund for cold rooms and for time without heat with one unit below and above, and suspension. Empty where the season's dates or
    the area basis are not published. Raises ``ValueError`` for a season that is none."""
    if tariff.season is None or tariff.area_basis is None:
        return ()
    first, last, _ = season_dates(tariff.season, season)
    sketches = list(_sketches(tariff, season, first, last))
    for number, sketch in enumerate(sketches, start=1):
        sketch.bill.update(source_row=number, bill_no=f"{tariff.id}-{number:03}", account_no=f"{number:03}")
        sketch.account.update(source_row=number, account_no=f"{number:03}")
    outcomes = recompute(
        pa.Table.from_pylist([one.bill for one in sketches], schema=arrow_schema("bills")),
        pa.Table.from_pylist([one.account for one in sketches], schema=arrow_schema("accounts")),
        tariffs,
        city=tariff.city,
        service_areas=(tariff.service_area,) if tariff.service_area else (),
        measured=pa.Table.from_pylist(
            [row for one in sketches for row in one.measured()], schema=MEASURED_SCHEMA
        ),
        compiled=False,
    ).to_pylist()
    return tuple(_case(sketch, outcome) for sketch, outcome in zip(sketches, outcomes, strict=True))


def _case(sketch: _Sketch, outcome: dict[str, Any]) -> GoldenCase:
    is_known = outcome["missing"] is None
    lines = {line: outcome[f"{line}_due"] for line in COMPUTED_LINES} if is_known else {}
    if is_known:
        lines["refund"] = outcome["recomputed_total"] - sum(lines.values(), Decimal(0))
    return GoldenCase(
        number=sketch.bill["account_no"],
        about=sketch.about,
        bill=sketch.bill,
        account=sketch.account,
        service=sketch.service,
        tariff_id=outcome["tariff_id"],
        lines={line: amount for line, amount in lines.items() if amount},
        due=outcome["recomputed_total"],
        missing=tuple((outcome["missing"] or "").split(";")) if not is_known else (),
    )


def _sketches(tariff: Tariff, season: str, first: dt.date, last: dt.date) -> Iterator[_Sketch]:
    base = _Base(tariff, season, first, last)
    if "area" in tariff.methods and tariff.area_price is not None:
        yield from _by_area(base)
        yield from _around_a_change(base)
        yield from _heights(base)
        yield from _suspended(base)
        yield from _late(base)
        yield from _cold_rooms(base)
        yield from _without_heat(base)
    if "metered" in tariff.methods and tariff.base_price is not None and tariff.metered_price is not None:
        yield from _by_meter(base)


@dataclass(frozen=True, slots=True)
class _Base:
    """A whole season of 100 m2 under the tariff, and how it is changed."""

    tariff: Tariff
    season: str
    first: dt.date
    last: dt.date

    def sketch(
        self,
        zh: str,
        en: str,
        bill: dict[str, Any] | None = None,
        account: dict[str, Any] | None = None,
        service: dict[str, Any] | None = None,
    ) -> _Sketch:
        area_of = f"{self.tariff.area_basis}_area_m2"
        changes = bill or {}
        row = {
            "source_row": 1,
            "season": self.season,
            "kind": "season",
            "category": self.tariff.category,
            "billing_method": "area",
            "heating_state": (account or {}).get("heating_state", "on"),
            "service_from": self.first,
            "service_to": self.last,
            "area_basis": str(self.tariff.area_basis),
            "total": Decimal("0.00"),
            "issued_on": self.first,
            "due_on": self.last,
        }
        roster = {
            "source_row": 1,
            "network_code": "N1",
            "community": "—",
            "building": "—",
            "category": self.tariff.category,
            "billing_method": changes.get("billing_method", "area"),
            "heating_state": "on",
            area_of: _AREA,
        }
        roster |= account or {}
        row["billed_area_m2"] = roster[area_of]
        return _Sketch(Text(zh, en), row | changes, roster, service or {})


def _by_area(base: _Base) -> Iterator[_Sketch]:
    area_of = f"{base.tariff.area_basis}_area_m2"
    yield base.sketch("整季，100 平方米", "whole season, 100 m²")
    for area in ("0.01", "99.99", "100.01", "1234.56"):
        yield base.sketch(
            f"整季，{area} 平方米", f"whole season, {area} m²", account={area_of: Decimal(area)}
        )
    for zh, en, start, end in (
        ("仅首日", "the first day alone", base.first, base.first),
        ("仅末日", "the last day alone", base.last, base.last),
        ("缺首日", "without the first day", base.first + _DAY, base.last),
        ("缺末日", "without the last day", base.first, base.last - _DAY),
        ("首日之前一天起", "from the day before the first", base.first - _DAY, base.last),
        ("到末日之后一天", "to the day after the last", base.first, base.last + _DAY),
        ("到当年12月31日", "to 31 December", base.first, dt.date(base.first.year, 12, 31)),
        ("自1月1日起", "from 1 January", dt.date(base.first.year + 1, 1, 1), base.last),
        ("到2月末日", "to the last day of February", base.first, dt.date(base.last.year, 3, 1) - _DAY),
    ):
        yield base.sketch(zh, en, {"service_from": start, "service_to": end})


def _around_a_change(base: _Base) -> Iterator[_Sketch]:
    """Service that begins on the day before, on, and after the first day of the tariff, where that lies in the season;
    and one that spans it."""
    change = base.tariff.valid_from
    if change is None or not base.first <= change <= base.last:
        return
    for step in (-1, 0, 1):
        start = change + step * _DAY
        if base.first <= start <= base.last:
            yield base.sketch(
                f"自变更日{step:+d}天起", f"from the change {step:+d} days", {"service_from": start}
            )
            yield base.sketch(
                f"到变更日{step:+d}天止", f"to the change {step:+d} days", {"service_to": start}
            )


def _heights(base: _Base) -> Iterator[_Sketch]:
    rule = base.tariff.height
    if rule is None or rule.net_height:  # the roster holds no net height
        return
    edges = [rule.trigger_m]
    if rule.shape is HeightShape.STEP and rule.step_m is not None:
        start = rule.trigger_m if rule.count_from_m is None else rule.count_from_m
        edges += [start + steps * rule.step_m for steps in (1, 2, 3)]
    edges += [band.up_to_m for band in rule.bands if band.up_to_m is not None]
    edges += [] if rule.negotiated_over_m is None else [rule.negotiated_over_m]
    for edge in sorted(set(edges)):
        for height in (edge - _CM, edge, edge + _CM):
            yield base.sketch(
                f"层高 {height:f} 米",
                f"storey height {height:f} m",
                {"storey_height_m": height},
                {"storey_height_m": height.quantize(_CM)},
            )


def _suspended(base: _Base) -> Iterator[_Sketch]:
    for zh, en, start in (
        ("整季停热", "suspended for the whole season", base.first),
        ("次日起停热", "suspended from the second day", base.first + _DAY),
        ("1月1日起停热", "suspended from 1 January", dt.date(base.first.year + 1, 1, 1)),
        ("末日停热", "suspended on the last day", base.last),
    ):
        yield base.sketch(zh, en, account={"heating_state": "suspended", "suspended_from": start})


def _late(base: _Base) -> Iterator[_Sketch]:
    rule = base.tariff.late_fee
    if rule is None or rule.shape is LateFeeShape.FORBIDDEN:
        return
    due_on = base.last
    for days in (0, 1, 30, 400):
        yield base.sketch(
            f"逾期 {days} 天交费的违约金上限",
            f"the most a late fee may be, paid {days} days late",
            {"late_fee": Decimal("999999.99"), "due_on": due_on, "paid_on": due_on + days * _DAY},
        )


def _cold_rooms(base: _Base) -> Iterator[_Sketch]:
    """Ten days after a request, at each end of each band of temperature with one unit below and above."""
    rule = refund_rule(base.tariff, base.first)
    bands = () if rule is None else rule.bands
    edges = {edge for band in bands for edge in (band.min_c, band.max_c) if edge is not None}
    if not edges:
        return
    start = dt.date(base.first.year + 1, 1, 5)
    asked = {"requested_on": start, "cold_days": tuple(start + day * _DAY for day in range(10))}
    for edge in sorted(edges):
        for temperature in (edge - _CM, edge, edge + _CM):
            yield base.sketch(
                f"报修后十天室温 {temperature:f} ℃",
                f"{temperature:f} °C on ten days after a request",
                _settled(base),
                service=asked | {"room_temp_c": temperature.quantize(_CM)},
            )


def _without_heat(base: _Base) -> Iterator[_Sketch]:
    """A stop as long as the term of the city, a minute less and a minute more, and one of two and a half days."""
    rule = outage_rule(base.tariff, base.first)
    if rule is None:
        return
    start = dt.datetime(base.first.year + 1, 1, 4, 22, tzinfo=dt.UTC)  # 6 o'clock in China
    term = rule.after_hours * 60
    for minutes in (term - 1, term, term + 1, 60 * 60):
        hours = f"{minutes // 60}:{minutes % 60:02}"
        yield base.sketch(
            f"停热 {hours} 小时（1月5日6时起）",
            f"{hours} hours without heat from 5 January, 6 o'clock",
            _settled(base),
            service={"no_heat_from": start, "no_heat_to": start + minutes * dt.timedelta(minutes=1)},
        )


def _settled(base: _Base) -> dict[str, Any]:
    """A bill that is issued after the heat: before, nothing can be given back yet."""
    return {"issued_on": base.last + 30 * _DAY, "due_on": base.last + 60 * _DAY}


def _by_meter(base: _Base) -> Iterator[_Sketch]:
    price = base.tariff.metered_price
    assert price is not None
    amounts = [Decimal("0.000"), _UNIT, _NORM_HEAT[price.unit]]
    edge = _cap_edge(base.tariff)
    if edge is not None:
        amounts += [edge - _UNIT, edge, edge + _UNIT, edge * 2]
    for heat in amounts:
        yield base.sketch(
            f"结算，用热 {heat:f} {price.unit}",
            f"settled, heat used {heat:f} {price.unit}",
            {
                "kind": "settlement",
                "billing_method": "metered",
                "heat_used": heat,
                "heat_unit": str(price.unit),
                "issued_on": base.last + 60 * _DAY,
            },
        )


def _cap_edge(tariff: Tariff) -> Decimal | None:
    """The heat at which 100 m2 reach the cap, to 0.001 below; None where nothing caps it."""
    if tariff.cap_share is None or not tariff.area_price or not tariff.base_price or not tariff.metered_price:
        return None
    limit = Fraction(tariff.cap_share) * Fraction(tariff.area_price.season_value)
    above = (limit - Fraction(tariff.base_price.season_value)) * Fraction(tariff.area_factor) * 100
    thousandths = above / Fraction(tariff.metered_price.value) * 1000 // 1
    return Decimal(thousandths).scaleb(-3) if thousandths > 0 else None
