"""Tariff drafts on the desks of those who draft, review and approve."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.security import Permission
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.lifecycle import DraftState
from supervision.tariffs.models import TariffDraft
from supervision.web.request import Request
from supervision.web.waiting import Tone, Waiting


def on_the_desk(request: Request) -> Iterator[Waiting]:
    """Nobody reviews or approves what they wrote or reviewed: that waits for others."""
    if not request.may(Permission.TARIFF_READ):
        return
    me, path = request.viewer.person_no, request.route_path("officer_tariffs")
    drafts = request.service(DraftService).all()
    mine = [one for one in drafts if one.state is DraftState.DRAFT and one.drafted_by_person == me]
    yield Waiting("您起草中的热价", len(mine), path, "now")
    in_review = [one for one in drafts if one.state is DraftState.IN_REVIEW]
    yield from _split("等待复核的热价", in_review, me, path, request.may(Permission.TARIFF_REVIEW))
    reviewed = [one for one in drafts if one.state is DraftState.REVIEWED]
    yield from _split("等待批准的热价", reviewed, me, path, request.may(Permission.TARIFF_APPROVE))


def _split(label: str, drafts: list[TariffDraft], me: str, path: str, may: bool) -> Iterator[Waiting]:
    open_to_me = [one for one in drafts if may and me not in (one.drafted_by_person, one.reviewed_by_person)]
    tones: tuple[tuple[Tone, int], ...] = (
        ("now", len(open_to_me)),
        ("watch", len(drafts) - len(open_to_me)),
    )
    for tone, count in tones:
        yield Waiting(label, count, path, tone)
