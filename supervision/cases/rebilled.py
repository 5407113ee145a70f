"""Bills of an open case that a new filing changes or leaves out: nobody rewrites what a notice speaks of unseen."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.cases.lifecycle import CaseState
from supervision.cases.models import Case
from supervision.cases.reading import CaseReading
from supervision.filings import Filing
from supervision.security import Identity

OPEN = (CaseState.OPENED, CaseState.SUBMITTED, CaseState.NOTIFIED, CaseState.REPLIED)


@dataclass(frozen=True, slots=True)
class Rebilled:
    """``bills`` of the case are changed or left out by the filing."""

    case: Case
    bills: int


def rebilled(session: Session, evidence: EvidenceStore, filing: Filing, viewer: Identity) -> list[Rebilled]:
    """The open cases of the company that ``viewer`` may see and that rest on bills which the filing changes or leaves out
    against the one it was compared with, the earliest first."""
    if filing.feed != "bills" or filing.difference is None:
        return []
    query = CaseReading(session).visible_to(viewer)
    query = query.where(Case.company_id == filing.company_id, Case.state.in_(OPEN)).order_by(Case.id)
    found: list[Rebilled] = []
    touched: pa.ChunkedArray | None = None
    for case in session.scalars(query):
        parts = [part for finding in case.findings for part in finding.parts if part.period == filing.period]
        if not parts:
            continue
        if touched is None:
            rows = evidence.read_table(filing.difference["digest"], ["change", "key"])
            touched = pc.unique(rows.filter(pc.not_equal(rows["change"], "added"))["key"])
        numbers = [evidence.read_table(part.rows_digest, ["bill_no"])["bill_no"] for part in parts]
        bills = pc.unique(pa.chunked_array([chunk for one in numbers for chunk in one.chunks], pa.string()))
        count = pc.sum(pc.is_in(bills, value_set=touched)).as_py() or 0
        if count:
            found.append(Rebilled(case, count))
    return found
