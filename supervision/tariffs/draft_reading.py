"""Drafts of tariffs as they stand, and what every act on one asks first."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from checks.tariffs.approvable import approvable
from checks.tariffs.calendar import Fault, ended, faults
from checks.tariffs.consistency import Contradiction
from checks.tariffs.plausibility import Implausible, implausible
from checks.tariffs.record import Tariff
from ingest.evidence import EvidenceStore
from supervision.companies.models import Company
from supervision.db.lifecycle import MovedMeanwhile
from supervision.journal import Actor, Journal, canonical
from supervision.security import Identity
from supervision.settings import Clock
from supervision.tariffs.lifecycle import DraftState
from supervision.tariffs.models import TariffDraft, TariffEntry, TariffEvent
from supervision.tariffs.problems import NoSuchDraft, SamePerson, TariffRefused
from supervision.tariffs.service import TariffService, read_entry

REASON_LENGTH = (5, 2000)


class DraftReading:
    """What drafts say, what stands in their way, and what every act asks first."""

    def __init__(self, session: Session, clock: Clock, evidence: EvidenceStore) -> None:
        self._session, self._clock, self._evidence = session, clock, evidence
        self._register = TariffService(session, clock)

    # -- reading ---------------------------------------------------------------------------------------------------

    def draft(self, public_id: str) -> TariffDraft:
        """Raises NoSuchDraft."""
        found = self._session.scalars(select(TariffDraft).where(TariffDraft.public_id == public_id)).first()
        if found is None:
            raise NoSuchDraft(public_id)
        return found

    def of_tariff(self, tariff_id: str) -> TariffDraft | None:
        """The draft that a tariff of the register was approved from; None for one that came with the portal."""
        query = select(TariffDraft).where(
            TariffDraft.tariff_id == tariff_id, TariffDraft.entry_id.is_not(None)
        )
        return self._session.scalars(query.order_by(TariffDraft.id.desc())).first()

    def all(self) -> Sequence[TariffDraft]:
        """Every draft, the newest first."""
        return self._session.scalars(select(TariffDraft).order_by(TariffDraft.id.desc())).all()

    def base_of(self, draft: TariffDraft) -> Tariff | None:
        """The record that the draft follows, as it was entered. Raises TariffRefused where there is no such record."""
        if draft.supersedes is None:
            return None
        return read_entry(self._base_entry(draft.supersedes))

    def problems(self, draft: TariffDraft) -> tuple[Tariff | None, list[Contradiction]]:
        """The record, where it can be read, and what stands in the way of its approval."""
        return approvable(draft.record)

    def warnings(self, tariff: Tariff) -> list[Implausible]:
        return implausible(tariff)

    def calendar_faults(self, tariff: Tariff) -> list[Fault]:
        """The days on which approval would leave a scope with two prices, or with none."""
        before = self._register.planned(tariff.city)
        after = [one for one in before if one.id not in (tariff.id, tariff.supersedes)]
        if tariff.supersedes is not None:
            base = next((one for one in before if one.id == tariff.supersedes), None)
            left = None if base is None or tariff.valid_from is None else cut(base, tariff.valid_from)
            after += [left] if left is not None else []
        areas = self._session.scalars(
            select(Company.service_areas).where(Company.city == tariff.city, Company.is_active)
        )
        served = {tuple(sorted(one)) for one in areas}
        return faults(before, [*after, tariff], city=tariff.city, served=served)

    # -- what an act asks first ------------------------------------------------------------------------------------

    def _demand_sound(self, draft: TariffDraft) -> Tariff:
        """Raises TariffRefused with everything that is in the way."""
        tariff, found = self.problems(draft)
        if tariff is None or found:
            raise TariffRefused(
                "；".join(f"{one.field}：{one.zh}" for one in found) + "。",
                "; ".join(f"{one.field}: {one.en}" for one in found) + ".",
            )
        if draft.notice_digest is None and not draft.has_link:
            raise TariffRefused(
                "没有通知原文，也没有来源链接。请上传通知文件，或填写发文机关页面的链接。",
                "There is neither the notice itself nor a link to it. Upload the notice, or give the address of the "
                "issuer's page.",
            )
        return tariff

    def _demand_approvable(self, draft: TariffDraft) -> Tariff:
        tariff = self._demand_sound(draft)
        if draft.effect_digest is None or draft.effect_of != draft.record_digest:
            raise TariffRefused(
                "影响测算尚未完成，不能批准；请稍候刷新页面。",
                "What the approval changes is still being computed; wait a moment and open the page again.",
            )
        if [one.code for one in self.warnings(tariff)] != draft.warnings:
            raise TariffRefused(
                "合理性提示与提交时不同，请退回重新提交。",
                "The plausibility warnings differ from those acknowledged; send it back to be submitted again.",
            )
        self._refuse_taken_by_entry(tariff.id)
        found = self.calendar_faults(tariff)
        if found:
            raise TariffRefused(" ".join(one.zh for one in found), " ".join(one.en for one in found))
        return tariff

    def _demand_author(self, draft: TariffDraft, by: Identity) -> None:
        if by.person_no != draft.drafted_by_person:
            raise TariffRefused(
                f"草稿由 {draft.drafted_by} 录入，只能由其本人修改；您可以另建新版本。",
                f"{draft.drafted_by} entered this draft and alone changes it; you can start a version of your own.",
            )

    def _refuse_author(self, draft: TariffDraft, by: Identity, act_zh: str, act_en: str) -> None:
        if by.person_no == draft.drafted_by_person:
            raise SamePerson("录入", "entered", act_zh, act_en)

    def _refuse_taken(self, tariff_id: str) -> None:
        live = select(TariffDraft.id).where(
            TariffDraft.tariff_id == tariff_id,
            TariffDraft.state.not_in((DraftState.WITHDRAWN, DraftState.DISCARDED)),
        )
        if self._session.scalar(live) is not None:
            raise taken(tariff_id)
        self._refuse_taken_by_entry(tariff_id)

    def _refuse_taken_by_entry(self, tariff_id: str) -> None:
        query = select(TariffEntry.id).where(TariffEntry.tariff_id == tariff_id)
        if self._session.scalar(query) is not None:
            raise taken(tariff_id)

    def _base_entry(self, tariff_id: str) -> TariffEntry:
        found = self._session.scalars(select(TariffEntry).where(TariffEntry.tariff_id == tariff_id)).first()
        if found is None or found.withdrawn_at is not None:
            raise TariffRefused(
                f"被接替的热价 {tariff_id} 不在登记库中，或已撤回。",
                f"Tariff {tariff_id}, which it follows, is not in the register or was withdrawn.",
                "supersedes",
            )
        return found

    def _entry_of(self, draft: TariffDraft) -> TariffEntry:
        if draft.entry is None:
            self._session.refresh(draft, ["entry"])
        if draft.entry is None:
            raise ValueError(f"draft {draft.public_id} is approved without an entry")
        return draft.entry

    @staticmethod
    def _put(draft: TariffDraft, record: Mapping[str, Any]) -> None:
        draft.record = dict(record)
        draft.record_digest = hashlib.sha256(canonical(draft.record)).hexdigest()
        draft.tariff_id = str(record.get("id") or "")
        draft.city = str(record.get("city") or "")
        draft.has_link = any(source.get("url") for source in record.get("sources") or ())

    def _happened(
        self,
        draft: TariffDraft,
        act: str,
        by: Actor,
        *,
        reason: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        self._session.add(
            TariffEvent(
                draft_id=draft.id,
                at=self._clock.now(),
                act=act,
                by_name=by.name,
                by_role=by.role,
                state=str(draft.state),
                reason=reason,
            )
        )
        self._session.flush()
        self._session.expire(draft, ["events"])
        Journal(self._session, self._clock).record(
            f"tariff.{act}",
            actor=by,
            object_type="tariff_draft",
            object_id=draft.public_id,
            detail={"tariff_id": draft.tariff_id, "reason": reason, **(detail or {})},
        )


def cut(tariff: Tariff, next_first_day: dt.date) -> Tariff | None:
    return ended(tariff, next_first_day - dt.timedelta(days=1))


def demand_seen(draft: TariffDraft, version: int) -> None:
    if draft.version != version:
        raise MovedMeanwhile


def demand_reason(text: str, what_zh: str, what_en: str) -> str:
    least, most = REASON_LENGTH
    if not least <= len(text.strip()) <= most:
        raise TariffRefused(
            f"请用 {least} 至 {most} 个字写明{what_zh}。",
            f"State {what_en} in {least} to {most} characters.",
            "reason",
        )
    return text.strip()


def taken(tariff_id: str) -> TariffRefused:
    return TariffRefused(
        f"编号 {tariff_id} 已被使用，请换一个编号。", f"The id {tariff_id} is in use; choose another.", "id"
    )
