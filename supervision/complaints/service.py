"""What can be done with a complaint, by whom; each act and its journal entry are one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from checks.deadlines import complaint_deadline
from supervision.companies import Company
from supervision.complaints import telling
from supervision.complaints.lifecycle import LIFECYCLE, OPEN, WAITS_FOR_COMPANY, ComplaintAct, ComplaintState
from supervision.complaints.models import Complaint, ComplaintContact, ComplaintEvent, ComplaintLookup
from supervision.db import serialise
from supervision.db.lifecycle import MovedMeanwhile
from supervision.journal import PUBLIC, Actor, Journal
from supervision.security import Identity
from supervision.settings import Clock, Settings
from supervision.settings.clock import local_date

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misread on a phone
CODE_LENGTH = 16  # 16 × log2(31) is 79 bits
SENT_WITHIN_HOUR = 20
WRONG_WITHIN = dt.timedelta(minutes=10)
WRONG_ALLOWED = 10


class NoSuchComplaint(LookupError):
    """No complaint has this number, its code is wrong, or the asker may not see it: one answer for all three."""


class TooMany(Exception):
    """Too many from one address; ``seconds`` until the next is taken."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Received:
    complaint: Complaint
    code: str  # shown once


@dataclass(frozen=True, slots=True)
class CompanyFigures:
    """Complaints of one company in a span of time. ``in_time`` counts those closed by their deadline."""

    company_id: int
    received: int
    closed: int
    in_time: int
    overdue: int
    reopened: int
    upheld: int


class ComplaintService:
    def __init__(self, session: Session, clock: Clock, settings: Settings) -> None:
        self._session, self._clock, self._settings = session, clock, settings

    # -- the public -----------------------------------------------------------------------------------------------

    def receive(
        self,
        *,
        company: Company,
        topic: str,
        place: str,
        text: str,
        address: str,
        account_no: str | None = None,
        bill_no: str | None = None,
        phone: str | None = None,
        received_at: dt.datetime | None = None,
    ) -> Received:
        """The complaint has a number, a tracking code and its deadlines. Raises TooMany."""
        now = received_at or self._clock.now()
        mark = self._mark(address)
        self._refuse_flood(mark, now)
        deadline = complaint_deadline(company.city, topic, now)
        year = local_date(now).year
        serialise(self._session, "complaint number")
        year_number = (
            self._session.scalar(select(func.max(Complaint.year_number)).where(Complaint.year == year)) or 0
        ) + 1
        number = f"TS{year}-{year_number:06d}"
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        complaint = Complaint(
            number=number,
            year=year,
            year_number=year_number,
            tracking_hash=_tracking_hash(number, code),
            company_id=company.id,
            topic=topic,
            place=place,
            account_no=account_no or None,
            bill_no=bill_no or None,
            text=text,
            sender_mark=mark,
            received_at=now,
            on_site_by=deadline.on_site_by,
            answer_by=deadline.answer_by,
            close_by=deadline.close_by,
            rule_zh=deadline.zh,
            rule_en=deadline.en,
            rule_source=deadline.source,
            is_rule_assumed=deadline.is_assumed,
        )
        self._session.add(complaint)
        self._session.flush()
        if phone:
            self._session.add(ComplaintContact(complaint_id=complaint.id, phone=phone))
        self._happened(complaint, "receive", PUBLIC, None, at=now)
        Journal(self._session, self._clock).record(
            "complaint.received",
            actor=PUBLIC,
            object_type="complaint",
            object_id=number,
            company_id=company.id,
            detail={
                "topic": topic,
                "answer_by": deadline.answer_by.isoformat(),
                "rules": deadline.rules_digest,
            },
            personal={
                key: value
                for key, value in (
                    ("text", text),
                    ("place", place),
                    ("account_no", account_no),
                    ("phone", phone),
                )
                if value
            },
        )
        telling.forwarded(self._session, self._clock, complaint)
        return Received(complaint, "-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4)))

    def unlock(self, number: str, code: str, address: str) -> Complaint | None:
        """The complaint of this number and code, or None; a wrong pair is counted. Raises TooMany."""
        now, mark = self._clock.now(), self._mark(address)
        serialise(self._session, "complaint lookup")
        tries = select(func.count(), func.min(ComplaintLookup.at)).where(
            ComplaintLookup.sender_mark == mark, ComplaintLookup.at > now - WRONG_WITHIN
        )
        count, first = self._session.execute(tries).one()
        if count >= WRONG_ALLOWED:
            raise TooMany(max(1, int((first + WRONG_WITHIN - now).total_seconds())))
        found = self._session.scalars(
            select(Complaint).where(Complaint.number == number.strip().upper())
        ).first()
        clean = "".join(code.upper().replace("-", "").split())
        wanted = found.tracking_hash if found else "0" * 64
        if hmac.compare_digest(wanted, _tracking_hash(number.strip().upper(), clean)) and found is not None:
            return found
        self._session.add(ComplaintLookup(sender_mark=mark, at=now))
        return None

    def numbered(self, number: str) -> Complaint:
        """For the complainant who unlocked it before. Raises NoSuchComplaint."""
        found = self._session.scalars(select(Complaint).where(Complaint.number == number)).first()
        if found is None:
            raise NoSuchComplaint(number)
        return found

    def reopen(self, complaint: Complaint, *, reason: str, version: int) -> None:
        """The company must answer again; the deadlines of the first day stay. Raises NotPossible, MovedMeanwhile."""
        _seen(complaint, version)
        LIFECYCLE.move(
            self._session, complaint, ComplaintAct.REOPEN, closed_at=None, reopened=complaint.reopened + 1
        )
        self._happened(complaint, "reopen", PUBLIC, reason)
        self._record(
            "complaint.reopened", complaint, PUBLIC, {"times": complaint.reopened}, {"reason": reason}
        )

    # -- companies and officers --------------------------------------------------------------------------------------

    def visible_to(self, viewer: Identity) -> Select[Complaint]:
        """Company people see their own company's complaints only."""
        query = select(Complaint)
        return query.where(Complaint.company_id == viewer.company_id) if viewer.is_company else query

    def counts(self, viewer: Identity, now: dt.datetime) -> dict[str, int]:
        """How many complaints are open, overdue (see :func:`is_overdue`), unanswered, answered, and all."""
        seen = self.visible_to(viewer).subquery().c
        is_open = seen.state.in_(OPEN)
        is_late = (seen.close_by < now) | (seen.first_answered_at.is_(None) & (seen.answer_by < now))
        row = self._session.execute(
            select(
                func.count().filter(is_open),
                func.count().filter(is_open & is_late),
                func.count().filter(seen.state.in_(WAITS_FOR_COMPANY)),
                func.count().filter(seen.state == ComplaintState.ANSWERED),
                func.count(seen.id),
            )
        ).one()
        return dict(zip(("open", "overdue", "unanswered", "answered", "all"), row, strict=True))

    def find(self, number: str, viewer: Identity) -> Complaint:
        """Raises NoSuchComplaint."""
        found = self._session.scalars(self.visible_to(viewer).where(Complaint.number == number)).first()
        if found is None:
            raise NoSuchComplaint(number)
        return found

    def phone_of(self, complaint: Complaint, viewer: Identity) -> str | None:
        """For officers; a company never learns it here."""
        contact = None if viewer.is_company else self._session.get(ComplaintContact, complaint.id)
        return contact.phone if contact else None

    def answer(
        self,
        complaint: Complaint,
        *,
        by: Identity,
        kind: str,
        text: str,
        amount: Decimal | None,
        version: int,
    ) -> None:
        """The company's answer waits for an officer. Raises NotPossible, MovedMeanwhile."""
        _seen(complaint, version)
        now = self._clock.now()
        LIFECYCLE.move(
            self._session,
            complaint,
            ComplaintAct.ANSWER,
            answer=text,
            answer_kind=kind,
            answer_amount=amount if kind == "monetary" else None,
            first_answered_at=complaint.first_answered_at or now,
        )
        self._happened(complaint, "answer", by.actor, text)
        detail = {"kind": kind, "amount": str(amount) if kind == "monetary" else None}
        self._record("complaint.answered", complaint, by.actor, detail, {"answer": text})

    def return_to_company(self, complaint: Complaint, *, by: Identity, reason: str, version: int) -> None:
        _seen(complaint, version)
        LIFECYCLE.move(self._session, complaint, ComplaintAct.RETURN)
        self._happened(complaint, "return", by.actor, reason)
        self._record("complaint.returned", complaint, by.actor, {}, {"reason": reason})

    def close(self, complaint: Complaint, *, by: Identity, text: str, version: int) -> None:
        """The complainant reads the answer and the officer's word, and may reopen. Raises NotPossible, MovedMeanwhile."""
        _seen(complaint, version)
        now = self._clock.now()
        LIFECYCLE.move(
            self._session,
            complaint,
            ComplaintAct.CLOSE,
            closed_at=now,
            first_closed_at=complaint.first_closed_at or now,
        )
        self._happened(complaint, "close", by.actor, text)
        late = now > complaint.close_by
        self._record("complaint.closed", complaint, by.actor, {"late": late}, {"text": text})

    # -- figures -----------------------------------------------------------------------------------------------------

    def figures(self, since: dt.datetime, until: dt.datetime) -> Sequence[CompanyFigures]:
        """Per company, for complaints received in [since, until). A reopened one counts as not closed again."""
        now = self._clock.now()
        by_company: dict[int, list[Complaint]] = {}
        received = select(Complaint).where(Complaint.received_at >= since, Complaint.received_at < until)
        for complaint in self._session.scalars(received):
            by_company.setdefault(complaint.company_id, []).append(complaint)
        return [_figures(company_id, rows, now) for company_id, rows in sorted(by_company.items())]

    # -- inside ------------------------------------------------------------------------------------------------------

    def _mark(self, address: str) -> str:
        return hmac.new(self._settings.session_secret.encode(), address.encode(), hashlib.sha256).hexdigest()

    def _refuse_flood(self, mark: str, now: dt.datetime) -> None:
        hour = dt.timedelta(hours=1)
        count, first = self._session.execute(
            select(func.count(), func.min(Complaint.received_at)).where(
                Complaint.sender_mark == mark,
                Complaint.received_at > now - hour,
                Complaint.received_at <= now,
            )
        ).one()
        if count >= SENT_WITHIN_HOUR:
            raise TooMany(max(1, int((first + hour - now).total_seconds())))

    def _happened(
        self, complaint: Complaint, act: str, by: Actor, text: str | None, at: dt.datetime | None = None
    ) -> None:
        self._session.add(
            ComplaintEvent(
                complaint_id=complaint.id,
                at=at or self._clock.now(),
                act=act,
                by_role=by.role,
                state=str(complaint.state or ComplaintState.RECEIVED),
                text=text,
            )
        )
        self._session.flush()
        self._session.expire(complaint, ["events"])

    def _record(
        self,
        act: str,
        complaint: Complaint,
        by: Actor,
        detail: Mapping[str, object],
        personal: Mapping[str, str],
    ) -> None:
        Journal(self._session, self._clock).record(
            act,
            actor=by,
            object_type="complaint",
            object_id=complaint.number,
            company_id=complaint.company_id,
            detail=detail,
            personal=personal,
        )


def _tracking_hash(number: str, code: str) -> str:
    return hashlib.sha256(f"{number}\n{code}".encode()).hexdigest()


def _seen(complaint: Complaint, version: int) -> None:
    if complaint.version != version:
        raise MovedMeanwhile


def is_overdue(complaint: Complaint, now: dt.datetime) -> bool:
    """Open past the day it should have been closed, or waiting for an answer past its deadline."""
    if complaint.state not in OPEN:
        return False
    return now > complaint.close_by or (complaint.first_answered_at is None and now > complaint.answer_by)


def _figures(company_id: int, rows: Sequence[Complaint], now: dt.datetime) -> CompanyFigures:
    closed = [row for row in rows if row.state is ComplaintState.CLOSED]
    return CompanyFigures(
        company_id=company_id,
        received=len(rows),
        closed=len(closed),
        in_time=sum(1 for row in closed if row.closed_at is not None and row.closed_at <= row.close_by),
        overdue=sum(1 for row in rows if is_overdue(row, now)),
        reopened=sum(1 for row in rows if row.reopened),
        upheld=sum(1 for row in closed if row.answer_kind in ("monetary", "non_monetary")),
    )
