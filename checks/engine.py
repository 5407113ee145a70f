"""One check run over the bills of a signed filing: recompute, find causes, group what was found.

A finding is one cause under one tariff in one season and category: that is what an officer opens as one case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from checks.causes import cause_rank, find_causes
from checks.recompute import recompute
from checks.recompute.outcomes import counts_by_outcome
from checks.tariffs.record import Tariff

#: Called with the share of the run that is done, in per cent, and the name of the step that starts.
Progress = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class FoundCause:
    """Bills that are wrong for one cause. Amounts in CNY: ``amount_over`` sums what customers paid too much,
    ``amount_under`` (positive) what they paid too little, ``largest`` is the greatest single difference without sign.
    ``exposed_bills`` are all bills of the same tariff, category and season: those the mistake could have hit."""

    cause: str
    category: str
    tariff_id: str | None
    season: str
    bills: int
    exposed_bills: int
    amount_over: Decimal
    amount_under: Decimal
    first_seen: dt.date
    last_seen: dt.date
    largest: Decimal
    source_rows: list[int]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Outcomes of every bill (``EXPLAINED_SCHEMA``), the findings by weight, and how many bills have each outcome,
    beside ``bills``, the number of all, and ``missing:<code>`` for each thing that is missing."""

    outcomes: pa.Table
    findings: tuple[FoundCause, ...]
    counts: dict[str, int]


def check(
    bills: pa.Table,
    accounts: pa.Table | None,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    on_progress: Progress | None = None,
) -> CheckResult:
    """Every bill judged and every breach explained.

    ``accounts`` is the roster, or None where none was filed. ``on_progress`` is called before each of the three steps
    and once at the end. Raises ``pa.ArrowInvalid`` for a column stored against the data standard.
    """
    tell = on_progress or (lambda _per_cent, _step: None)
    tell(0, "recompute")
    outcomes = recompute(bills, accounts, tariffs, city=city, service_areas=service_areas)
    tell(40, "causes")
    outcomes = find_causes(bills, accounts, outcomes, tariffs, city=city, service_areas=service_areas)
    tell(90, "group")
    result = CheckResult(outcomes=outcomes, findings=group(outcomes), counts=_counts(outcomes))
    tell(100, "done")
    return result


def group(outcomes: pa.Table) -> tuple[FoundCause, ...]:
    """The breaches grouped by cause, category, tariff and season; the greatest amount first."""
    breaches = outcomes.filter(pc.equal(outcomes["outcome"], "breach"))
    if len(breaches) == 0:
        return ()
    exposed = {
        (row["category"], row["tariff_id"], row["season"]): int(row["bill_no_count"])
        for row in outcomes.group_by(["category", "tariff_id", "season"])
        .aggregate([("bill_no", "count", pc.CountOptions(mode="all"))])
        .to_pylist()
    }
    overcharge = breaches["overcharge"]
    nothing = pa.scalar(Decimal("0.00"), overcharge.type)
    breaches = breaches.append_column("over", pc.max_element_wise(overcharge, nothing))
    breaches = breaches.append_column("under", pc.max_element_wise(pc.negate(overcharge), nothing))
    breaches = breaches.append_column("size", pc.abs(overcharge))
    groups = breaches.group_by(["cause", "category", "tariff_id", "season"], use_threads=False).aggregate(
        [
            ("source_row", "list"),
            ("over", "sum"),
            ("under", "sum"),
            ("size", "max"),
            ("issued_on", "min"),
            ("issued_on", "max"),
        ]
    )
    found = [
        FoundCause(
            cause=row["cause"],
            category=row["category"],
            tariff_id=row["tariff_id"],
            season=row["season"],
            bills=len(row["source_row_list"]),
            exposed_bills=exposed[row["category"], row["tariff_id"], row["season"]],
            amount_over=row["over_sum"],
            amount_under=row["under_sum"],
            first_seen=row["issued_on_min"],
            last_seen=row["issued_on_max"],
            largest=row["size_max"],
            source_rows=sorted(row["source_row_list"]),
        )
        for row in groups.to_pylist()
    ]
    return tuple(
        sorted(
            found,
            key=lambda one: (
                -(one.amount_over + one.amount_under),
                cause_rank(one.cause),
                one.category,
                one.tariff_id or "",
                one.season,
            ),
        )
    )


def _counts(outcomes: pa.Table) -> dict[str, int]:
    counts = {"bills": len(outcomes)} | counts_by_outcome(outcomes)
    for row in pc.value_counts(outcomes["missing"]).to_pylist():
        for code in (row["values"] or "").split(";"):
            if code:
                name = f"missing:{code}"
                counts[name] = counts.get(name, 0) + int(row["counts"])
    return counts
