"""The data standard for everybody: what is filed, by which rules it is judged, and the files to do it with."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config

from ingest.edits import CATALOGUE, PACK_DIGEST, EditClass
from ingest.edits.thresholds import bare
from ingest.local import NEEDS
from ingest.standalone import NAME
from ingest.standard import FEEDS, PERIOD_NAMES, STANDARD_VERSION, Feed
from ingest.standard.guide import KIND_NAMES
from supervision.filings.edit_report import CLASS_TEXTS
from supervision.filings.guide_on_paper import guide_on_paper
from supervision.filings.standard_files import standard_files
from supervision.security import Permission
from supervision.web import Request
from supervision.web.files import attached, open_data


@view_config(
    route_name="standard",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="filings/standard.jinja2",
)
def standard(request: Request) -> dict[str, Any]:
    """Every feed, how a file may look, and the validator to take home with its digest."""
    return {
        "feeds": FEEDS.values(),
        "periods_of": {code: _periods(feed) for code, feed in FEEDS.items()},
        "required_of": {code: sum(one.required for one in feed.columns) for code, feed in FEEDS.items()},
        "version": STANDARD_VERSION,
        "pack_digest": PACK_DIGEST,
        "validator": standard_files()[NAME],
        "needs": NEEDS.values(),
    }


@view_config(
    route_name="standard_feed",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="filings/standard_feed.jinja2",
)
def standard_feed(request: Request) -> dict[str, Any]:
    """One feed: its columns and codes, and its sample, template and schemas."""
    feed = FEEDS.get(request.matchdict["feed"])
    if feed is None:
        raise HTTPNotFound
    return {
        "feed": feed,
        "period": _periods(feed),
        "kinds": KIND_NAMES,
        "files": [
            one for name, one in standard_files().items() if name.split(".")[0].split("-")[0] == feed.code
        ],
        "coded": [column for column in feed.columns if column.codes],
    }


@view_config(
    route_name="standard_rules",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="filings/standard_rules.jinja2",
)
def standard_rules(request: Request) -> dict[str, Any]:
    """Every rule by which a file is judged, each under the anchor that the edit reports name."""
    by_class = {one: [edit for edit in CATALOGUE.values() if edit.edit_class is one] for one in EditClass}
    return {
        "by_class": by_class,
        "class_texts": CLASS_TEXTS,
        "feeds": FEEDS,
        "bare": bare,
        "pack_digest": PACK_DIGEST,
    }


@view_config(route_name="standard_file", request_method="GET", permission=Permission.PUBLIC_READ)
def standard_file(request: Request) -> Response:
    found = standard_files().get(request.matchdict["name"])
    if found is None:
        raise HTTPNotFound
    return attached(open_data(found.content, found.kind), found.name, found.name)


@view_config(route_name="standard_pdf", request_method="GET", permission=Permission.PUBLIC_READ)
def standard_pdf(request: Request) -> Response:
    """The guide on paper, in the visitor's language first, as a worker laid it out; nobody waits for it but the first visitor
    of a portal that has no worker."""
    content = guide_on_paper(request.conf, "en" if request.language == "en" else "zh")
    name = f"data-standard-{STANDARD_VERSION}-{request.language}.pdf"
    return attached(open_data(content, "application/pdf"), name, name)


def _periods(feed: Feed) -> dict[str, str]:
    names = [PERIOD_NAMES[kind] for kind in feed.periods]
    return {"zh": "、".join(zh for zh, _ in names), "en": ", ".join(en for _, en in names)}
