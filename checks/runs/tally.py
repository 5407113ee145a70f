"""What a run found, counted part by part and put together exactly: the parts of a run give what the whole gives."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from checks.causes import cause_rank
from checks.recompute.outcomes import counts_by_outcome

_SCOPE = ["category", "tariff_id", "season"]
_Scope = tuple[str, str | None, str]
_Priced = tuple[str | None, str]  # tariff and season


@dataclass(frozen=True, slots=True)
class FoundCause:
    """Bills that are wrong for one cause. Amounts in CNY: ``amount_over`` sums what customers paid too much,
    ``amount_under`` (positive) what they paid too little, ``largest`` is the greatest single difference without sign.
    ``exposed_bills`` are all bills priced by the same tariff in the season, whatever category they state: those the
    mistake could have hit. (Of bills in a wrong category those that state it would be these bills alone.)"""

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

    @property
    def scope(self) -> _Scope:
        """What a cause is counted by."""
        return (self.category, self.tariff_id, self.season)


@dataclass(slots=True)
class Tally:
    """Outcomes counted so far: ``counts`` by outcome, beside ``bills``, the number of all, and ``missing:<code>``;
    bills by tariff and season; and what was found of each cause in each scope."""

    counts: Counter[str] = field(default_factory=Counter)
    exposed: Counter[_Priced] = field(default_factory=Counter)
    found: dict[tuple[str, _Scope], list[FoundCause]] = field(default_factory=dict)

    def add(self, outcomes: pa.Table) -> None:
        """These outcomes are counted too."""
        self.counts.update(_counts(outcomes))
        self.exposed.update(_exposed(outcomes))
        for one in _by_cause(outcomes):
            self.found.setdefault((one.cause, one.scope), []).append(one)

    def merge(self, other: Tally) -> None:
        """What the other tally counted is counted here too."""
        self.counts.update(other.counts)
        self.exposed.update(other.exposed)
        for key, parts in other.found.items():
            self.found.setdefault(key, []).extend(parts)

    def findings(self) -> tuple[FoundCause, ...]:
        """One finding a cause, category, tariff and season; the greatest amount first."""
        found = [
            _together(parts, self.exposed[tariff_id, season])
            for (_, (_, tariff_id, season)), parts in self.found.items()
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


def _together(parts: list[FoundCause], exposed: int) -> FoundCause:
    return FoundCause(
        cause=parts[0].cause,
        category=parts[0].category,
        tariff_id=parts[0].tariff_id,
        season=parts[0].season,
        bills=sum(one.bills for one in parts),
        exposed_bills=exposed,
        amount_over=sum((one.amount_over for one in parts), Decimal("0.00")),
        amount_under=sum((one.amount_under for one in parts), Decimal("0.00")),
        first_seen=min(parts, key=lambda one: one.first_seen or dt.date.max).first_seen,
        last_seen=max(parts, key=lambda one: one.last_seen or dt.date.min).last_seen,
        largest=max(one.largest for one in parts),
        source_rows=sorted(row for one in parts for row in one.source_rows),
    )


def _by_cause(outcomes: pa.Table) -> list[FoundCause]:
    breaches = outcomes.filter(pc.equal(outcomes["outcome"], "breach"))
    if len(breaches) == 0:
        return []
    overcharge = breaches["overcharge"]
    nothing = pa.scalar(Decimal("0.00"), overcharge.type)
    breaches = breaches.append_column("over", pc.max_element_wise(overcharge, nothing))
    breaches = breaches.append_column("under", pc.max_element_wise(pc.negate(overcharge), nothing))
    breaches = breaches.append_column("size", pc.abs(overcharge))
    groups = breaches.group_by(["cause", *_SCOPE], use_threads=False).aggregate(
        [
            ("source_row", "list"),
            ("over", "sum"),
            ("under", "sum"),
            ("size", "max"),
            ("issued_on", "min"),
            ("issued_on", "max"),
        ]
    )
    return [
        FoundCause(
            cause=row["cause"],
            category=row["category"],
            tariff_id=row["tariff_id"],
            season=row["season"],
            bills=len(row["source_row_list"]),
            exposed_bills=0,
            amount_over=row["over_sum"],
            amount_under=row["under_sum"],
            first_seen=row["issued_on_min"],
            last_seen=row["issued_on_max"],
            largest=row["size_max"],
            source_rows=row["source_row_list"],
        )
        for row in groups.to_pylist()
    ]


def _exposed(outcomes: pa.Table) -> dict[_Priced, int]:
    counted = outcomes.group_by(["tariff_id", "season"], use_threads=False).aggregate(
        [("bill_no", "count", pc.CountOptions(mode="all"))]
    )
    return {(row["tariff_id"], row["season"]): int(row["bill_no_count"]) for row in counted.to_pylist()}


def _counts(outcomes: pa.Table) -> Counter[str]:
    counts = Counter({"bills": len(outcomes)} | counts_by_outcome(outcomes))
    for row in pc.value_counts(outcomes["missing"]).to_pylist():
        for code in (row["values"] or "").split(";"):
            if code:
                counts[f"missing:{code}"] += int(row["counts"])
    return counts
