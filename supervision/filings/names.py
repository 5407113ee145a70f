"""The name a company gave its file: cleaned for display, never a path, never a key."""

from __future__ import annotations

import re
from urllib.parse import quote

from ingest.readers.block import Refusal
from ingest.readers.filename import clean_filename
from supervision.filings.problems import FilingRefused

_PLAIN = re.compile(r"[^A-Za-z0-9._-]", re.ASCII)


def shown_name(given: str) -> str:
    """The last part of ``given`` as people may see it. Raises FilingRefused (T06) when it is empty, longer than 200
    characters, or holds control or direction characters."""
    try:
        return clean_filename(given)
    except Refusal as refusal:
        finding = refusal.findings[0]
        raise FilingRefused(finding.edit_id, finding.detail_zh, finding.detail_en) from None


def attachment(name: str) -> str:
    """The Content-Disposition header that saves a download as ``name`` (RFC 6266): one line, plain ASCII."""
    plain = _PLAIN.sub("_", name)[:100] or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
