"""What officers do with tariffs: enter, review, approve, withdraw, each with what the approval would change in sight."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config

from checks.tariffs.difference import changes
from reports.charts import Bar, horizontal_bars
from supervision.db.lifecycle import MovedMeanwhile
from supervision.documents.attached import MOST_BYTES, SUFFIXES, AttachmentRefused, sent_file
from supervision.security import Permission
from supervision.tariffs import field_names, wording
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.forms import ActSchema
from supervision.tariffs.lifecycle import LIFECYCLE, DraftAct, DraftState
from supervision.tariffs.models import TariffDraft
from supervision.tariffs.problems import TariffRefused
from supervision.tariffs.service import TariffService
from supervision.tariffs.views.ground import draft_of, said, to_draft
from supervision.users import UserService
from supervision.web import Request
from supervision.web.forms import Form


@view_config(
    route_name="officer_tariffs",
    request_method="GET",
    permission=Permission.TARIFF_READ,
    renderer="tariffs/desk.jinja2",
)
def desk(request: Request) -> dict[str, Any]:
    drafts = request.service(DraftService).all()
    acted = [name for one in drafts for name in (one.drafted_by, one.reviewed_by, one.approved_by) if name]
    return {
        "drafts": drafts,
        "people": request.service(UserService).display_names(acted),
        "names": field_names,
        "tariffs": request.service(TariffService).all(),
        "wording": wording,
        "may_draft": request.may(Permission.TARIFF_DRAFT),
    }


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
        "people": request.service(UserService).display_names(event.by_name for event in draft.events),
        "tariff": tariff,
        "problems": problems,
        "warnings": service.warnings(tariff) if tariff else [],
        "faults": service.calendar_faults(tariff) if tariff and draft.entry_id is None else [],
        "changes": changes(base, tariff) if tariff else [],
        "base": base,
        "effect": effect_of(request, draft),
        "effect_chart": effect_chart(request, effect_of(request, draft)),
        "realised": realised_of(request, draft),
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


def realised_of(request: Request, draft: TariffDraft) -> dict[str, Any] | None:
    """What the first season under the published tariff shows, as kept in the evidence."""
    if draft.realised_digest is None:
        return None
    found: dict[str, Any] = json.loads(request.evidence.read_bytes(draft.realised_digest))
    return found


@view_config(
    route_name="officer_tariff",
    request_method="GET",
    permission=Permission.TARIFF_READ,
    renderer="tariffs/draft.jinja2",
)
def one(request: Request) -> dict[str, Any]:
    return _page(request, draft_of(request))


@view_config(route_name="officer_tariff_attach", request_method="POST", permission=Permission.TARIFF_DRAFT)
def attach(request: Request) -> HTTPSeeOther:
    """The notice as a file. Refused files leave the draft as it was."""
    draft = draft_of(request)
    text = request.POST.get("version", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise MovedMeanwhile
    name, content = sent_file(request.POST.get("notice")) or ("", b"")
    try:
        request.service(DraftService).attach_notice(
            draft, name, content, by=request.viewer, version=int(text)
        )
    except (AttachmentRefused, TariffRefused) as refusal:
        request.session.flash(said(request, refusal), "danger")
        return to_draft(request, draft)
    return to_draft(request, draft, "通知原文已保存为证据。")


def _acting(request: Request, act: str) -> Any:
    """The act done and told, or the page again with what is in the way."""
    draft = draft_of(request)
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
        form.refuse("reason", said(request, refusal))
        return _page(request, draft, (act, form))
    return to_draft(request, draft, _TOLD[act])


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
    return notice_file(request, draft_of(request))


def effect_chart(request: Request, effect: dict[str, Any] | None) -> Markup | None:
    """The mean change of a bill in each band of billed areas; None where there is nothing to compare."""
    bands = [one for one in (effect or {}).get("by_area", ()) if one["compared"]]
    if not bands:
        return None
    bars = [
        Bar(
            wording.area_band(one).in_language(request.language),
            (Decimal(one["shift"]) / one["compared"]).quantize(Decimal("0.01")),
            request.say("%(n)s 张", n=one["compared"]),
        )
        for one in bands
    ]
    return horizontal_bars(
        bars,
        title=request.say("每张账单平均增减"),
        description=request.say("上一采暖季的账单按新旧热价各算一次，各面积段每张账单平均增减多少。"),
        unit=request.say("元"),
    )


@view_config(route_name="officer_tariff_effect", request_method="GET", permission=Permission.TARIFF_READ)
def effect(request: Request) -> Response:
    """The effect as kept in the evidence, byte for byte: its SHA-256 is the digest that was approved."""
    draft = draft_of(request)
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
