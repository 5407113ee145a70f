"""What approving a tariff would change: the bills of the city's last season computed twice by the engine that checks
them, under the version in force and under the draft in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from checks.tariffs.difference import changes
from checks.tariffs.record import Tariff
from checks.tariffs.written import tariff_digest
from ingest.evidence import EvidenceStore
from supervision.companies.models import Company
from supervision.db import read
from supervision.filings.models import Filing
from supervision.findings.inputs import BILLS, Inputs, inputs_of
from supervision.jobs import JobContext
from supervision.settings import Clock
from supervision.settings.evidence import open_evidence
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.lifecycle import DraftState
from supervision.tariffs.models import TariffDraft

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = "tariff-effect/2"  # since 2: by_area

#: Where one band of billed areas ends and the next begins, m2: the end belongs to the band below.
AREA_ENDS = (Decimal(60), Decimal(90), Decimal(120), Decimal(200))
_NOTHING = Decimal("0.00")


@dataclass(slots=True)
class Share:
    """The bills of one category. Amounts in CNY; only bills that both versions price are in the sums."""

    bills: int = 0
    compared: int = 0
    dearer: int = 0
    cheaper: int = 0
    old_total: Decimal = _NOTHING
    new_total: Decimal = _NOTHING
    accounts: set[str] = field(default_factory=set)

    def add(self, account_no: str, old: Decimal | None, new: Decimal | None) -> None:
        self.bills += 1
        self.accounts.add(account_no)
        if old is None or new is None:
            return
        self.compared += 1
        self.old_total += old
        self.new_total += new
        self.dearer += new > old
        self.cheaper += new < old

    def written(self) -> dict[str, Any]:
        return {
            "accounts": len(self.accounts),
            "bills": self.bills,
            "compared": self.compared,
            "dearer": self.dearer,
            "cheaper": self.cheaper,
            "old_total": str(self.old_total),
            "new_total": str(self.new_total),
            "shift": str(self.new_total - self.old_total),
        }


@dataclass(slots=True)
class Shares:
    """The bills that either version prices, by category and by the area billed (the place of its band)."""

    by_category: dict[str, Share] = field(default_factory=dict)
    by_area: dict[int, Share] = field(default_factory=dict)

    def add(
        self, category: str, area: Decimal | None, account_no: str, old: Decimal | None, new: Decimal | None
    ) -> None:
        self.by_category.setdefault(category, Share()).add(account_no, old, new)
        if area is not None and area > 0:
            band = sum(area > end for end in AREA_ENDS)
            self.by_area.setdefault(band, Share()).add(account_no, old, new)

    def areas_written(self) -> list[dict[str, Any]]:
        """Each band that holds a bill, the smallest first; ``over`` and ``to`` are its ends in m2."""
        ends = [None, *AREA_ENDS, None]
        return [
            {
                "over": None if ends[band] is None else str(ends[band]),
                "to": None if ends[band + 1] is None else str(ends[band + 1]),
                **share.written(),
            }
            for band, share in sorted(self.by_area.items())
        ]


def assess(context: JobContext, draft_id: int, record_digest: str) -> None:
    """The draft has its effect, unless it was changed or decided meanwhile."""
    evidence = open_evidence(context.settings)
    with read(context.engine) as session:
        draft = session.get_one(TariffDraft, draft_id)
        if not _waits(draft, record_digest):
            return
        service = DraftService(session, context.clock, evidence)
        tariff, _ = service.problems(draft)
        if tariff is None:
            return
        base = service.base_of(draft)
        season, inputs = last_season(session, context.clock, evidence, draft.city)
        plain = _plain(service, tariff, base)
    shares = Shares()
    filings: list[dict[str, Any]] = []
    for number, one in enumerate(inputs):
        context.progress("recomputing", number, len(inputs))
        compare(evidence, one, tariff, base, shares)
        filings.append(
            {"company_id": one.company_id, "bills": one.bills_digest, "accounts": one.accounts_digest}
        )
    content = plain | {
        "season": season,
        "filings": filings,
        "by_category": {name: share.written() for name, share in sorted(shares.by_category.items())},
        "by_area": shares.areas_written(),
        "total": total(shares.by_category.values()).written(),
        "made_at": context.clock.now().isoformat(timespec="seconds"),
    }
    with context.transaction(final=True) as session:
        draft = session.get_one(TariffDraft, draft_id)
        if _waits(draft, record_digest):
            DraftService(session, context.clock, evidence).record_effect(draft, content)


def _waits(draft: TariffDraft, record_digest: str) -> bool:
    return draft.state in (DraftState.IN_REVIEW, DraftState.REVIEWED) and draft.record_digest == record_digest


def _plain(service: DraftService, tariff: Tariff, base: Tariff | None) -> dict[str, Any]:
    """What can be said without any bill."""
    from checks.recompute import RULES_DIGEST

    return {
        "schema": SCHEMA,
        "tariff": tariff.id,
        "record_digest": tariff_digest(tariff),
        "base": base.id if base else None,
        "base_digest": tariff_digest(base) if base else None,
        "rules_digest": RULES_DIGEST,
        "changes": [{"field": one.field, "old": one.old, "new": one.new} for one in changes(base, tariff)],
        "calendar": [{"zh": one.zh, "en": one.en} for one in service.calendar_faults(tariff)],
        "plausibility": [{"code": one.code, "zh": one.zh, "en": one.en} for one in service.warnings(tariff)],
    }


def last_season(
    session: Session, clock: Clock, evidence: EvidenceStore, city: str
) -> tuple[str | None, list[Inputs]]:
    """The newest season for which companies of the city have bills in force, and what a check of each would rest on."""
    query = (
        select(Filing)
        .join(Company, Company.id == Filing.company_id)
        .where(Company.city == city, Filing.feed == BILLS, Filing.is_current)
        .order_by(Filing.season.desc(), Filing.id)
    )
    filings = session.scalars(query).all()
    if not filings:
        return None, []
    season = filings[0].season
    return season, [
        inputs_of(session, clock, evidence, filing) for filing in filings if filing.season == season
    ]


def compare(
    evidence: EvidenceStore,
    inputs: Inputs,
    tariff: Tariff,
    base: Tariff | None,
    shares: Shares,
) -> None:
    """Adds the bills of one filing that either version prices."""
    from checks.recompute import recompute

    bills = evidence.read_table(inputs.bills_digest)
    accounts = None if inputs.accounts_digest is None else evidence.read_table(inputs.accounts_digest)
    stands = next((one for one in inputs.tariffs if base is not None and one.id == base.id), None)
    instead = in_place_of(stands, tariff)
    others = [one for one in inputs.tariffs if stands is None or one.id != stands.id]

    def computed(tariffs: Sequence[Tariff]) -> pa.Table:
        return recompute(
            bills,
            accounts,
            tariffs,
            city=inputs.city,
            service_areas=inputs.service_areas,
            fees=inputs.fees,
        ).select(["source_row", "category", "tariff_id", "recomputed_total"])

    old = {row["source_row"]: row for row in computed(inputs.tariffs).to_pylist()}
    columns = ("account_no", "billed_area_m2")
    of_row = {row["source_row"]: row for row in bills.select(["source_row", *columns]).to_pylist()}
    for row in computed([*others, instead]).to_pylist():
        before = old[row["source_row"]]
        if row["tariff_id"] != tariff.id and (stands is None or before["tariff_id"] != stands.id):
            continue
        filed = of_row[row["source_row"]]
        shares.add(
            row["category"],
            filed["billed_area_m2"],
            filed["account_no"] or "",
            before["recomputed_total"],
            row["recomputed_total"],
        )


def in_place_of(stands: Tariff | None, tariff: Tariff) -> Tariff:
    """``tariff`` on the days of the version it follows, so that last season's bills can be priced by it."""
    return replace(
        tariff,
        valid_from=None if stands is None else stands.valid_from,
        valid_to=None if stands is None else stands.valid_to,
        rules_from=(),
        transition=None,
    )


def total(shares: Any) -> Share:
    """All shares together."""
    added = Share()
    for share in shares:
        added.bills += share.bills
        added.compared += share.compared
        added.dearer += share.dearer
        added.cheaper += share.cheaper
        added.old_total += share.old_total
        added.new_total += share.new_total
        added.accounts |= share.accounts
    return added
