"""The background work of findings: a signed filing is checked."""

from __future__ import annotations

from supervision.jobs import JobContext, job


@job("check_filing")
def check_filing(context: JobContext, filing_id: int, ripples: bool = True) -> None:
    """A bills filing in force has a run of its own; a roster in force has its season's bills checked again."""
    from supervision.findings import running

    running.check_filing(context, filing_id, ripples)
