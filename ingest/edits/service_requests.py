"""Edits on the rows of the service_requests feed."""

from __future__ import annotations

from ingest.edits.rows import RowRule, Rows, filed_text
from ingest.values.cells import Bool


def before(rows: Rows, code: str, other: str) -> Bool:
    """Where both are there and ``code`` is earlier than ``other``."""
    return rows.has(code) & rows.has(other) & (rows.number(code) < rows.number(other))


def _before_received(edit_id: str, code: str) -> RowRule:
    return RowRule(
        edit_id,
        code,
        ("received_at", code),
        lambda rows: before(rows, code, "received_at"),
        filed_text("received_at"),
    )


def _amount_not_monetary(rows: Rows) -> Bool:
    return rows.has("amount") & ~rows.is_code("outcome", "monetary")


SERVICE_REQUEST_RULES: tuple[RowRule, ...] = (
    _before_received("REQ01", "responded_at"),
    _before_received("REQ02", "on_site_at"),
    _before_received("REQ03", "resolved_at"),
    RowRule(
        "REQ04",
        "outcome",
        ("resolved_at", "outcome"),
        lambda rows: rows.has("resolved_at") & ~rows.has("outcome"),
    ),
    RowRule(
        "REQ05",
        "amount",
        ("outcome", "amount"),
        lambda rows: rows.is_code("outcome", "monetary") & ~rows.has("amount"),
    ),
    RowRule("REQ06", "amount", ("outcome", "amount"), _amount_not_monetary),
    RowRule(
        "REQ07",
        "satisfied",
        ("resolved_at", "satisfied"),
        lambda rows: rows.has("satisfied") & ~rows.has("resolved_at"),
    ),
)
