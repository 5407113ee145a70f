"""What officers do with tariffs: enter, review, approve, withdraw, each with what the approval would change in sight."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.view import exception_view_config, view_config

from checks.tariffs.difference import changes
from supervision.db.lifecycle import MovedMeanwhile
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.tariffs import field_names, wording
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.drafting import new_version_of
from supervision.tariffs.entry_form import NotALine, record_of, values_of
from supervision.tariffs.forms import ActSchema, entry_schema
from supervision.tariffs.lifecycle import LIFECYCLE, DraftAct, DraftState
from supervision.tariffs.models import TariffDraft
from supervision.tariffs.notices import MOST_BYTES, SUFFIXES
from supervision.tariffs.problems import NoSuchDraft, NoSuchTariff, TariffRefused
from supervision.tariffs.service import TariffService
from supervision.web import Request
from supervision.web.errors import not_found
from supervision.web.forms import Form


def _draft(request: Request) -> TariffDraft:
    return request.service(DraftService).draft(request.matchdict["public_id"])


def _said(request: Request, refusal: TariffRefused) -> str:
    return refusal.en if request.language == "en" else refusal.zh


def _to(request: Request, draft: TariffDraft, text: str = "", queue: str = "success") -> HTTPSeeOther:
    if text:
        request.session.flash(request.say(text), queue)
    return HTTPSeeOther(request.route_path("officer_tariff", public_id=draft.public_id))


@view_config(
    route_name="officer_tariffs",
    request_method="GET",
    permission=Permission.TARIFF_READ,
    renderer="tariffs/desk.jinja2",
)
def desk(request: Request) -> dict[str, Any]:
    return {
        "drafts": request.service(DraftService).all(),
        "names": field_names,
        "tariffs": request.service(TariffService).all(),
        "wording": wording,
        "may_draft": request.may(Permission.TARIFF_DRAFT),
    }


# -- entering -----------------------------------------------------------------------------------------------------


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
    return _to(request, made, "草稿已保存。请上传通知原文，并处理下面列出的问题。")


@view_config(
    route_name="officer_tariff_edit",
    request_method="GET",
    permission=Permission.TARIFF_DRAFT,
    renderer="tariffs/entry.jinja2",
)
def edit(request: Request) -> dict[str, Any]:
    draft = _draft(request)
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
    draft = _draft(request)
    form = Form(request, entry_schema(), button="保存草稿")

    def keep(record: dict[str, Any], day: dt.date | None, version: int) -> TariffDraft:
        request.service(DraftService).save(draft, record, by=request.viewer, version=version, publish_on=day)
        return draft

    if _entered(request, form, keep) is None:
        return _entry_page(request, form, draft, draft.supersedes or "")
    return _to(request, draft, "草稿已保存。")


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
        said = request.say("第 %(n)s 行写法有误，应如：%(example)s", n=error.number, example=error.example)
        form.refuse(error.field, said)
        return None
    except ValueError:
        form.refuse("publish_on", request.say("请填写日期，例如 2026-01-31。"))
        return None
    try:
        return keep(record, day, values["version"])
    except TariffRefused as refusal:
        if refusal.field is None:
            raise
        form.refuse(refusal.field, _said(request, refusal))
        return None


# -- one draft ----------------------------------------------------------------------------------------------------

_BUTTONS = {
    "submit": "提交审核",
    "confirm": "审核通过",
    "send_back": "退回修改",
    "approve": "批准",
    "withdraw": "撤回",
    "discard": "作废",
}
_TOLD = {
    "submit": "已提交审核，正在测算影响。",
    "confirm": "审核已通过，等待第三人批准。",
    "send_back": "已退回录入人修改。",
    "approve": "已批准。",
    "withdraw": "热价已撤回，原热价恢复。",
    "discard": "草稿已作废。",
}


def _acts(request: Request, draft: TariffDraft) -> list[str]:
    """What this person may do with the draft now, the usual act first."""
    viewer, held = request.viewer, frozenset(map(str, request.viewer.permissions))
    is_author = viewer.person_no == draft.drafted_by_person
    is_reviewer = viewer.person_no == draft.reviewed_by_person
    asked = [
        ("submit", DraftAct.SUBMIT, is_author),
        ("confirm", DraftAct.CONFIRM, not is_author),
        ("approve", DraftAct.APPROVE, not is_author and not is_reviewer),
        ("send_back", DraftAct.SEND_BACK, not is_author),
        ("send_back", DraftAct.REFUSE, not is_author),
        ("withdraw", DraftAct.WITHDRAW, not is_author),
        ("discard", DraftAct.DISCARD, is_author),
    ]
    return [name for name, act, may in asked if may and LIFECYCLE.permits(draft.state, act, held)]


def _form(request: Request, draft: TariffDraft, act: str) -> Form:
    form = Form(request, ActSchema(), button=_BUTTONS[act], name=act)
    return form.act(request.route_path(f"officer_tariff_{act}", public_id=draft.public_id))


def _page(request: Request, draft: TariffDraft, shown: tuple[str, Form] | None = None) -> dict[str, Any]:
    service = request.service(DraftService)
    tariff, problems = service.problems(draft)
    forms: dict[str, Form] = {}
    for act in _acts(request, draft):
        forms[act] = _form(request, draft, act).shown(
            {
                "version": draft.version,
                "record_digest": draft.record_digest,
                "effect_digest": draft.effect_digest or "",
            }
        )
    if shown is not None:
        forms[shown[0]] = shown[1]
    base = _base(service, draft)
    return {
        "draft": draft,
        "tariff": tariff,
        "problems": problems,
        "warnings": service.warnings(tariff) if tariff else [],
        "faults": service.calendar_faults(tariff) if tariff and draft.entry_id is None else [],
        "changes": changes(base, tariff) if tariff else [],
        "base": base,
        "effect": effect_of(request, draft),
        "is_effect_current": draft.effect_of == draft.record_digest,
        "forms": forms,
        "buttons": _BUTTONS,
        "may_edit": draft.state is DraftState.DRAFT and request.viewer.person_no == draft.drafted_by_person,
        "names": field_names,
        "wording": wording,
        "megabytes": MOST_BYTES >> 20,
    }


def _base(service: DraftService, draft: TariffDraft) -> Any:
    try:
        return service.base_of(draft)
    except TariffRefused:
        return None  # told among the reasons against approval


def effect_of(request: Request, draft: TariffDraft) -> dict[str, Any] | None:
    """What approval changes, as kept in the evidence."""
    if draft.effect_digest is None:
        return None
    found: dict[str, Any] = json.loads(request.evidence.read_bytes(draft.effect_digest))
    return found


@view_config(
    route_name="officer_tariff",
    request_method="GET",
    permission=Permission.TARIFF_READ,
    renderer="tariffs/draft.jinja2",
)
def one(request: Request) -> dict[str, Any]:
    return _page(request, _draft(request))


@view_config(route_name="officer_tariff_attach", request_method="POST", permission=Permission.TARIFF_DRAFT)
def attach(request: Request) -> HTTPSeeOther:
    """The notice as a file. Refused files leave the draft as it was."""
    draft = _draft(request)
    given = request.POST.get("notice")
    text = request.POST.get("version", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise MovedMeanwhile
    name = getattr(given, "filename", None) or "notice"
    content = given.file.read(MOST_BYTES + 1) if hasattr(given, "file") else b""
    try:
        request.service(DraftService).attach_notice(
            draft, name, content, by=request.viewer, version=int(text)
        )
    except TariffRefused as refusal:
        request.session.flash(_said(request, refusal), "danger")
        return _to(request, draft)
    return _to(request, draft, "通知原文已保存为证据。")


def _acting(request: Request, act: str) -> Any:
    """The act done and told, or the page again with what is in the way."""
    draft = _draft(request)
    service = request.service(DraftService)
    form = _form(request, draft, act)
    values = form.submitted()
    if values is None:
        return _page(request, draft, (act, form))
    seen = {"by": request.viewer, "version": values["version"], "reason": values["reason"]}
    record = {"record_digest": values["record_digest"]}
    calls: dict[str, Callable[[], Any]] = {
        "submit": lambda: service.submit(draft, **seen),
        "discard": lambda: service.discard(draft, **seen),
        "send_back": lambda: service.send_back(draft, **seen),
        "confirm": lambda: service.confirm(draft, **seen, **record),
        "approve": lambda: service.approve(draft, **seen, **record, effect_digest=values["effect_digest"]),
        "withdraw": lambda: service.withdraw(draft, **seen),
    }
    try:
        with request.db.begin_nested():
            calls[act]()
    except TariffRefused as refusal:
        form.refuse("reason", _said(request, refusal))
        return _page(request, draft, (act, form))
    return _to(request, draft, _TOLD[act])


@view_config(
    route_name="officer_tariff_submit",
    request_method="POST",
    permission=Permission.TARIFF_DRAFT,
    renderer="tariffs/draft.jinja2",
)
def submit(request: Request) -> Any:
    return _acting(request, "submit")


@view_config(
    route_name="officer_tariff_discard",
    request_method="POST",
    permission=Permission.TARIFF_DRAFT,
    renderer="tariffs/draft.jinja2",
)
def discard(request: Request) -> Any:
    return _acting(request, "discard")


@view_config(
    route_name="officer_tariff_send_back",
    request_method="POST",
    permission=Permission.TARIFF_REVIEW,
    renderer="tariffs/draft.jinja2",
)
def send_back(request: Request) -> Any:
    return _acting(request, "send_back")


@view_config(
    route_name="officer_tariff_confirm",
    request_method="POST",
    permission=Permission.TARIFF_REVIEW,
    renderer="tariffs/draft.jinja2",
)
def confirm(request: Request) -> Any:
    return _acting(request, "confirm")


@view_config(
    route_name="officer_tariff_approve",
    request_method="POST",
    permission=Permission.TARIFF_APPROVE,
    renderer="tariffs/draft.jinja2",
)
def approve(request: Request) -> Any:
    return _acting(request, "approve")


@view_config(
    route_name="officer_tariff_withdraw",
    request_method="POST",
    permission=Permission.TARIFF_APPROVE,
    renderer="tariffs/draft.jinja2",
)
def withdraw(request: Request) -> Any:
    return _acting(request, "withdraw")


# -- what belongs to a draft ---------------------------------------------------------------------------------------


@view_config(route_name="officer_tariff_notice", request_method="GET", permission=Permission.TARIFF_READ)
def notice(request: Request) -> Response:
    return notice_file(request, _draft(request))


@view_config(route_name="officer_tariff_effect", request_method="GET", permission=Permission.TARIFF_READ)
def effect(request: Request) -> Response:
    """The effect as kept in the evidence, byte for byte: its SHA-256 is the digest that was approved."""
    draft = _draft(request)
    if draft.effect_digest is None:
        raise HTTPNotFound
    answer = Response(request.evidence.read_bytes(draft.effect_digest), content_type="application/json")
    answer.content_disposition = f'attachment; filename="tariff-effect-{draft.public_id}.json"'
    return answer


def notice_file(request: Request, draft: TariffDraft | None) -> Response:
    """The notice, to be saved and never shown by the browser on our behalf. Raises HTTPNotFound."""
    if draft is None or draft.notice_digest is None or draft.notice_type is None:
        raise HTTPNotFound
    answer = Response(request.evidence.read_bytes(draft.notice_digest), content_type=draft.notice_type)
    suffix = SUFFIXES[draft.notice_type]
    answer.content_disposition = f'attachment; filename="notice-{draft.tariff_id}.{suffix}"'
    return answer


@exception_view_config(NoSuchDraft, renderer="error.jinja2")
def no_such_draft(error: NoSuchDraft, request: Request) -> dict[str, Any]:
    answer: dict[str, Any] = not_found(request)
    return answer


@exception_view_config(TariffRefused, renderer="error.jinja2")
def tariff_refused(error: TariffRefused, request: Request) -> dict[str, Any]:
    request.response.status = 409
    return {"code": 409, "title": "不能这样办理", "advice": _said(request, error), "incident": None}
