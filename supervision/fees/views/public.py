"""The register of charges beside the price, for everybody: what ships and what was entered, and who approved it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from supervision.fees import wording
from supervision.fees.lifecycle import EntryState
from supervision.fees.service import FeeService, read_entry, source_key
from supervision.security import Permission
from supervision.settings.clock import SHANGHAI, local_date
from supervision.tariffs.views.public import asked_day
from supervision.users import UserService
from supervision.web import Request
from supervision.web.files import open_data


def _asked(request: Request) -> tuple[dt.date, dt.datetime | None]:
    """The day of ``?on=``, and its last instant; None for today, when the register is told as it stands."""
    day = asked_day(request)
    if day >= local_date(request.now()):
        return day, None
    return day, dt.datetime.combine(day, dt.time.max, tzinfo=SHANGHAI)


@view_config(
    route_name="fees",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="fees/list.jinja2",
)
def fee_register(request: Request) -> dict[str, Any]:
    day, at = _asked(request)
    service = request.service(FeeService)
    register, entries = service.register(at=at), service.in_force(at=at)
    everything = service.all()
    acted = [one.approved_by for one in everything if one.approved_by]
    return {
        "day_asked": day,
        "is_today": at is None,
        "register": register,
        "entered": {source_key(one): one for one in entries},
        "names_entered": [(one, read_entry(one)) for one in entries if not read_entry(one).fee.rulings],
        "withdrawn": [(one, read_entry(one)) for one in everything if one.state is EntryState.WITHDRAWN],
        "people": request.service(UserService).display_names(acted),
        "wording": wording,
    }


@view_config(route_name="fees_json", request_method="GET", permission=Permission.PUBLIC_READ)
def fee_register_json(request: Request) -> Response:
    """The register as ``supervision recompute --fees`` reads it, with its digest and, by source, when what was entered was
    approved."""
    _, at = _asked(request)
    service = request.service(FeeService)
    register = service.register(at=at)
    content = {
        **json.loads(register.as_written()),
        "digest": register.digest,
        "approved": {source_key(one): _text(one.approved_at) for one in service.in_force(at=at)},
    }
    body = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    return open_data(body.encode(), "application/json")


def _text(at: dt.datetime | None) -> str | None:
    return None if at is None else at.astimezone(SHANGHAI).isoformat(timespec="seconds")
