"""A whole run: planned, sorted into parts where needed, judged part by part, the outcomes handed on in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.causes.conventions import FLIP_SCHEMA
from checks.fees import FeeRegister, shipped_register
from checks.runs.engines import Engine, InProcess
from checks.runs.files import read_batches
from checks.runs.parts import Basis, Part, Piece, slots_of
from checks.runs.plan import Plan, Stretches, part_of, plan_parts
from checks.runs.tally import FoundCause, Tally
from checks.runs.twice import draw
from checks.tariffs.record import Tariff

#: Bills a part holds: some 200 MB while it is judged.
ROWS_A_PART = 131_072

#: Called with the share of the run that is done, in per cent, and the name of the step.
Progress = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings by weight, and how many bills have each outcome, as in :class:`checks.engine.CheckResult`; and how
    many were computed twice. ``flips`` (``FLIP_SCHEMA``) are the bills whose verdict hangs on the convention of proration,
    in the order of the bills, where that was asked for."""

    findings: tuple[FoundCause, ...]
    counts: dict[str, int]
    computed_twice: int = 0
    flips: pa.Table | None = None


def check_files(
    bills: Sequence[Path],
    accounts: Path | None,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    fees: FeeRegister | None = None,
    measured: pa.Table | None = None,
    readings: pa.Table | None = None,
    prorated: bool = False,
    keep: Callable[[pa.Table], None],
    scratch: Path,
    engine: Engine | None = None,
    seed: str | None = None,
    rows_a_part: int = ROWS_A_PART,
    on_progress: Progress | None = None,
) -> Checked:
    """Every bill of the Parquet files ``bills`` (one run over all of them) judged and every breach explained.

    ``keep`` is given the outcomes (``EXPLAINED_SCHEMA``) in the order of ``source_row``, some ten thousand at a time;
    rows with a ``source_row`` below 1 are neighbours: they are read, not judged. They are those that
    :func:`checks.engine.check` gives on the whole table. Memory holds a few parts of ``rows_a_part`` bills, however long
    the files are; ``fees`` and ``measured`` are as in :func:`checks.recompute.recompute`, ``readings`` as in
    :func:`checks.causes.find_causes`, both held whole; with ``prorated`` the flips are found too; ``scratch`` is a folder for what lies between, which other machines must see where ``engine`` is a
    cluster. With ``seed`` (hex) a random part of the bills (:func:`checks.certificate.second_opinion.drawn`) is computed a
    second time by the checker; raises SecondOpinionDiffers where one differs. Raises ``pa.ArrowInvalid`` for a file
    stored against the data standard, and as the engine.
    """
    tell = on_progress or (lambda _per_cent, _step: None)
    engine = engine or InProcess()
    tell(0, "recompute")
    plan = plan_parts(bills, accounts, rows_a_part)
    twice = None if seed is None else draw(bills, plan.judged, seed, scratch / "drawn.npy")
    drawn = None if twice is None else twice.path
    at_hand = shipped_register() if fees is None else fees
    basis = Basis(_near(tariffs, city), city, service_areas, at_hand, measured, drawn, readings, prorated)
    direct = plan.is_in_order and not engine.is_elsewhere
    parts = list(_parts(plan, bills, accounts, scratch, rows_a_part, direct=direct))
    tally, flips = Tally(), [FLIP_SCHEMA.empty_table()]
    for done, judged in enumerate(engine.judge(parts, basis), start=1):
        tally.merge(judged.tally)
        flips += [] if judged.flips is None else [judged.flips]
        if judged.outcomes is not None:
            keep(judged.outcomes)
        tell(5 + 85 * done // len(parts), "recompute")
    if not direct:
        paths = [part.result for part in parts if part.result is not None]
        for slot, outcomes in enumerate(slots_of(paths, parts[0].slots), start=1):
            keep(outcomes)
            tell(90 + 9 * slot // parts[0].slots, "recompute")
    tell(99, "group")
    checked = Checked(
        findings=tally.findings(),
        counts=dict(tally.counts),
        computed_twice=0 if twice is None else twice.bills,
        flips=pa.concat_tables(flips).sort_by("source_row") if prorated else None,
    )
    tell(100, "done")
    return checked


def _near(tariffs: Sequence[Tariff], city: str) -> tuple[Tariff, ...]:
    """The records that can matter: of the city and of its districts, which are named after it."""
    return tuple(one for one in tariffs if one.city.startswith(city) or city.startswith(one.city))


def _parts(
    plan: Plan, bills: Sequence[Path], accounts: Path | None, scratch: Path, rows_a_part: int, *, direct: bool
) -> Iterator[Part]:
    sorted_out = [
        _sort_out(path, "bills", plan, scratch / f"bills-{place}", rows_a_part, tied_only=known is not None)
        for place, (path, known) in enumerate(zip(bills, plan.bills, strict=True))
        if known is None or len(plan.tied)
    ]
    roster: dict[int, Piece] = {}
    if accounts is not None and (plan.accounts is None or len(plan.tied)):
        is_sorted = plan.accounts is not None
        roster = _sort_out(accounts, "accounts", plan, scratch / "accounts", rows_a_part, tied_only=is_sorted)
    first = max(plan.first_row, 1)
    span = max(plan.last_row - first + 1, 1)
    slots = -(-plan.rows // rows_a_part) or 1
    out = iter(sorted_out)
    lying = [(known, next(out) if known is None or len(plan.tied) else {}) for known in plan.bills]
    for number in range(plan.parts + (len(plan.tied) > 0)):
        pieces = [piece for known, out_of in lying for piece in _pieces(known, out_of, number)]
        entries = list(_pieces(plan.accounts, roster, number))
        yield Part(
            number=number,
            bills=tuple(pieces),
            accounts=None if accounts is None else tuple(entries),
            left_out=plan.tied if number < plan.parts else plan.tied.slice(0, 0),
            first_row=first,
            width=-(-span // slots),
            slots=slots,
            result=None if direct else scratch / f"outcomes-{number}.arrow",
        )


def _pieces(known: Stretches | None, sorted_out: dict[int, Piece], number: int) -> Iterator[Piece]:
    if known is not None and number < len(known.starts) - 1:
        yield Piece(known.path, known.starts[number], known.starts[number + 1])
    elif number in sorted_out:
        yield sorted_out[number]


def _sort_out(
    path: Path, feed: str, plan: Plan, scratch: Path, rows_at_once: int, *, tied_only: bool
) -> dict[int, Piece]:
    """The rows of a file by part, each part a file of its own in their order; the tied ones as the last part."""
    scratch.mkdir(parents=True, exist_ok=True)
    writers: dict[int, pa.ipc.RecordBatchStreamWriter] = {}
    try:
        for table in _gathered(read_batches(path, feed), rows_at_once):
            place = part_of(table["account_no"], plan.cuts)
            if len(plan.tied):
                is_tied = pc.is_in(table["account_no"], value_set=plan.tied)
                place[np.asarray(is_tied.to_numpy())] = plan.parts
            order = np.argsort(place, kind="stable")
            if tied_only:
                order = order[place[order] == plan.parts]
            table, place = table.take(pa.array(order)).combine_chunks(), place[order]
            bounds = [0, *(np.flatnonzero(np.diff(place)) + 1).tolist(), len(place)]
            for start, stop in pairwise(bounds):
                if start == stop:
                    continue
                number = int(place[start])
                if number not in writers:
                    writers[number] = pa.ipc.new_stream(str(scratch / f"{number}.arrow"), table.schema)
                writers[number].write_table(table.slice(start, stop - start))
    finally:
        for writer in writers.values():
            writer.close()
    return {number: Piece(scratch / f"{number}.arrow") for number in writers}


def _gathered(batches: Iterator[pa.Table], rows: int) -> Iterator[pa.Table]:
    """The same rows, about ``rows`` at a time."""
    held: list[pa.Table] = []
    for batch in batches:
        held.append(batch)
        if sum(map(len, held)) >= rows:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)
