"""Charges on the desks of those who enter and approve them."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.fees.lifecycle import EntryState
from supervision.fees.service import FeeService
from supervision.security import Permission
from supervision.web.request import Request
from supervision.web.waiting import Waiting


def on_the_desk(request: Request) -> Iterator[Waiting]:
    """Nobody approves what they entered: that waits for others."""
    if not request.may(Permission.TARIFF_READ):
        return
    me, path = request.viewer.person_no, request.route_path("officer_fees")
    entries = request.service(FeeService).all()
    mine = [one for one in entries if one.state is EntryState.DRAFT and one.drafted_by_person == me]
    yield Waiting("您起草中的收费项目", len(mine), path, "now")
    waiting = [one for one in entries if one.state is EntryState.SUBMITTED]
    may = request.may(Permission.TARIFF_APPROVE)
    open_to_me = [one for one in waiting if may and one.drafted_by_person != me]
    yield Waiting("等待批准的收费项目", len(open_to_me), path, "now")
    yield Waiting("等待批准的收费项目", len(waiting) - len(open_to_me), path, "watch")
