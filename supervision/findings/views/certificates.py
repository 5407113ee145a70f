"""The certificate of a bill, and the checker that anybody can hold it against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPConflict
from pyramid.response import Response
from pyramid.view import view_config

from supervision.findings.bills import BillView, certificate_of_bill
from supervision.findings.views.ground import asked_bill
from supervision.security import Permission
from supervision.web import Request
from supervision.web.files import attached, open_data, plain_name


def certificate_or_refusal(view: BillView) -> tuple[Mapping[str, Any] | None, Any]:
    """The certificate of the bill, or the reason (``zh``, ``en``) why there is none."""
    from checks.certificate import CertificateRefused

    try:
        return certificate_of_bill(view), None
    except CertificateRefused as refusal:
        return None, refusal


def checker_facts() -> dict[str, str]:
    """The name of the checker and the SHA-256 of its bytes."""
    from checks.certificate import CHECKER_DIGEST, CHECKER_NAME

    return {"name": CHECKER_NAME, "digest": CHECKER_DIGEST}


@view_config(route_name="officer_certificate", request_method="GET", permission=Permission.FINDING_READ)
@view_config(route_name="company_certificate", request_method="GET", permission=Permission.OWN_FILING_READ)
def certificate(request: Request) -> Response:
    """The certificate as a file, named by the bill. 409 with the reason where there is none."""
    from checks.certificate import as_bytes

    view = asked_bill(request)
    content, refusal = certificate_or_refusal(view)
    if content is None:
        raise HTTPConflict(refusal.zh if request.language == "zh" else refusal.en)
    number = view.bill["bill_no"]
    answer = Response(as_bytes(content), content_type="application/json")
    return attached(answer, f"certificate-{number}.json", f"certificate-{plain_name(number)}.json")


@view_config(route_name="certificate_checker", request_method="GET", permission=Permission.PUBLIC_READ)
def checker(request: Request) -> Response:
    """The checker, byte for byte what every check of bills is held against."""
    from checks.certificate import CHECKER, CHECKER_NAME

    answer = open_data(CHECKER, "text/x-python")
    answer.content_disposition = f'attachment; filename="{CHECKER_NAME}"'
    return answer
