"""What both sides read of ledgers, each within its bounds. Officers see every company."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from markupsafe import Markup
from pyramid.httpexceptions import HTTPBadRequest
from pyramid.response import FileIter, Response
from pyramid.view import exception_view_config, view_config

from reports import charts
from supervision.ledgers import wording
from supervision.ledgers.models import LedgerCheck
from supervision.ledgers.reading import (
    OWED,
    Band,
    LedgerReading,
    NoSuchLedger,
    bands,
    by_reason,
    page_of_rows,
    refunds_by_standing,
    still_owed,
    streamed,
    taken,
)
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.errors import not_found
from supervision.web.paging import page_number

OFFICER, COMPANY = Permission.FINDING_READ, Permission.OWN_FILING_READ


@view_config(
    route_name="officer_ledgers", request_method="GET", permission=OFFICER, renderer="ledgers/list.jinja2"
)
@view_config(
    route_name="company_ledgers", request_method="GET", permission=COMPANY, renderer="ledgers/list.jinja2"
)
def ledgers(request: Request) -> dict[str, Any]:
    """The check in force of every company that filed payments, readings, rooms measured or outages."""
    today = local_date(request.now())
    reading = request.service(LedgerReading)
    found = [
        (check, taken(check, today), _owed(still_owed(reading.refunds(check, "", today))))
        for check in reading.current(request.viewer)
    ]
    return _page(request, checks=found)


@view_config(
    route_name="officer_ledger", request_method="GET", permission=OFFICER, renderer="ledgers/ledger.jinja2"
)
@view_config(
    route_name="company_ledger", request_method="GET", permission=COMPANY, renderer="ledgers/ledger.jinja2"
)
def ledger(request: Request) -> dict[str, Any]:
    """One check: what was taken without a bill, which estimates were never put right, which refunds fell due after their bills,
    how long, and every row of it. The address chooses a ``reason``, a ``standing`` or a ``refund``."""
    check, today = _check(request), local_date(request.now())
    reading = request.service(LedgerReading)
    reason, standing, refund = (_known(request, name) for name in ("reason", "standing", "refund"))
    refunds = reading.refunds(check, "", today)
    owed_back = still_owed(refunds)
    asked = [row for row in refunds if ("waiting" if row["is_waiting"] else row["standing"]) == refund]
    payments = reading.excess(check, "" if reason == "waiting" else reason, today)
    open_payments = (
        [row for row in reading.excess(check, "", today) if not row["is_waiting"]] if reason else []
    )
    if reason:
        payments = [row for row in payments if row["is_waiting"] is (reason == "waiting")]
    else:
        open_payments = [row for row in payments if not row["is_waiting"]]
    estimates = reading.estimates(check, standing, today)
    owed = [
        row
        for row in (reading.estimates(check, "", today) if standing else estimates)
        if row["standing"] in OWED
    ]
    number = page_number(request)
    by_age = {
        "payments": bands(open_payments, "excess"),
        "estimates": bands(owed, "amount"),
        "refunds": bands(owed_back, "owed"),
    }
    return _page(
        request,
        check=check,
        today=today,
        taken=taken(check, today),
        reasons=by_reason(check, today),
        reason=reason,
        standing=standing,
        refund=refund,
        refunds=refunds_by_standing(refunds),
        refunds_owed=_owed(owed_back),
        page=page_of_rows(asked if refund else estimates if standing else payments, number),
        by_age=by_age,
        charts_of={
            what: _drawn(request, found) for what, found in by_age.items() if any(one.count for one in found)
        },
    )


def _owed(rows: list[dict[str, Any]]) -> Decimal:
    return sum((row["owed"] for row in rows), Decimal(0))


def _known(request: Request, name: str) -> str:
    """What the address chooses by this name, or the empty text. Raises HTTPBadRequest for what is not known."""
    from checks.ledger import ESTIMATE_STANDINGS, EXCESS_REASONS, REFUND_STANDINGS

    given: str = request.GET.get(name, "")
    known = {
        "reason": {*EXCESS_REASONS, "waiting"},
        "standing": set(ESTIMATE_STANDINGS),
        "refund": {*REFUND_STANDINGS, "waiting"},
    }
    if given and given not in known[name]:
        raise HTTPBadRequest(request.say("没有这种情形。"))
    return given


def _drawn(request: Request, found: list[Band]) -> Markup:
    """The amount of each band of age."""
    colon, semicolon = (": ", "; ") if request.language == "en" else ("：", "；")
    bars = [
        charts.Bar(_age(request, band), band.amount, request.say("%(n)s 笔", n=f"{band.count:,}"))
        for band in found
    ]
    description = semicolon.join(f"{bar.label}{colon}{bar.value:,} · {bar.note}" for bar in bars)
    return charts.horizontal_bars(
        bars, title=request.say("按未了结天数"), description=description, unit=request.say("元")
    )


def _age(request: Request, band: Band) -> str:
    if band.to is None:
        text: str = request.say("%(n)s 天以上", n=band.over - 1)
    else:
        text = request.say("%(low)s 至 %(high)s 天", low=band.over, high=band.to)
    return text


@view_config(route_name="officer_ledger_payments_csv", request_method="GET", permission=OFFICER)
@view_config(route_name="company_ledger_payments_csv", request_method="GET", permission=COMPANY)
def payments_csv(request: Request) -> Response:
    """Every payment without a bill behind it."""
    check = _check(request)
    rows = request.service(LedgerReading).excess(check, "", local_date(request.now()))
    return _csv(wording.payments_csv(streamed(rows, check), request.language), f"payments-{check.public_id}")


@view_config(route_name="officer_ledger_estimates_csv", request_method="GET", permission=OFFICER)
@view_config(route_name="company_ledger_estimates_csv", request_method="GET", permission=COMPANY)
def estimates_csv(request: Request) -> Response:
    """Every bill that closes on an estimate."""
    check = _check(request)
    rows = request.service(LedgerReading).estimates(check, "", local_date(request.now()))
    return _csv(
        wording.estimates_csv(streamed(rows, check), request.language), f"estimates-{check.public_id}"
    )


@view_config(route_name="officer_ledger_refunds_csv", request_method="GET", permission=OFFICER)
@view_config(route_name="company_ledger_refunds_csv", request_method="GET", permission=COMPANY)
def refunds_csv(request: Request) -> Response:
    """Every bill on which a refund fell due after its issue."""
    check = _check(request)
    rows = request.service(LedgerReading).refunds(check, "", local_date(request.now()))
    return _csv(wording.refunds_csv(streamed(rows, check), request.language), f"refunds-{check.public_id}")


def _csv(file: Any, name: str) -> Response:
    answer = Response(app_iter=FileIter(file), content_type="text/csv", charset="utf-8")
    answer.content_disposition = f'attachment; filename="{name}.csv"'
    return answer


def _check(request: Request) -> LedgerCheck:
    """Raises NoSuchLedger."""
    audience_of(request)
    return request.service(LedgerReading).ledger(request.matchdict["public_id"], request.viewer)


def _page(request: Request, **values: Any) -> dict[str, Any]:
    audience = audience_of(request)

    def to(name: str, **parts: Any) -> str:
        path: str = request.route_path(f"{audience}_{name}", **parts)
        return path

    def bill(check: LedgerCheck, bill_no: str) -> str:
        parts = {"company_code": check.company.code} if audience == "officer" else {}
        return to("bill", bill_no=bill_no, **parts)

    def account(check: LedgerCheck, account_no: str) -> str:
        query = {"number": account_no} | ({"company": check.company.code} if audience == "officer" else {})
        return to("bills", _query=query)

    shared = {
        "audience": audience,
        "to": to,
        "bill": bill,
        "account": account,
        "wording": wording,
        "none": Decimal(0),
    }
    return shared | {"age_text": lambda band: _age(request, band)} | values


@exception_view_config(NoSuchLedger, renderer="error.jinja2")
def no_such_ledger(error: Exception, request: Request) -> dict[str, Any]:
    """Another company's check looks exactly like one that never was."""
    answer: dict[str, Any] = not_found(request)
    return answer
