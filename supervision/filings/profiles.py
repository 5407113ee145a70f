"""Which mapping profile a filing is read by: the one of its company and feed in force when it came in."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.profiles import Profile
from supervision.filings.models import Filing, MappingProfile
from supervision.filings.profile_lifecycle import ProfileState


def profile_in_force(session: Session, company_id: int, feed: str) -> MappingProfile | None:
    """The version in force."""
    return session.scalars(
        select(MappingProfile).where(
            MappingProfile.company_id == company_id,
            MappingProfile.feed == feed,
            MappingProfile.state == ProfileState.IN_FORCE,
        )
    ).one_or_none()


def version_of(session: Session, filing: Filing) -> MappingProfile | None:
    """The version by which the filing is read, in force or not any more."""
    if filing.profile_version is None:
        return None
    return session.scalars(
        select(MappingProfile).where(
            MappingProfile.company_id == filing.company_id,
            MappingProfile.feed == filing.feed,
            MappingProfile.number == filing.profile_version,
        )
    ).one()


def profile_of(session: Session, filing: Filing) -> Profile | None:
    """The profile by which the filing is read; None where it is read by the standard alone."""
    found = version_of(session, filing)
    return None if found is None else found.profile
