"""What can be done with a mapping profile: drafted from a sample, mended, discarded, signed. Each act and its journal entry are
one transaction; with the signature the last accepted filing of the feed waits to be read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from ingest.profiles import Profile
from ingest.standard import Period
from ingest.standard import feed as feed_of
from supervision.db import serialise
from supervision.db.lifecycle import MovedMeanwhile
from supervision.filings.intake import full_disk_refused
from supervision.filings.models import Filing, MappingProfile, ProfileRecheck
from supervision.filings.problems import FilingRefused
from supervision.filings.profile_lifecycle import PROFILE_LIFECYCLE, ProfileAct, ProfileState
from supervision.filings.profiles import profile_in_force
from supervision.jobs import enqueue
from supervision.journal import SYSTEM, Actor, Journal, JournalEntry
from supervision.profiles import telling
from supervision.profiles.looking import Looked
from supervision.security import Identity
from supervision.settings import Clock


class NoSuchProfile(LookupError):
    """No profile has this identifier, or it is not one the asker may see."""


class ProfileService:
    def __init__(self, session: Session, clock: Clock, evidence: EvidenceStore) -> None:
        self._session, self._clock, self._evidence = session, clock, evidence

    # -- what there is ------------------------------------------------------------------------------------

    def visible_to(self, viewer: Identity) -> Select[MappingProfile]:
        """All versions the viewer may see, by company and feed, latest first. A draft is its company's own affair."""
        query = select(MappingProfile).order_by(
            MappingProfile.company_id, MappingProfile.feed, MappingProfile.number.desc()
        )
        if viewer.is_company:
            return query.where(MappingProfile.company_id == viewer.company_id)
        return query.where(MappingProfile.signed_at.is_not(None))

    def find(self, public_id: str, viewer: Identity) -> MappingProfile:
        """Raises NoSuchProfile."""
        found = self._session.scalars(
            self.visible_to(viewer).where(MappingProfile.public_id == public_id)
        ).one_or_none()
        if found is None:
            raise NoSuchProfile(public_id)
        return found

    def drafts(self, viewer: Identity) -> int:
        """How many drafts of the viewer's company wait for the signature."""
        query = self.visible_to(viewer).where(MappingProfile.state == ProfileState.DRAFT).order_by(None)
        return self._session.scalar(select(func.count()).select_from(query.subquery())) or 0

    def draft_of(self, company_id: int, feed: str) -> MappingProfile | None:
        return self._session.scalars(
            select(MappingProfile).where(
                MappingProfile.company_id == company_id,
                MappingProfile.feed == feed,
                MappingProfile.state == ProfileState.DRAFT,
            )
        ).one_or_none()

    def next_number(self, company_id: int, feed: str) -> int:
        last = self._session.scalar(
            select(func.max(MappingProfile.number)).where(
                MappingProfile.company_id == company_id, MappingProfile.feed == feed
            )
        )
        return (last or 0) + 1

    def before(self, found: MappingProfile) -> MappingProfile | None:
        """The version that was signed last before this one, or is in force while this one is a draft."""
        return self._session.scalars(
            select(MappingProfile)
            .where(
                MappingProfile.company_id == found.company_id,
                MappingProfile.feed == found.feed,
                MappingProfile.number < found.number,
                MappingProfile.signed_at.is_not(None),
            )
            .order_by(MappingProfile.number.desc())
        ).first()

    def filings_read_by(self, found: MappingProfile) -> Sequence[Filing]:
        """Signed filings that were read by this version, latest first."""
        return self._session.scalars(
            select(Filing)
            .where(
                Filing.company_id == found.company_id,
                Filing.feed == found.feed,
                Filing.profile_version == found.number,
                Filing.signed_at.is_not(None),
            )
            .order_by(Filing.id.desc())
        ).all()

    # -- acts ---------------------------------------------------------------------------------------------

    def draft(
        self, *, company_id: int, feed: str, period: str, path: Path, filename: str, looked: Looked, by: Actor
    ) -> MappingProfile:
        """A new version as the sample at ``path`` suggests it; the sample is evidence. Raises FilingRefused (F31 where a draft
        waits already, T11)."""
        with full_disk_refused():
            sample = self._evidence.put_file(path)
        serialise(self._session, f"filings of company {company_id}")
        if self.draft_of(company_id, feed) is not None:
            raise FilingRefused("F31", feed_of(feed).zh, feed_of(feed).en)
        number = self.next_number(company_id, feed)
        found = MappingProfile(
            company_id=company_id,
            feed=feed,
            number=number,
            text=replace(looked.sample.profile, version=number).text(),
            sample_name=filename,
            sample_period=period,
            sample_digest=sample.digest,
            looked=looked.as_data(),
            drafted_by=by.name,
            drafted_at=self._clock.now(),
        )
        self._session.add(found)
        self._session.flush()
        self._record("profile.drafted", found, by, sample=sample.digest)
        self._session.refresh(found)
        return found

    def edit(
        self, found: MappingProfile, profile: Profile, looked: Looked, *, by: Actor, version: int
    ) -> None:
        """The draft says what ``profile`` says. Raises NotPossible, MovedMeanwhile."""
        _seen(found, version)
        text = replace(profile, version=found.number).text()
        PROFILE_LIFECYCLE.move(
            self._session, found, ProfileAct.EDIT, text=text, looked=looked.as_data(), drafted_by=by.name
        )
        self._record("profile.edited", found, by)

    def discard(self, found: MappingProfile, *, by: Actor, version: int) -> None:
        """Raises NotPossible, MovedMeanwhile."""
        _seen(found, version)
        PROFILE_LIFECYCLE.move(self._session, found, ProfileAct.DISCARD, ended_at=self._clock.now())
        self._record("profile.discarded", found, by)

    def sign(self, found: MappingProfile, *, by: Actor, version: int) -> None:
        """The version is in force, its text evidence, the one before it superseded, and the last accepted filing of the feed
        waits to be read again by it. Raises FilingRefused (F32 where it says what the one in force says), NotPossible,
        MovedMeanwhile."""
        serialise(self._session, f"filings of company {found.company_id}")
        self._session.refresh(found)
        _seen(found, version)
        PROFILE_LIFECYCLE.step(found.state, ProfileAct.SIGN)
        earlier = profile_in_force(self._session, found.company_id, found.feed)
        if earlier is not None and replace(earlier.profile, version=found.number) == found.profile:
            raise FilingRefused("F32", earlier.number)
        now = self._clock.now()
        with full_disk_refused():
            digest = self._evidence.put_bytes(found.text.encode()).digest
        if earlier is not None:
            PROFILE_LIFECYCLE.move(self._session, earlier, ProfileAct.SUPERSEDE, ended_at=now)
            self._record("profile.superseded", earlier, SYSTEM, superseded_by=found.public_id)
        PROFILE_LIFECYCLE.move(
            self._session, found, ProfileAct.SIGN, digest=digest, signed_by=by.name, signed_at=now
        )
        last = self._last_accepted(found)
        self._record(
            "profile.signed",
            found,
            by,
            digest=digest,
            supersedes=earlier.public_id if earlier else None,
            rechecks=last.public_id if last else None,
        )
        if last is None:
            telling.signed(self._session, self._clock, found, None)
            return
        self._session.add(ProfileRecheck(profile_id=found.id, filing_id=last.id, asked_at=now))
        enqueue(
            self._session,
            "recheck_profile",
            key=f"recheck_profile {found.id}",
            enqueued_at=now,
            profile_id=found.id,
        )

    def _last_accepted(self, found: MappingProfile) -> Filing | None:
        """The filing in force of the feed's latest period."""
        kinds = feed_of(found.feed).periods
        in_force = self._session.scalars(
            select(Filing).where(
                Filing.company_id == found.company_id, Filing.feed == found.feed, Filing.is_current
            )
        ).all()
        return max(
            in_force, key=lambda one: (Period.parse(one.period, kinds).first_day, one.id), default=None
        )

    def _record(self, act: str, found: MappingProfile, by: Actor, **detail: object) -> JournalEntry:
        return record(self._session, self._clock, act, found, by, **detail)


def record(
    session: Session, clock: Clock, act: str, found: MappingProfile, by: Actor, **detail: object
) -> JournalEntry:
    """One entry about the profile in the caller's transaction."""
    return Journal(session, clock).record(
        act,
        actor=by,
        object_type="mapping_profile",
        object_id=found.public_id,
        company_id=found.company_id,
        detail={"feed": found.feed, "number": found.number, **detail},
    )


def _seen(found: MappingProfile, version: int) -> None:
    if found.version != version:
        raise MovedMeanwhile
