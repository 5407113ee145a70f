"""What a company's people do with profiles, each act as the portal does it: ``from profile_desk import drafted, signed_profile``."""

from __future__ import annotations

from pathlib import Path

from ingest.profiles import Profile
from supervision.db import begin
from supervision.filings.models import MappingProfile
from supervision.profiles import ProfileService
from supervision.profiles.looking import Ground, Looked, ground_of, look
from supervision.security import Identity
from tests.filings.filing_desk import MONTH, Desk

_LOOKED: dict[tuple[object, ...], Looked] = {}


def seen(path: Path, filename: str, ground: Ground, draft: Profile | None = None) -> Looked:
    """The look at that file; the same look at the same bytes is taken once in a process."""
    base = ground.in_force and ground.in_force.text()
    key = (
        path.read_bytes(),
        filename,
        ground.feed,
        ground.period,
        ground.next_number,
        base,
        draft and draft.text(),
    )
    if ground.roster or ground.beside or ground.withdrawn:
        return look(path, filename, ground, draft=draft)
    if key not in _LOOKED:
        _LOOKED[key] = look(path, filename, ground, draft=draft)
    return _LOOKED[key]


def drafted(
    desk: Desk, content: bytes, *, feed: str = "bills", period: str = MONTH, filename: str = "own.csv"
) -> MappingProfile:
    """The draft that the sample makes."""
    path = desk.folder / "sample.in"
    path.write_bytes(content)
    with begin(desk.engine) as session:
        service = ProfileService(session, desk.clock, desk.evidence)
        number = service.next_number(desk.company_id, feed)
        ground = ground_of(session, desk.evidence, desk.company_id, feed, period, number)
        looked = seen(path, filename, ground)
        return service.draft(
            company_id=desk.company_id,
            feed=feed,
            period=period,
            path=path,
            filename=filename,
            looked=looked,
            by=desk.clerk.actor,
        )


def edited(desk: Desk, draft: MappingProfile, profile: Profile) -> MappingProfile:
    """The draft says what ``profile`` says."""
    with begin(desk.engine) as session:
        service = ProfileService(session, desk.clock, desk.evidence)
        found = service.find(draft.public_id, desk.clerk)
        ground = ground_of(session, desk.evidence, desk.company_id, found.feed, MONTH, found.number)
        looked = seen(desk.evidence.path(found.sample_digest), found.sample_name, ground, profile)
        service.edit(found, profile, looked, by=desk.clerk.actor, version=found.version)
    return again(desk, draft)


def signed(desk: Desk, draft: MappingProfile, by: Identity | None = None) -> MappingProfile:
    """The draft as signed, the last accepted filing read again."""
    with begin(desk.engine) as session:
        service = ProfileService(session, desk.clock, desk.evidence)
        found = service.find(draft.public_id, desk.signatory)
        service.sign(found, by=(by or desk.signatory).actor, version=found.version)
    desk.work()
    return again(desk, draft)


def again(desk: Desk, one: MappingProfile) -> MappingProfile:
    """The version as the register has it now."""
    with begin(desk.engine) as session:
        found = ProfileService(session, desk.clock, desk.evidence).find(one.public_id, desk.clerk)
        assert found.recheck is None or found.recheck.filing.id
        return found


def signed_profile(desk: Desk, content: bytes) -> MappingProfile:
    """The profile that the sample suggests, in force."""
    return signed(desk, drafted(desk, content))
