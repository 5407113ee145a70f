"""What officers do with the register of charges: enter, approve, send back, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import exception_view_config, view_config

from supervision.fees import wording
from supervision.fees.entering import FeeEntering
from supervision.fees.forms import ActSchema, NotThis, charge_of, entry_schema, values_of
from supervision.fees.lifecycle import LIFECYCLE, EntryAct, EntryState
from supervision.fees.models import FeeEntry
from supervision.fees.problems import FeeRefused, NoSuchEntry
from supervision.fees.service import Charge, FeeService, read_entry
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.tariffs import TariffService
from supervision.tariffs.wording import CATEGORIES
from supervision.users import UserService
from supervision.web import Request
from supervision.web.errors import not_found
from supervision.web.forms import Form


@view_config(
    route_name="officer_fees",
    request_method="GET",
    permission=Permission.TARIFF_READ,
    renderer="fees/desk.jinja2",
)
def desk(request: Request) -> dict[str, Any]:
    entries = request.service(FeeService).all()
    acted = [name for one in entries for name in (one.drafted_by, one.approved_by) if name]
    return {
        "entries": [(one, read_entry(one).fee) for one in entries],
        "people": request.service(UserService).display_names(acted),
        "wording": wording,
        "may_draft": request.may(Permission.TARIFF_DRAFT),
    }


# -- entering -----------------------------------------------------------------------------------------------------


def _form(request: Request) -> Form:
    register, places = request.service(FeeService).register(), _places(request)
    return Form(request, entry_schema(register, places, request.language), button="保存草稿")


def _places(request: Request) -> list[tuple[str, str]]:
    return [(province, city) for province, city in request.service(TariffService).cities()]


def _entry_page(form: Form, entry: FeeEntry | None) -> dict[str, Any]:
    return {"form": form, "entry": entry, "fee": read_entry(entry).fee if entry else None}


@view_config(
    route_name="officer_fee_new",
    request_method="GET",
    permission=Permission.TARIFF_DRAFT,
    renderer="fees/entry.jinja2",
)
def new(request: Request) -> dict[str, Any]:
    """An empty form; with ``?name=`` and ``?of=`` the name as billed and the charge stand in it."""
    register = request.service(FeeService).register()
    known = register.fee(request.GET.get("of", ""))
    values = {
        "of": known.code if known else "",
        "names": request.GET.get("name", "").strip()[:300],
        "known_from": local_date(request.now()).isoformat(),
    }
    return _entry_page(_form(request).shown(values), None)


@view_config(
    route_name="officer_fee_new",
    request_method="POST",
    permission=Permission.TARIFF_DRAFT,
    renderer="fees/entry.jinja2",
)
def start(request: Request) -> Any:
    form = _form(request)
    entering = request.service(FeeEntering)
    made = _entered(request, form, lambda charge, _version: entering.start(charge, by=request.viewer))
    if made is None:
        return _entry_page(form, None)
    return _to_entry(request, made, "草稿已保存。核对无误后提交批准。")


@view_config(
    route_name="officer_fee_edit",
    request_method="GET",
    permission=Permission.TARIFF_DRAFT,
    renderer="fees/entry.jinja2",
)
def edit(request: Request) -> dict[str, Any]:
    entry = _entry_of(request)
    LIFECYCLE.step(entry.state, EntryAct.SAVE)
    register = request.service(FeeService).register()
    values = values_of(read_entry(entry), register, _places(request)) | {"version": entry.version}
    return _entry_page(_form(request).shown(values), entry)


@view_config(
    route_name="officer_fee_edit",
    request_method="POST",
    permission=Permission.TARIFF_DRAFT,
    renderer="fees/entry.jinja2",
)
def save(request: Request) -> Any:
    entry, form = _entry_of(request), _form(request)

    def keep(charge: Charge, version: int) -> FeeEntry:
        request.service(FeeEntering).save(entry, charge, by=request.viewer, version=version)
        return entry

    if _entered(request, form, keep) is None:
        return _entry_page(form, entry)
    return _to_entry(request, entry, "草稿已保存。")


def _entered(request: Request, form: Form, keep: Callable[[Charge, int], FeeEntry]) -> FeeEntry | None:
    """The entry as kept, or None with the form saying what is wrong and where."""
    values = form.submitted()
    if values is None:
        return None
    register = request.service(FeeService).register()
    try:
        with request.db.begin_nested():
            return keep(charge_of(values, register), values["version"])
    except NotThis as error:
        form.refuse(error.field, request.say(error.hint))
    except FeeRefused as refusal:
        if refusal.field is None:
            raise
        form.refuse(refusal.field, _said(request, refusal))
    return None


# -- one entry ----------------------------------------------------------------------------------------------------

_BUTTONS = {
    "submit": "提交批准",
    "approve": "批准",
    "send_back": "退回修改",
    "withdraw": "撤回",
    "discard": "作废",
}
_TOLD = {
    "submit": "已提交，等待另一人批准。",
    "approve": "已批准登记，有关账单将重新核查。",
    "send_back": "已退回录入人修改。",
    "withdraw": "已撤回，有关账单将重新核查。",
    "discard": "草稿已作废。",
}


def _acts(request: Request, entry: FeeEntry) -> list[str]:
    """What this person may do with the entry now, the usual act first."""
    viewer, held = request.viewer, frozenset(map(str, request.viewer.permissions))
    is_author = viewer.person_no == entry.drafted_by_person
    asked = [
        ("submit", EntryAct.SUBMIT, is_author),
        ("approve", EntryAct.APPROVE, not is_author),
        ("send_back", EntryAct.SEND_BACK, not is_author),
        ("withdraw", EntryAct.WITHDRAW, not is_author),
        ("discard", EntryAct.DISCARD, is_author),
    ]
    return [name for name, act, may in asked if may and LIFECYCLE.permits(entry.state, act, held)]


def _act_form(request: Request, entry: FeeEntry, act: str) -> Form:
    form = Form(request, ActSchema(), button=_BUTTONS[act], name=act)
    return form.act(request.route_path(f"officer_fee_{act}", public_id=entry.public_id))


def _page(request: Request, entry: FeeEntry, shown: tuple[str, Form] | None = None) -> dict[str, Any]:
    seen = {"version": entry.version, "record_digest": entry.record_digest}
    forms = {act: _act_form(request, entry, act).shown(seen) for act in _acts(request, entry)}
    if shown is not None:
        forms[shown[0]] = shown[1]
    fee, source, known_from = read_entry(entry)
    return {
        "entry": entry,
        "fee": fee,
        "source": source,
        "known_from": known_from,
        "known": request.service(FeeService).register().fee(fee.code),
        "people": request.service(UserService).display_names(event.by_name for event in entry.events),
        "forms": forms,
        "buttons": _BUTTONS,
        "may_edit": entry.state is EntryState.DRAFT and request.viewer.person_no == entry.drafted_by_person,
        "wording": wording,
        "categories": CATEGORIES,
    }


@view_config(
    route_name="officer_fee",
    request_method="GET",
    permission=Permission.TARIFF_READ,
    renderer="fees/one.jinja2",
)
def one(request: Request) -> dict[str, Any]:
    return _page(request, _entry_of(request))


def _acting(request: Request, act: str) -> Any:
    """The act done and told, or the page again with what is in the way."""
    entry, service = _entry_of(request), request.service(FeeEntering)
    form = _act_form(request, entry, act)
    values = form.submitted()
    if values is None:
        return _page(request, entry, (act, form))
    seen = {"by": request.viewer, "version": values["version"], "reason": values["reason"]}
    calls: dict[str, Callable[[], Any]] = {
        "submit": lambda: service.submit(entry, **seen),
        "discard": lambda: service.discard(entry, **seen),
        "send_back": lambda: service.send_back(entry, **seen),
        "approve": lambda: service.approve(entry, **seen, record_digest=values["record_digest"]),
        "withdraw": lambda: service.withdraw(entry, **seen),
    }
    try:
        with request.db.begin_nested():
            calls[act]()
    except FeeRefused as refusal:
        form.refuse("reason", _said(request, refusal))
        return _page(request, entry, (act, form))
    return _to_entry(request, entry, _TOLD[act])


@view_config(
    route_name="officer_fee_submit",
    request_method="POST",
    permission=Permission.TARIFF_DRAFT,
    renderer="fees/one.jinja2",
)
def submit(request: Request) -> Any:
    return _acting(request, "submit")


@view_config(
    route_name="officer_fee_discard",
    request_method="POST",
    permission=Permission.TARIFF_DRAFT,
    renderer="fees/one.jinja2",
)
def discard(request: Request) -> Any:
    return _acting(request, "discard")


@view_config(
    route_name="officer_fee_send_back",
    request_method="POST",
    permission=Permission.TARIFF_REVIEW,
    renderer="fees/one.jinja2",
)
def send_back(request: Request) -> Any:
    return _acting(request, "send_back")


@view_config(
    route_name="officer_fee_approve",
    request_method="POST",
    permission=Permission.TARIFF_APPROVE,
    renderer="fees/one.jinja2",
)
def approve(request: Request) -> Any:
    return _acting(request, "approve")


@view_config(
    route_name="officer_fee_withdraw",
    request_method="POST",
    permission=Permission.TARIFF_APPROVE,
    renderer="fees/one.jinja2",
)
def withdraw(request: Request) -> Any:
    return _acting(request, "withdraw")


# -- shared -------------------------------------------------------------------------------------------------------


def _entry_of(request: Request) -> FeeEntry:
    return request.service(FeeService).entry(request.matchdict["public_id"])


def _said(request: Request, refusal: FeeRefused) -> str:
    return refusal.en if request.language == "en" else refusal.zh


def _to_entry(request: Request, entry: FeeEntry, text: str) -> HTTPSeeOther:
    request.session.flash(request.say(text), "success")
    return HTTPSeeOther(request.route_path("officer_fee", public_id=entry.public_id))


@exception_view_config(NoSuchEntry, renderer="error.jinja2")
def no_such_entry(error: NoSuchEntry, request: Request) -> dict[str, Any]:
    answer: dict[str, Any] = not_found(request)
    return answer


@exception_view_config(FeeRefused, renderer="error.jinja2")
def fee_refused(error: FeeRefused, request: Request) -> dict[str, Any]:
    request.response.status = 409
    return {"code": 409, "title": "不能这样办理", "advice": _said(request, error), "incident": None}
