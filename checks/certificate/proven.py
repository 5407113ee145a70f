"""No certificate leaves that its own checker would not agree with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.certificate import verify_certificate as checker
from checks.certificate.document import CertificateRefused


def proven(certificate: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same certificate, after the checker has computed it again and agreed in every step. Raises
    :class:`CertificateRefused` naming the first thing the two differ in."""
    found = checker.disagreements(certificate)
    for what, stated, second in found:
        raise CertificateRefused(
            f"复核程序与核算结果不一致（{what}：核算 {stated}，复核 {second}），不能出具证书。请系统管理员查明核算规则。",
            f"The checker disagrees ({what}: computed {stated}, checked {second}), so there is no certificate. Have the "
            "rules looked into.",
        )
    return certificate
