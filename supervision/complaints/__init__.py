"""Complaints (投诉): from the public form to the company's answer, the officer's closing and the complainant's word."""

from __future__ import annotations

from typing import Any

from supervision.complaints.service import CompanyFigures, ComplaintService, NoSuchComplaint
from supervision.complaints.waiting import on_the_desk
from supervision.security import Permission

__all__ = ["CompanyFigures", "ComplaintService", "NoSuchComplaint"]


def includeme(config: Any) -> None:
    config.register_service(
        ComplaintService, lambda request: ComplaintService(request.db, request.clock, request.conf)
    )
    config.add_jinja2_search_path("supervision:complaints/templates", name=".jinja2")
    config.add_route("complain", "/complain")
    config.add_route("complaint_lookup", "/complaints")
    config.add_route("complaint_received", "/complaints/received")
    config.add_route("complaint", "/complaints/{number}")
    config.add_route("complaint_reopen", "/complaints/{number}/reopen")
    config.add_route("complaint_desk", "/desk/complaints")
    config.add_route("complaint_on_desk", "/desk/complaints/{number}")
    config.add_route("complaint_answer", "/desk/complaints/{number}/answer")
    config.add_route("complaint_return", "/desk/complaints/{number}/return")
    config.add_route("complaint_close", "/desk/complaints/{number}/close")
    config.add_navigation("complain", "我要投诉", Permission.PUBLIC_COMPLAIN, order=20, only_public=True)
    config.add_navigation(
        "complaint_lookup", "查询投诉", Permission.PUBLIC_COMPLAIN, order=21, only_public=True
    )
    config.add_navigation("complaint_desk", "投诉", Permission.COMPLAINT_READ, order=50)
    config.add_waiting(on_the_desk)
    config.scan("supervision.complaints.views")
