"""Day by day after a price changed: how many of the bills issued bear the old one."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ingest.evidence import EvidenceStore
from supervision.findings.models import Finding, FindingPart

#: The causes that say that a superseded price was billed.
OLD_PRICES = ("old_price", "old_price_for_days")


@dataclass(frozen=True, slots=True)
class Day:
    """The bills that were issued on a day under the new price's tariff, and how many of them bear the old one."""

    day: dt.date
    bills: int
    wrong: int

    @property
    def share(self) -> Decimal:
        """In per cent."""
        return 100 * Decimal(self.wrong) / Decimal(self.bills)


def bears_old_price(finding: Finding) -> bool:
    """Whether the finding is one of a price that was not taken over in time."""
    return any(cause in OLD_PRICES for cause in finding.cause.split("+"))


def old_price_by_day(evidence: EvidenceStore, finding: Finding, parts: Sequence[FindingPart]) -> list[Day]:
    """Each day on which bills of the finding's category were issued under its tariff, in order: all of them, and those in
    which an old price was found. Read from the outcomes of the runs that found them."""
    import pyarrow.compute as pc

    issued: Counter[dt.date] = Counter()
    wrong: Counter[dt.date] = Counter()
    for part in parts:
        same: Any = (pc.field("category") == finding.category) & (pc.field("season") == finding.season)
        if finding.tariff_id is not None:
            same &= pc.field("tariff_id") == finding.tariff_id
        rows = evidence.read_table(part.run.outcomes_digest, ["issued_on", "cause"], filters=same)
        old = pc.match_substring_regex(
            pc.fill_null(rows["cause"], ""), rf"(^|\+)({'|'.join(OLD_PRICES)})(\+|$)"
        )
        for counter, days in ((issued, rows["issued_on"]), (wrong, rows["issued_on"].filter(old))):
            for one in pc.value_counts(days.drop_null()).to_pylist():
                counter[one["values"]] += one["counts"]
    return [Day(day, issued[day], wrong[day]) for day in sorted(issued)]
