"""An officer enters a tariff: a new one, or a new version of one in the register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.drafting import new_version_of
from supervision.tariffs.entry_form import NotALine, record_of, values_of
from supervision.tariffs.forms import entry_schema
from supervision.tariffs.lifecycle import LIFECYCLE, DraftAct
from supervision.tariffs.models import TariffDraft
from supervision.tariffs.problems import NoSuchTariff, TariffRefused
from supervision.tariffs.service import TariffService
from supervision.tariffs.views.ground import draft_of, said, to_draft
from supervision.web import Request
from supervision.web.forms import Form


def _entry_page(request: Request, form: Form, draft: TariffDraft | None, base: str) -> dict[str, Any]:
    return {"form": form, "draft": draft, "base": base}


@view_config(
    route_name="officer_tariff_new",
    request_method="GET",
    permission=Permission.TARIFF_DRAFT,
    renderer="tariffs/entry.jinja2",
)
def new(request: Request) -> dict[str, Any]:
    """An empty form, or one filled from the tariff that the new version follows."""
    base = request.GET.get("base", "")
    known = local_date(request.now()).isoformat()
    values: dict[str, Any] = {"known_from": known, "area_factor": "1", "season_end_included": True}
    if base:
        try:
            record = new_version_of(request.service(TariffService).tariff(base))
        except NoSuchTariff:
            raise HTTPNotFound from None
        values = values_of(record) | {"known_from": known}
    return _entry_page(request, Form(request, entry_schema(), button="保存草稿").shown(values), None, base)


@view_config(
    route_name="officer_tariff_new",
    request_method="POST",
    permission=Permission.TARIFF_DRAFT,
    renderer="tariffs/entry.jinja2",
)
def start(request: Request) -> Any:
    form = Form(request, entry_schema(), button="保存草稿")
    drafts = request.service(DraftService)
    made = _entered(
        request, form, lambda record, day, _: drafts.start(record, by=request.viewer, publish_on=day)
    )
    if made is None:
        return _entry_page(request, form, None, request.GET.get("base", ""))
    return to_draft(request, made, "草稿已保存。请上传通知原文，并处理下面列出的问题。")


@view_config(
    route_name="officer_tariff_edit",
    request_method="GET",
    permission=Permission.TARIFF_DRAFT,
    renderer="tariffs/entry.jinja2",
)
def edit(request: Request) -> dict[str, Any]:
    draft = draft_of(request)
    LIFECYCLE.step(draft.state, DraftAct.SAVE)
    day = draft.publish_on.isoformat() if draft.publish_on else ""
    values = values_of(draft.record) | {"version": draft.version, "publish_on": day}
    form = Form(request, entry_schema(), button="保存草稿").shown(values)
    return _entry_page(request, form, draft, draft.supersedes or "")


@view_config(
    route_name="officer_tariff_edit",
    request_method="POST",
    permission=Permission.TARIFF_DRAFT,
    renderer="tariffs/entry.jinja2",
)
def save(request: Request) -> Any:
    draft = draft_of(request)
    form = Form(request, entry_schema(), button="保存草稿")

    def keep(record: dict[str, Any], day: dt.date | None, version: int) -> TariffDraft:
        request.service(DraftService).save(draft, record, by=request.viewer, version=version, publish_on=day)
        return draft

    if _entered(request, form, keep) is None:
        return _entry_page(request, form, draft, draft.supersedes or "")
    return to_draft(request, draft, "草稿已保存。")


def _entered(
    request: Request, form: Form, keep: Callable[[dict[str, Any], dt.date | None, int], TariffDraft]
) -> TariffDraft | None:
    """The draft as kept, or None with the form saying what is wrong and where."""
    values = form.submitted()
    if values is None:
        return None
    try:
        record = record_of(values, today=local_date(request.now()).isoformat())
        day = dt.date.fromisoformat(values["publish_on"]) if values["publish_on"] else None
    except NotALine as error:
        hint = request.say("第 %(n)s 行写法有误，应如：%(example)s", n=error.number, example=error.example)
        form.refuse(error.field, hint)
        return None
    except ValueError:
        form.refuse("publish_on", request.say("请填写日期，例如 2026-01-31。"))
        return None
    try:
        return keep(record, day, values["version"])
    except TariffRefused as refusal:
        if refusal.field is None:
            raise
        form.refuse(refusal.field, said(request, refusal))
        return None
