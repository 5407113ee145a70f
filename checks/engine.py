"""One check run over the bills of a signed filing: recompute, find causes, group what was found.

A finding is one cause under one tariff in one season and category: that is what an officer opens as one case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from checks.causes import find_causes
from checks.fees import FeeRegister
from checks.recompute import recompute
from checks.runs.tally import FoundCause, Tally
from checks.tariffs.record import Tariff

#: Called with the share of the run that is done, in per cent, and the name of the step that starts.
Progress = Callable[[int, str], None]


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
    fees: FeeRegister | None = None,
    measured: pa.Table | None = None,
    readings: pa.Table | None = None,
    on_progress: Progress | None = None,
) -> CheckResult:
    """Every bill judged and every breach explained.

    ``accounts`` is the roster, or None where none was filed; ``fees`` the register of charges at hand; ``readings`` those filed (``checks.causes.readings``). ``on_progress`` is called before each of the three steps
    and once at the end. Raises ``pa.ArrowInvalid`` for a column stored against the data standard.
    """
    tell = on_progress or (lambda _per_cent, _step: None)
    tell(0, "recompute")
    scope: dict[str, Any] = {"city": city, "service_areas": service_areas, "fees": fees, "measured": measured}
    outcomes = recompute(bills, accounts, tariffs, **scope)
    tell(40, "causes")
    outcomes = find_causes(bills, accounts, outcomes, tariffs, readings=readings, **scope)
    tell(90, "group")
    tally = Tally()
    tally.add(outcomes)
    tell(100, "done")
    return CheckResult(outcomes=outcomes, findings=tally.findings(), counts=dict(tally.counts))


def group(outcomes: pa.Table) -> tuple[FoundCause, ...]:
    """The breaches grouped by cause, category, tariff and season; the greatest amount first."""
    tally = Tally()
    tally.add(outcomes)
    return tally.findings()
