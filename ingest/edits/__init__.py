"""The edits: every rule a filing is judged by, as data, and the digest of the rule pack."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

import pyarrow as pa

from ingest.edits.catalogue_data import load_edits
from ingest.edits.catalogue_files import CORRECTION_EDITS, DECLARED_EDITS, FILE_EDITS
from ingest.edits.catalogue_records import ACCOUNT_EDITS, BILL_EDITS, CROSS_FEED_EDITS, SHARED_EDITS
from ingest.edits.catalogue_telegrams import TELEGRAM_EDITS
from ingest.edits.catalogue_values import VALUE_EDITS
from ingest.edits.catalogue_workbooks import CONTAINER_EDITS
from ingest.edits.edit import BLOCKING, EXPLAINED, STAGES, Edit, EditClass

_REPEATED = pa.dictionary(pa.int32(), pa.string())

#: One row a hit; row 0 speaks of the whole file. Words that repeat are dictionary-encoded: a fault in every one of a
#: million rows costs its message once.
EDIT_SCHEMA = pa.schema(
    [
        ("edit_id", _REPEATED),
        ("edit_class", _REPEATED),
        ("row", pa.int32()),
        ("key", pa.string()),
        ("field", _REPEATED),
        ("value", pa.string()),
        ("message_zh", _REPEATED),
        ("message_en", _REPEATED),
    ]
)

#: One row for each value that was read differently from how it was filed; row 0 speaks of the header.
COERCION_SCHEMA = pa.schema(
    [
        ("row", pa.int32()),
        ("field", _REPEATED),
        ("before", pa.string()),
        ("after", pa.string()),
        ("rule", _REPEATED),
    ]
)

CATALOGUE: dict[str, Edit] = {
    edit.id: edit
    for edit in (
        *FILE_EDITS,
        *CONTAINER_EDITS,
        *TELEGRAM_EDITS,
        *VALUE_EDITS,
        *DECLARED_EDITS,
        *CORRECTION_EDITS,
        *ACCOUNT_EDITS,
        *BILL_EDITS,
        *SHARED_EDITS,
        *CROSS_FEED_EDITS,
        *load_edits(),
    )
}

#: What belongs to the rule pack: the standard and every module that decides a verdict.
_PACK = (
    "ingest.standard",
    "ingest.profiles",
    "ingest.mbus",
    "ingest.readers",
    "ingest.values",
    "ingest.edits",
)


@cache
def pack_digest() -> str:
    """SHA-256 of the rule pack (standard, edits and the code that reads and judges), the same wherever the same version
    is installed."""
    whole = hashlib.sha256()
    for package in _PACK:
        for file in sorted(resources.files(package).iterdir(), key=lambda file: file.name):
            if file.name.endswith((".py", ".toml")):
                _add(whole, f"{package}/{file.name}", file.read_bytes())
    for name in ("correcting.py", "corrections.py", "judge.py", "judgement.py", "totals.py"):
        _add(whole, f"ingest/{name}", resources.files("ingest").joinpath(name).read_bytes())
    return whole.hexdigest()


def pack_without(withdrawn: frozenset[str]) -> str:
    """The digest of the rule pack with those edits withdrawn; the pack's own where there are none."""
    if not withdrawn:
        return PACK_DIGEST
    return hashlib.sha256("\0".join([PACK_DIGEST, *sorted(withdrawn)]).encode()).hexdigest()


def _add(whole: hashlib._Hash, name: str, content: bytes) -> None:
    whole.update(f"{name}\0{len(content)}\0".encode())
    whole.update(content)


PACK_DIGEST: str = pack_digest()

__all__ = [
    "BLOCKING",
    "CATALOGUE",
    "COERCION_SCHEMA",
    "EDIT_SCHEMA",
    "EXPLAINED",
    "PACK_DIGEST",
    "STAGES",
    "Edit",
    "EditClass",
    "pack_digest",
    "pack_without",
]
