"""The guide of the interface (报送接口说明), for whoever writes the program of a company."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from ingest.standard import FEEDS
from supervision.channels.problem_json import WHERE
from supervision.filings.lifecycle import TEXTS
from supervision.filings.problems import PROBLEMS
from supervision.security import Permission
from supervision.web import Request

#: The codes that a program may be told, in the order of the table.
TOLD = ("T", "A", "U", "F11", "D")


@view_config(
    route_name="filing_api",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="channels/guide.jinja2",
)
def guide(request: Request) -> dict[str, Any]:
    """How a program files, with examples to copy, and every code it may be told."""
    return {
        "address": request.conf.public_url,
        "most": request.conf.max_upload_bytes,
        "feeds": FEEDS,
        "states": TEXTS,
        "problems": [one for code, one in PROBLEMS.items() if code.startswith(TOLD)],
        "where": WHERE,
    }
