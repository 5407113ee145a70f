"""Hypotheses about lines: charges that may not be made, taken twice, left out, or capped and counted wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from checks.causes.case import Case, Supposed
from checks.recompute import rules
from checks.recompute.columns import Flags, Ints
from checks.recompute.filed import COMPUTED_LINES, UNLISTED
from checks.recompute.outcomes import residual
from checks.recompute.rules import Due, Terms
from checks.recompute.terms import with_limits

# Shares published somewhere come first.
_SUSPENSION_SHARES = tuple(
    Fraction(percent, 100) for percent in (20, 30, 50, 10, 15, 60, *range(5, 100, 5)) if percent < 100
)
_CAP_SHARES = (Fraction(1), Fraction(11, 10), Fraction(23, 20), Fraction(6, 5))
_HOMES = ("residential", "residential_nonreimbursed", "low_income")
_TAX = Fraction(9, 100)


def tax_on_exempt(case: Case) -> Iterator[Supposed]:
    """9 % value-added tax on top of a home's bill, whose heat is exempt: on the fee, or inside every price."""
    is_home = np.array([t.category in _HOMES for t in case.prepared.pricing.tariffs] + [False])[
        case.prepared.group
    ]

    def tax(due: Due, _rows: Ints) -> Ints:
        fee = np.asarray(due.fee)
        above, below = _TAX.numerator, _TAX.denominator
        sign = np.sign(fee)
        rounded: Ints = sign * ((2 * np.abs(fee) * above + below) // (2 * below))
        return rounded

    yield case.with_added(is_home, tax)
    taxed = {}
    for place, terms in enumerate(case.prepared.terms[:-1]):
        changed: dict[str, int] = {}
        for price in ("area", "base", "metered"):
            above, below = getattr(terms, f"{price}_num"), getattr(terms, f"{price}_den")
            if above > 0:
                value = Fraction(above, below) * (1 + _TAX)
                changed |= {f"{price}_num": value.numerator, f"{price}_den": value.denominator}
        taxed[place] = with_limits(terms._replace(**changed))
    yield case.with_terms(is_home, taxed)


def forbidden_charge(case: Case) -> Iterator[Supposed]:
    """Everything is right but a charge outside the tariff that the register of charges knows."""
    other = case.line("other_charge")
    where = (other != 0) & (case.prepared.filed.fee != UNLISTED)
    yield case.with_added(where, lambda _due, rows: other[rows])


def unlisted_charge(case: Case) -> Iterator[Supposed]:
    """Everything is right but a charge that has no name, or one that the register of charges does not know."""
    other = case.line("other_charge")
    where = (other != 0) & (case.prepared.filed.fee == UNLISTED)
    yield case.with_added(where, lambda _due, rows: other[rows])


def days_billed_twice(case: Case) -> Iterator[Supposed]:
    """All days of the service are charged, and the heat of all of them, although an earlier bill charged some."""
    prepared = case.prepared
    if prepared.repeats is None or prepared.as_billed is None:
        return
    where = np.zeros(case.rows, dtype=np.bool_)
    where[list(prepared.repeats.left)] = True
    heat = np.array(case.fact("heat"), dtype=np.int64)
    for row, billed in prepared.repeats.heat_billed.items():
        heat[row] += billed
    stay = prepared.as_billed
    yield case.with_facts(where, heated=stay.heated, suspended=stay.suspended, season=stay.season, heat=heat)


def suspension_fee_not_allowed(case: Case) -> Iterator[Supposed]:
    """A suspension charge is billed where none is due."""
    billed = case.line("suspension_charge")
    where = (billed != 0) & (case.due_line("suspension_charge") == 0)
    yield case.with_added(where, lambda due, rows: billed[rows] - due.suspension_charge)
    hidden = (case.fact("suspended") > 0) & (billed == 0)  # in another line, or in a total without lines
    if not hidden.any():
        return
    for share in dict.fromkeys(_SUSPENSION_SHARES):
        yield _with_share(case, hidden, share, where_none_is_lawful=True)


def suspended_billed_in_full(case: Case) -> Iterator[Supposed]:
    """The suspended time is charged as if it had been heated."""
    suspended = case.fact("suspended")
    where = suspended > 0
    yield case.with_facts(where, heated=case.fact("heated") + suspended, suspended=0)
    yield case.with_facts(where, heated=case.fact("season"), suspended=0)


def wrong_suspension_share(case: Case) -> Iterator[Supposed]:
    """The suspended time is charged with another share of the area fee."""
    where = (case.fact("suspended") > 0) & ((case.line("suspension_charge") != 0) | ~case.itemised())
    if not where.any():
        return
    for share in dict.fromkeys(_SUSPENSION_SHARES):
        yield _with_share(case, where, share, where_none_is_lawful=False)


def _with_share(case: Case, where: Flags, share: Fraction, *, where_none_is_lawful: bool) -> Supposed:
    """Suspended time at ``share``, under the tariffs that allow no charge for it, or under those that do."""
    terms = {
        place: with_limits(t._replace(suspension_num=share.numerator, suspension_den=share.denominator))
        for place, t in enumerate(case.prepared.terms)
        if (t.suspension_num == 0) == where_none_is_lawful and t.area_num >= 0
    }
    needed = where & (case.fact("area") > 0)
    return case.with_terms(needed, terms)


def cap_not_applied(case: Case) -> Iterator[Supposed]:
    """The metered bill is not capped."""
    capped = {
        place: t._replace(cap=rules.CAP_NONE)
        for place, t in enumerate(case.prepared.terms)
        if t.cap == rules.CAP_SHARE
    }
    yield case.with_terms(case.fact("two_part") == 1, capped)


def wrong_cap_share(case: Case) -> Iterator[Supposed]:
    """The metered bill is capped at another share of the area fee, or although there is no cap."""
    where = (case.fact("two_part") == 1) & (case.term("area_num") >= 0)
    if not where.any():
        return
    for share in _CAP_SHARES:

        def capped(terms: Terms, share: Fraction = share) -> Terms:
            changed = terms._replace(cap=rules.CAP_SHARE, cap_num=share.numerator, cap_den=share.denominator)
            return with_limits(changed)

        yield case.with_terms(where, {place: capped(t) for place, t in enumerate(case.prepared.terms)})


def base_fee_twice(case: Case) -> Iterator[Supposed]:
    """One more base charge is taken, after the cap or before it; or the whole area fee beside base and heat."""
    where = case.due_line("base_charge") != 0
    yield case.with_added(where, lambda due, _rows: np.asarray(due.base_charge))
    yield case.with_added(where, lambda due, _rows: due.base_charge - np.asarray(due.cap_reduction))
    yield case.with_added(where, lambda due, _rows: np.asarray(due.area_fee))


def late_fee_on_whole(case: Case) -> Iterator[Supposed]:
    """The late fee is taken on the whole fee although part of it had been paid."""
    unpaid_only = {
        place: t._replace(late=rules.LATE_DAILY_ON_TOTAL)
        for place, t in enumerate(case.prepared.terms)
        if t.late == rules.LATE_DAILY_ON_UNPAID
    }
    where = (case.line("late_fee") != 0) & (case.fact("prepaid") != 0)
    on_whole = case.with_terms(where, unpaid_only)
    yield on_whole._replace(added=(lambda due, _rows: due.late_allowed - np.asarray(due.late_fee),))


def late_fee_too_high(case: Case) -> Iterator[Supposed]:
    """Everything is right but the late fee."""
    billed = case.line("late_fee")
    where = billed > case.due_line("late_fee")
    yield case.with_added(where, lambda due, rows: billed[rows] - due.late_fee)


def line_left_out(case: Case) -> Iterator[Supposed]:
    """One line that is due was not billed."""
    for line in COMPUTED_LINES:
        where = (case.due_line(line) > 0) & (case.line(line) == 0)
        yield case.with_added(where, lambda due, _rows, line=line: -getattr(due, line))  # type: ignore[misc]


def total_not_sum_of_lines(case: Case) -> Iterator[Supposed]:
    """The lines are right and the total holds more, or less, than they do."""
    beyond = residual(case.prepared.filed.lines, case.billed)
    yield case.with_added((beyond != 0) & case.itemised(), lambda _due, rows: beyond[rows])
