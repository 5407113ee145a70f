"""Hypotheses about the surcharge for high rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from checks.causes.case import Case, Supposed
from checks.recompute.columns import Flags, Ints, distinct_pairs
from checks.recompute.terms import height_share
from checks.tariffs.record import HeightRule, HeightShape, StartedStep, Tariff

_THREE_METRES = HeightRule(shape=HeightShape.PROPORTIONAL, trigger_m=Decimal(3), reference_m=Decimal(3))

#: A tariff and a height in centimetres -> the surcharge supposed; None where the supposition says nothing.
Share = Callable[[Tariff, int], Fraction | None]


def height_surcharge_not_allowed(case: Case) -> Iterator[Supposed]:
    """A surcharge is billed where none is due: as its own line, or inside the charge by h/3 or by the rule that the
    city has for another category."""
    billed = case.line("height_surcharge")
    none_due = case.due_line("height_surcharge") == 0
    yield case.with_added((billed != 0) & none_due, lambda due, rows: billed[rows] - due.height_surcharge)
    rules = [t.height for t in case.tariffs if t.city == case.city and t.height is not None]
    for rule in dict.fromkeys([*rules, _THREE_METRES]):
        yield _with_share(case, none_due, _by_rule(rule))


def _by_rule(rule: HeightRule) -> Share:
    return lambda _tariff, height: height_share(rule, height)


def height_step_wrong(case: Case) -> Iterator[Supposed]:
    """The rule is applied with a wrong step, start, ceiling or basis; or the line itself is all that is wrong."""
    is_due = case.due_line("height_surcharge") != 0
    if not is_due.any():
        return
    for variant in _variants():
        yield _with_share(case, is_due, variant)
    on_base = {
        place: t._replace(height_on_base=1 - t.height_on_base)
        for place, t in enumerate(case.prepared.terms)
        if t.base_num >= 0 and t.area_num >= 0
    }
    yield case.with_terms(is_due, on_base)
    billed = case.line("height_surcharge")
    yield case.with_added(is_due & (billed != 0), lambda due, rows: billed[rows] - due.height_surcharge)


def _variants() -> Iterator[Share]:
    def changed(tariff: Tariff, height: int, change: Callable[[HeightRule], HeightRule]) -> Fraction | None:
        return None if tariff.height is None else height_share(change(tariff.height), height)

    def one_step(tariff: Tariff, height: int, steps: int) -> Fraction | None:
        if tariff.height is None or tariff.height.rate is None:
            return None
        share = height_share(tariff.height, height)
        return None if share is None else share + steps * Fraction(tariff.height.rate)

    yield lambda t, h: changed(t, h, _other_started_step)
    yield lambda t, h: changed(t, h, lambda rule: replace(rule, count_from_m=rule.trigger_m))
    yield lambda t, h: changed(t, h, lambda rule: replace(rule, count_from_m=Decimal(3)))
    yield lambda t, h: changed(t, h, lambda rule: replace(rule, max_rate=None))
    yield lambda t, h: one_step(t, h, 1)
    yield lambda t, h: one_step(t, h, -1)


def _other_started_step(rule: HeightRule) -> HeightRule:
    full = rule.started_step is StartedStep.FULL
    return replace(rule, started_step=StartedStep.NONE if full else StartedStep.FULL)


def _is_height(height_cm: Ints) -> Flags:
    return (height_cm > 0) & (height_cm < 100_000)


def _with_share(case: Case, where: Flags, share_of: Share) -> Supposed:
    """Another surcharge, looked up once for each tariff and height."""
    prepared = case.prepared
    rows = np.flatnonzero(
        where & prepared.has_height & _is_height(prepared.height) & (prepared.pricing.tariff >= 0)
    )
    if len(rows) == 0:
        return Supposed(np.zeros(case.rows, dtype=np.bool_))
    num, den = case.fact("height_num").copy(), case.fact("height_den").copy()
    pairs, place = distinct_pairs(prepared.group[rows], prepared.height[rows])
    shares = [share_of(prepared.pricing.tariffs[of], height) for of, height in pairs]
    known = np.array([share is not None and share > 0 for share in shares])[place]
    num[rows] = np.array([(share or Fraction(0)).numerator for share in shares])[place]
    den[rows] = np.array([(share or Fraction(0)).denominator for share in shares])[place]
    supposed = np.zeros(case.rows, dtype=np.bool_)
    supposed[rows[known]] = True
    return case.with_facts(supposed, height_num=num, height_den=den)
