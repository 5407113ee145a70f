"""A run beside another: how the outcomes moved, and whose each difference is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.findings.inputs import Inputs, fees_of
from supervision.findings.models import CheckRun
from supervision.findings.movement import movement
from supervision.settings import Clock
from supervision.tariffs import TariffService

if TYPE_CHECKING:
    import pyarrow as pa

    from checks.tariffs.record import Tariff

_COMPARED = ("bill_no", "account_no", "outcome", "recomputed_total", "overcharge", "cause")


@dataclass(frozen=True, slots=True)
class Previous:
    """The run that another one is compared with: what it rested on and what it said, by digest."""

    id: int
    inputs_digest: str
    outcomes_digest: str
    bills_digest: str
    neighbours_digest: str | None
    accounts_digest: str | None
    measured_digest: str | None
    readings_digest: str | None
    tariffs: tuple[Tariff, ...]
    fees_digest: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """``delta``: ``conforms→breach`` and the like, ``added``, ``removed`` → bills. ``moved``: by whose difference it is."""

    delta: dict[str, int]
    moved: dict[str, dict[str, Any]]
    moved_digest: str


def previous_of(session: Session, clock: Clock, run: CheckRun | None) -> Previous | None:
    """The run as what it is compared with; its tariffs as it had them at hand."""
    if run is None:
        return None
    return Previous(
        id=run.id,
        inputs_digest=run.inputs_digest,
        outcomes_digest=run.outcomes_digest,
        bills_digest=run.bills_digest,
        neighbours_digest=run.neighbours_digest,
        accounts_digest=run.accounts_digest,
        measured_digest=run.measured_digest,
        readings_digest=run.readings_digest,
        tariffs=TariffService(session, clock).at_hand(run.tariffs),
        fees_digest=run.fees_digest,
    )


def compare(
    evidence: EvidenceStore,
    before: Previous,
    inputs: Inputs,
    neighbours_digest: str | None,
    measured: pa.Table | None,
    readings: pa.Table | None,
    outcomes_digest: str,
) -> Compared:
    """The new run beside the one before; the bills that moved are a piece of evidence."""
    from checks.runs.moves import Known, moves, summary

    def path(digest: str | None) -> Any:
        return None if digest is None else evidence.path(digest)

    def table(digest: str | None) -> pa.Table | None:
        return None if digest is None else evidence.read_table(digest)

    said_before = evidence.read_table(before.outcomes_digest, list(_COMPARED))
    said_after = evidence.read_table(outcomes_digest, list(_COMPARED))
    moved = moves(
        Known(
            bills=evidence.path(before.bills_digest),
            neighbours=path(before.neighbours_digest),
            accounts=path(before.accounts_digest),
            measured=table(before.measured_digest),
            readings=table(before.readings_digest),
            tariffs=before.tariffs,
            fees=fees_of(evidence, before.fees_digest),
        ),
        said_before,
        Known(
            bills=evidence.path(inputs.bills_digest),
            neighbours=path(neighbours_digest),
            accounts=path(inputs.accounts_digest),
            measured=measured,
            readings=readings,
            tariffs=inputs.tariffs,
            fees=inputs.fees,
        ),
        said_after,
        city=inputs.city,
        service_areas=inputs.service_areas,
    )
    return Compared(
        delta=movement(evidence, before.outcomes_digest, outcomes_digest),
        moved=summary(moved, said_before, said_after),
        moved_digest=evidence.put_table(moved).digest,
    )
