"""From what was filed to what the rules need: the facts of each bill and the terms of its tariff, in columns.

Where a roster is given, category, billing method, area, height, state and the days of connection come from it: that is
what should have been billed. Without a roster the bill's own statements are taken.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from checks.fees import Standing, ruling_for
from checks.recompute import rules
from checks.recompute.columns import Flags, Ints, as_date
from checks.recompute.doubts import Doubt, doubts_about_area
from checks.recompute.filed import KINDS, STATES, FiledBills, Roster, reductions
from checks.recompute.heights import goes_by_net_height, height_surcharges
from checks.recompute.missing import BIT, mark
from checks.recompute.parting import Part
from checks.recompute.pricing import METHODS, Calendar, Choice, Pricing, per_tariff, price_rows
from checks.recompute.refunds import FallingDue, RefundDue
from checks.recompute.repeats import Repeats
from checks.recompute.rules import Facts, Terms
from checks.recompute.stays import Gap, Stay, stay_in_season, take_gaps_out
from checks.recompute.terms import HEAT_UNITS, heat_conversion, terms_of_tariff
from checks.tariffs.record import AreaBasis, HeatUnit, Tariff

_SETTLEMENT = KINDS.index("settlement")
_METERED = METHODS.index("metered")
_SUSPENDED = STATES.index("suspended")
_BASIS = {AreaBasis.FLOOR: 0, AreaBasis.USABLE: 1, AreaBasis.INNER: 2}
_NOTHING = rules.Terms(*([0] * len(Terms._fields)))._replace(
    unit=1, total_unit=1, area_num=-1, area_den=1, base_num=-1, base_den=1, metered_num=-1, metered_den=1
)
_NOTHING = _NOTHING._replace(
    least_num=-1, least_den=1, cap_den=1, suspension_den=1, late_den=1, late_max_num=-1, late_max_den=1
)


@dataclass(frozen=True, slots=True)
class Supposition:
    """What a hypothesis supposes instead of the rule; the default supposes nothing."""

    category: str | None = None
    dates_as_billed: bool = False


AS_RULED = Supposition()


@dataclass(slots=True)
class ServiceDays:
    """The service of each bill as days since 1970-01-01, narrowed by the roster, and its suspension."""

    start: Ints
    end: Ints
    is_suspended: Flags
    suspended_from: Ints
    has_suspended_from: Flags
    gaps: list[Gap] = field(default_factory=list)  # days inside that another bill charged

    def stay(self, calendars: list[Calendar], place: Ints) -> Stay:
        """The part of the season these days are under the calendars."""
        found = stay_in_season(
            calendars,
            place,
            self.start,
            self.end,
            self.is_suspended,
            self.suspended_from,
            self.has_suspended_from,
        )
        if self.gaps:
            rows = np.array([gap.row for gap in self.gaps], dtype=np.int64)
            of_gaps = stay_in_season(
                calendars,
                place[rows],
                np.maximum(np.array([gap.first for gap in self.gaps]), self.start[rows]),
                np.minimum(np.array([gap.last for gap in self.gaps]), self.end[rows]),
                self.is_suspended[rows],
                self.suspended_from[rows],
                self.has_suspended_from[rows],
            )
            is_dated = np.array([*(one.is_known for one in calendars), True], dtype=np.bool_)[place[rows]]
            take_gaps_out(found, rows, replace(of_gaps, is_open=~is_dated))
        return found


@dataclass(slots=True)
class Prepared:
    """Everything the rules need, row by row, and what is missing (bits of ``missing.BIT``)."""

    filed: FiledBills
    roster: Roster | None
    facts: Facts  # of int64 arrays
    group: Ints  # place in ``terms``
    terms: list[Terms]
    pricing: Pricing
    missing: Ints
    height: Ints
    has_height: Flags
    doubts: list[Doubt]
    is_net_height: (
        Flags  # a surcharge is billed by a rule for net height, of which the height filed is the upper end
    )
    below_the_meter: Flags  # settled on less heat than the bill's own readings differ by
    days: ServiceDays
    may_be_reduced: Flags  # a low-income household where only the price of all homes is known
    refunds: dict[int, RefundDue] = field(default_factory=dict)  # by row, where the feeds say that one is due
    falling_due: dict[int, FallingDue] = field(
        default_factory=dict
    )  # by row, where asked for: due after the issue
    parts: dict[int, list[Part]] = field(
        default_factory=dict
    )  # by row, where a change of price by day falls into it
    repeats: Repeats | None = None  # None: nothing is known of other bills
    as_billed: Stay | None = None  # the days with those that another bill charged, where there are any

    def networks(self) -> list[str | None] | None:
        """The network of the account of each bill; None where there is no roster."""
        if self.roster is None:
            return None
        names: list[str | None] = [*self.roster.networks, None]
        return [names[place] for place in self.roster.network.tolist()]


def prepare(
    filed: FiledBills,
    roster: Roster | None,
    choose: Choice,
    *,
    city: str,
    service_areas: tuple[str, ...],
    suppose: Supposition = AS_RULED,
    repeats: Repeats | None = None,
) -> Prepared:
    """The facts and terms of every bill; ``missing`` says what stands in the way of a recomputation."""
    category, categories = _category(filed, roster, suppose)
    method = filed.method if roster is None else np.where(roster.found, roster.method, filed.method)
    state = filed.state if roster is None else np.where(roster.found, roster.state, filed.state)
    pricing = price_rows(
        category,
        categories,
        method,
        filed.season,
        filed.seasons,
        filed.service_from,
        filed.service_to,
        city=city,
        service_areas=service_areas,
        choose=choose,
    )
    terms = [*(terms_of_tariff(tariff) for tariff in pricing.tariffs), _NOTHING]
    group = np.where(pricing.tariff >= 0, pricing.tariff, len(pricing.tariffs))
    lacks = np.zeros(filed.rows, dtype=np.int64)

    start, end, pause, has_pause = _days(filed, roster, suppose)
    days = ServiceDays(start, end, state == _SUSPENDED, pause, has_pause)
    stay = days.stay(pricing.calendars, pricing.calendar)
    as_billed = None
    if repeats is not None and repeats.left:
        as_billed, days = stay, _of_days_left(days, repeats)
        stay = days.stay(pricing.calendars, pricing.calendar)
    mark(lacks, "service_dates_missing", ~filed.has_service)
    mark(lacks, "service_dates_reversed", filed.has_service & (filed.service_to < filed.service_from))
    mark(lacks, "method_unknown", (method < 0) | (state < 0))
    mark(lacks, "service_outside_season", stay.is_elsewhere)
    mark(lacks, "season_dates_missing", stay.is_open)

    billed_in_parts = (filed.lines["base_charge"] != 0) | (filed.lines["metered_charge"] != 0)
    is_two_part = (method == _METERED) & ((filed.kind == _SETTLEMENT) | billed_in_parts) & (stay.heated > 0)
    if repeats is not None and repeats.heat_open:
        open_ = np.isin(np.arange(filed.rows), repeats.heat_open)
        mark(lacks, "heat_of_days_unknown", open_ & is_two_part)
    area, area_num, area_den = _area(filed, roster, pricing.tariffs, group, lacks)
    doubts = [] if roster is not None else doubts_about_area(filed, pricing.tariffs, group)
    mark(lacks, "fee_condition_missing", conditional_charges(filed, pricing))
    heat, heat_num, heat_den = _heat(filed, pricing.tariffs, group, is_two_part, lacks)
    height = filed.height if roster is None else roster.height
    has_height = filed.has_height if roster is None else roster.has_height
    is_public = _is_category(category, categories, "institution")
    height_num, height_den, by_net_height = height_surcharges(
        filed, pricing.tariffs, group, height, has_height & (stay.heated > 0), has_height, is_public, lacks
    )
    doubts += by_net_height
    facts = of_columns(
        area=area,
        area_num=area_num,
        area_den=area_den,
        heated=stay.heated,
        suspended=stay.suspended,
        season=stay.season,
        height_num=height_num,
        height_den=height_den,
        two_part=is_two_part.astype(np.int64),
        heat=heat,
        heat_num=heat_num,
        heat_den=heat_den,
        late_days=_late_days(filed, pricing, lacks),
        late_billed=filed.lines["late_fee"],
        prepaid=filed.prepaid,
        stated=reductions(filed),
    )
    _drop_what_is_not_needed(facts, terms, group, pricing.tariffs, lacks)
    return Prepared(
        filed=filed,
        roster=roster,
        facts=facts,
        group=group,
        terms=terms,
        pricing=pricing,
        missing=_in_order(lacks, pricing, filed, roster),
        height=height,
        has_height=has_height,
        doubts=doubts,
        is_net_height=goes_by_net_height(pricing.tariffs, group) & (filed.lines["height_surcharge"] != 0),
        below_the_meter=is_two_part & states_less_than_the_meter(filed),
        days=days,
        repeats=repeats,
        as_billed=as_billed,
        may_be_reduced=_is_category(category, categories, "low_income")
        & (per_tariff(pricing.tariffs, [t.category != "low_income" for t in pricing.tariffs], 0)[group] == 1),
    )


def conditional_charges(filed: FiledBills, pricing: Pricing) -> Flags:
    """Where the other charge is one that may be lawful at this place on the first day of service, on a condition that
    no feed says."""
    found: Flags = np.zeros(filed.rows, dtype=np.bool_)
    register = filed.register.fees
    may_be = np.array([any(one.standing is Standing.CONDITIONAL for one in fee.rulings) for fee in register])
    named = (filed.lines["other_charge"] != 0) & (filed.fee >= 0) & (pricing.tariff >= 0)
    for row in np.flatnonzero(named & may_be[filed.fee]).tolist():
        tariff = pricing.tariffs[int(pricing.tariff[row])]
        ruling = ruling_for(register[int(filed.fee[row])], tariff, as_date(int(filed.service_from[row])))
        found[row] = ruling is not None and ruling.standing is Standing.CONDITIONAL
    return found


def of_columns(**columns: Ints) -> Facts:
    """The facts with a column in each field; the rules read them row by row."""
    columns_of_facts: Any = columns
    return Facts(**columns_of_facts)


def _is_category(category: Ints, categories: Sequence[str], code: str) -> Flags:
    """Where the category that prices the bill is this one. ``category`` is -1 where none is given."""
    is_code: Flags = np.array([*(one == code for one in categories), False], dtype=np.bool_)
    found: Flags = is_code[category]
    return found


def _category(filed: FiledBills, roster: Roster | None, suppose: Supposition) -> tuple[Ints, list[str]]:
    if suppose.category is not None:
        return np.zeros(filed.rows, dtype=np.int64), [suppose.category]
    if roster is None:
        return filed.category, filed.categories
    filed_too = np.where(filed.category >= 0, filed.category + len(roster.categories), -1)
    return np.where(roster.found, roster.category, filed_too), [*roster.categories, *filed.categories]


def _days(filed: FiledBills, roster: Roster | None, suppose: Supposition) -> tuple[Ints, Ints, Ints, Flags]:
    """First and last day of service and the day of suspension, narrowed by the roster."""
    nothing = np.zeros(filed.rows, dtype=np.int64)
    if roster is None or suppose.dates_as_billed:
        return filed.service_from, filed.service_to, nothing, np.zeros(filed.rows, dtype=np.bool_)
    start = np.where(
        roster.has_connected_on, np.maximum(filed.service_from, roster.connected_on), filed.service_from
    )
    end = np.where(roster.has_closed_on, np.minimum(filed.service_to, roster.closed_on), filed.service_to)
    return start, end, roster.suspended_from, roster.has_suspended_from


def _of_days_left(days: ServiceDays, repeats: Repeats) -> ServiceDays:
    """The days without those that another bill charged."""
    start, end = days.start.copy(), days.end.copy()
    gaps = []
    for row, left in repeats.left.items():
        start[row], end[row] = max(int(start[row]), left[0][0]), min(int(end[row]), left[-1][1])
        gaps += [Gap(row, one[1] + 1, other[0] - 1) for one, other in itertools.pairwise(left)]
    return replace(days, start=start, end=end, gaps=gaps)


def _area(
    filed: FiledBills,
    roster: Roster | None,
    tariffs: Sequence[Tariff],
    group: Ints,
    lacks: Ints,
) -> tuple[Ints, Ints, Ints]:
    """The area the price is multiplied with, and the factor on it as a fraction."""
    one = np.ones(filed.rows, dtype=np.int64)
    basis = per_tariff(tariffs, [_BASIS[t.area_basis] if t.area_basis else -1 for t in tariffs], -1)[group]
    if roster is None:
        mark(lacks, "area_of_basis_missing", ~filed.has_area | ((basis >= 0) & (filed.basis != basis)))
        mark(lacks, "area_not_positive", filed.has_area & (filed.area <= 0))
        return filed.area, one, one.copy()
    area, num, den, given = _roster_area(filed, roster, tariffs, group, basis)
    # Which kind of area the price means is disputed: the area billed stands where it is one of the roster's.
    rosters_own = np.zeros(filed.rows, dtype=np.bool_)
    for known, has_known in zip(roster.areas, roster.has_areas, strict=True):
        rosters_own |= has_known & filed.has_area & (known == filed.area)
    mark(lacks, "area_basis_unknown", (basis < 0) & ~rosters_own)
    area, given = np.where(basis < 0, filed.area, area), given | ((basis < 0) & rosters_own)
    mark(lacks, "area_of_basis_missing", (basis >= 0) & ~given)
    mark(lacks, "area_not_positive", given & (area <= 0))
    return area, num, den


def _roster_area(
    filed: FiledBills, roster: Roster, tariffs: Sequence[Tariff], group: Ints, basis: Ints
) -> tuple[Ints, Ints, Ints, Flags]:
    """The roster's area of the tariff's basis with its factor, else the first fallback that the roster can serve."""
    factors = [Fraction(tariff.area_factor) for tariff in tariffs]
    num = per_tariff(tariffs, [f.numerator for f in factors], 1)[group]
    den = per_tariff(tariffs, [f.denominator for f in factors], 1)[group]
    areas, given_areas = np.stack(roster.areas), np.stack(roster.has_areas)
    rows = np.arange(filed.rows)
    area = areas[np.maximum(basis, 0), rows]
    given = given_areas[np.maximum(basis, 0), rows] & (basis >= 0)
    for place, tariff in enumerate(tariffs):
        if tariff.area_fallbacks and not given.all():
            for fallback in tariff.area_fallbacks:
                of = _BASIS[fallback.basis]
                serves = (group == place) & ~given & roster.has_areas[of]
                factor = fallback.share
                area = np.where(serves, roster.areas[of], area)
                num, den = np.where(serves, factor.numerator, num), np.where(serves, factor.denominator, den)
                given = given | serves
        for other in tariff.area_factors:
            factor = Fraction(other.factor)
            limit = np.int64(1 << 40)
            small = (group == place) & given & (area < limit)
            by_kind = (2 * np.where(small, area, 0) * factor.numerator + factor.denominator) // (
                2 * factor.denominator
            )
            billed_so = small & filed.has_area & (filed.area == by_kind)
            num, den = (
                np.where(billed_so, factor.numerator, num),
                np.where(billed_so, factor.denominator, den),
            )
    return area, num, den, given


def _heat(
    filed: FiledBills, tariffs: Sequence[Tariff], group: Ints, is_two_part: Flags, lacks: Ints
) -> tuple[Ints, Ints, Ints]:
    """The heat used in 0.001 of the filed unit, and the exact conversion to the unit the tariff prices."""
    from_readings = filed.has_readings & (~filed.has_heat | states_more_than_the_meter(filed))
    heat = np.where(from_readings, filed.reading_to - filed.reading_from, filed.heat)
    mark(lacks, "heat_used_missing", is_two_part & ~filed.has_heat & ~from_readings)
    mark(
        lacks,
        "reading_runs_backwards",
        is_two_part & filed.has_readings & (filed.reading_to < filed.reading_from),
    )
    mark(lacks, "heat_used_negative", is_two_part & filed.has_heat & (heat < 0))
    mark(lacks, "heat_unit_missing", is_two_part & (filed.heat_unit < 0))
    units = [t.metered_price.unit if t.metered_price else HeatUnit.KWH for t in tariffs] + [HeatUnit.KWH]
    table = [[heat_conversion(filed_in, priced_in) for filed_in in HEAT_UNITS] for priced_in in units]
    # a unit that is not given (-1) reads the last column; the row is marked above
    num = np.array([[factor.numerator for factor in row] for row in table], dtype=np.int64)
    den = np.array([[factor.denominator for factor in row] for row in table], dtype=np.int64)
    return heat, num[group, filed.heat_unit], den[group, filed.heat_unit]


def states_more_than_the_meter(filed: FiledBills) -> Flags:
    """Where the heat stated exceeds the difference of the bill's own readings by a digit of the counter or more. A
    counter that shows whole units cuts off what is below one."""
    beyond, digit = beyond_the_meter(filed)
    return beyond >= digit


def states_less_than_the_meter(filed: FiledBills) -> Flags:
    """Where the heat stated falls short of the difference of the readings by a digit of the counter or more."""
    beyond, digit = beyond_the_meter(filed)
    return beyond <= -digit


def beyond_the_meter(filed: FiledBills) -> tuple[Ints, Ints]:
    """Heat stated less the difference of the readings, 0 where the bill does not state both; and the counter's digit
    where that is not 0."""
    by_meter = filed.reading_to - filed.reading_from
    stated = filed.has_heat & filed.has_readings & (by_meter >= 0)
    beyond = np.where(stated, filed.heat - by_meter, 0)
    digit = np.ones(filed.rows, dtype=np.int64)
    rows = np.flatnonzero(beyond)
    for coarser in (10, 100, 1000):
        is_coarse = (filed.reading_from[rows] % coarser == 0) & (filed.reading_to[rows] % coarser == 0)
        digit[rows[is_coarse]] = coarser
    return beyond, digit


def _late_days(filed: FiledBills, pricing: Pricing, lacks: Ints) -> Ints:
    """Days after the later of the day due and the tariff's last day to pay, up to the day paid (or of issue)."""
    is_billed = filed.lines["late_fee"] != 0
    tariffs = pricing.tariffs
    group = np.where(pricing.tariff >= 0, pricing.tariff, len(tariffs))
    mark(
        lacks,
        "late_fee_rule_unknown",
        is_billed & (per_tariff(tariffs, [t.late_fee is not None for t in tariffs], 1)[group] == 0),
    )
    named = [c.late_after for c in pricing.calendars]
    after = np.array([-1 if day is None else day for day in named] + [-1], dtype=np.int64)[pricing.calendar]
    is_named = np.array([day is not None for day in named] + [False])[pricing.calendar]
    no_day = ~filed.has_settled_on | ~(filed.has_due_on | is_named)
    mark(lacks, "late_fee_dates_missing", is_billed & no_day)
    start = np.where(
        filed.has_due_on, np.where(is_named, np.maximum(after, filed.due_on), filed.due_on), after
    )
    return np.where(is_billed & ~no_day, np.maximum(filed.settled_on - start, 0), 0)


def _drop_what_is_not_needed(
    facts: Facts, terms: Sequence[Terms], group: Ints, tariffs: Sequence[Tariff], lacks: Ints
) -> None:
    """Mark the prices a bill needs and the tariff lacks; forget a missing area where no line needs one."""
    has_area_price = np.array([t.area_num >= 0 for t in terms])[group]
    has_base = np.array([t.base_num >= 0 for t in terms])[group]
    has_metered = np.array([t.metered_num >= 0 for t in terms])[group]
    capped = np.array([t.cap == rules.CAP_SHARE for t in terms])[group]
    on_base = np.array([t.height_on_base == 1 for t in terms])[group]
    share_known = per_tariff(tariffs, [t.suspension_share is not None for t in tariffs], 1)[group] == 1
    share_zero = np.array([t.suspension_num == 0 for t in terms])[group] & share_known
    heated, suspended = np.asarray(facts.heated) > 0, np.asarray(facts.suspended) > 0
    two_part = np.asarray(facts.two_part) == 1
    in_full = heated & ~two_part
    needs_area_price = in_full | (two_part & capped) | (suspended & ~share_zero)
    needs_base = two_part | ((np.asarray(facts.height_num) != 0) & on_base)
    mark(lacks, "suspension_share_unknown", suspended & ~share_known)
    mark(lacks, "area_price_missing", needs_area_price & ~has_area_price)
    mark(lacks, "base_price_missing", needs_base & ~has_base)
    mark(lacks, "metered_price_missing", two_part & ~has_metered)
    needs_area = needs_area_price | needs_base
    # Nothing due for any day of it: then the days need not be known.
    free = suspended & ~heated & share_zero
    lacks[free] &= ~BIT["season_dates_missing"]
    only_area = BIT["area_basis_unknown"] | BIT["area_of_basis_missing"] | BIT["area_not_positive"]
    lacks[~needs_area] &= ~only_area


def _in_order(lacks: Ints, pricing: Pricing, filed: FiledBills, roster: Roster | None) -> Ints:
    """What is missing first hides what cannot be judged without it."""
    if roster is not None:
        lacks = np.where(roster.found, lacks, BIT["account_not_on_roster"])
        priced = np.where(roster.found, pricing.missing, 0)
    else:
        priced = pricing.missing
    dates = lacks & (
        BIT["service_dates_missing"]
        | BIT["service_dates_reversed"]
        | BIT["service_outside_season"]
        | BIT["method_unknown"]
    )
    lacks = np.where(dates != 0, dates, np.where(priced != 0, priced, lacks))
    result = lacks.copy()
    mark(result, "kind_unknown", filed.kind < 0)
    mark(result, "total_missing", ~filed.has_total)
    return result
