"""The background work of filings: judge, compare with the filing in force, make the receipt."""

from __future__ import annotations

import datetime as dt

from supervision.jobs import JobContext, job


@job("judge_filing", is_awaited=True)
def judge_filing(context: JobContext, filing_id: int) -> None:
    """The filing has its verdict, with everything it rests on in the evidence."""
    from supervision.filings import judging

    judging.judge(context, filing_id)


@job("readjudicate_filing")
def readjudicate_filing(context: JobContext, filing_id: int, withdrawal_id: int) -> None:
    """The filing has the verdict of the rules without the one that was withdrawn."""
    from supervision.filings import rejudging

    rejudging.readjudicate(context, filing_id, withdrawal_id)


@job("compare_filing", is_awaited=True)
def compare_filing(context: JobContext, filing_id: int) -> None:
    """The filing carries its difference to the one in force."""
    from supervision.filings import comparing

    comparing.compare_with_current(context, filing_id)


@job("render_receipt")
def render_receipt(context: JobContext, filing_id: int) -> None:
    """The receipt of a signed filing is a PDF in the evidence, made once."""
    from supervision.filings import receipts

    receipts.render(context, filing_id)


@job("remind_of_filings", every=dt.timedelta(days=1))
def remind_of_filings(context: JobContext) -> None:
    """Every company was told, once, of what is due soon and of what is overdue."""
    from supervision.filings import reminding

    reminding.remind(context)


@job("lay_out_guide")
def lay_out_guide(context: JobContext, language: str) -> None:
    """The guide of the standard lies as a PDF in its place."""
    from supervision.filings import guide_on_paper

    guide_on_paper.lay_out(context.settings, "en" if language == "en" else "zh")
