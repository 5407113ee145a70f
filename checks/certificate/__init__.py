"""The certificate of a recomputed bill: one document that anyone can compute again, and the file that does it.

``verify_certificate.py`` shares no code with the rules (``checks.recompute``): it is the second opinion on every
certificate, and :func:`check_sample` lets it judge a random part of many bills. See docs/certificates.md.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from checks.certificate import verify_certificate
from checks.certificate.document import (
    CertificateRefused,
    Origin,
    as_bytes,
    certificate_of,
)
from checks.certificate.proven import proven
from checks.certificate.second_opinion import Checked, SecondOpinionDiffers, check_sample

__all__ = [
    "CHECKER",
    "CHECKER_DIGEST",
    "CHECKER_NAME",
    "CertificateRefused",
    "Checked",
    "Origin",
    "SecondOpinionDiffers",
    "as_bytes",
    "certificate_of",
    "check_sample",
    "proven",
]

CHECKER_NAME = "verify_certificate.py"
#: The checker as it is handed out, byte for byte what runs here.
CHECKER: bytes = Path(verify_certificate.__file__).read_bytes()
#: SHA-256 of the checker, as shown where it is handed out and recorded with each run.
CHECKER_DIGEST: str = hashlib.sha256(CHECKER).hexdigest()
