"""What can be done with a filing: receive, sign, withdraw (explaining: see ``explaining``). Each act and its journal entry are one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from ingest.readers.manifest import Manifest
from ingest.readers.opening import is_telegrams
from supervision.db import serialise
from supervision.db.lifecycle import MovedMeanwhile
from supervision.filings import receipts
from supervision.filings.intake import full_disk_refused
from supervision.filings.lifecycle import LIFECYCLE, Act, State
from supervision.filings.models import Filing
from supervision.filings.names import shown_name
from supervision.filings.problems import FilingRefused
from supervision.filings.profiles import profile_in_force
from supervision.filings.reading import FilingReading, period_of, season_text, withdrawn_edits
from supervision.filings.trace import profile_named, record
from supervision.jobs import enqueue
from supervision.journal import SYSTEM, Actor
from supervision.settings import Clock, Settings


@dataclass(frozen=True, slots=True)
class Received:
    """``is_repeat``: these very bytes were filed before, and this is the filing of then."""

    filing: Filing
    is_repeat: bool


#: Feeds whose filings the ledger of a company is checked on.
LEDGER_FEEDS = ("bills", "accounts", "payments", "readings")


class FilingService(FilingReading):
    def __init__(self, session: Session, clock: Clock, evidence: EvidenceStore, settings: Settings) -> None:
        super().__init__(session, evidence)
        self._clock, self._settings = clock, settings

    def receive(
        self,
        *,
        company_id: int,
        feed: str,
        period: str,
        path: Path,
        filename: str,
        by: Actor,
        received_at: dt.datetime | None = None,
        declared_digest: str | None = None,
        idempotency_key: str | None = None,
        is_test: bool = False,
        declared: Manifest | None = None,
        is_correction: bool = False,
    ) -> Received:
        """The bytes of ``path`` are durable evidence first; then the filing, its journal entry and the job that judges
        it are in the caller's transaction. The same bytes for the same (company, feed, period) answer with the filing
        they already have. ``is_test``: it is judged and goes no further, each upload by itself.
        ``declared``: what it must hold. ``is_correction``: it holds rows to change in the filing in force, and the same bytes
        declared otherwise are another filing. It is read by the company's mapping profile in force now; a correction, whose rows
        are those of a standard file, and M-Bus telegrams by none. Raises FilingRefused (T06, T09, T10, T11, T13, F11)."""
        found_period = period_of(feed, period)
        name = shown_name(filename)
        with full_disk_refused():
            stored = self._evidence.put_file(path)
        serialise(self._session, f"filings of company {company_id}")
        corrects = self.must_be_in_force(company_id, feed, period).public_id if is_correction else None
        said = declared.as_data() if declared else None
        is_standard = is_correction or is_telegrams(name)
        profile = None if is_standard else profile_in_force(self._session, company_id, feed)
        repeat = _repeat_digest(stored.digest, said, is_correction, profile.digest if profile else None)
        sent = _repeat_digest(stored.digest, said, is_correction)
        known = self._by_key(company_id, idempotency_key, (feed, period, sent, is_test))
        if known is None and not is_test:
            known = self._answering_repeat(company_id, feed, period, repeat, name)
        if known is not None:
            return Received(known, is_repeat=True)
        filing = Filing(
            company_id=company_id,
            feed=feed,
            period=period,
            season=season_text(found_period),
            number=self._next_number(company_id, feed, period),
            filename=name,
            size=stored.size,
            bytes_digest=stored.digest,
            repeat_digest=None if is_test else repeat,
            declared=said,
            corrects=corrects,
            profile_version=profile and profile.number,
            profile_digest=profile and profile.digest,
            is_test=is_test,
            declared_digest=declared_digest,
            idempotency_key=idempotency_key,
            received_at=received_at or self._clock.now(),
            uploaded_by=by.name,
        )
        self._session.add(filing)
        self._session.flush()
        filing.job_id = enqueue(
            self._session,
            "judge_filing",
            key=f"judge_filing {filing.id}",
            enqueued_at=self._clock.now(),
            filing_id=filing.id,
        )
        record(
            self._session,
            self._clock,
            filing,
            "filing.received",
            by,
            digest=stored.digest,
            size=stored.size,
            **({"received_at": filing.received_at.isoformat()} if received_at else {}),
            **({"is_test": True} if is_test else {}),
            **({"corrects": corrects} if corrects else {}),
            **({"declared": said} if said else {}),
            **profile_named(filing),
        )
        self._session.refresh(filing)
        return Received(filing, is_repeat=False)

    def must_be_in_force(self, company_id: int, feed: str, period: str) -> Filing:
        """The filing in force, which a partial correction corrects. Raises FilingRefused (F11) where there is none."""
        in_force = self.current(company_id, feed, period)
        if in_force is None:
            raise FilingRefused("F11", period)
        return in_force

    def withdraw(self, filing: Filing, *, by: Actor, version: int) -> None:
        """It is not filed; the same bytes may be uploaded again as a new filing. Raises NotPossible, MovedMeanwhile."""
        _seen(filing, version)
        LIFECYCLE.move(self._session, filing, Act.WITHDRAW, repeat_digest=None)
        record(self._session, self._clock, filing, "filing.withdrawn", by)

    def sign(
        self, filing: Filing, *, by: Actor, signer: str, version: int, difference_seen: str | None = None
    ) -> None:
        """The filing is in force, the one before it superseded, its receipt numbered and entered in the journal, and
        the checks and the receipt's document are asked for: all of it or nothing. ``difference_seen`` is the public id
        of the filing in force whose difference the signer acknowledged. A partial correction of another filing than the one in
        force by now is not signed. Raises FilingRefused (F02, F03, F12), NotPossible,
        MovedMeanwhile."""
        serialise(self._session, f"filings of company {filing.company_id}")
        self._session.refresh(filing)
        _seen(filing, version)
        _refuse_test(filing)
        LIFECYCLE.step(filing.state, Act.SIGN)
        self._refuse_newer_signed(filing)
        earlier = self.current(filing.company_id, filing.feed, filing.period)
        if filing.corrects is not None and (earlier is None or earlier.public_id != filing.corrects):
            raise FilingRefused("F12")
        if earlier is not None:
            compared_with = (filing.difference or {}).get("compared_with")
            if not earlier.public_id == compared_with == difference_seen:
                raise FilingRefused("F03")
            self._supersede(earlier, filing)
        number = receipts.new_receipt_no(self._clock.now())
        entry = record(
            self._session,
            self._clock,
            filing,
            "filing.signed",
            by,
            receipt_no=number,
            digest=filing.bytes_digest,
            rows=filing.rows,
            totals=filing.totals,
            pack_digest=filing.pack_digest,
            explanations_digest=filing.explanations_digest,
            supersedes=earlier.public_id if earlier else None,
            **profile_named(filing),
        )
        LIFECYCLE.move(
            self._session,
            filing,
            Act.SIGN,
            is_current=True,
            signed_at=entry.at,
            signed_by=by.name,
            receipt_no=number,
            receipt=receipts.frozen(
                filing, number=number, signer=signer, at=entry.at, entry=entry, settings=self._settings
            ),
        )
        self._ask_for_what_follows(filing)

    def _supersede(self, earlier: Filing, filing: Filing) -> None:
        LIFECYCLE.move(
            self._session,
            earlier,
            Act.SUPERSEDE,
            is_current=False,
            superseded_by=filing.id,
            repeat_digest=None,
        )
        record(
            self._session, self._clock, earlier, "filing.superseded", SYSTEM, superseded_by=filing.public_id
        )

    def _ask_for_what_follows(self, filing: Filing) -> None:
        now = self._clock.now()
        asked = ["render_receipt", "check_filing"]
        if filing.feed in LEDGER_FEEDS and self._has_a_ledger(filing.company_id):
            asked.append("check_ledger")
        for name in asked:
            enqueue(self._session, name, key=f"{name} {filing.id}", enqueued_at=now, filing_id=filing.id)
        siblings = select(Filing.id).where(
            *_same_key(filing.company_id, filing.feed, filing.period),
            Filing.state.in_((State.NEEDS_EXPLANATION, State.READY)),
            Filing.number > filing.number,
        )
        for sibling in self._session.scalars(siblings):
            enqueue(self._session, "compare_filing", enqueued_at=now, filing_id=sibling)

    def _has_a_ledger(self, company_id: int) -> bool:
        """Whether anything is in force of the company that its bills can be held against."""
        query = select(Filing.id).where(
            Filing.company_id == company_id, Filing.is_current, Filing.feed.in_(("payments", "readings"))
        )
        return self._session.scalars(query.limit(1)).first() is not None

    # -- what an act asks first ---------------------------------------------------------------------------

    def _answering_repeat(
        self, company_id: int, feed: str, period: str, digest: str, name: str
    ) -> Filing | None:
        """The filing that answers a repeat of these bytes. A rejection under another name (whose extension says how to
        read them) or by older rules does not: they may pass now."""
        from ingest.edits import pack_without

        known = self._session.scalars(
            select(Filing).where(*_same_key(company_id, feed, period), Filing.repeat_digest == digest)
        ).one_or_none()
        if known is None or known.state is not State.REJECTED:
            return known
        if (known.filename, known.pack_digest) == (name, pack_without(withdrawn_edits(self._session))):
            return known
        known.repeat_digest = None
        self._session.flush()
        return None

    def _by_key(self, company_id: int, key: str | None, wanted: tuple[str, str, str, bool]) -> Filing | None:
        """What the same idempotency key was answered with before. Raises FilingRefused (T13) when it stands for other
        bytes, another declaration or another period."""
        if key is None:
            return None
        known = self._session.scalars(
            select(Filing).where(Filing.company_id == company_id, Filing.idempotency_key == key)
        ).one_or_none()
        if known is not None:
            stands_for = _repeat_digest(known.bytes_digest, known.declared, known.corrects is not None)
            if (known.feed, known.period, stands_for, known.is_test) != wanted:
                raise FilingRefused("T13", key)
        return known

    def _refuse_newer_signed(self, filing: Filing) -> None:
        newest = self._session.scalar(
            select(func.max(Filing.number)).where(
                *_same_key(filing.company_id, filing.feed, filing.period), Filing.signed_at.is_not(None)
            )
        )
        if newest is not None and newest > filing.number:
            raise FilingRefused("F02", newest)

    def _next_number(self, company_id: int, feed: str, period: str) -> int:
        last = self._session.scalar(
            select(func.max(Filing.number)).where(*_same_key(company_id, feed, period))
        )
        return (last or 0) + 1


def _same_key(company_id: int, feed: str, period: str) -> tuple[ColumnElement[bool], ...]:
    return (Filing.company_id == company_id, Filing.feed == feed, Filing.period == period)


def _repeat_digest(
    digest: str, declared: dict[str, Any] | None, is_correction: bool, profile: str | None = None
) -> str:
    """What a repeat is known by: the bytes alone, or with what was said of them beside and the profile they are read by."""
    if not declared and not is_correction and profile is None:
        return digest
    said = json.dumps([digest, declared, is_correction, *filter(None, [profile])], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _refuse_test(filing: Filing) -> None:
    if filing.is_test:
        raise FilingRefused("F10")


def _seen(filing: Filing, version: int) -> None:
    if filing.version != version:
        raise MovedMeanwhile
