"""A check run computed: everything it will say, durable in the evidence, and nothing on record yet.

Heavy libraries are imported where they work: the web process imports this package too.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.evidence import EvidenceStore
from supervision.findings.comparing import Previous, compare
from supervision.findings.distribution import distribution
from supervision.findings.figures import Figures
from supervision.findings.inputs import Inputs, digest_of_inputs, measured_of, readings_of
from supervision.findings.joining import KeptFinding
from supervision.findings.neighbours import neighbours_of
from supervision.findings.recording import Computed
from supervision.findings.unknown_charges import unknown_fees
from supervision.jobs import CannotSucceed, JobContext

if TYPE_CHECKING:
    import pyarrow as pa

    from checks.runs import FoundCause


def compute(
    context: JobContext, evidence: EvidenceStore, inputs: Inputs, previous: Previous | None, *, again: bool
) -> Computed | None:
    """The run, computed and durable, beside the one before; None when that one rests on these very inputs and it is not
    to be computed ``again``. Memory holds a few parts of the bills, the rooms measured and the bills that are wrong or
    moved. Raises CannotSucceed where the second opinion differs: the run is then not recorded, and another try would come
    to the same."""
    from checks.certificate import CHECKER_DIGEST
    from checks.certificate import Checked as Second
    from checks.recompute import RULES_DIGEST

    started_at = context.clock.now()
    context.progress("reading", 0, None)
    neighbours_digest = neighbours_of(evidence, inputs)
    measured, readings = measured_of(evidence, inputs), readings_of(evidence, inputs)
    measured_digest, readings_digest = (
        None if table is None else evidence.put_table(table).digest for table in (measured, readings)
    )
    evidence.put_bytes(inputs.fees.as_written())  # by its digest: what the run rested on can be read for ever
    digests = (neighbours_digest, measured_digest, readings_digest)
    inputs_digest = digest_of_inputs(inputs, *digests, RULES_DIGEST)
    if previous is not None and previous.inputs_digest == inputs_digest and not again:
        return None
    judged = _judged(context, evidence, inputs, neighbours_digest, measured, readings, inputs_digest)
    compared = None
    if previous is not None:
        compared = compare(
            evidence, previous, inputs, neighbours_digest, measured, readings, judged.outcomes_digest
        )
    return Computed(
        inputs=inputs,
        inputs_digest=inputs_digest,
        rules_digest=RULES_DIGEST,
        neighbours_digest=neighbours_digest,
        measured_digest=measured_digest,
        readings_digest=readings_digest,
        outcomes_digest=judged.outcomes_digest,
        second=Second(judged.computed_twice, inputs_digest, CHECKER_DIGEST),
        started_at=started_at,
        figures=judged.figures,
        findings=judged.findings,
        previous_id=None if previous is None else previous.id,
        compared=compared,
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    outcomes_digest: str
    figures: dict[str, Any]
    findings: list[KeptFinding]
    computed_twice: int


def _judged(
    context: JobContext,
    evidence: EvidenceStore,
    inputs: Inputs,
    neighbours_digest: str | None,
    measured: pa.Table | None,
    readings: pa.Table | None,
    seed: str,
) -> _Judged:
    """The outcomes of the run as evidence, by ``source_row``, and what was found; a random part of them, drawn by the
    digest of the inputs, was computed twice. Wrong bills wait in a file, so that memory holds them only afterwards."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from checks.causes import EXPLAINED_SCHEMA
    from checks.certificate import SecondOpinionDiffers
    from checks.runs import check_files, engine_at

    bills = [inputs.bills_digest, *([] if neighbours_digest is None else [neighbours_digest])]
    accounts = inputs.accounts_digest
    figures = Figures()
    folder = context.settings.scratch_root
    if folder is not None:
        folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="check-", dir=folder) as scratch:
        wrong = Path(scratch) / "wrong.arrow"
        with (
            evidence.table_in_pieces(EXPLAINED_SCHEMA, sorted_by=["source_row"]) as outcomes,
            pa.ipc.new_stream(str(wrong), EXPLAINED_SCHEMA) as breaches,
        ):

            def keep(table: pa.Table) -> None:
                outcomes.add(table)
                figures.add(table)
                breaches.write_table(table.filter(pc.equal(table["outcome"], "breach")).combine_chunks())

            try:
                checked = check_files(
                    [evidence.path(digest) for digest in bills],
                    None if accounts is None else evidence.path(accounts),
                    inputs.tariffs,
                    city=inputs.city,
                    service_areas=inputs.service_areas,
                    fees=inputs.fees,
                    measured=measured,
                    readings=readings,
                    prorated=True,
                    keep=keep,
                    engine=engine_at(context.settings.engine),
                    seed=seed,
                    scratch=Path(scratch),
                    on_progress=lambda per_cent, step: context.progress(step, per_cent, 100),
                )
            except SecondOpinionDiffers as error:
                raise CannotSucceed(f"{error.zh} / {error.en}") from None
        context.progress("keeping", 0, None)
        with pa.OSFile(str(wrong)) as source:
            found = pa.ipc.open_stream(source).read_all()
    findings = [_kept(evidence, found, one) for one in checked.findings]
    said = figures.as_columns() | _flips(evidence, checked.flips)
    said["unknown_fees"] = unknown_fees(evidence, inputs)
    return _Judged(outcomes.stored.digest, said, findings, checked.computed_twice)


def _flips(evidence: EvidenceStore, found: pa.Table) -> dict[str, Any]:
    """How many verdicts hang on the convention of proration, and the evidence of which bills they are."""
    import pyarrow.compute as pc

    from checks.causes.conventions import CONVENTIONS

    def count(code: str, outcome: str) -> int:
        hit = pc.and_(pc.equal(found["convention"], code), pc.equal(found["outcome"], outcome))
        return pc.sum(hit).as_py() or 0

    counted = {code: {one: count(code, one) for one in ("conforms", "breach")} for code in CONVENTIONS}
    return {"flips": counted, "flips_digest": evidence.put_table(found).digest}


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
