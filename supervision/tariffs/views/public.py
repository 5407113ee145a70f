"""The published tariffs by city, category and day: as pages, JSON and CSV."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from typing import Any

from markupsafe import Markup
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config

from checks.tariffs.load import tariff_to_dict
from checks.tariffs.record import Tariff
from reports.charts import Series, Step, step_line
from reports.spreadsheet import Column, write_csv
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.tariffs import field_names, wording
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.problems import NoSuchTariff
from supervision.tariffs.service import TariffService
from supervision.tariffs.views.officer import effect_chart, effect_of, notice_file, realised_of
from supervision.tariffs.worked_example import WorkedExample, example_certificate, worked_examples
from supervision.web.files import open_data, plain_name

DAY = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]", re.ASCII)


def asked_day(request: Any) -> dt.date:
    """The day of ``?on=``, today if none. Raises HTTPBadRequest."""
    text = request.GET.get("on", "").strip()
    if not text:
        return local_date(request.now())
    try:
        if not DAY.fullmatch(text):
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise HTTPBadRequest(request.say("日期请写成 2025-11-15 的形式。")) from None


def asked(request: Any) -> tuple[dt.date, str | None, str | None, list[Tariff]]:
    day = asked_day(request)
    city = request.GET.get("city") or None
    category = request.GET.get("category") or None
    return day, city, category, request.service(TariffService).in_force_on(day, city=city, category=category)


@view_config(
    route_name="tariffs",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="tariffs/list.jinja2",
)
def tariff_list(request: Any) -> dict[str, Any]:
    day, city, category, tariffs = asked(request)
    return {
        "day_asked": day,
        "city": city,
        "category": category,
        "tariffs": tariffs,
        "cities": request.service(TariffService).cities(),
        "wording": wording,
        "query": {
            key: value for key, value in request.GET.items() if value and key in {"on", "city", "category"}
        },
    }


@view_config(
    route_name="tariff",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="tariffs/one.jinja2",
)
def tariff_page(request: Any) -> dict[str, Any]:
    service = request.service(TariffService)
    try:
        tariff = service.tariff(request.matchdict["tariff_id"])
    except NoSuchTariff:
        raise HTTPNotFound from None
    history = service.history(tariff)
    draft = request.service(DraftService).of_tariff(tariff.id)
    effect = effect_of(request, draft) if draft else None
    return {
        "tariff": tariff,
        "entry": service.entry(tariff.id),
        "draft": draft,
        "effect": effect,
        "effect_chart": effect_chart(request, effect),
        "realised": realised_of(request, draft) if draft else None,
        "names": field_names,
        "may_draft": request.may(Permission.TARIFF_DRAFT),
        "history": history,
        "chart": price_history(request, history),
        "examples": _examples(request, tariff),
        "day_asked": min(local_date(request.now()), tariff.valid_to or dt.date.max),
        "wording": wording,
    }


@view_config(route_name="tariff_example", request_method="GET", permission=Permission.PUBLIC_READ)
def tariff_example(request: Any) -> Response:
    """The certificate of the home worked out on the page of the tariff."""
    from checks.certificate import as_bytes, proven

    service = request.service(TariffService)
    try:
        tariff = service.tariff(request.matchdict["tariff_id"])
    except NoSuchTariff:
        raise HTTPNotFound from None
    example = next(
        (one for one in _examples(request, tariff) if one.method == request.matchdict["method"]), None
    )
    if example is None:
        raise HTTPNotFound
    certificate = proven(example_certificate(example, tariff, service.all(city=tariff.city)))
    answer = open_data(as_bytes(certificate), "application/json")
    answer.content_disposition = (
        f'attachment; filename="certificate-{plain_name(example.bill["bill_no"])}.json"'
    )
    return answer


def _examples(request: Any, tariff: Tariff) -> list[WorkedExample]:
    tariffs = request.service(TariffService).all(city=tariff.city)
    return worked_examples(tariff, tariffs, local_date(request.now()))


@view_config(route_name="tariff_notice", request_method="GET", permission=Permission.PUBLIC_READ)
def tariff_notice(request: Any) -> Response:
    """The notice that a tariff was entered from, once it is public."""
    try:
        entry = request.service(TariffService).entry(request.matchdict["tariff_id"])
    except NoSuchTariff:
        raise HTTPNotFound from None
    return notice_file(request, request.service(DraftService).of_tariff(entry.tariff_id))


def price_history(request: Any, history: list[Tariff]) -> Markup | None:
    """The area price over time; None where fewer than two versions have a first day to stand at."""
    steps = [
        Step(one.valid_from, one.area_price.season_value)
        for one in history
        if one.valid_from and one.area_price
    ]
    if len(steps) < 2:
        return None
    label = request.say("面积热价")
    return step_line(
        [Series(label, steps)],
        title=label,
        description=request.say("面积热价自各执行日起的变化。"),
        unit=request.say("元/㎡·采暖季"),
        until=max(local_date(request.now()), steps[-1].since + dt.timedelta(days=1)),
    )


def as_json(tariff: Tariff) -> dict[str, Any]:
    return tariff_to_dict(tariff)


@view_config(route_name="tariffs_json", request_method="GET", permission=Permission.PUBLIC_READ)
def tariff_list_json(request: Any) -> Response:
    day, city, category, tariffs = asked(request)
    body = {
        "on": day.isoformat(),
        "city": city,
        "category": category,
        "tariffs": [as_json(tariff) for tariff in tariffs],
    }
    return open_data(_json(body), "application/json")


@view_config(route_name="tariff_json", request_method="GET", permission=Permission.PUBLIC_READ)
def tariff_json(request: Any) -> Response:
    try:
        tariff = request.service(TariffService).tariff(request.matchdict["tariff_id"])
    except NoSuchTariff:
        raise HTTPNotFound from None
    return open_data(_json(as_json(tariff)), "application/json")


@view_config(route_name="tariff_versions_json", request_method="GET", permission=Permission.PUBLIC_READ)
def versions_json(request: Any) -> Response:
    """Every public version in one file: what it follows, and both clocks (when it binds, when it could be known)."""
    found = request.service(TariffService).all()
    return open_data(_json({"tariffs": [_with_clocks(one) for one in found]}), "application/json")


@view_config(route_name="tariff_versions_csv", request_method="GET", permission=Permission.PUBLIC_READ)
def versions_csv(request: Any) -> Response:
    buffer = io.BytesIO()
    rows = [
        _csv_row(one)
        | {
            "known_from": one.known_from.isoformat(),
            "is_late": is_late(one),
            "supersedes": one.supersedes or "",
            "standing": str(one.standing),
        }
        for one in request.service(TariffService).all()
    ]
    columns = (*CSV_COLUMNS, "known_from", "is_late", "supersedes", "standing")
    write_csv(rows, [Column(code, code) for code in columns], buffer)
    answer = open_data(buffer.getvalue(), "text/csv")
    answer.content_disposition = 'attachment; filename="tariff-versions.csv"'
    return answer


def is_late(tariff: Tariff) -> bool:
    """Whether it could be known only after it began to bind."""
    return tariff.valid_from is not None and tariff.known_from > tariff.valid_from


def _with_clocks(tariff: Tariff) -> dict[str, Any]:
    return as_json(tariff) | {"is_late": is_late(tariff)}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode()


CSV_COLUMNS = (
    "id", "province", "city", "service_area", "category", "area_basis", "area_price", "area_price_per",
    "season_price", "base_price", "metered_price", "metered_unit", "valid_from", "valid_to", "document", "confidence",
    "last_seen",
)  # fmt: skip


@view_config(route_name="tariffs_csv", request_method="GET", permission=Permission.PUBLIC_READ)
def tariff_list_csv(request: Any) -> Response:
    day, _city, _category, tariffs = asked(request)
    buffer = io.BytesIO()
    write_csv([_csv_row(tariff) for tariff in tariffs], [Column(code, code) for code in CSV_COLUMNS], buffer)
    answer = open_data(buffer.getvalue(), "text/csv")
    answer.content_disposition = f'attachment; filename="tariffs-{day.isoformat()}.csv"'
    return answer


def _csv_row(tariff: Tariff) -> dict[str, Any]:
    area, base, metered = tariff.area_price, tariff.base_price, tariff.metered_price
    return {
        "id": tariff.id,
        "province": tariff.province,
        "city": tariff.city,
        "service_area": tariff.service_area,
        "category": tariff.category,
        "area_basis": str(tariff.area_basis or ""),
        "area_price": area.value if area else None,
        "area_price_per": str(area.per) if area else "",
        "season_price": area.season_value if area else None,
        "base_price": base.season_value if base else None,
        "metered_price": metered.value if metered else None,
        "metered_unit": str(metered.unit) if metered else "",
        "valid_from": tariff.valid_from.isoformat() if tariff.valid_from else "",
        "valid_to": tariff.valid_to.isoformat() if tariff.valid_to else "",
        "document": tariff.document or "",
        "confidence": str(tariff.confidence),
        "last_seen": tariff.last_seen,
    }
