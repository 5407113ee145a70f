"""The ledger of a company beside its bills: money without a bill behind it, heat billed by an estimate that was never put right,
and refunds that fell due after a bill was issued.

They look at everything in force of one company, the refunds season by season. None decides what a bill should have come
to (that is :mod:`checks.recompute`): a bill in force counts as claimed, right or wrong.
"""

from __future__ import annotations

from checks.ledger.estimates import ESTIMATE_STANDINGS, ESTIMATES_SCHEMA, estimate_chains
from checks.ledger.interest import Rate, interest, rates, rates_end
from checks.ledger.payments import EXCESS_REASONS, EXCESS_SCHEMA, money_without_bill
from checks.ledger.refunds import REFUND_STANDINGS, REFUNDS_SCHEMA, refunds_owed

__all__ = [
    "ESTIMATES_SCHEMA",
    "ESTIMATE_STANDINGS",
    "EXCESS_REASONS",
    "EXCESS_SCHEMA",
    "REFUNDS_SCHEMA",
    "REFUND_STANDINGS",
    "Rate",
    "estimate_chains",
    "interest",
    "money_without_bill",
    "rates",
    "rates_end",
    "refunds_owed",
]
