"""What was read otherwise in a filing, from its evidence: by rule, and whole as a file."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.coercions import BATCH, Used, csv_pieces, used_rules
from ingest.evidence import EvidenceStore
from supervision.filings.models import Filing


def rules_of(evidence: EvidenceStore, filing: Filing) -> list[Used]:
    """The rules that were used on the filing, the most used first."""
    if filing.coercions_digest is None:
        return []
    return used_rules(evidence.read_table(filing.coercions_digest, ["rule"]))


def lines_of(evidence: EvidenceStore, digest: str, offset: int) -> Iterator[bytes]:
    """The list as CSV, some thousand lines at a time."""
    yield from csv_pieces(evidence.open_table(digest).iter_batches(batch_size=BATCH), offset)
