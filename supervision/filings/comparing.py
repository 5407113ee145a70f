"""The difference of a filing that waits for its signature to the one in force, kept with it for the signer to see."""

from __future__ import annotations

from ingest.standard import feed as feed_of
from supervision.filings import difference
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing
from supervision.filings.reading import FilingReading
from supervision.filings.trace import record
from supervision.jobs import JobContext
from supervision.journal import SYSTEM
from supervision.settings.evidence import open_evidence

COMPARABLE = frozenset({State.NEEDS_EXPLANATION, State.READY})


def compare_with_current(context: JobContext, filing_id: int) -> None:
    """The filing names the filing in force it was compared with and what differs; the rows lie in the evidence. A
    filing that is no longer waiting for its signature is left as it is. When another filing came into force meanwhile,
    the comparison asked for by its signing follows."""
    evidence = open_evidence(context.settings)
    with context.transaction() as session:
        reading = FilingReading(session, evidence)
        filing = reading.by_id(filing_id)
        current = reading.current(filing.company_id, filing.feed, filing.period)
        if current is None or filing.state not in COMPARABLE:
            return
        compared_with, number = current.public_id, current.number
        digests = (current.table_digest, filing.table_digest)
        totals = difference.amounts(current.totals, filing.totals)
        feed = feed_of(filing.feed)
    context.progress("comparing", 0, None)
    before, after = (evidence.read_table(str(digest)) for digest in digests)
    found = difference.compare(feed, before, after)
    stored = evidence.put_table(found.rows)
    with context.transaction(final=True) as session:
        filing = session.get_one(Filing, filing_id)
        if filing.state not in COMPARABLE:
            return
        filing.difference = {
            "compared_with": compared_with,
            "number": number,
            "added": found.added,
            "removed": found.removed,
            "changed": found.changed,
            "fields": found.fields,
            "amounts": totals,
            "rows": found.rows.num_rows,
            "digest": stored.digest,
        }
        record(session, context.clock, filing, "filing.compared", SYSTEM, compared_with=compared_with)
