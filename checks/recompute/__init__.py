"""Every bill recomputed against the published tariff, exact to the fen, with every step named.

The rules are in :mod:`checks.recompute.rules`; docs/recomputation.md states them as formulas with examples.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from checks.recompute.missing import MISSING
from checks.recompute.outcomes import OUTCOME_SCHEMA, OUTCOMES, recompute
from checks.recompute.text import Text
from checks.recompute.worksheet import Line, Worksheet, worksheet
from checks.tariffs.laws import outage_laws, refund_laws

__all__ = [
    "MISSING",
    "OUTCOMES",
    "OUTCOME_SCHEMA",
    "RULES_DIGEST",
    "Line",
    "Text",
    "Worksheet",
    "recompute",
    "worksheet",
]

_RULE_SOURCES = (
    "rules.py",
    "terms.py",
    "stays.py",
    "facts.py",
    "heights.py",
    "doubts.py",
    "pricing.py",
    "filed.py",
    "columns.py",
    "repeats.py",
    "shared_days.py",
    "bounds.py",
    "giving_back.py",
    "refunds.py",
    "outages.py",
    "parting.py",
    "service.py",
    "missing.py",
    "execution.py",
    "outcomes.py",
)


def _digest() -> str:
    together = hashlib.sha256()
    for name in _RULE_SOURCES:
        text = (Path(__file__).parent / name).read_bytes()
        together.update(f"{name} {len(text)}\n".encode())
        together.update(text)
    together.update(repr((outage_laws(), refund_laws())).encode())
    return together.hexdigest()


#: SHA-256 over the sources that decide an amount and the laws: two runs with the same digest applied the same rules.
RULES_DIGEST: str = _digest()
