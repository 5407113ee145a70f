"""Which tariff prices a bill: exactly one per scope and day, by a published order of precedence.

The day that decides for the bill of a season is its ``service_from``: the tariff in force on the first day of service
prices the whole bill. A later change of price does not split it.

Precedence, in this order:

1. Only records ``in_force`` or ``superseded`` price bills, each on its own days and for the billing methods it lists.
2. A record of the bill's own category goes before one it falls back to. ``office``, ``commercial``, ``hotel`` and
   ``institution`` fall back to ``non_residential``, ``low_income`` and ``residential_nonreimbursed`` (a home whose
   employer pays nothing, priced apart in Shenyang alone) to ``residential``, and only while the city has no
   record of the own category in force for the scope on that day, whatever its billing method. ``garage`` never
   falls back.
3. A record of a named service area that the scope serves goes before the record of the whole city.
4. Then exactly one must be left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from checks.tariffs.errors import NoTariffInForce, TariffError, TariffsCollide
from checks.tariffs.record import DatedRule, RuleStart, Scope, Standing, Tariff
from checks.tariffs.season import season_dates

__all__ = [
    "CATEGORY_FALLBACK",
    "Choice",
    "Verdict",
    "Why",
    "as_of",
    "explain_choice",
    "in_force",
    "season_dates",
    "versions",
]

CATEGORY_FALLBACK = {
    "office": "non_residential",
    "commercial": "non_residential",
    "hotel": "non_residential",
    "institution": "non_residential",
    "low_income": "residential",
    "residential_nonreimbursed": "residential",
}
PRICING_STANDINGS = (Standing.IN_FORCE, Standing.SUPERSEDED)


class Why(StrEnum):
    """Why a record prices the bill or does not."""

    PRICES = "prices"
    COLLIDES = "collides"
    STANDING = "standing"
    NOT_YET = "not_yet"
    NO_LONGER = "no_longer"
    AREA_NOT_SERVED = "area_not_served"
    OTHER_METHOD = "other_method"
    NAMED_AREA_FIRST = "named_area_first"
    OWN_CATEGORY_FIRST = "own_category_first"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about one record, and why."""

    tariff_id: str
    why: Why
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome for one scope and day: the ``tariff`` or the ``error``, and a verdict on every record of the city
    that the category could use. ``category`` is the one that priced, which differs from the scope's after a fallback.
    """

    scope: Scope
    on: dt.date
    tariff: Tariff | None
    category: str | None
    error: TariffError | None
    verdicts: tuple[Verdict, ...]


def in_force(tariffs: Iterable[Tariff], scope: Scope, on: dt.date) -> Tariff:
    """The one record that prices ``scope`` on ``on`` (a bill's ``service_from``), as it stood on that day.

    Rules younger than the record's price are blank before their day (see :func:`as_of`). Raises
    :class:`NoTariffInForce` or :class:`TariffsCollide`.
    """
    choice = explain_choice(tariffs, scope, on)
    if choice.tariff is None:
        raise choice.error or _nothing(scope, on, [])
    return choice.tariff


def explain_choice(tariffs: Iterable[Tariff], scope: Scope, on: dt.date) -> Choice:
    """Which record prices the scope on the day, and why each other record of the city does not; never raises."""
    records = versions(tariffs, scope, served_only=False)
    whys = {record.id: _refusal(record, scope, on) for record in records}
    own = _category_in_use(records, scope, on)
    for record in records:
        if whys[record.id] is Why.PRICES and record.category != own:
            whys[record.id] = Why.OWN_CATEGORY_FIRST
    left = [record for record in records if whys[record.id] is Why.PRICES]
    if any(record.service_area for record in left):
        for record in left:
            if not record.service_area:
                whys[record.id] = Why.NAMED_AREA_FIRST
        left = [record for record in left if record.service_area]
    winner, error = _one_of(left, records, scope, on)
    if len(left) > 1:
        whys |= {record.id: Why.COLLIDES for record in left}
    return Choice(
        scope=scope,
        on=on,
        tariff=winner,
        category=winner.category if winner else None,
        error=error,
        verdicts=tuple(_verdict(record, whys[record.id], scope) for record in records),
    )


def versions(tariffs: Iterable[Tariff], scope: Scope, *, served_only: bool = True) -> list[Tariff]:
    """The history of a scope: every record of its city and category (or the one it falls back to), of any standing
    and billing method, oldest first, open starts before all. ``served_only`` leaves out areas the scope does not serve.
    """
    categories = (scope.category, CATEGORY_FALLBACK.get(scope.category))
    found = [
        tariff
        for tariff in tariffs
        if tariff.city == scope.city
        and tariff.category in categories
        and (not served_only or _serves(tariff, scope))
    ]
    return sorted(
        found, key=lambda tariff: (tariff.valid_from or dt.date.min, tariff.service_area, tariff.id)
    )


def as_of(tariff: Tariff, on: dt.date) -> Tariff:
    """The record as it stood on the day: each rule that starts later (``rules_from``) is unknown. The record itself
    is returned when nothing is younger than the day."""
    for start in tariff.rules_from:
        if on < start.day:
            tariff = _without(tariff, start)
    return tariff


def _without(tariff: Tariff, start: RuleStart) -> Tariff:
    match start.rule:
        case DatedRule.METERED_PRICE:
            methods = tuple(method for method in tariff.methods if method != "metered")
            return replace(tariff, base_price=None, metered_price=None, methods=methods)
        case DatedRule.CAP:
            return replace(tariff, cap_share=None, cap_known=False)
        case DatedRule.SUSPENSION:
            return replace(tariff, suspension_share=None)
        case DatedRule.HEIGHT:
            return replace(tariff, height=None, height_known=False)
        case DatedRule.LATE_FEE:
            return replace(tariff, late_fee=None)
        case DatedRule.REFUND:
            return replace(tariff, refund_standard_c=None, refund_bands=())


def _serves(tariff: Tariff, scope: Scope) -> bool:
    return not tariff.service_area or tariff.service_area in scope.service_areas


def _stands(tariff: Tariff, on: dt.date) -> bool:
    return (
        tariff.standing in PRICING_STANDINGS
        and (tariff.valid_from is None or tariff.valid_from <= on)
        and (tariff.valid_to is None or on <= tariff.valid_to)
    )


def _refusal(tariff: Tariff, scope: Scope, on: dt.date) -> Why:
    """The first reason against one record taken alone; ``Why.PRICES`` when there is none."""
    if tariff.standing not in PRICING_STANDINGS:
        return Why.STANDING
    if tariff.valid_from and on < tariff.valid_from:
        return Why.NOT_YET
    if tariff.valid_to and on > tariff.valid_to:
        return Why.NO_LONGER
    if not _serves(tariff, scope):
        return Why.AREA_NOT_SERVED
    if scope.method not in as_of(tariff, on).methods:
        return Why.OTHER_METHOD
    return Why.PRICES


def _category_in_use(records: list[Tariff], scope: Scope, on: dt.date) -> str:
    """The scope's own category while a record of it stands, else the one it falls back to."""
    own_stands = any(
        record.category == scope.category and _stands(record, on) and _serves(record, scope)
        for record in records
    )
    return scope.category if own_stands else CATEGORY_FALLBACK.get(scope.category, scope.category)


def _one_of(
    left: list[Tariff], records: list[Tariff], scope: Scope, on: dt.date
) -> tuple[Tariff | None, TariffError | None]:
    if len(left) == 1:
        return as_of(left[0], on), None
    if not left:
        return None, _nothing(scope, on, records)
    ids = tuple(record.id for record in left)
    where, where_en = _said(scope, on)
    return None, TariffsCollide(
        f"{where}有 {len(ids)} 条热价同时有效：{'、'.join(ids)}。请改正有效期或供热区域。",
        f"{where_en}: {len(ids)} tariffs are in force at once: {', '.join(ids)}. Correct their days or service areas.",
        on=on,
        ids=ids,
    )


def _nothing(scope: Scope, on: dt.date, records: list[Tariff]) -> NoTariffInForce:
    pricing = [
        r
        for r in records
        if r.standing in PRICING_STANDINGS and _serves(r, scope) and scope.method in r.methods
    ]
    before = [record for record in pricing if record.valid_to and record.valid_to < on]
    after = [record for record in pricing if (start := _starts(record, scope)) and start > on]
    earlier = max(before, key=lambda record: record.valid_to or dt.date.min, default=None)
    later = min(after, key=lambda record: _starts(record, scope) or dt.date.max, default=None)
    silent = [r.id for r in records if r.standing in PRICING_STANDINGS and not r.methods]
    where, where_en = _said(scope, on)
    zh, en = [f"{where}没有有效热价"], [f"{where_en}: no tariff is in force"]
    if earlier:
        zh.append(f"此前为 {earlier.id}（至 {earlier.valid_to}）")
        en.append(f"before: {earlier.id} (until {earlier.valid_to})")
    if later:
        zh.append(f"此后为 {later.id}（自 {_starts(later, scope)}）")
        en.append(f"after: {later.id} (from {_starts(later, scope)})")
    if silent:
        zh.append(f"已公布但不足以核算：{'、'.join(silent)}")
        en.append(f"published but not enough to price a bill: {', '.join(silent)}")
    unserved = sorted({r.service_area for r in records if _stands(r, on) and not _serves(r, scope)})
    if unserved:
        zh.append(f"该市另有供热区域的热价：{'、'.join(unserved)}")
        en.append(f"the city has tariffs for other service areas: {', '.join(unserved)}")
    return NoTariffInForce(
        "；".join(zh) + "。",
        "; ".join(en) + ".",
        on=on,
        before=earlier.id if earlier else None,
        after=later.id if later else None,
    )


def _starts(tariff: Tariff, scope: Scope) -> dt.date | None:
    """First day on which the record prices the scope's billing method."""
    for start in tariff.rules_from:
        if start.rule is DatedRule.METERED_PRICE and scope.method == "metered":
            return start.day
    return tariff.valid_from


def _said(scope: Scope, on: dt.date) -> tuple[str, str]:
    areas = f"［{'、'.join(scope.service_areas)}］" if scope.service_areas else ""
    areas_en = f" [{', '.join(scope.service_areas)}]" if scope.service_areas else ""
    return (
        f"{scope.city}{areas} {scope.category} {scope.method} 在 {on}",
        f"{scope.city}{areas_en} {scope.category} {scope.method} on {on}",
    )


def _verdict(tariff: Tariff, why: Why, scope: Scope) -> Verdict:
    area = tariff.service_area_zh, tariff.service_area_en
    fallback = tariff.category != scope.category
    says = {
        Why.PRICES: (
            f"适用；{scope.category} 无单独热价，按 {tariff.category} 执行" if fallback else "适用",
            f"prices the bill; {scope.category} has no price of its own and uses {tariff.category}"
            if fallback
            else "prices the bill",
        ),
        Why.COLLIDES: ("与另一条同时有效", "collides with another record"),
        Why.STANDING: (
            f"不用于计费（{tariff.standing.value}）",
            f"never prices a bill ({tariff.standing.value})",
        ),
        Why.NOT_YET: (f"自 {tariff.valid_from} 起才有效", f"binds from {tariff.valid_from} only"),
        Why.NO_LONGER: (f"有效期至 {tariff.valid_to}", f"bound until {tariff.valid_to}"),
        Why.AREA_NOT_SERVED: (f"只适用于{area[0]}", f"covers {area[1]} only"),
        Why.OTHER_METHOD: (
            f"当日未定 {scope.method} 计费价",
            f"has no price for method {scope.method} on that day",
        ),
        Why.NAMED_AREA_FIRST: ("有专属供热区域的热价优先", "yields to the tariff of the named service area"),
        Why.OWN_CATEGORY_FIRST: (
            f"{scope.category} 有自己的热价，优先",
            f"yields to the city's own price for {scope.category}",
        ),
    }
    zh, en = says[why]
    return Verdict(tariff.id, why, zh, en)
