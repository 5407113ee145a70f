"""What can be done with ratings: compute, release, withdraw. Each act and its journal entry are one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from checks.ratings import Scheme, read_scheme
from ingest.evidence import EvidenceStore
from ingest.standard import Period, PeriodKind
from supervision.companies import CompanyService
from supervision.companies.models import Company
from supervision.db import serialise
from supervision.db.lifecycle import MovedMeanwhile
from supervision.documents import DocumentService
from supervision.filings.models import Filing
from supervision.jobs import JobStatus, enqueue
from supervision.jobs import find as find_job
from supervision.journal import SYSTEM, Actor, Journal
from supervision.ratings import card
from supervision.ratings.facts import Counting
from supervision.ratings.frozen import RatedCompany, canonical, frozen_facts, rated
from supervision.ratings.lifecycle import LIFECYCLE, ReleaseAct, ReleaseState
from supervision.ratings.models import RatingRelease
from supervision.ratings.problems import RatingRefused
from supervision.ratings.reading import RatingReading
from supervision.ratings.rows import row_of
from supervision.security import Identity
from supervision.settings import Clock, Settings
from supervision.settings.clock import local_date

SCHEME = "season-2025"
REASON_LENGTH = (10, 2000)


@dataclass(frozen=True, slots=True)
class Computed:
    """Ratings of a season with everything they rest on, not yet on record."""

    season: str
    scheme: Scheme
    scheme_digest: str
    facts_digest: str
    document: dict[str, Any]
    rated: list[RatedCompany]


class RatingService(RatingReading):
    def __init__(self, session: Session, clock: Clock, evidence: EvidenceStore, settings: Settings) -> None:
        super().__init__(session, evidence)
        self._clock, self._settings = clock, settings

    # -- computing -------------------------------------------------------------------------------------------------

    def compute(
        self, season: str, by: Identity, *, reason: str = "", scheme_code: str = SCHEME
    ) -> RatingRelease:
        """A new draft of the season's ratings from the facts as they stand; a draft before it is discarded. Where a
        release was published, the draft is its erratum and ``reason`` says publicly why. Raises RatingRefused."""
        self.refuse_unready(season, reason)
        return self.record(self.computed(season, scheme_code), by, reason=reason)

    def computed(self, season: str, scheme_code: str = SCHEME) -> Computed:
        """The facts counted, frozen in the evidence, and rated. Changes nothing in the register. Raises
        RatingRefused."""
        content = (resources.files("checks.ratings") / "schemes" / f"{scheme_code}.toml").read_bytes()
        scheme = read_scheme(content)
        now = self._clock.now()
        counting = Counting(self._session, self._evidence, _season(season), self._clock, scheme)
        found, not_rated = [], []
        for company in CompanyService(self._session, self._clock).all():
            facts = counting.company(company) if company.is_active else None
            if facts is None:
                not_rated.append(_left_out(company))
            else:
                found.append(facts)
        if not found:
            raise RatingRefused(
                f"{season}采暖季没有企业报送或被投诉，无可评价。",
                f"No company filed for {season} or was complained about: there is nothing to rate.",
            )
        document = frozen_facts(
            season=season,
            as_of=now,
            scheme=scheme,
            found=found,
            previous_grades=self.grades_before(season),
            not_rated=not_rated,
        )
        return Computed(
            season=season,
            scheme=scheme,
            scheme_digest=self._evidence.put_bytes(content).digest,
            facts_digest=self._evidence.put_bytes(canonical(document)).digest,
            document=document,
            rated=rated(document, scheme),
        )

    def record(self, computed: Computed, by: Identity, *, reason: str = "") -> RatingRelease:
        """The computed ratings are the season's draft. Raises RatingRefused."""
        serialise(self._session, "ratings")
        predecessor = self._refuse_unexplained(computed.season, reason)
        if (before := self.draft(computed.season)) is not None:
            LIFECYCLE.move(self._session, before, ReleaseAct.DISCARD)
            self._record("rating.discarded", before, SYSTEM)
        last = self._session.scalar(
            select(func.max(RatingRelease.number)).where(RatingRelease.season == computed.season)
        )
        release = RatingRelease(
            season=computed.season,
            number=(last or 0) + 1,
            scheme_code=computed.scheme.code,
            scheme_digest=computed.scheme_digest,
            facts_digest=computed.facts_digest,
            computed_at=self._clock.now(),
            computed_by=by.name,
            computed_by_person=by.person_no,
            predecessor_id=predecessor.id if predecessor else None,
            reason=reason.strip() if predecessor else None,
        )
        self._session.add(release)
        self._session.flush()
        self._add_ratings(release, computed)
        self._record(
            "rating.computed",
            release,
            by.actor,
            scheme=release.scheme_digest,
            facts=release.facts_digest,
            corrects=predecessor.public_id if predecessor else None,
            grades={one.code: one.rating.grade for one in computed.rated},
        )
        return release

    def _add_ratings(self, release: RatingRelease, computed: Computed) -> None:
        companies = CompanyService(self._session, self._clock)
        named = {one["code"]: one for one in computed.document["companies"]}
        for one in computed.rated:
            row = row_of(
                one,
                computed.scheme,
                release_id=release.id,
                company_id=companies.by_code(one.code).id,
                name_zh=named[one.code]["name_zh"],
                name_en=named[one.code]["name_en"],
            )
            self._session.add(row)
        self._session.flush()
        self._session.refresh(release, ["ratings"])

    # -- computing in the background -------------------------------------------------------------------------------

    def ask(self, season: str, by: Identity, *, reason: str = "") -> None:
        """The season is computed in the background, as by :meth:`compute`. Raises RatingRefused, also while a
        computation of the season is under way."""
        self.refuse_unready(season, reason)
        serialise(self._session, "ratings")
        last, key = self._last_job(season)
        if last is not None and not last.is_over:
            raise RatingRefused(
                "该采暖季的评级正在计算，请稍候。",
                "The ratings of this season are being computed; please wait.",
            )
        enqueue(
            self._session,
            "compute_ratings",
            key=key,
            enqueued_at=self._clock.now(),
            season=season,
            reason=reason,
            name=by.name,
            role=str(by.role),
            person_no=by.person_no,
        )
        Journal(self._session, self._clock).record(
            "rating.computation_asked",
            actor=by.actor,
            object_type="rating_season",
            object_id=season,
            detail={"reason": reason},
        )

    def under_way(self, season: str) -> JobStatus | None:
        """The last computation asked for, while it runs or when it was given up; None once it is done."""
        last, _ = self._last_job(season)
        return None if last is None or (last.is_over and last.error is None) else last

    def _last_job(self, season: str) -> tuple[JobStatus | None, str]:
        """The last job of the season, and the key of the next."""
        last = None
        for number in count(1):
            key = f"compute_ratings {season} {number}"
            found = find_job(self._session, key)
            if found is None:
                return last, key
            last = found
        raise AssertionError("counting ends nowhere else")

    # -- what an act asks first ------------------------------------------------------------------------------------

    def seasons_to_rate(self) -> list[str]:
        """The seasons that filings exist for, newest first."""
        query = (
            select(Filing.season).where(Filing.is_test.is_(False)).distinct().order_by(Filing.season.desc())
        )
        return list(self._session.scalars(query))

    def refuse_unready(self, season: str, reason: str) -> None:
        """Raises RatingRefused where the season cannot be computed: not a season, not begun, or a correction without
        its reason."""
        if _season(season).first_day > local_date(self._clock.now()):
            raise RatingRefused(f"{season}采暖季尚未开始。", f"The season {season} has not begun.")
        self._refuse_unexplained(season, reason)

    def _refuse_unexplained(self, season: str, reason: str) -> RatingRelease | None:
        """The published release that a new one corrects, if there is one. Raises RatingRefused without a reason."""
        predecessor = self.last_published(season)
        if predecessor is not None:
            _demand_reason(reason, "更正", "the correction")
        return predecessor

    # -- releasing -------------------------------------------------------------------------------------------------

    def release(self, release: RatingRelease, by: Identity, *, version: int) -> None:
        """The draft is public and in force, every company's card is issued, and the release it corrects says so.
        Somebody other than who computed it releases it. Raises RatingRefused, NotPossible, MovedMeanwhile."""
        serialise(self._session, "ratings")
        _seen(release, version)
        LIFECYCLE.step(release.state, ReleaseAct.RELEASE)
        if by.person_no == release.computed_by_person:
            raise RatingRefused(
                "计算人不能发布自己计算的评级，请由另一位监管负责人发布。",
                "Who computed a rating cannot release it; another supervising officer does.",
            )
        predecessor = self.last_published(release.season)
        if (predecessor.id if predecessor else None) != release.predecessor_id:
            raise MovedMeanwhile
        self._refuse_overtaken(release)
        now = self._clock.now()
        if predecessor is not None and predecessor.state is ReleaseState.RELEASED:
            LIFECYCLE.move(self._session, predecessor, ReleaseAct.SUPERSEDE)
            self._record("rating.superseded", predecessor, SYSTEM, by_release=release.public_id)
        LIFECYCLE.move(
            self._session,
            release,
            ReleaseAct.RELEASE,
            released_at=now,
            released_by=by.name,
            released_by_person=by.person_no,
        )
        self._record(
            "rating.released",
            release,
            by.actor,
            facts=release.facts_digest,
            scheme=release.scheme_digest,
            computed_by=release.computed_by,
            corrects=predecessor.public_id if predecessor else None,
        )
        self._issue_cards(release, by)

    def _refuse_overtaken(self, release: RatingRelease) -> None:
        """The grades of earlier seasons decide about escalation; a draft that rests on others is computed again."""
        grades = self.grades_before(release.season)
        for one in self.facts(release)["companies"]:
            if one["previous_grades"] != grades.get(one["code"], []):
                raise RatingRefused(
                    f"{one['name_zh']}以前采暖季的等级在计算之后有变化，请重新计算。",
                    f"Earlier grades of {one['name_en']} changed after this was computed; compute it again.",
                )

    def _issue_cards(self, release: RatingRelease, by: Identity) -> None:
        documents = DocumentService(self._session, self._clock, self._evidence, self._settings)
        making = card.Cards(self, release, self._settings)
        for rating in release.ratings:
            issued = documents.issue(
                making.maker(rating),
                kind="rating",
                series="热评",
                object_type="rating",
                object_id=f"{release.public_id}/{rating.company_code}",
                company_id=rating.company_id,
                annex_digest=None,
                drafted_by=release.computed_by,
                by=by.actor,
            )
            rating.card_id = issued.id
        self._session.flush()

    def withdraw(self, release: RatingRelease, by: Identity, *, reason: str, version: int) -> None:
        """The release no longer stands; the public reads why. No number takes its place: that needs a release with its
        two people. Raises RatingRefused, NotPossible, MovedMeanwhile."""
        serialise(self._session, "ratings")
        _seen(release, version)
        LIFECYCLE.step(release.state, ReleaseAct.WITHDRAW)
        reason = _demand_reason(reason, "撤回", "the withdrawal")
        LIFECYCLE.move(
            self._session,
            release,
            ReleaseAct.WITHDRAW,
            withdrawn_at=self._clock.now(),
            withdrawn_by=by.name,
            withdrawal_reason=reason,
        )
        self._record("rating.withdrawn", release, by.actor, reason=reason)

    def _record(self, act: str, release: RatingRelease, by: Actor, **detail: Any) -> None:
        Journal(self._session, self._clock).record(
            act,
            actor=by,
            object_type="rating_release",
            object_id=release.public_id,
            detail={"season": release.season, "number": release.number, **detail},
        )


def _season(text: str) -> Period:
    try:
        return Period.parse(text, (PeriodKind.SEASON,))
    except ValueError:
        raise RatingRefused(
            f"“{text[:20]}”不是采暖季，应写作 2025-26。", f"{text[:20]!r} is no season; write it as 2025-26."
        ) from None


def _demand_reason(text: str, what_zh: str, what_en: str) -> str:
    least, most = REASON_LENGTH
    if not least <= len(text.strip()) <= most:
        raise RatingRefused(
            f"请用 {least} 至 {most} 个字写明{what_zh}的原因，原因向社会公开。",
            f"State the reason for {what_en} in {least} to {most} characters; the public reads it.",
        )
    return text.strip()


def _left_out(company: Company) -> dict[str, str]:
    zh, en = (
        "本采暖季和上一采暖季均无报送，也没有投诉",
        "filed for neither this season nor the one before, no complaints",
    )
    if not company.is_active:
        zh, en = "已不在监管范围", "no longer under supervision"
    return {
        "code": company.code,
        "name_zh": company.name_zh,
        "name_en": company.name_en,
        "because_zh": zh,
        "because_en": en,
    }


def _seen(release: RatingRelease, version: int) -> None:
    if release.version != version:
        raise MovedMeanwhile
