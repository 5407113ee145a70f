"""The verdict in one line, the same words on the page, in JSON and for a program that only looks at the code."""

from __future__ import annotations

from typing import Any

from supervision.filings.edit_report import groups_of
from supervision.filings.models import Filing


def as_json(filing: Filing) -> dict[str, Any]:
    """Which state the filing is in, whether it is filed and counts, what comes next, what was found, what could not be judged
    (``rows`` 0: on no row), and how many values were read otherwise than they stand."""
    text = filing.text
    return {
        "filing": filing.public_id,
        "feed": filing.feed,
        "period": filing.period,
        "number": filing.number,
        "state": str(filing.state),
        "state_number": text.number,
        "is_test": filing.is_test,
        "is_filed": filing.signed_at is not None,
        "counts": filing.is_current,
        "zh": text.zh,
        "en": text.en,
        "next_zh": text.next_zh,
        "next_en": text.next_en,
        "sha256": filing.bytes_digest,
        "size": filing.size,
        "rows": filing.rows,
        "totals": filing.totals,
        "edits": [
            {"id": group.edit_id, "class": str(group.edit_class), "count": group.count}
            for group in groups_of(filing)
        ],
        "not_evaluated": [
            {"id": one["edit_id"], "rows": one["rows"], "because": list(one["because"])}
            for one in filing.not_evaluated
        ],
        "coercions": filing.coercion_count or 0,
        "pack_sha256": filing.pack_digest,
        "profile": None
        if filing.profile_digest is None
        else {"version": filing.profile_version, "sha256": filing.profile_digest},
        "receipt_no": filing.receipt_no,
    }
