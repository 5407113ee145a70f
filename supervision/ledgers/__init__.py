"""Ledgers (收款与估抄核对): money without a bill behind it, estimated readings that were never put right, and refunds that fell
due after their bills."""

from __future__ import annotations

from typing import Any

from supervision.ledgers.reading import LedgerReading, NoSuchLedger

__all__ = ["LedgerReading", "NoSuchLedger"]

READ_ROUTES = {
    "ledgers": "/ledgers",
    "ledger": "/ledgers/{public_id}",
    "ledger_payments_csv": "/ledgers/{public_id}/payments.csv",
    "ledger_estimates_csv": "/ledgers/{public_id}/estimates.csv",
    "ledger_refunds_csv": "/ledgers/{public_id}/refunds.csv",
}


def includeme(config: Any) -> None:
    config.register_service(LedgerReading, lambda request: LedgerReading(request.db, request.evidence))
    config.add_jinja2_search_path("supervision:ledgers/templates", name=".jinja2")
    for audience in ("company", "officer"):
        for name, path in READ_ROUTES.items():
            config.add_route(f"{audience}_{name}", f"/{audience}{path}")
    config.scan("supervision.ledgers.views")
