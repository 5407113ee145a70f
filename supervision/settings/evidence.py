"""Where the evidence lies: a folder, or a bucket that speaks S3."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.bucket import LARGEST, Bucket

if TYPE_CHECKING:
    from ingest.evidence import EvidenceStore
    from supervision.settings import Settings

DEFAULTS = {
    "evidence_bucket": "",
    "evidence_prefix": "",
    "evidence_endpoint": "",
    "evidence_region": "us-east-1",
    "evidence_access_key": "",
    "evidence_secret_key_file": "",
    "evidence_encryption": "",
}
ENCRYPTIONS = ("", "AES256", "aws:kms")
ACCESS_KEY, SECRET_KEY, SESSION_TOKEN = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"


def bucket_from(values: Mapping[str, str], *, is_production: bool) -> Bucket | None:
    """The bucket of the settings, or None where the evidence lies in the data folder. Raises ValueError with the key and
    how to mend it, without the prefix of our settings."""
    if not values["evidence_bucket"]:
        return None
    endpoint = values["evidence_endpoint"].rstrip("/")
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"evidence_endpoint is {endpoint!r}; write an address such as https://s3.example.")
    if is_production and parts.scheme != "https":
        raise ValueError("evidence_endpoint must start with https:// in production.")
    if values["evidence_encryption"] not in ENCRYPTIONS:
        raise ValueError(
            f"evidence_encryption is {values['evidence_encryption']!r}; it must be empty, AES256 or aws:kms."
        )
    if int(values["max_upload_bytes"]) > LARGEST:
        raise ValueError(
            f"max_upload_bytes must be at most {LARGEST} with a bucket, which takes no more at once."
        )
    prefix = values["evidence_prefix"].strip("/")
    return Bucket(
        name=values["evidence_bucket"],
        prefix=f"{prefix}/" if prefix else "",
        endpoint=endpoint,
        region=values["evidence_region"],
        access_key=os.environ.get(ACCESS_KEY) or _given(values, "evidence_access_key"),
        secret_key=os.environ.get(SECRET_KEY) or _secret(values["evidence_secret_key_file"], is_production),
        session_token=os.environ.get(SESSION_TOKEN, ""),
        encryption=values["evidence_encryption"],
    )


def open_evidence(settings: Settings) -> EvidenceStore:
    """The store of these settings, ready to use."""
    from ingest.evidence import EvidenceStore

    if settings.bucket is None:
        return EvidenceStore(settings.evidence_root)
    from ingest.bucket_evidence import BucketEvidenceStore

    return BucketEvidenceStore(settings.evidence_root, settings.bucket)


def _given(values: Mapping[str, str], key: str) -> str:
    if not values[key]:
        raise ValueError(f"{key} must be given, or {ACCESS_KEY} hold it, as evidence_bucket is given.")
    return values[key]


def _secret(file: str, is_production: bool) -> str:
    if not file:
        raise ValueError(f"evidence_secret_key_file must name a file, or {SECRET_KEY} hold the key.")
    path = Path(file)
    if not path.is_file():
        raise ValueError(f"evidence_secret_key_file: {path} does not exist.")
    if is_production and path.stat().st_mode & 0o077:
        raise ValueError(
            f"evidence_secret_key_file: {path} can be read by others; mend it with: chmod 600 {path}"
        )
    return path.read_text(encoding="ascii").strip()
