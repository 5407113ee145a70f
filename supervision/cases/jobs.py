"""The background work of cases: the bills of a case are made ready to be annexed."""

from __future__ import annotations

from supervision.jobs import JobContext, job


@job("prepare_case_annex", is_awaited=True)
def prepare_case_annex(context: JobContext, case_id: int) -> None:
    """The case has its annex: every bill as CSV in the evidence, the first 200 with their formula."""
    from supervision.cases import annex

    annex.prepare(context, case_id)
