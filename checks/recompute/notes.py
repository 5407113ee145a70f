"""What a reader of a worksheet must know beside the formulas: which day, which season, which reading."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pyarrow as pa

from checks.recompute.assumed import in_words
from checks.recompute.bounds import taken_as_filed
from checks.recompute.columns import as_date
from checks.recompute.documents import document_words
from checks.recompute.formulas import mixed_number, money, refund_formula
from checks.recompute.missing import MISSING, codes_of
from checks.recompute.outcomes import Recomputed
from checks.recompute.repeats import Repeats
from checks.recompute.text import Text
from checks.tariffs.laws import outage_law, refund_law
from checks.tariffs.record import RoundingWhen, Tariff


def notes_of(
    bill: Mapping[str, Any],
    account: Mapping[str, Any] | None,
    done: Recomputed,
    tariff: Tariff | None,
    bills: pa.Table,
) -> tuple[Text, ...]:
    """The notes of one bill's worksheet, in the order they are read; ``bills`` are those of the recomputation, the bill
    first."""
    notes = []
    repeats = done.prepared.repeats
    if repeats is not None and 0 in repeats.left and not done.is_correction[0]:
        notes.append(_about_days_left(bills, done, repeats))
    if tariff is not None:
        notes += _about_tariff(bill, done, tariff)
        notes += _about_season(done, tariff)
        notes += _about_doubts(done, tariff)
        notes += _about_laws(done, tariff)
        notes += _about_later(done)
    notes.append(_about_roster(account))
    notes += _about_lines(bill, done)
    return tuple(notes)


def _about_tariff(bill: Mapping[str, Any], done: Recomputed, tariff: Tariff) -> list[Text]:
    named = document_words(tariff.document or tariff.id)
    notes = [
        Text(
            f"热价以供热起始日 {bill.get('service_from')} 为准：{named.zh}。",
            f"The tariff is the one in force on the first day of service, {bill.get('service_from')}: {named.en}.",
        )
    ]
    if 0 in done.prepared.parts:
        days = "、".join(str(part.first) for part in done.prepared.parts[0][1:])
        notes.append(
            Text(
                f"供热期跨越热价变更日 {days}，新热价自变更日起按日执行：按日分段核算，各段逐项取整后相加。",
                f"The price changes inside the service ({days}) and takes over by day: the bill is computed in parts, "
                "each line of a part is rounded, and the parts are added.",
            )
        )
    unit = f"{tariff.rounding.unit:f}"
    by_line = tariff.rounding.when is RoundingWhen.LINE
    notes.append(
        Text(
            f"{'每项' if by_line else '合计'}四舍五入到 {unit} 元一次（负数同样离零舍入）。",
            f"{'Each line' if by_line else 'The total'} is rounded once to {unit} CNY, half away from zero.",
        )
    )
    if tariff.assumed:
        fields = in_words(tariff.assumed)
        notes.append(
            Text(
                f"来源未明、按我方理解的事项：{fields.zh}。",
                f"Our reading where the source is silent: {fields.en}.",
            )
        )
    return notes


def _about_season(done: Recomputed, tariff: Tariff) -> list[Text]:
    place = int(done.prepared.pricing.calendar[0])
    if place < 0:
        return []
    calendar = done.prepared.pricing.calendars[place]
    first, last = as_date(calendar.first), as_date(calendar.last)
    if not calendar.is_known:
        return [
            Text(
                f"本市采暖季起止日期未见公布；账单涵盖各市采暖季共有的 {first} 至 {last}，按整季核算。",
                f"The dates of this city's season are not published; the bill holds {first} to {last}, which every "
                "published season has, and is taken as a whole season.",
            )
        ]
    unit = Text("个月", "months") if calendar.by_months else Text("天", "days")
    heated, suspended = (int(getattr(done.prepared.facts, name)[0]) for name in ("heated", "suspended"))
    season = int(done.prepared.facts.season[0])  # type: ignore[index]
    if calendar.months and heated + suspended and season != calendar.units:
        per_month = season // len(calendar.months)
        parts = [mixed_number(Fraction(part, per_month)) for part in (heated, suspended)]
        return [
            Text(
                f"采暖季 {first} 至 {last}（含），计 {len(calendar.months)} 个月，不足一月的按当月天数折算；"
                f"供热 {parts[0]}，停热 {parts[1]}。",
                f"Season {first} to {last} inclusive, {len(calendar.months)} months, part of a month by its days; "
                f"heated {parts[0]}, suspended {parts[1]}.",
            )
        ]
    return [
        Text(
            f"采暖季 {first} 至 {last}（含），计 {calendar.units} {unit.zh}；供热 {heated}，停热 {suspended}。",
            f"Season {first} to {last} inclusive, {calendar.units} {unit.en}; heated {heated}, suspended {suspended}.",
        )
    ]


def _about_doubts(done: Recomputed, tariff: Tariff) -> list[Text]:
    """What was read in the company's favour, and what was not judged."""
    prepared = done.prepared
    notes = []
    if tariff.area_basis is None:
        notes.append(
            Text(
                "该热价指哪种面积，来源不一致：按账单所列计费面积核算，面积口径未予判断。",
                "The sources disagree about which area this price means: the billed area is taken as stated, and its "
                "kind is not judged.",
            )
        )
    taken = [
        doubt
        for doubt in prepared.doubts
        if doubt.where[0]
        and all(getattr(prepared.facts, name)[0] == column[0] for name, column in doubt.facts.items())
    ]
    if taken and not done.missing[0]:
        notes.append(
            Text(
                "账单所列可有不止一种合法读法；取能得出账单合计的一种。",
                "What the bill states can lawfully be read in more than one way; the reading that gives its total is "
                "taken.",
            )
        )
    if prepared.is_net_height[0]:
        notes.append(
            Text(
                "加价按净高计算；账单和台账只有层高，按其作为净高的上限核算。",
                "The surcharge goes by net height; the height on record is taken as its upper end.",
            )
        )
    return notes


def _about_laws(done: Recomputed, tariff: Tariff) -> list[Text]:
    """The laws that say what is due back where the tariff record does not."""
    falling = done.prepared.falling_due.get(0)
    refund = done.prepared.refunds.get(0) or (falling and falling.refund)
    if not refund:
        return []
    pricing = done.prepared.pricing
    on = as_date(int(done.prepared.days.stay(pricing.calendars, pricing.calendar).start[0]))
    cold = refund_law(tariff, on) if refund.weight > 0 and not tariff.refund_bands else None
    dark = outage_law(tariff, on) if refund.dark is not None and tariff.outage is None else None
    return [
        Text(
            f"{what.zh}依据{law.name}：{law.place}。",
            f"{what.en}: {law.name_en}, {law.place_en}.",
        )
        for what, law in ((_COLD, cold), (_DARK, dark))
        if law is not None
    ]


def _about_later(done: Recomputed) -> list[Text]:
    """What fell due after the bill was issued; the bill itself stays as it was."""
    falling = done.prepared.falling_due.get(0)
    if falling is None or done.is_duplicate[0] or done.missing[0]:
        return []
    since = as_date(falling.last)
    if falling.refund is None:
        why = [MISSING[code] for code in codes_of(falling.lacks)]
        return [
            Text(
                f"本账单开具时无误；此后至 {since} 的供热是否应退费无法核算：{'；'.join(one.zh for one in why)}。",
                f"The bill is right as issued. Whether a refund fell due on the heat up to {since} cannot be told: "
                f"{'; '.join(one.en for one in why)}.",
            )
        ]
    billed = int(done.prepared.filed.lines["refund"][0])
    formula = refund_formula(falling.refund, billed)
    owed = money(-falling.change(billed))
    return [
        Text(
            f"本账单开具时无误；此后的供热应退费：{formula.zh}。自 {since} 起应退 {owed} 元，减去此后更正账单或退款已退的部分。",
            f"The bill is right as issued; a refund fell due on the heat after it: {formula.en}. Refund owed since {since}: "
            f"{owed} CNY, less what later corrections or payments gave back.",
        )
    ]


_COLD = Text("室温不达标退费", "Refund for cold rooms")
_DARK = Text("停热退费", "Refund for time without heat")


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


def earlier_bills(bills: pa.Table, done: Recomputed) -> Text:
    """The numbers of the bills that charged days of the first one, in brackets; empty where none is known."""
    repeats = done.prepared.repeats
    rows = [] if repeats is None else repeats.earlier.get(0, [])
    numbers = [str(one) for one in bills["bill_no"].take(pa.array(rows, pa.int64())).to_pylist() if one]
    return Text(f"（{'、'.join(numbers)}）" if numbers else "", f" ({', '.join(numbers)})" if numbers else "")


def _about_days_left(bills: pa.Table, done: Recomputed, repeats: Repeats) -> Text:
    """Which days of the service are due, and why not all."""
    spans = [f"{as_date(first)}–{as_date(last)}" for first, last in repeats.left[0]]
    if not repeats.earlier.get(0):
        return Text(
            f"供热期末日即下一账单的首日，本账单合计未含该日：按 {spans[0]} 核算。",
            f"The last day is the first of the next bill, and the total is that without it: computed for {spans[0]}.",
        )
    named = earlier_bills(bills, done)
    heat = repeats.heat_billed.get(0, 0)
    return Text(
        f"供热期的其余日子已由更早的账单{named.zh}收取：本账单按 {'、'.join(spans)} 核算"
        + ("，读数之间已收取的用热量一并扣除。" if heat else "。"),
        f"An earlier bill{named.en} charged the other days of this service: computed for {', '.join(spans)}"
        + (", without the heat between readings that was billed before." if heat else "."),
    )


def _about_reductions(done: Recomputed, as_filed: int) -> Text:
    """What a refund and a subsidy that no rule proves leave open."""
    taken = money(-as_filed)
    if done.missing[0]:
        return Text(
            f"退费、补贴中的 {taken} 元按账单所列计入，未经核算。",
            f"Refund and subsidy: {taken} CNY are taken as filed and were not recomputed.",
        )
    due = int(done.due.total[0])  # type: ignore[index]
    return Text(
        f"退费、补贴中的 {taken} 元按账单所列抵减，没有核算依据：应收在 {money(due)} 元与不抵减时的 {money(due - as_filed)} 元之间。",
        f"Refund and subsidy: {taken} CNY are taken as filed, nothing at hand proves them. What is due lies between "
        f"{money(due)} CNY and {money(due - as_filed)} CNY without them.",
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
    as_filed = int(taken_as_filed(done.prepared)[0])
    if as_filed and not done.is_duplicate[0] and not done.is_correction[0]:
        notes.append(_about_reductions(done, as_filed))
    if done.is_bounded[0] and not done.missing[0] and not as_filed:
        notes.append(
            Text(
                "应收金额只能确定到一个范围（表计读数取整、净高或不达标房间面积不详）；范围之内的账单判为相符，差额仍计入合计。",
                "The amount due is known to a range (digit of the counter, net height, area of the failing rooms); a bill "
                "within what the counter leaves open conforms, and its difference is still summed.",
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
                    "账单用热量与起止读数之差不一致：多于读数之差的部分不得计收；少于读数之差的须说明。",
                    "The heat used is not the difference of the readings: what exceeds the readings is not due; what "
                    "falls short of them has to be explained.",
                )
            )
    return notes
