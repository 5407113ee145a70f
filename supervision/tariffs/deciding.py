"""Tariffs are reviewed, approved, published and withdrawn. Each act, its event and its journal entry are one
transaction, and three different people take the first three."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

from sqlalchemy import select

from checks.tariffs.record import Tariff
from checks.tariffs.written import tariff_digest
from supervision.companies.models import Company
from supervision.db import serialise
from supervision.db.lifecycle import MovedMeanwhile
from supervision.jobs import enqueue
from supervision.journal import SYSTEM
from supervision.notifications import Kind, officers, people_of, tell
from supervision.security import Identity
from supervision.settings.clock import SHANGHAI, local_date
from supervision.tariffs.draft_reading import cut, demand_reason, demand_seen
from supervision.tariffs.drafting import Drafting
from supervision.tariffs.lifecycle import LIFECYCLE, DraftAct, DraftState
from supervision.tariffs.models import TariffDraft, TariffEntry
from supervision.tariffs.problems import SamePerson, TariffRefused
from supervision.tariffs.service import read_entry


class DraftService(Drafting):
    # -- deciding --------------------------------------------------------------------------------------------------

    def send_back(self, draft: TariffDraft, *, by: Identity, version: int, reason: str) -> None:
        """The draft is open to its author again, with the reason. Raises TariffRefused, NotPossible, MovedMeanwhile."""
        demand_seen(draft, version)
        act = DraftAct.REFUSE if draft.state is DraftState.REVIEWED else DraftAct.SEND_BACK
        LIFECYCLE.step(draft.state, act)
        self._refuse_author(draft, by, "退回", "send back")
        reason = demand_reason(reason, "退回的原因", "why it is sent back")
        LIFECYCLE.move(
            self._session,
            draft,
            act,
            reviewed_by=None,
            reviewed_by_person=None,
            reviewed_at=None,
        )
        self._happened(draft, "send_back", by.actor, reason=reason)

    def confirm(
        self, draft: TariffDraft, *, by: Identity, version: int, record_digest: str, reason: str
    ) -> None:
        """A second person held exactly this record against the notice and the law, and says what was looked at. Raises
        TariffRefused, NotPossible, MovedMeanwhile."""
        demand_seen(draft, version)
        LIFECYCLE.step(draft.state, DraftAct.CONFIRM)
        self._refuse_author(draft, by, "审核", "review")
        if record_digest != draft.record_digest:
            raise MovedMeanwhile
        reason = demand_reason(reason, "审核意见", "what the review found")
        LIFECYCLE.move(
            self._session,
            draft,
            DraftAct.CONFIRM,
            reviewed_by=by.name,
            reviewed_by_person=by.person_no,
            reviewed_at=self._clock.now(),
        )
        self._happened(draft, "confirm", by.actor, reason=reason, detail={"record": draft.record_digest})

    def approve(
        self,
        draft: TariffDraft,
        *,
        by: Identity,
        version: int,
        record_digest: str,
        effect_digest: str,
        reason: str,
    ) -> TariffEntry:
        """Exactly this record stands in the register, with exactly this effect attached; the version it follows ends on
        the day before. It is public now, or on its day. Raises TariffRefused, NotPossible, MovedMeanwhile, and then
        nothing happened."""
        serialise(self._session, "tariffs")
        self._session.refresh(draft)  # it may have been decided while this waited
        demand_seen(draft, version)
        LIFECYCLE.step(draft.state, DraftAct.APPROVE)
        self._refuse_author(draft, by, "批准", "approve")
        if by.person_no == draft.reviewed_by_person:
            raise SamePerson("审核", "reviewed", "批准", "approve")
        if record_digest != draft.record_digest or effect_digest != (draft.effect_digest or ""):
            raise MovedMeanwhile
        tariff = self._demand_approvable(draft)
        reason = demand_reason(reason, "批准的理由", "why it is approved")
        now = self._clock.now()
        if tariff.supersedes is not None:
            self._end(tariff)
        entry = self._register.admit(tariff, tariff_digest(tariff), by.name, published_at=None)
        LIFECYCLE.move(
            self._session,
            draft,
            DraftAct.APPROVE,
            approved_by=by.name,
            approved_by_person=by.person_no,
            approved_at=now,
            entry_id=entry.id,
        )
        detail = {
            "tariff": tariff.id,
            "record": entry.digest,
            "effect": draft.effect_digest,
            "notice": draft.notice_digest,
            "supersedes": tariff.supersedes,
            "publish_on": draft.publish_on.isoformat() if draft.publish_on else None,
        }
        self._happened(draft, "approve", by.actor, reason=reason, detail=detail)
        if draft.publish_on is None or draft.publish_on <= local_date(now):
            self.publish(draft)
        else:
            self._publish_later(draft, draft.publish_on)
        return entry

    def _publish_later(self, draft: TariffDraft, day: dt.date) -> None:
        enqueue(
            self._session,
            "publish_tariff",
            key=f"publish_tariff {draft.public_id}",
            enqueued_at=self._clock.now(),
            due_at=dt.datetime.combine(day, dt.time.min, SHANGHAI),
            draft_id=draft.id,
        )

    def _end(self, tariff: Tariff) -> None:
        """The version that ``tariff`` follows ends on the day before."""
        entry = self._base_entry(str(tariff.supersedes))
        if entry.followed_by is not None:
            raise TariffRefused(
                f"热价 {entry.tariff_id} 已由 {entry.followed_by} 接替；请从最新版本建立新版本。",
                f"{entry.followed_by} follows tariff {entry.tariff_id} already; start from the newest version.",
            )
        if tariff.valid_from is None or tariff.valid_from == dt.date.min:
            raise TariffRefused("请填写执行日期。", "Give the day from which it binds.", "valid_from")
        entry.ends_on = tariff.valid_from - dt.timedelta(days=1)
        entry.followed_by = tariff.id
        self._register.bind(entry, cut(read_entry(entry), tariff.valid_from))

    # -- publishing and withdrawing --------------------------------------------------------------------------------

    def publish(self, draft: TariffDraft) -> None:
        """Everybody reads it, bills are checked against it, and those of its city that were checked are checked again.
        Raises NotPossible, MovedMeanwhile."""
        LIFECYCLE.move(self._session, draft, DraftAct.PUBLISH)
        entry = self._entry_of(draft)
        entry.published_at = self._clock.now()
        self._session.flush()
        self._check_again(draft.city)
        detail = {"tariff": entry.tariff_id, "record": entry.digest}
        self._happened(draft, "publish", SYSTEM, detail=detail)
        self._tell(draft.city, entry)

    def _tell(self, city: str, entry: TariffEntry) -> None:
        """The companies of the city and every officer are told of the tariff."""
        serving = select(Company.id).where(Company.city == city, Company.is_active)
        people = [user for one in self._session.scalars(serving) for user in people_of(self._session, one)]
        tell(
            self._session,
            self._clock,
            Kind.TARIFF_PUBLISHED,
            [*people, *officers(self._session)],
            path=f"/tariffs/{quote(entry.tariff_id)}",
            tariff=entry.tariff_id,
            valid_from=(read_entry(entry).valid_from or dt.date.min).isoformat(),
        )

    def withdraw(self, draft: TariffDraft, *, by: Identity, version: int, reason: str) -> None:
        """The tariff prices nothing any more, the one before it stands as it did, and the public reads why. Raises
        TariffRefused, NotPossible, MovedMeanwhile."""
        serialise(self._session, "tariffs")
        self._session.refresh(draft)  # it may have been decided while this waited
        demand_seen(draft, version)
        LIFECYCLE.step(draft.state, DraftAct.WITHDRAW)
        self._refuse_author(draft, by, "撤回", "withdraw")
        reason = demand_reason(reason, "撤回的原因", "why it is withdrawn")
        entry = self._entry_of(draft)
        if entry.followed_by is not None:
            raise TariffRefused(
                f"热价 {entry.tariff_id} 已由 {entry.followed_by} 接替；请先撤回 {entry.followed_by}。",
                f"{entry.followed_by} follows tariff {entry.tariff_id}; withdraw {entry.followed_by} first.",
            )
        now = self._clock.now()
        LIFECYCLE.move(self._session, draft, DraftAct.WITHDRAW, withdrawn_at=now, withdrawal_reason=reason)
        entry.withdrawn_at = now
        self._register.bind(entry, None)
        if draft.supersedes is not None:
            before = self._base_entry(draft.supersedes)
            before.ends_on = before.followed_by = None
            self._register.bind(before, read_entry(before))
        if entry.published_at is not None:
            self._check_again(draft.city)
        self._happened(draft, "withdraw", by.actor, reason=reason, detail={"tariff": entry.tariff_id})

    def _check_again(self, city: str) -> None:
        enqueue(self._session, "check_city_again", enqueued_at=self._clock.now(), city=city)
