"""Three officers, Harbin's published prices and a notice, for the tests of drafts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from checks.tariffs.load import load_published
from ingest.evidence import EvidenceStore
from supervision.db import begin
from supervision.journal import SYSTEM
from supervision.security import Identity, Role
from supervision.settings import Clock
from supervision.tariffs import TariffService
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.drafting import new_version_of
from supervision.tariffs.models import TariffDraft

NOTICE = b"%PDF-1.4\nthe notice as published\n%%EOF\n"
FIRST_DAY = dt.date(2025, 12, 1)
WHY = "与通知原文逐条核对无误。"


def person(name: str, role: Role = Role.OFFICER, person_no: str = "") -> Identity:
    return Identity(0, name, name, role, person_no or f"P-{name}", None)


AUTHOR, REVIEWER = person("author"), person("reviewer")
APPROVER = person("approver", Role.SUPERVISING_OFFICER)


def enter_published(engine: Engine, clock: Clock, city: str = "哈尔滨市") -> None:
    with begin(engine) as session:
        found = [tariff for tariff in load_published() if tariff.city == city]
        TariffService(session, clock).enter(found, SYSTEM)


def next_version(base: str = "hrb-res-2015", **changes: Any) -> dict[str, Any]:
    """A complete new version of Harbin's residential price: 2 % dearer from 2025-12-01."""
    tariff = next(one for one in load_published() if one.id == base)
    return new_version_of(tariff) | {
        "id": f"{base}-next",
        "issuer": "哈尔滨市发展和改革委员会",
        "document": "哈发改价格〔2025〕1号",
        "valid_from": FIRST_DAY.isoformat(),
        "known_from": "2025-11-20",
        "last_seen": "2025",
        "transition": "next_season",
        "proration": "day",
        "rounding": {"unit": "0.01", "when": "line"},
        "area_price": {"value": "39.09", "per": "season", "periods": 1},
        "sources": [{"key": "notice", "name": "通知", "kind": "government_page", "url": None}],
        "citations": [{"field": "area_price", "place": "第一条：39.09 元"}],
        **changes,
    }


def service(session: Session, clock: Clock, evidence: EvidenceStore) -> DraftService:
    return DraftService(session, clock, evidence)


def submitted(
    session: Session,
    clock: Clock,
    evidence: EvidenceStore,
    record: dict[str, Any] | None = None,
    *,
    by: Identity = AUTHOR,
    reason: str = "",
    publish_on: dt.date | None = None,
) -> TariffDraft:
    drafts = service(session, clock, evidence)
    draft = drafts.start(record or next_version(), by=by, publish_on=publish_on)
    drafts.attach_notice(draft, "通知.pdf", NOTICE, by=by, version=draft.version)
    drafts.submit(draft, by=by, version=draft.version, reason=reason)
    return draft


def reviewed(
    session: Session, clock: Clock, evidence: EvidenceStore, *args: Any, **given: Any
) -> TariffDraft:
    drafts = service(session, clock, evidence)
    draft = submitted(session, clock, evidence, *args, **given)
    drafts.confirm(draft, by=REVIEWER, version=draft.version, record_digest=draft.record_digest, reason=WHY)
    drafts.record_effect(draft, {"of": draft.record_digest})
    return draft


def approve(drafts: DraftService, draft: TariffDraft, by: Identity = APPROVER) -> None:
    drafts.approve(
        draft,
        by=by,
        version=draft.version,
        record_digest=draft.record_digest,
        effect_digest=draft.effect_digest or "",
        reason=WHY,
    )
