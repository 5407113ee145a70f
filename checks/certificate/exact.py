"""The rules executed once more on one bill, with the exact value of every amount kept beside its rounding.

It is the very source of :mod:`checks.recompute.rules`: only the one function that rounds is replaced by one that rounds
the same way and remembers what it rounded.
"""

from __future__ import annotations

from fractions import Fraction
from types import FunctionType
from typing import Any

from checks.recompute import rules
from checks.recompute.rules import Due, Facts, Terms


class Rounded(int):
    """An amount in fen that remembers what it was before it was rounded (fen, exact) and to how many fen."""

    exact: Fraction
    unit: int


def _rounded(numerator: int, denominator: int, unit: int, mode: int) -> Rounded:
    amount = Rounded(rules.rounded(numerator, denominator, unit, mode))
    amount.exact, amount.unit = Fraction(numerator, denominator), unit
    return amount


def _rules_that_remember() -> dict[str, Any]:
    names: dict[str, Any] = dict(vars(rules))
    for name, found in vars(rules).items():
        if isinstance(found, FunctionType) and found.__module__ == rules.__name__:
            names[name] = FunctionType(found.__code__, names, name)
    names["rounded"] = _rounded
    return names


_RULES = _rules_that_remember()


def exact_due(facts: Facts, terms: Terms) -> Due:
    """What ``rules.due`` gives; an amount that was rounded is a :class:`Rounded`."""
    found: Due = _RULES["due"](facts, terms)
    return found
