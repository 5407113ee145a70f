"""Edits on the rows of the payments feed."""

from __future__ import annotations

from ingest.edits.rows import RowRule, Rows
from ingest.values.cells import Bool


def _money_in(rows: Rows) -> Bool:
    return rows.is_code("kind", "payment") | rows.is_code("kind", "credit")


def _money_out(rows: Rows) -> Bool:
    return rows.is_code("kind", "refund") | rows.is_code("kind", "reversal")


PAYMENT_RULES: tuple[RowRule, ...] = (
    RowRule(
        "PAY01", "amount", ("kind", "amount"), lambda rows: _money_in(rows) & (rows.number("amount") < 0)
    ),
    RowRule(
        "PAY02", "amount", ("kind", "amount"), lambda rows: _money_out(rows) & (rows.number("amount") > 0)
    ),
    RowRule(
        "PAY03",
        "refund_order_no",
        ("kind", "refund_order_no"),
        lambda rows: rows.has("refund_order_no") & rows.has("kind") & ~rows.is_code("kind", "refund"),
    ),
    RowRule("PAY04", "amount", ("amount",), lambda rows: rows.has("amount") & (rows.number("amount") == 0)),
)
