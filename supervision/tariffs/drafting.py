"""Tariffs are entered: the record, its notice, and what its approval would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from checks.tariffs.record import Tariff
from checks.tariffs.written import tariff_to_dict
from supervision.documents.attached import attached_file
from supervision.jobs import enqueue
from supervision.journal import SYSTEM, canonical
from supervision.security import Identity
from supervision.tariffs.draft_reading import DraftReading, demand_reason, demand_seen, taken
from supervision.tariffs.lifecycle import LIFECYCLE, DraftAct, DraftState
from supervision.tariffs.models import TariffDraft


class Drafting(DraftReading):
    # -- entering --------------------------------------------------------------------------------------------------

    def start(
        self, record: Mapping[str, Any], *, by: Identity, publish_on: dt.date | None = None
    ) -> TariffDraft:
        """A draft with this written record, which may lack fields. Raises TariffRefused where its id is taken."""
        draft = TariffDraft(
            drafted_by=by.name,
            drafted_by_person=by.person_no,
            drafted_at=self._clock.now(),
            warnings=[],
            publish_on=publish_on,
        )
        self._put(draft, record)
        self._refuse_taken(draft.tariff_id)
        self._session.add(draft)
        try:
            with self._session.begin_nested():
                self._session.flush()
        except IntegrityError:
            raise taken(draft.tariff_id) from None
        self._happened(draft, "start", by.actor, detail={"record": draft.record_digest})
        return draft

    def save(
        self,
        draft: TariffDraft,
        record: Mapping[str, Any],
        *,
        by: Identity,
        version: int,
        publish_on: dt.date | None = None,
    ) -> None:
        """The draft says this now. Only its author changes it, so that authorship is one person's. Raises
        TariffRefused, NotPossible, MovedMeanwhile."""
        demand_seen(draft, version)
        LIFECYCLE.step(draft.state, DraftAct.SAVE)
        self._demand_author(draft, by)
        if str(record.get("id") or "") != draft.tariff_id:
            self._refuse_taken(str(record.get("id") or ""))
        LIFECYCLE.move(self._session, draft, DraftAct.SAVE, publish_on=publish_on)
        self._put(draft, record)
        try:
            with self._session.begin_nested():
                self._session.flush()
        except IntegrityError:
            raise taken(draft.tariff_id) from None
        self._happened(draft, "save", by.actor, detail={"record": draft.record_digest})

    def attach_notice(
        self, draft: TariffDraft, name: str, content: bytes, *, by: Identity, version: int
    ) -> None:
        """The notice is a piece of evidence and belongs to the draft. Raises AttachmentRefused, TariffRefused,
        NotPossible, MovedMeanwhile."""
        demand_seen(draft, version)
        LIFECYCLE.step(draft.state, DraftAct.SAVE)
        self._demand_author(draft, by)
        notice = attached_file(name, content)
        digest = self._evidence.put_bytes(notice.content).digest
        LIFECYCLE.move(
            self._session,
            draft,
            DraftAct.SAVE,
            notice_digest=digest,
            notice_name=notice.name,
            notice_type=notice.media_type,
        )
        self._happened(draft, "attach_notice", by.actor, detail={"notice": digest, "name": draft.notice_name})

    def submit(self, draft: TariffDraft, *, by: Identity, version: int, reason: str = "") -> None:
        """The draft is frozen and waits for review; what its approval would change is being computed. ``reason`` says
        why a price that looks implausible is right. Raises TariffRefused, NotPossible, MovedMeanwhile."""
        demand_seen(draft, version)
        LIFECYCLE.step(draft.state, DraftAct.SUBMIT)
        self._demand_author(draft, by)
        tariff = self._demand_sound(draft)
        codes = [one.code for one in self.warnings(tariff)]
        if codes:
            reason = demand_reason(reason, "看似不合常理的数值为何属实", "why the unusual figures are right")
        LIFECYCLE.move(
            self._session,
            draft,
            DraftAct.SUBMIT,
            warnings=codes,
            warnings_reason=reason.strip() if codes else None,
        )
        self.ask_for_effect(draft)
        detail = {"record": draft.record_digest, "notice": draft.notice_digest, "warnings": codes}
        self._happened(draft, "submit", by.actor, reason=reason.strip() or None, detail=detail)

    def discard(self, draft: TariffDraft, *, by: Identity, version: int, reason: str) -> None:
        """Raises TariffRefused, NotPossible, MovedMeanwhile."""
        demand_seen(draft, version)
        LIFECYCLE.step(draft.state, DraftAct.DISCARD)
        self._demand_author(draft, by)
        reason = demand_reason(reason, "作废的原因", "why it is discarded")
        LIFECYCLE.move(self._session, draft, DraftAct.DISCARD)
        self._happened(draft, "discard", by.actor, reason=reason)

    # -- what approval would change --------------------------------------------------------------------------------

    def ask_for_effect(self, draft: TariffDraft) -> None:
        """What approval changes is computed in the background, by the engine that checks bills."""
        enqueue(
            self._session,
            "assess_tariff_draft",
            enqueued_at=self._clock.now(),
            draft_id=draft.id,
            record_digest=draft.record_digest,
        )

    def record_effect(self, draft: TariffDraft, content: Mapping[str, Any]) -> str:
        """``content`` is kept as evidence and is the effect of the record as it stands; its digest. An approved draft
        keeps the one it was approved with."""
        digest = self._evidence.put_bytes(canonical(dict(content))).digest
        if draft.state in (DraftState.IN_REVIEW, DraftState.REVIEWED):
            draft.effect_of, draft.effect_digest = draft.record_digest, digest
            self._session.flush()
            self._happened(draft, "assess", SYSTEM, detail={"record": draft.record_digest, "effect": digest})
        return digest

    def record_realised(self, draft: TariffDraft, content: Mapping[str, Any], rests_on: str) -> None:
        """``content`` is kept as evidence: what the first season under the tariff shows, beside the forecast it was approved
        with, which stays."""
        digest = self._evidence.put_bytes(canonical(dict(content))).digest
        draft.realised_of, draft.realised_digest = rests_on, digest
        self._session.flush()
        detail = {"season": content["season"], "forecast": draft.effect_digest, "realised": digest}
        self._happened(draft, "compare_season", SYSTEM, detail=detail)


def new_version_of(tariff: Tariff) -> dict[str, Any]:
    """The written record a new version starts from: the values of ``tariff`` without what is its own alone: its days,
    document, sources and citations. What was our reading is open again."""
    record = tariff_to_dict(tariff)
    for name in ("rounding", "proration", "transition"):
        if name in tariff.assumed or name == "transition":
            record[name] = None
    record |= {
        "id": "",
        "supersedes": tariff.id,
        "standing": "in_force",
        "confidence": "high",
        "valid_from": None,
        "valid_to": None,
        "document": None,
        "sources": [],
        "citations": [],
        "rules_from": [],
        "assumed": [name for name in record["assumed"] if name not in ("rounding", "proration")],
        "notes": "",
        "notes_en": "",
        "issuer": tariff.issuer,
    }
    return record
