"""Forecast and season: what a tariff was expected to change when it was approved, beside what the first season under it shows.

The season's bills are computed twice, by the tariff that is in force and by the one before it as if that had gone on. So
both sides of the comparison are of the same kind; what differs is the customers, their areas and their heat.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from checks.tariffs.record import Tariff
from ingest.evidence import EvidenceStore
from ingest.standard import season_starting
from supervision.companies.models import Company
from supervision.db import read
from supervision.filings.models import Filing
from supervision.findings.inputs import BILLS, Inputs, inputs_of
from supervision.findings.tariff_effect import Shares, compare, total
from supervision.jobs import JobContext
from supervision.journal import canonical
from supervision.settings import Clock
from supervision.settings.evidence import open_evidence
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.lifecycle import DraftState
from supervision.tariffs.models import TariffDraft

SCHEMA = "tariff-season/1"
CONTINUED = "continued"


def compare_forecasts(context: JobContext) -> None:
    """Every published tariff that follows another has its comparison with the first season in which bills of its city are
    priced by it, made again whenever that season rests on other evidence."""
    evidence = open_evidence(context.settings)
    with read(context.engine) as session:
        query = select(TariffDraft.id).where(
            TariffDraft.state == DraftState.PUBLISHED, TariffDraft.effect_digest.is_not(None)
        )
        drafts = session.scalars(query.order_by(TariffDraft.id)).all()
    for draft_id in drafts:
        _compare_one(context, evidence, draft_id)


def _compare_one(context: JobContext, evidence: EvidenceStore, draft_id: int) -> None:
    with read(context.engine) as session:
        service = DraftService(session, context.clock, evidence)
        draft = session.get_one(TariffDraft, draft_id)
        base, tariff = service.base_of(draft), service.problems(draft)[0]
        if base is None or tariff is None or draft.effect_digest is None:
            return
        approved_with = draft.effect_digest
        forecast: dict[str, Any] = json.loads(evidence.read_bytes(approved_with))
        season, inputs = first_season(
            session, context.clock, evidence, draft.city, tariff, forecast["season"]
        )
        was = draft.realised_of
    if season is None:
        return
    rests_on = _digest_of(inputs)
    if rests_on == was:
        return
    content = realised(evidence, inputs, tariff, base) | {
        "schema": SCHEMA,
        "tariff": tariff.id,
        "base": base.id,
        "season": season,
        "forecast_season": forecast["season"],
        "forecast": approved_with,
        "made_at": context.clock.now().isoformat(timespec="seconds"),
    }
    with context.transaction() as session:
        draft = session.get_one(TariffDraft, draft_id)
        if draft.state is DraftState.PUBLISHED:
            DraftService(session, context.clock, evidence).record_realised(draft, content, rests_on)


def first_season(
    session: Session, clock: Clock, evidence: EvidenceStore, city: str, tariff: Tariff, after: str | None
) -> tuple[str | None, list[Inputs]]:
    """The first season after that of the forecast that does not end before the tariff begins, and what a check of each of its bills filings
    in force rests on."""
    query = (
        select(Filing)
        .join(Company, Company.id == Filing.company_id)
        .where(Company.city == city, Filing.feed == BILLS, Filing.is_current)
        .order_by(Filing.season, Filing.id)
    )
    filings = [one for one in session.scalars(query) if after is None or one.season > after]
    for season in sorted({one.season for one in filings}):
        year = season_starting(int(season[:4]))
        if tariff.valid_from is not None and tariff.valid_from > year.last_day:
            continue
        found = [inputs_of(session, clock, evidence, one) for one in filings if one.season == season]
        return season, found
    return None, []


def realised(
    evidence: EvidenceStore, inputs: Sequence[Inputs], tariff: Tariff, base: Tariff
) -> dict[str, Any]:
    """The bills that the tariff prices, by category and in all, under the old price continued (``old_total``) and as they
    are due (``new_total``)."""
    shares = Shares()
    continued = replace(base, id=f"{base.id}/{CONTINUED}")
    for one in inputs:
        compare(evidence, one, continued, tariff, shares)
    return {
        "by_category": {name: _turned(share.written()) for name, share in sorted(shares.by_category.items())},
        "total": _turned(total(shares.by_category.values()).written()),
    }


def _turned(share: dict[str, Any]) -> dict[str, Any]:
    """A share that was computed from the new price to the old one, told from the old to the new."""
    return share | {
        "dearer": share["cheaper"],
        "cheaper": share["dearer"],
        "old_total": share["new_total"],
        "new_total": share["old_total"],
        "shift": str(Decimal(share["old_total"]) - Decimal(share["new_total"])),
    }


def _digest_of(inputs: Sequence[Inputs]) -> str:
    from checks.recompute import RULES_DIGEST

    tables = [[one.bills_digest, one.accounts_digest, one.tariff_digests] for one in inputs]
    return hashlib.sha256(canonical({"rules": RULES_DIGEST, "inputs": tables})).hexdigest()
