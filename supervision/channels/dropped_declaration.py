"""What is declared beside a dropped file: ``<name>.manifest.json``, the manifest of the standard and what a form ticks."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.readers.block import Refusal
from ingest.readers.manifest import Manifest, manifest_of
from ingest.standard import feed as feed_of
from ingest.strict_json import strict_json
from supervision.filings import FilingRefused

MOST_BYTES = 64 << 10
_TICKED = ("correction", "test")
_KEYS = frozenset({"rows", "totals", *_TICKED})


@dataclass(frozen=True, slots=True)
class Beside:
    """What a file must hold, whether it is a partial correction, and whether it is a test."""

    manifest: Manifest | None = None
    is_correction: bool = False
    is_test: bool = False


def read_beside(content: bytes | None, feed: str) -> Beside:
    """What the declaration of a file of ``feed`` says; ``None`` is one that is no small plain file. Raises
    FilingRefused (D04)."""
    if content is None:
        raise FilingRefused(
            "D04", f"不是普通文件，或超过 {MOST_BYTES:,} 字节", f"no plain file, or over {MOST_BYTES:,} bytes"
        )
    try:
        said = strict_json(content)
    except ValueError:
        raise FilingRefused("D04", "不是 UTF-8 的 JSON", "it is no JSON in UTF-8") from None
    if not isinstance(said, dict) or not set(said) <= _KEYS:
        raise FilingRefused(
            "D04",
            "只能有 rows、totals、correction、test",
            "it holds rows, totals, correction and test only",
        )
    ticked = [said.pop(name, False) for name in _TICKED]
    if not all(isinstance(one, bool) for one in ticked):
        raise FilingRefused(
            "D04", "correction、test 写 true 或 false", "correction and test are true or false"
        )
    try:
        manifest = manifest_of(said, feed_of(feed))
    except Refusal as refusal:
        finding = refusal.findings[0]
        raise FilingRefused("D04", finding.detail_zh, finding.detail_en) from None
    return Beside(manifest or None, *ticked)
