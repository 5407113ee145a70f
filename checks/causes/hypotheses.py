"""The hypotheses, one function a cause, in the order of trial; those about area, heat and rounding stand here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from checks.causes.case import Case, Supposed
from checks.causes.charges import (
    base_fee_twice,
    cap_not_applied,
    days_billed_twice,
    forbidden_charge,
    late_fee_on_whole,
    late_fee_too_high,
    line_left_out,
    suspended_billed_in_full,
    suspension_fee_not_allowed,
    tax_on_exempt,
    total_not_sum_of_lines,
    unlisted_charge,
    wrong_cap_share,
    wrong_suspension_share,
)
from checks.causes.prices import (
    early_price,
    early_price_for_days,
    old_price,
    old_price_for_days,
    price_change_ignored,
    wrong_category,
    wrong_category_as_billed,
    wrong_city_price,
    wrong_service_area_price,
)
from checks.causes.readings import estimate_not_reversed, other_meter_or_period
from checks.causes.refunds import (
    outage_counted_otherwise,
    outage_not_refunded,
    reduction_positive,
    refund_missed,
    refund_too_low,
    refund_wrong_band,
    subsidy_dropped,
)
from checks.causes.stays import (
    inclusive_day_count,
    month_for_day_proration,
    outside_season,
    part_season_billed_in_full,
)
from checks.causes.surcharges import height_step_wrong, height_surcharge_not_allowed
from checks.recompute import rules
from checks.recompute.facts import states_more_than_the_meter
from checks.recompute.filed import BASES
from checks.recompute.terms import HEAT_UNITS, heat_conversion, with_limits
from checks.tariffs.record import HeatUnit

Hypothesis = Callable[[Case], Iterator[Supposed]]

_FEN, _JIAO, _YUAN = 1, 10, 100


def wrong_area_basis(case: Case) -> Iterator[Supposed]:
    """Another kind of area is priced, or the due kind without its factor."""
    roster = case.prepared.roster
    if roster is None:
        return
    due = case.fact("area") * case.fact("area_num")
    for basis in range(len(BASES)):
        area = roster.areas[basis]
        where = roster.has_areas[basis] & (area * case.fact("area_den") != due)
        yield case.with_facts(where, area=area, area_num=1, area_den=1)


def area_differs_from_roster(case: Case) -> Iterator[Supposed]:
    """The area the bill states is priced instead of the roster's."""
    if case.prepared.roster is None:
        return
    filed = case.prepared.filed
    differs = filed.area * case.fact("area_den") != case.fact("area") * case.fact("area_num")
    yield case.with_facts(filed.has_area & differs, area=filed.area, area_num=1, area_den=1)


def area_rounded(case: Case) -> Iterator[Supposed]:
    """The area after its factor is rounded to 0.01 m2, half up, before it is priced."""
    den = case.fact("area_den")
    rounded = (2 * case.fact("area") * case.fact("area_num") + den) // (2 * den)
    yield case.with_facts(den > 1, area=rounded, area_num=1, area_den=1)


def heat_not_from_readings(case: Case) -> Iterator[Supposed]:
    """The heat is not the difference of the bill's readings: more is stated, the closing reading is taken for the
    heat, or the heat is that of another bill of the account."""
    filed = case.prepared.filed
    two_part = case.fact("two_part") == 1
    if not two_part.any():
        return
    yield case.with_facts(two_part & states_more_than_the_meter(filed), heat=filed.heat)
    due = case.fact("heat")
    whole = two_part & filed.has_readings & (filed.reading_to != due)
    yield case.with_facts(whole, heat=filed.reading_to)
    for heat in case.other_heat:
        yield case.with_facts(two_part & (heat >= 0) & (heat != due), heat=heat)


def heat_unit_slip(case: Case) -> Iterator[Supposed]:
    """The heat is read in another unit than the one filed, or a thousandfold."""
    two_part = case.fact("two_part") == 1
    if not two_part.any():
        return
    prices = [
        t.metered_price.unit if t.metered_price else HeatUnit.KWH for t in case.prepared.pricing.tariffs
    ]
    prices.append(HeatUnit.KWH)
    for place, unit in enumerate(HEAT_UNITS):
        factors = [heat_conversion(unit, priced_in) for priced_in in prices]
        num = np.array([factor.numerator for factor in factors], dtype=np.int64)[case.prepared.group]
        den = np.array([factor.denominator for factor in factors], dtype=np.int64)[case.prepared.group]
        other = two_part & (case.prepared.filed.heat_unit != place)
        yield case.with_facts(other, heat_num=num, heat_den=den)
    yield case.with_facts(two_part, heat_num=case.fact("heat_num") * 1000)
    yield case.with_facts(two_part, heat_den=case.fact("heat_den") * 1000)


def _rounded(case: Case, mode: int, unit_fen: int) -> Supposed:
    rounded = [with_limits(t._replace(mode=mode, unit=unit_fen)) for t in case.prepared.terms[:-1]]
    return case.with_terms(case.every_row(), dict(enumerate(rounded)))


def rounded_up(case: Case) -> Iterator[Supposed]:
    """Each line is rounded up to the fen, the jiao or the yuan."""
    for unit in (_FEN, _JIAO, _YUAN):
        yield _rounded(case, rules.UP, unit)


def rounded_otherwise(case: Case) -> Iterator[Supposed]:
    """Each line is cut off, or rounded half up to the jiao or the yuan."""
    for unit in (_FEN, _JIAO, _YUAN):
        yield _rounded(case, rules.DOWN, unit)
    for unit in (_JIAO, _YUAN):
        yield _rounded(case, rules.HALF_AWAY, unit)


#: Tried by themselves only: with a second mistake beside them too many totals would come out by chance.
ALONE = frozenset({"wrong_city_price"})

#: The order of trial: what the bill itself shows first, then prices, areas, days, heat, and rounding last.
HYPOTHESES: tuple[tuple[str, Hypothesis], ...] = (
    ("days_billed_twice", days_billed_twice),
    ("outside_season", outside_season),
    ("tax_on_exempt", tax_on_exempt),
    ("forbidden_charge", forbidden_charge),
    ("unlisted_charge", unlisted_charge),
    ("reduction_positive", reduction_positive),
    ("outage_not_refunded", outage_not_refunded),
    ("refund_missed", refund_missed),
    ("refund_wrong_band", refund_wrong_band),
    ("outage_counted_otherwise", outage_counted_otherwise),
    ("refund_too_low", refund_too_low),
    ("subsidy_dropped", subsidy_dropped),
    ("suspension_fee_not_allowed", suspension_fee_not_allowed),
    ("suspended_billed_in_full", suspended_billed_in_full),
    ("late_fee_on_whole", late_fee_on_whole),
    ("late_fee_too_high", late_fee_too_high),
    ("cap_not_applied", cap_not_applied),
    ("estimate_not_reversed", estimate_not_reversed),
    ("other_meter_or_period", other_meter_or_period),
    ("heat_not_from_readings", heat_not_from_readings),
    ("wrong_category", wrong_category_as_billed),
    ("old_price", old_price),
    ("early_price", early_price),
    ("price_change_ignored", price_change_ignored),
    ("wrong_category", wrong_category),
    ("wrong_service_area_price", wrong_service_area_price),
    ("wrong_area_basis", wrong_area_basis),
    ("area_differs_from_roster", area_differs_from_roster),
    ("height_surcharge_not_allowed", height_surcharge_not_allowed),
    ("height_step_wrong", height_step_wrong),
    ("part_season_billed_in_full", part_season_billed_in_full),
    ("inclusive_day_count", inclusive_day_count),
    ("month_for_day_proration", month_for_day_proration),
    ("wrong_suspension_share", wrong_suspension_share),
    ("wrong_cap_share", wrong_cap_share),
    ("heat_unit_slip", heat_unit_slip),
    ("base_fee_twice", base_fee_twice),
    ("line_left_out", line_left_out),
    ("total_not_sum_of_lines", total_not_sum_of_lines),
    ("old_price_for_days", old_price_for_days),
    ("early_price_for_days", early_price_for_days),
    ("wrong_city_price", wrong_city_price),
    ("area_rounded", area_rounded),
    ("rounded_up", rounded_up),
    ("rounded_otherwise", rounded_otherwise),
)
