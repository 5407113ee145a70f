"""A check run: computed outside every transaction; :mod:`~supervision.findings.recording` records it in one.

Heavy libraries are imported where they work: the web process imports this package too.
"""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.companies.models import Company
from supervision.db import read
from supervision.filings.models import Filing
from supervision.filings.reading import FilingReading
from supervision.findings.distribution import distribution
from supervision.findings.inputs import (
    ACCOUNTS,
    BILLS,
    OUTAGES,
    REQUESTS,
    TEMPERATURES,
    Inputs,
    digest_of_inputs,
    inputs_of,
    measured_of,
    neighbours_of,
)
from supervision.findings.joining import KeptFinding
from supervision.findings.recording import Computed, RunOvertaken, current_run, record
from supervision.jobs import CannotSucceed, JobContext, enqueue

if TYPE_CHECKING:
    import pyarrow as pa

    from checks.certificate import Checked
    from checks.runs import FoundCause


#: The columns of the outcomes that :func:`figures_of` reads.
FIGURED = ("outcome", "label", "missing", "billed_total", "overcharge")


#: Feeds whose filings can change the outcome of every bill of their season.
SEASON_FEEDS = (ACCOUNTS, TEMPERATURES, REQUESTS, OUTAGES)

TRIES = 5  # in a row while others are faster; after them the job waits its turn like any that failed

log = structlog.get_logger()


def check_filing(context: JobContext, filing_id: int, ripples: bool) -> None:
    """A bills filing in force has a current run on exactly the inputs in force; a roster, temperatures, service
    requests or outages in force have the bills of their season queued. Anything else, and a filing that was superseded meanwhile,
    is passed over. With ``ripples`` the other bills of the season that speak of the same service are checked again
    after it. Where another run of the period is recorded meanwhile, it is computed again at once."""
    for overtaken in range(TRIES):
        try:
            return _check(context, filing_id, ripples)
        except RunOvertaken as reason:
            log.info("run.overtaken", job=context.job_id, times=overtaken + 1, reason=str(reason))
    return _check(context, filing_id, ripples)


def _check(context: JobContext, filing_id: int, ripples: bool) -> None:
    """One try of :func:`check_filing`. Raises RunOvertaken, and then nothing was written."""
    evidence = EvidenceStore(context.settings.evidence_root)
    with read(context.engine) as session:
        filing = FilingReading(session, evidence).by_id(filing_id)
        if not filing.is_current or filing.feed not in (BILLS, *SEASON_FEEDS):
            return
        season = (filing.company_id, filing.season)
        of_season = filing.feed in SEASON_FEEDS
        inputs = None if of_season else inputs_of(session, context.clock, evidence, filing)
    if inputs is None:
        _check_season_again(context, evidence, *season)
        return
    computed = _computed(context, evidence, inputs)
    if computed is None:
        return
    with context.transaction(final=True) as session:
        if record(session, context.clock, computed) is not None and ripples:
            _ripple(session, context, evidence, computed)


def _check_season_again(context: JobContext, evidence: EvidenceStore, company_id: int, season: str) -> None:
    with context.transaction(final=True) as session:
        for bills in FilingReading(session, evidence).in_force(company_id, season, BILLS):
            _ask(session, context, bills.id)


def check_city_again(context: JobContext, city: str) -> None:
    """Every bills filing in force of the city's companies has a check in the queue."""
    with context.transaction(final=True) as session:
        query = select(Filing.id).join(Company, Company.id == Filing.company_id)
        query = query.where(Company.city == city, Filing.feed == BILLS, Filing.is_current)
        for filing_id in session.scalars(query.order_by(Filing.id)):
            _ask(session, context, filing_id)


def _ripple(session: Session, context: JobContext, evidence: EvidenceStore, computed: Computed) -> None:
    """Bills elsewhere may have become a duplicate of one of these, or stopped being one."""
    inputs = computed.inputs
    for sibling in FilingReading(session, evidence).in_force(inputs.company_id, inputs.season, BILLS):
        if sibling.id == inputs.filing_id:
            continue
        run = current_run(session, sibling.company_id, sibling.period)
        if computed.neighbours_digest or (run is not None and run.neighbours_digest):
            _ask(session, context, sibling.id)


def _ask(session: Session, context: JobContext, filing_id: int) -> None:
    now = context.clock.now()
    enqueue(session, "check_filing", enqueued_at=now, filing_id=filing_id, ripples=False)


# -- computing ----------------------------------------------------------------------------------------------------


def _computed(context: JobContext, evidence: EvidenceStore, inputs: Inputs) -> Computed | None:
    """The run, computed and durable; None when the run in force rests on these very inputs."""
    from checks.recompute import RULES_DIGEST

    started_at = context.clock.now()
    context.progress("reading", 0, None)
    bills = evidence.read_table(inputs.bills_digest)
    neighbours = neighbours_of(evidence, inputs, bills)
    neighbours_digest = None if neighbours is None else evidence.put_table(neighbours).digest
    measured = measured_of(evidence, inputs)
    measured_digest = None if measured is None else evidence.put_table(measured).digest
    inputs_digest = digest_of_inputs(inputs, neighbours_digest, measured_digest, RULES_DIGEST)
    with read(context.engine) as session:
        run = current_run(session, inputs.company_id, inputs.period)
        previous = None if run is None else (run.id, run.inputs_digest, run.outcomes_digest)
    if previous is not None and previous[1] == inputs_digest:
        return None
    outcomes_digest, findings = _judged(context, evidence, inputs, neighbours_digest, measured)
    context.progress("second_opinion", 0, None)
    second = _second_opinion(evidence, inputs, bills, neighbours, measured, outcomes_digest, inputs_digest)
    context.progress("keeping", 0, None)
    outcomes = evidence.read_table(outcomes_digest, [*FIGURED, "bill_no"])
    breaches = evidence.read_table(outcomes_digest, filters=[("outcome", "==", "breach")])
    return Computed(
        inputs=inputs,
        inputs_digest=inputs_digest,
        rules_digest=RULES_DIGEST,
        neighbours_digest=neighbours_digest,
        measured_digest=measured_digest,
        outcomes_digest=outcomes_digest,
        second=second,
        started_at=started_at,
        figures=figures_of(outcomes),
        findings=[_kept(evidence, breaches, found) for found in findings],
        previous_id=None if previous is None else previous[0],
        delta=None if previous is None else _delta(evidence, previous[2], outcomes),
    )


def _judged(
    context: JobContext,
    evidence: EvidenceStore,
    inputs: Inputs,
    neighbours_digest: str | None,
    measured: pa.Table | None,
) -> tuple[str, tuple[FoundCause, ...]]:
    """The outcomes of the run as evidence, by ``source_row``, and what was found; memory holds a few parts of it."""
    from checks.causes import EXPLAINED_SCHEMA
    from checks.runs import check_files

    bills = [inputs.bills_digest, *([] if neighbours_digest is None else [neighbours_digest])]
    accounts = inputs.accounts_digest
    with (
        tempfile.TemporaryDirectory(prefix="check-") as scratch,
        evidence.table_in_pieces(EXPLAINED_SCHEMA, sorted_by=["source_row"]) as outcomes,
    ):
        checked = check_files(
            [evidence.path(digest) for digest in bills],
            None if accounts is None else evidence.path(accounts),
            inputs.tariffs,
            city=inputs.city,
            service_areas=inputs.service_areas,
            measured=measured,
            keep=outcomes.add,
            scratch=Path(scratch),
            on_progress=lambda per_cent, step: context.progress(step, per_cent, 100),
        )
    return outcomes.stored.digest, checked.findings


def _second_opinion(
    evidence: EvidenceStore,
    inputs: Inputs,
    bills: pa.Table,
    neighbours: pa.Table | None,
    measured: pa.Table | None,
    outcomes_digest: str,
    seed: str,
) -> Checked:
    """A random part of the bills, drawn by the digest of the inputs, comes out the same by the checker. Raises
    CannotSucceed where one does not: the run is then not recorded, and another try would come to the same."""
    import pyarrow as pa

    from checks.certificate import SecondOpinionDiffers, check_sample
    from checks.recompute.filed import ACCOUNT_COLUMNS

    digest = inputs.accounts_digest
    try:
        return check_sample(
            bills if neighbours is None else pa.concat_tables([bills, neighbours]),
            None if digest is None else evidence.read_table(digest, ["source_row", *ACCOUNT_COLUMNS]),
            lambda rows: evidence.read_rows(outcomes_digest, rows),
            inputs.tariffs,
            city=inputs.city,
            service_areas=inputs.service_areas,
            measured=measured,
            seed=seed,
        )
    except SecondOpinionDiffers as error:
        raise CannotSucceed(f"{error.zh} / {error.en}") from None


def figures_of(outcomes: pa.Table) -> dict[str, Any]:
    """The counts and sums of a run. Amounts are CNY; ``amount_under`` is positive."""
    import pyarrow.compute as pc

    counts = {row["values"]: row["counts"] for row in pc.value_counts(outcomes["outcome"]).to_pylist()}
    missing: dict[str, int] = {}
    for row in pc.value_counts(outcomes["missing"].drop_null()).to_pylist():
        for code in row["values"].split(";"):
            missing[code] = missing.get(code, 0) + row["counts"]
    difference = outcomes["overcharge"]
    over = difference.filter(pc.greater(difference, Decimal(0)))
    under = difference.filter(pc.less(difference, Decimal(0)))
    return {
        "bills": outcomes.num_rows,
        "conforms": counts.get("conforms", 0),
        "breaches": counts.get("breach", 0),
        "inconclusive": counts.get("inconclusive", 0),
        "bounded": pc.sum(pc.equal(outcomes["label"], "bounded")).as_py() or 0,
        "billed_total": _sum(outcomes["billed_total"]),
        "amount_over": _sum(over),
        "amount_under": abs(_sum(under)),
        "missing": missing,
    }


def _sum(column: pa.ChunkedArray) -> Decimal:
    import pyarrow.compute as pc

    total: Decimal | None = pc.sum(column).as_py()
    return Decimal("0.00") if total is None else total


def _kept(evidence: EvidenceStore, outcomes: pa.Table, found: FoundCause) -> KeptFinding:
    """The outcomes of the finding's bills, the largest difference first, are a piece of evidence of their own."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from checks.recompute.columns import MONEY, unscaled

    rows = outcomes.filter(
        pc.is_in(outcomes["source_row"], value_set=pa.array(found.source_rows, pa.int32()))
    )
    order = pa.table(
        {
            "harm": pc.negate(pc.abs(rows["overcharge"])),
            "sign": pc.negate(rows["overcharge"]),
            "row": rows["source_row"],
        }
    )
    keys = [("harm", "ascending"), ("sign", "ascending"), ("row", "ascending")]
    rows = rows.take(pc.sort_indices(order, sort_keys=keys))
    fen, _ = unscaled(rows, "overcharge", MONEY)
    return KeptFinding(found, evidence.put_table(rows).digest, distribution(fen.tolist()))


def _delta(evidence: EvidenceStore, before_digest: str, outcomes: pa.Table) -> dict[str, int]:
    """How the outcome of each bill number moved from the run before: ``conforms→breach`` and the like, ``added``,
    ``removed``; what stayed is not listed."""
    import pyarrow.compute as pc

    before = evidence.read_table(before_digest, ["bill_no", "outcome"]).rename_columns(["bill_no", "before"])
    joined = before.join(outcomes.select(["bill_no", "outcome"]), "bill_no", join_type="full outer")
    moved = pc.binary_join_element_wise(
        pc.fill_null(joined["before"], "added"), pc.fill_null(joined["outcome"], "removed"), "→"
    )
    delta: dict[str, int] = {}
    for row in pc.value_counts(moved).to_pylist():
        was, became = row["values"].split("→")
        if was != became:
            name = became if became == "removed" else was if was == "added" else f"{was}→{became}"
            delta[name] = delta.get(name, 0) + row["counts"]
    return delta
