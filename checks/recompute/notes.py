"""What a reader of a worksheet must know beside the formulas: which day, which season, which reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.recompute.columns import as_date
from checks.recompute.outcomes import Recomputed
from checks.recompute.text import Text
from checks.tariffs.record import RoundingWhen, Tariff


def notes_of(
    bill: Mapping[str, Any],
    account: Mapping[str, Any] | None,
    done: Recomputed,
    tariff: Tariff | None,
) -> tuple[Text, ...]:
    """The notes of one bill's worksheet, in the order they are read."""
    notes = []
    if tariff is not None:
        notes += _about_tariff(bill, tariff)
        notes += _about_season(done, tariff)
    notes.append(_about_roster(account))
    notes += _about_lines(bill, done)
    return tuple(notes)


def _about_tariff(bill: Mapping[str, Any], tariff: Tariff) -> list[Text]:
    named = tariff.document or tariff.id
    notes = [
        Text(
            f"热价以供热起始日 {bill.get('service_from')} 为准：{named}。",
            f"The tariff is the one in force on the first day of service, {bill.get('service_from')}: {named}.",
        )
    ]
    unit = f"{tariff.rounding.unit:f}"
    by_line = tariff.rounding.when is RoundingWhen.LINE
    notes.append(
        Text(
            f"{'每项' if by_line else '合计'}四舍五入到 {unit} 元一次（负数同样离零舍入）。",
            f"{'Each line' if by_line else 'The total'} is rounded once to {unit} CNY, half away from zero.",
        )
    )
    if tariff.assumed:
        fields = "、".join(tariff.assumed)
        notes.append(
            Text(
                f"来源未明、按我方理解的字段：{fields}。",
                f"Our reading where the source is silent: {', '.join(tariff.assumed)}.",
            )
        )
    return notes


def _about_season(done: Recomputed, tariff: Tariff) -> list[Text]:
    place = int(done.prepared.pricing.calendar[0])
    if place < 0:
        return []
    calendar = done.prepared.pricing.calendars[place]
    first, last = as_date(calendar.first), as_date(calendar.last)
    unit = Text("个月", "months") if calendar.by_months else Text("天", "days")
    heated, suspended = (int(getattr(done.prepared.facts, name)[0]) for name in ("heated", "suspended"))
    return [
        Text(
            f"采暖季 {first} 至 {last}（含），计 {calendar.units} {unit.zh}；供热 {heated}，停热 {suspended}。",
            f"Season {first} to {last} inclusive, {calendar.units} {unit.en}; heated {heated}, suspended {suspended}.",
        )
    ]


def _about_roster(account: Mapping[str, Any] | None) -> Text:
    if account is None:
        return Text(
            "没有用户台账：类别、面积、层高和用热状态按账单所列。",
            "No roster: category, area, height and state are those the bill states.",
        )
    return Text(
        "类别、计费方式、面积、层高、用热状态和接入、关闭日期以用户台账为准。",
        "Category, billing method, area, height, state and days of connection are those of the roster.",
    )


def _about_lines(bill: Mapping[str, Any], done: Recomputed) -> list[Text]:
    filed = done.prepared.filed
    notes = []
    prepayment = (
        bill.get("billing_method") == "metered"
        and bill.get("kind") == "season"
        and not int(done.prepared.facts.two_part[0])  # type: ignore[index]
    )
    if prepayment:
        notes.append(
            Text(
                "计量用户的季初账单是预收：按整季面积热费，季末结算。",
                "A metered customer's bill of the season is a prepayment: the full area fee, settled after the season.",
            )
        )
    if filed.lines["refund"][0] or filed.lines["subsidy"][0]:
        notes.append(
            Text(
                "退费和补贴按账单所列计入，未经核算。",
                "Refund and subsidy are taken as billed; they were not recomputed.",
            )
        )
    if filed.prepaid[0]:
        notes.append(
            Text(
                "预收款是付款，不是费用，不计入合计。",
                "A prepayment is a payment, not a charge; it is no part of the total.",
            )
        )
    if filed.has_heat[0] and filed.has_readings[0]:
        by_reading = int(filed.reading_to[0] - filed.reading_from[0])
        if by_reading != int(filed.heat[0]):
            notes.append(
                Text(
                    "账单用热量与起止读数之差不一致；按用热量核算。",
                    "The heat used is not the difference of the readings; the heat used is taken.",
                )
            )
    return notes
