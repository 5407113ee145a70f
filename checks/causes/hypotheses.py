"""The hypotheses, one function a cause: each yields the totals that would have come out, had that mistake been made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from checks.causes.case import Case
from checks.causes.prices import (
    early_price,
    old_price,
    wrong_category,
    wrong_category_as_billed,
    wrong_service_area_price,
)
from checks.causes.surcharges import height_step_wrong, height_surcharge_not_allowed
from checks.recompute import rules
from checks.recompute.columns import Ints
from checks.recompute.facts import Supposition, prepare
from checks.recompute.filed import BASES, COMPUTED_LINES
from checks.recompute.outcomes import residual
from checks.recompute.pricing import choose_in_force
from checks.recompute.terms import HEAT_UNITS, heat_conversion, terms_of_tariff, with_limits
from checks.tariffs.record import HeatUnit

Hypothesis = Callable[[Case], Iterator[Ints]]

_SUSPENSION_SHARES = tuple(Fraction(percent, 100) for percent in range(5, 100, 5))
_CAP_SHARES = (Fraction(1), Fraction(11, 10), Fraction(23, 20), Fraction(6, 5))
_FEN, _JIAO, _YUAN = 1, 10, 100


def forbidden_charge(case: Case) -> Iterator[Ints]:
    """Everything is right but the charge outside the tariff."""
    other = case.line("other_charge")
    yield case.when(other != 0, case.due.total + other)


def suspension_fee_not_allowed(case: Case) -> Iterator[Ints]:
    """A suspension charge is billed where none is due."""
    billed = case.line("suspension_charge")
    yield case.when((billed != 0) & (case.due_line("suspension_charge") == 0), case.due.total + billed)


def suspended_billed_in_full(case: Case) -> Iterator[Ints]:
    """The suspended time is charged as if it had been heated."""
    suspended = case.fact("suspended")
    where = suspended > 0
    heated = case.fact("heated") + suspended
    yield case.recalculated(where, heated=heated, suspended=0)
    yield case.recalculated(where, heated=case.fact("season"), suspended=0)


def wrong_suspension_share(case: Case) -> Iterator[Ints]:
    """The suspended time is charged with another share of the area fee."""
    where = (case.fact("suspended") > 0) & (case.line("suspension_charge") != 0)
    if not where.any():
        return
    for share in _SUSPENSION_SHARES:
        yield case.under_terms(
            where,
            {
                place: with_limits(
                    t._replace(suspension_num=share.numerator, suspension_den=share.denominator)
                )
                for place, t in enumerate(case.prepared.terms)
                if t.suspension_num * share.denominator != share.numerator * t.suspension_den
            },
        )


def cap_not_applied(case: Case) -> Iterator[Ints]:
    """The metered bill is not capped."""
    where = case.due.cap_reduction != 0
    yield case.under_terms(
        np.asarray(where),
        {place: t._replace(cap=rules.CAP_NONE) for place, t in enumerate(case.prepared.terms)},
    )


def wrong_cap_share(case: Case) -> Iterator[Ints]:
    """The metered bill is capped at another share of the area fee, or although there is no cap."""
    where = (case.fact("two_part") == 1) & (case.term("area_num") >= 0)
    if not where.any():
        return
    for share in _CAP_SHARES:
        yield case.under_terms(
            where,
            {
                place: with_limits(
                    t._replace(cap=rules.CAP_SHARE, cap_num=share.numerator, cap_den=share.denominator)
                )
                for place, t in enumerate(case.prepared.terms)
            },
        )


def wrong_area_basis(case: Case) -> Iterator[Ints]:
    """Another kind of area is priced, or the due kind without its factor."""
    roster = case.prepared.roster
    if roster is None:
        return
    due = case.fact("area") * case.fact("area_num")
    for basis in range(len(BASES)):
        area = roster.areas[basis]
        where = roster.has_areas[basis] & (area * case.fact("area_den") != due)
        yield case.recalculated(where, area=area, area_num=1, area_den=1)


def area_differs_from_roster(case: Case) -> Iterator[Ints]:
    """The area the bill states is priced instead of the roster's."""
    if case.prepared.roster is None:
        return
    filed = case.prepared.filed
    differs = filed.area * case.fact("area_den") != case.fact("area") * case.fact("area_num")
    yield case.recalculated(filed.has_area & differs, area=filed.area, area_num=1, area_den=1)


def area_rounded(case: Case) -> Iterator[Ints]:
    """The area after its factor is rounded to 0.01 m2, half up, before it is priced."""
    den = case.fact("area_den")
    rounded = (2 * case.fact("area") * case.fact("area_num") + den) // (2 * den)
    yield case.recalculated(den > 1, area=rounded, area_num=1, area_den=1)


def part_season_billed_in_full(case: Case) -> Iterator[Ints]:
    """The whole season, or the time the bill states against the roster, is charged."""
    heated, suspended, season = case.fact("heated"), case.fact("suspended"), case.fact("season")
    two_part = case.prepared.facts.two_part
    yield case.recalculated(heated + suspended < season, heated=season - suspended, two_part=two_part)
    if case.prepared.roster is None:
        return
    roster = case.prepared.roster
    if not (roster.has_connected_on | roster.has_closed_on).any():
        return
    again = prepare(
        case.prepared.filed,
        roster,
        choose_in_force(case.tariffs, case.city),
        city=case.city,
        service_areas=case.service_areas,
        suppose=Supposition(dates_as_billed=True),
    )
    stays = {name: getattr(again.facts, name) for name in ("heated", "suspended", "two_part")}
    differs = stays["heated"] != heated
    yield case.recalculated(differs & (again.missing == 0), **stays)


def inclusive_day_count(case: Case) -> Iterator[Ints]:
    """The days with heat, the days of the season, or both are counted one too many or too few."""
    heated, season = case.fact("heated"), case.fact("season")
    where = heated > 0
    for more_heated, more_season in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)):
        changed = season + more_season
        yield case.recalculated(where & (changed > 0), heated=heated + more_heated, season=changed)


def heat_unit_slip(case: Case) -> Iterator[Ints]:
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
        yield case.recalculated(other, heat_num=num, heat_den=den)
    yield case.recalculated(two_part, heat_num=case.fact("heat_num") * 1000)
    yield case.recalculated(two_part, heat_den=case.fact("heat_den") * 1000)


def base_fee_twice(case: Case) -> Iterator[Ints]:
    """One more base charge is taken, after the cap or before it."""
    base = case.due_line("base_charge")
    yield case.when(base != 0, case.due.total + base)
    yield case.when(base != 0, case.due.total + base - case.due.cap_reduction)


def late_fee_too_high(case: Case) -> Iterator[Ints]:
    """Everything is right but the late fee."""
    billed, due = case.line("late_fee"), case.due_line("late_fee")
    yield case.when(billed > due, case.due.total - due + billed)


def line_left_out(case: Case) -> Iterator[Ints]:
    """One line that is due was not billed."""
    for line in COMPUTED_LINES:
        due = case.due_line(line)
        yield case.when((due > 0) & (case.line(line) == 0), case.due.total - due)


def total_not_sum_of_lines(case: Case) -> Iterator[Ints]:
    """The lines are right and the total holds more, or less, than they do."""
    beyond = residual(case.prepared.filed.lines, case.billed)
    yield case.when(beyond != 0, case.due.total + beyond)


def _rounded(case: Case, mode: int, unit_fen: int) -> Ints:
    tariffs = case.prepared.pricing.tariffs
    terms = {place: terms_of_tariff(t, mode=mode, unit_fen=unit_fen) for place, t in enumerate(tariffs)}
    return case.under_terms(np.ones(case.rows, dtype=np.bool_), terms)


def rounded_up(case: Case) -> Iterator[Ints]:
    """Each line is rounded up to the fen, the jiao or the yuan."""
    for unit in (_FEN, _JIAO, _YUAN):
        yield _rounded(case, rules.UP, unit)


def rounded_otherwise(case: Case) -> Iterator[Ints]:
    """Each line is cut off, or rounded half up to the jiao or the yuan."""
    for unit in (_FEN, _JIAO, _YUAN):
        yield _rounded(case, rules.DOWN, unit)
    for unit in (_JIAO, _YUAN):
        yield _rounded(case, rules.HALF_AWAY, unit)


#: The order of trial: what the bill itself shows first, then prices, areas, days, heat, and rounding last.
HYPOTHESES: tuple[tuple[str, Hypothesis], ...] = (
    ("forbidden_charge", forbidden_charge),
    ("suspension_fee_not_allowed", suspension_fee_not_allowed),
    ("suspended_billed_in_full", suspended_billed_in_full),
    ("late_fee_too_high", late_fee_too_high),
    ("cap_not_applied", cap_not_applied),
    ("wrong_category", wrong_category_as_billed),
    ("old_price", old_price),
    ("early_price", early_price),
    ("wrong_category", wrong_category),
    ("wrong_service_area_price", wrong_service_area_price),
    ("wrong_area_basis", wrong_area_basis),
    ("area_differs_from_roster", area_differs_from_roster),
    ("height_surcharge_not_allowed", height_surcharge_not_allowed),
    ("height_step_wrong", height_step_wrong),
    ("part_season_billed_in_full", part_season_billed_in_full),
    ("inclusive_day_count", inclusive_day_count),
    ("wrong_suspension_share", wrong_suspension_share),
    ("wrong_cap_share", wrong_cap_share),
    ("heat_unit_slip", heat_unit_slip),
    ("base_fee_twice", base_fee_twice),
    ("line_left_out", line_left_out),
    ("total_not_sum_of_lines", total_not_sum_of_lines),
    ("area_rounded", area_rounded),
    ("rounded_up", rounded_up),
    ("rounded_otherwise", rounded_otherwise),
)
