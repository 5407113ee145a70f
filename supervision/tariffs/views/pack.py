"""The golden pack of a tariff: a page to read and a file to compute, for companies and everybody else."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config

from checks.conformance import MOST_BYTES, STANDINGS, Conformance, compared
from checks.pack import AMOUNT_LINES, GoldenCase, golden_pack
from checks.recompute import MISSING
from checks.recompute.formulas import LABELS
from checks.recompute.text import Text
from checks.tariffs.record import Tariff
from reports.spreadsheet import Column, write_csv
from supervision.security import Permission
from supervision.settings.clock import SHANGHAI, local_date
from supervision.tariffs import wording
from supervision.tariffs.problems import NoSuchTariff
from supervision.tariffs.service import TariffService
from supervision.tariffs.worked_example import season_of
from supervision.web.files import open_data, plain_name

_BILL = (
    "season", "kind", "category", "billing_method", "service_from", "service_to", "billed_area_m2", "area_basis",
    "storey_height_m", "heat_used", "heat_unit", "issued_on", "due_on", "paid_on",
)  # fmt: skip
_ACCOUNT = ("heating_state", "suspended_from")
_SERVICE = ("requested_on", "cold_from", "cold_to", "room_temp_c", "no_heat_from", "no_heat_to")


_TONES = {
    "same": "good",
    "differs": "bad",
    "line_differs": "bad",
    "unreadable": "bad",
    "not_given": "open",
    "not_computable": "secondary",
}


@view_config(
    route_name="tariff_pack",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="tariffs/pack.jinja2",
)
def pack_page(request: Any) -> dict[str, Any]:
    return _shown(request, None)


@view_config(
    route_name="tariff_pack",
    request_method="POST",
    permission=Permission.PUBLIC_VERIFY,
    renderer="tariffs/pack.jinja2",
)
def compare_pack(request: Any) -> dict[str, Any]:
    """A company's own results held against the pack; the file is read and not kept."""
    part = request.POST.get("results")
    if not getattr(part, "filename", None):
        request.response.status = 422
        nothing = Text("请选择要对照的文件。", "Choose the file to compare.")
        return _shown(request, Conformance((), (nothing,)))
    _, _, cases = _pack(request)
    found = compared(cases, part.file.read(MOST_BYTES + 1))
    if found.problems:
        request.response.status = 422
    return _shown(request, found)


def _shown(request: Any, found: Conformance | None) -> dict[str, Any]:
    tariff, season, cases = _pack(request)
    return {
        "found": found,
        "standings": STANDINGS,
        "tones": _TONES,
        "tariff": tariff,
        "season": season,
        "cases": cases,
        "labels": LABELS,
        "missing": MISSING,
        "wording": wording,
    }


@view_config(route_name="tariff_pack_csv", request_method="GET", permission=Permission.PUBLIC_READ)
def pack_csv(request: Any) -> Response:
    """Every case with the bill to compute, the state of its account, and what each line must come to."""
    tariff, season, cases = _pack(request)
    columns = (
        "case",
        "about_zh",
        "about_en",
        "tariff",
        *_BILL,
        *_ACCOUNT,
        *_SERVICE,
        *AMOUNT_LINES,
        "total",
        "missing",
    )
    buffer = io.BytesIO()
    write_csv([_row(one) for one in cases], [Column(code, code) for code in columns], buffer)
    answer = open_data(buffer.getvalue(), "text/csv")
    answer.content_disposition = f'attachment; filename="pack-{plain_name(tariff.id)}-{season}.csv"'
    return answer


def _pack(request: Any) -> tuple[Tariff, str, tuple[GoldenCase, ...]]:
    """Raises HTTPNotFound."""
    service = request.service(TariffService)
    try:
        tariff = service.tariff(request.matchdict["tariff_id"])
    except NoSuchTariff:
        raise HTTPNotFound from None
    season = season_of(tariff, local_date(request.now()))
    return tariff, season, golden_pack(tariff, service.all(city=tariff.city), season)


def _row(case: GoldenCase) -> dict[str, Any]:
    nothing = Decimal("0.00")
    return {
        "case": case.number,
        "about_zh": case.about.zh,
        "about_en": case.about.en,
        "tariff": case.tariff_id or "",
        **{name: _text(case.bill.get(name)) for name in _BILL},
        **{name: _text(case.account.get(name)) for name in _ACCOUNT},
        **_service(case),
        **{line: None if case.missing else case.lines.get(line, nothing) for line in AMOUNT_LINES},
        "total": case.due,
        "missing": ";".join(case.missing),
    }


def _service(case: GoldenCase) -> dict[str, Any]:
    """What was measured, and when there was no heat, in the official time of China."""
    told = case.service
    cold = told.get("cold_days", ())
    return {
        "requested_on": _text(told.get("requested_on")),
        "cold_from": _text(cold[0] if cold else None),
        "cold_to": _text(cold[-1] if cold else None),
        "room_temp_c": _text(told.get("room_temp_c")),
        **{
            name: told[name].astimezone(SHANGHAI).isoformat(timespec="minutes") if name in told else ""
            for name in ("no_heat_from", "no_heat_to")
        },
    }


def _text(value: Any) -> Any:
    return "" if value is None else value.isoformat() if hasattr(value, "isoformat") else value
