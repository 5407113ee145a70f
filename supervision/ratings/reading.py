"""Ratings as they can be read: published ones by everybody, drafts by officers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from checks.ratings import Scheme, read_scheme
from ingest.evidence import EvidenceStore
from ingest.standard import Period, PeriodKind
from supervision.ratings.frozen import RatedCompany, rated
from supervision.ratings.lifecycle import PUBLISHED, ReleaseState
from supervision.ratings.models import CompanyRating, RatingRelease
from supervision.ratings.problems import NoSuchRating, NoSuchRelease


class RatingReading:
    def __init__(self, session: Session, evidence: EvidenceStore) -> None:
        self._session, self._evidence = session, evidence

    # -- releases --------------------------------------------------------------------------------------------------

    def seasons(self) -> list[str]:
        """The seasons with anything published, newest first."""
        query = select(RatingRelease.season).where(RatingRelease.state.in_(PUBLISHED)).distinct()
        return list(self._session.scalars(query.order_by(RatingRelease.season.desc())))

    def in_force(self, season: str) -> RatingRelease | None:
        """The release of that season that stands."""
        return self._session.scalars(
            select(RatingRelease).where(
                RatingRelease.season == season, RatingRelease.state == ReleaseState.RELEASED
            )
        ).one_or_none()

    def draft(self, season: str) -> RatingRelease | None:
        return self._session.scalars(
            select(RatingRelease).where(
                RatingRelease.season == season, RatingRelease.state == ReleaseState.DRAFT
            )
        ).one_or_none()

    def drafts(self) -> int:
        """How many seasons have a draft that waits for its release."""
        query = select(func.count()).select_from(RatingRelease)
        return self._session.scalar(query.where(RatingRelease.state == ReleaseState.DRAFT)) or 0

    def last_published(self, season: str) -> RatingRelease | None:
        """The release in force or, where the last one was withdrawn, that one."""
        return self._session.scalars(
            select(RatingRelease)
            .where(RatingRelease.season == season, RatingRelease.state.in_(PUBLISHED))
            .order_by(RatingRelease.number.desc())
            .limit(1)
        ).one_or_none()

    def published(self, season: str, public_id: str | None = None) -> RatingRelease:
        """What everybody may read of that season: the last release, or the one named. Raises NoSuchRelease, for a
        draft as well."""
        if public_id is None:
            found = self.last_published(season)
        else:
            found = self._session.scalars(
                select(RatingRelease).where(
                    RatingRelease.public_id == public_id,
                    RatingRelease.season == season,
                    RatingRelease.state.in_(PUBLISHED),
                )
            ).one_or_none()
        if found is None:
            raise NoSuchRelease(f"{season} {public_id or ''}")
        return found

    def published_by_id(self, public_id: str) -> RatingRelease:
        """Raises NoSuchRelease, for a draft as well."""
        found = self.any(public_id)
        if found.state not in PUBLISHED:
            raise NoSuchRelease(public_id)
        return found

    def any(self, public_id: str) -> RatingRelease:
        """For officers. Raises NoSuchRelease."""
        found = self._session.scalars(
            select(RatingRelease).where(RatingRelease.public_id == public_id)
        ).one_or_none()
        if found is None:
            raise NoSuchRelease(public_id)
        return found

    def history(self, season: str) -> Sequence[RatingRelease]:
        """Everything published of that season, newest first."""
        query = select(RatingRelease).where(
            RatingRelease.season == season, RatingRelease.state.in_(PUBLISHED)
        )
        return self._session.scalars(query.order_by(RatingRelease.number.desc())).all()

    def all(self) -> Sequence[RatingRelease]:
        """Every release and draft, newest season and number first."""
        query = select(RatingRelease).order_by(RatingRelease.season.desc(), RatingRelease.number.desc())
        return self._session.scalars(query).all()

    # -- ratings ---------------------------------------------------------------------------------------------------

    def rating(self, release: RatingRelease, company_code: str) -> CompanyRating:
        """Raises NoSuchRating."""
        found = self._session.scalars(
            select(CompanyRating).where(
                CompanyRating.release_id == release.id, CompanyRating.company_code == company_code
            )
        ).one_or_none()
        if found is None:
            raise NoSuchRating(company_code)
        return found

    def other_seasons(self, rating: CompanyRating) -> Sequence[CompanyRating]:
        """The company's ratings in force of all other seasons, newest first."""
        return self._session.scalars(
            select(CompanyRating)
            .join(RatingRelease)
            .where(
                CompanyRating.company_id == rating.company_id,
                RatingRelease.state == ReleaseState.RELEASED,
                RatingRelease.season != rating.release.season,
            )
            .order_by(RatingRelease.season.desc())
        ).all()

    def before(self, rating: CompanyRating) -> CompanyRating | None:
        """The company's rating in force of the season directly before."""
        wanted = season_before(rating.release.season)
        return next((one for one in self.other_seasons(rating) if one.release.season == wanted), None)

    def grades_before(self, season: str) -> dict[str, list[str]]:
        """Company code → grades in force of the seasons directly before, newest first, until a season is missing."""
        grades: dict[str, list[str]] = {}
        running: set[str] | None = None
        while (release := self.in_force(season := season_before(season))) is not None:
            known = {one.company_code: one.grade for one in release.ratings}
            running = set(known) if running is None else running & set(known)
            for code in running:
                grades.setdefault(code, []).append(known[code])
        return grades

    # -- what a release rests on -----------------------------------------------------------------------------------

    def scheme(self, release: RatingRelease) -> Scheme:
        """The scheme it was computed with, from the evidence."""
        return self.scheme_of(release.scheme_digest)

    def scheme_of(self, digest: str) -> Scheme:
        return _scheme(self._evidence.read_bytes(digest))

    def scheme_bytes(self, digest: str) -> bytes:
        """A scheme that a published release was computed with. Raises NoSuchRelease."""
        query = select(RatingRelease.id).where(
            RatingRelease.scheme_digest == digest, RatingRelease.state.in_(PUBLISHED)
        )
        if self._session.scalar(query.limit(1)) is None:
            raise NoSuchRelease(digest)
        return self._evidence.read_bytes(digest)

    def facts_bytes(self, release: RatingRelease) -> bytes:
        return self._evidence.read_bytes(release.facts_digest)

    def facts(self, release: RatingRelease) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.facts_bytes(release))
        return found

    def computed_again(self, release: RatingRelease) -> list[RatedCompany]:
        """The ratings, computed anew from the frozen facts and scheme."""
        return rated(self.facts(release), self.scheme(release))


def season_before(season: str) -> str:
    """``2024-25`` of ``2025-26``."""
    year = Period.parse(season, (PeriodKind.SEASON,)).first_day.year - 1
    return f"{year}-{(year + 1) % 100:02d}"


@lru_cache(maxsize=16)
def _scheme(content: bytes) -> Scheme:
    return read_scheme(content)
