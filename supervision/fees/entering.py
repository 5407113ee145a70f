"""Charges are entered, approved and withdrawn. Each act, its event and its journal entry are one transaction, and two
different people enter and approve."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from checks.fees.entered import contradictions
from checks.tariffs.written import written
from supervision.companies.models import Company
from supervision.db import serialise
from supervision.db.lifecycle import MovedMeanwhile
from supervision.fees.lifecycle import LIFECYCLE, EntryAct
from supervision.fees.models import FeeEntry, FeeEvent
from supervision.fees.problems import FeeRefused, SamePerson
from supervision.fees.service import Charge, FeeService, read_entry
from supervision.jobs import enqueue
from supervision.journal import Actor, Journal, canonical
from supervision.notifications import Kind, officers, people_of, tell
from supervision.security import Identity
from supervision.settings import Clock
from supervision.settings.clock import local_date

REASON_LENGTH = (5, 2000)


class FeeEntering:
    def __init__(self, session: Session, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._register = FeeService(session)

    # -- entering --------------------------------------------------------------------------------------------------

    def start(self, charge: Charge, *, by: Identity) -> FeeEntry:
        """A draft of this charge. Raises FeeRefused."""
        entry = FeeEntry(drafted_by=by.name, drafted_by_person=by.person_no, drafted_at=self._clock.now())
        self._put(entry, charge)
        self._session.add(entry)
        self._session.flush()
        self._happened(entry, "start", by.actor, detail={"record": entry.record_digest})
        return entry

    def save(self, entry: FeeEntry, charge: Charge, *, by: Identity, version: int) -> None:
        """The draft says this now. Only its author changes it. Raises FeeRefused, NotPossible, MovedMeanwhile."""
        _demand_seen(entry, version)
        LIFECYCLE.step(entry.state, EntryAct.SAVE)
        self._demand_author(entry, by)
        self._demand_sound(charge)
        LIFECYCLE.move(self._session, entry, EntryAct.SAVE)
        self._put(entry, charge)
        self._session.flush()
        self._happened(entry, "save", by.actor, detail={"record": entry.record_digest})

    def submit(self, entry: FeeEntry, *, by: Identity, version: int, reason: str = "") -> None:
        """The draft is frozen and waits for the approval of another person. Raises FeeRefused, NotPossible,
        MovedMeanwhile."""
        _demand_seen(entry, version)
        LIFECYCLE.step(entry.state, EntryAct.SUBMIT)
        self._demand_author(entry, by)
        self._demand_sound(read_entry(entry))
        LIFECYCLE.move(self._session, entry, EntryAct.SUBMIT)
        self._happened(
            entry, "submit", by.actor, reason=reason.strip() or None, detail={"record": entry.record_digest}
        )

    def discard(self, entry: FeeEntry, *, by: Identity, version: int, reason: str) -> None:
        """Raises FeeRefused, NotPossible, MovedMeanwhile."""
        _demand_seen(entry, version)
        LIFECYCLE.step(entry.state, EntryAct.DISCARD)
        self._demand_author(entry, by)
        reason = _demand_reason(reason, "作废的原因", "why it is discarded")
        LIFECYCLE.move(self._session, entry, EntryAct.DISCARD)
        self._happened(entry, "discard", by.actor, reason=reason)

    # -- deciding --------------------------------------------------------------------------------------------------

    def send_back(self, entry: FeeEntry, *, by: Identity, version: int, reason: str) -> None:
        """The draft is open to its author again, with the reason. Raises FeeRefused, NotPossible, MovedMeanwhile."""
        _demand_seen(entry, version)
        LIFECYCLE.step(entry.state, EntryAct.SEND_BACK)
        self._refuse_author(entry, by, "退回", "send back")
        reason = _demand_reason(reason, "退回的原因", "why it is sent back")
        LIFECYCLE.move(self._session, entry, EntryAct.SEND_BACK)
        self._happened(entry, "send_back", by.actor, reason=reason)

    def approve(
        self, entry: FeeEntry, *, by: Identity, version: int, record_digest: str, reason: str
    ) -> None:
        """Exactly this record is in the register; the bills it can concern are checked again. Raises FeeRefused,
        NotPossible, MovedMeanwhile, and then nothing happened."""
        serialise(self._session, "fees")
        self._session.refresh(entry)  # it may have been decided while this waited
        _demand_seen(entry, version)
        LIFECYCLE.step(entry.state, EntryAct.APPROVE)
        self._refuse_author(entry, by, "批准", "approve")
        if record_digest != entry.record_digest:
            raise MovedMeanwhile
        self._demand_sound(read_entry(entry))
        reason = _demand_reason(reason, "批准的理由", "why it is approved")
        LIFECYCLE.move(
            self._session,
            entry,
            EntryAct.APPROVE,
            approved_by=by.name,
            approved_by_person=by.person_no,
            approved_at=self._clock.now(),
        )
        self._happened(entry, "approve", by.actor, reason=reason, detail=self._as_it_stands(entry))
        self._check_again(entry)
        self._tell(entry)

    def withdraw(self, entry: FeeEntry, *, by: Identity, version: int, reason: str) -> None:
        """The register does not hold it any more, and the public reads why. Runs that rested on it stay as they are; bills
        are checked again without it. Raises FeeRefused, NotPossible, MovedMeanwhile."""
        serialise(self._session, "fees")
        self._session.refresh(entry)
        _demand_seen(entry, version)
        LIFECYCLE.step(entry.state, EntryAct.WITHDRAW)
        self._refuse_author(entry, by, "撤回", "withdraw")
        reason = _demand_reason(reason, "撤回的原因", "why it is withdrawn")
        now = self._clock.now()
        LIFECYCLE.move(self._session, entry, EntryAct.WITHDRAW, withdrawn_at=now, withdrawal_reason=reason)
        self._happened(entry, "withdraw", by.actor, reason=reason, detail=self._as_it_stands(entry))
        self._check_again(entry)

    # -- what every act asks and leaves ----------------------------------------------------------------------------

    def _as_it_stands(self, entry: FeeEntry) -> dict[str, str]:
        return {"record": entry.record_digest, "register": self._register.register().digest}

    def _put(self, entry: FeeEntry, charge: Charge) -> None:
        self._demand_sound(charge)
        entry.record = {
            "fee": written(charge.fee),
            "source": written(charge.source),
            "known_from": charge.known_from.isoformat(),
        }
        entry.record_digest = hashlib.sha256(canonical(entry.record)).hexdigest()
        entry.code, entry.known_from = charge.fee.code, charge.known_from

    def _demand_sound(self, charge: Charge) -> None:
        """Raises FeeRefused with everything that is in the way, at the field of the first."""
        if charge.known_from > local_date(self._clock.now()):
            raise FeeRefused(
                "公布日期不能晚于今天。", "The notice cannot be published after today.", "known_from"
            )
        found = contradictions(charge.fee, charge.source, self._register.register())
        if found:
            raise FeeRefused(
                "；".join(one.zh for one in found) + "。",
                "; ".join(one.en for one in found) + ".",
                found[0].field,
            )

    def _demand_author(self, entry: FeeEntry, by: Identity) -> None:
        if by.person_no != entry.drafted_by_person:
            raise FeeRefused(
                f"草稿由 {entry.drafted_by} 录入，只能由其本人修改；您可以另行录入。",
                f"{entry.drafted_by} entered this draft and alone changes it; you can enter one of your own.",
            )

    def _refuse_author(self, entry: FeeEntry, by: Identity, act_zh: str, act_en: str) -> None:
        if by.person_no == entry.drafted_by_person:
            raise SamePerson(act_zh, act_en)

    def _check_again(self, entry: FeeEntry) -> None:
        """The bills of the cities that the ruling holds for are checked again; those of all where it is a name alone."""
        fee = read_entry(entry).fee
        query = select(Company.city).where(Company.is_active).distinct().order_by(Company.city)
        for ruling in fee.rulings[:1]:
            if ruling.city and not fee.names:
                query = query.where(Company.city == ruling.city)
            elif ruling.province and not fee.names:
                query = query.where(Company.province == ruling.province)
        for city in self._session.scalars(query).all():
            enqueue(self._session, "check_city_again", enqueued_at=self._clock.now(), city=city)

    def _tell(self, entry: FeeEntry) -> None:
        """The companies and every officer are told of the charge."""
        companies = self._session.scalars(select(Company.id).where(Company.is_active)).all()
        people = [user for one in companies for user in people_of(self._session, one)]
        fee = read_entry(entry).fee
        tell(
            self._session,
            self._clock,
            Kind.FEE_REGISTERED,
            [*people, *officers(self._session)],
            path=f"/fees#{fee.code}",
            fee=fee.zh,
            fee_en=fee.en,
        )

    def _happened(
        self,
        entry: FeeEntry,
        act: str,
        by: Actor,
        *,
        reason: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        self._session.add(
            FeeEvent(
                entry_id=entry.id,
                at=self._clock.now(),
                act=act,
                by_name=by.name,
                by_role=by.role,
                state=str(entry.state),
                reason=reason,
            )
        )
        self._session.flush()
        self._session.expire(entry, ["events"])
        Journal(self._session, self._clock).record(
            f"fee.{act}",
            actor=by,
            object_type="fee_entry",
            object_id=entry.public_id,
            detail={"code": entry.code, "reason": reason, **(detail or {})},
        )


def _demand_seen(entry: FeeEntry, version: int) -> None:
    if entry.version != version:
        raise MovedMeanwhile


def _demand_reason(text: str, what_zh: str, what_en: str) -> str:
    least, most = REASON_LENGTH
    if not least <= len(text.strip()) <= most:
        raise FeeRefused(
            f"请用 {least} 至 {most} 个字写明{what_zh}。",
            f"State {what_en} in {least} to {most} characters.",
            "reason",
        )
    return text.strip()
