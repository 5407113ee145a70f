"""The public register of rules: list, one page a rule, and both as open data."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config

from ingest.edits import CATALOGUE, Edit
from ingest.edits.report import neutralised
from ingest.edits.thresholds import of_edit
from ingest.standard import FEEDS
from reports import charts
from supervision.filings.edit_report import CLASS_TEXTS
from supervision.filings.models import RuleWithdrawal
from supervision.rules.reading import STANDINGS, Wanted, as_json, examples, matching, standing, words
from supervision.rules.service import PeriodHits, RuleService
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.users import UserService
from supervision.web import Request
from supervision.web.files import open_data

# How a rule stands: tone and source string.
TEXTS: dict[str, tuple[str, str]] = {
    "binding": ("good", "生效"),
    "shadow": ("info", "试行"),
    "ended": ("secondary", "已失效"),
    "proposed": ("open", "提议撤销"),
    "withdrawn": ("bad", "已撤销"),
}
CSV_COLUMNS = (
    "id", "name", "class", "standing", "feeds", "zh", "en", "mend_zh", "mend_en", "basis_zh", "basis_en",
    "shadow_from", "valid_from", "valid_to", "prerequisites", "thresholds", "filings_hit", "hits",
)  # fmt: skip


def _open(service: RuleService) -> dict[str, RuleWithdrawal]:
    return {one.edit_id: one for one in service.withdrawals() if one.state in ("proposed", "approved")}


@view_config(
    route_name="rules", request_method="GET", permission=Permission.PUBLIC_READ, renderer="rules/list.jinja2"
)
def rules(request: Request) -> dict[str, Any]:
    """Every rule that fits the filter, with how often it hit."""
    service = request.service(RuleService)
    chosen = {
        name: request.GET.get(name, "").strip()[:80] for name in ("feed", "class", "standing", "search")
    }
    wanted = Wanted(chosen["feed"], chosen["class"], chosen["standing"], chosen["search"])
    found = matching(wanted, _open(service), local_date(request.now()))
    return {
        "rules": [(edit, now, words(edit)) for edit, now in found],
        "counts": service.counts(),
        "total": len(CATALOGUE),
        "chosen": chosen,
        "feeds": FEEDS,
        "classes": CLASS_TEXTS,
        "standings": {name: TEXTS[name] for name in STANDINGS},
        "withdrawn": service.withdrawn(),
    }


def edit_of(request: Request) -> Edit:
    """The rule of the address. 404 where there is none."""
    found = CATALOGUE.get(request.matchdict["edit_id"])
    if found is None:
        raise HTTPNotFound
    return found


@view_config(
    route_name="rule", request_method="GET", permission=Permission.PUBLIC_READ, renderer="rules/rule.jinja2"
)
def rule(request: Request) -> dict[str, Any]:
    return shown(request, edit_of(request))


def shown(request: Request, edit: Edit) -> dict[str, Any]:
    """Everything on record of one rule."""
    service = request.service(RuleService)
    open_one = _open(service).get(edit.id)
    whole, periods = service.hits(edit)
    dependants = [one.id for one in CATALOGUE.values() if edit.id in one.prerequisites]
    may = request.identity is not None and request.may(Permission.RULE_PROPOSE)
    history = [one for one in service.withdrawals(edit.id) if may or one.state == "approved"]
    names = [one.proposed_by for one in history] + [one.decided_by or "" for one in history]
    return {
        "edit": edit,
        "words": words(edit),
        "class_text": CLASS_TEXTS[edit.edit_class],
        "now": standing(edit, open_one, local_date(request.now())),
        "standings": TEXTS,
        "feeds": FEEDS,
        "thresholds": of_edit(edit.id),
        "dependants": dependants,
        "example": examples().get(edit.id),
        "hits": whole,
        "periods": periods,
        "chart": _chart(request, periods) if whole.hits else None,
        "history": history,
        "judged_anew": {one.id: service.judged_anew(one) for one in history},
        "people": request.service(UserService).display_names(names) if may else {},
        "open_one": open_one,
        "may_propose": may and open_one is None and edit.may_be_withdrawn,
        "may_decide": request.identity is not None
        and request.may(Permission.RULE_APPROVE)
        and open_one is not None
        and open_one.state == "proposed",
        "form": None,
    }


def _chart(request: Request, periods: list[PeriodHits]) -> Any:
    """The share of filings it hit, a bar a period; the table below has the same figures."""
    bars = [
        charts.Bar(
            one.period,
            (Decimal(100) * one.hits.filings / one.hits.of_filings).quantize(Decimal("0.1")),
            f"{one.hits.filings} / {one.hits.of_filings}",
        )
        for one in periods
    ]
    return charts.horizontal_bars(
        bars,
        title=request.say("命中的报送占比"),
        description=request.say("每期报送中被该规则提示的占比；下表为同一数据。"),
        unit="%",
    )


def _everything(request: Request) -> list[dict[str, Any]]:
    service = request.service(RuleService)
    open_ones, counts = _open(service), service.counts()
    found = matching(Wanted(), open_ones, local_date(request.now()))
    return [as_json(edit, now, counts.get(edit.id, (0, 0)), open_ones.get(edit.id)) for edit, now in found]


@view_config(route_name="rules_json", request_method="GET", permission=Permission.PUBLIC_READ)
def rules_json(request: Request) -> Response:
    """Every rule with all its particulars."""
    body = json.dumps({"rules": _everything(request)}, ensure_ascii=False, indent=1).encode()
    return open_data(body, "application/json")


@view_config(route_name="rules_csv", request_method="GET", permission=Permission.PUBLIC_READ)
def rules_csv(request: Request) -> Response:
    """The same, one line a rule; several values of one cell are joined by spaces."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for one in _everything(request):
        figures = [f"{figure['key']}={figure['values'][-1]['value']}" for figure in one["thresholds"]]
        flat = {**one, "feeds": " ".join(one["feeds"]), "thresholds": " ".join(figures)}
        flat["prerequisites"] = " ".join(one["prerequisites"])
        writer.writerow([neutralised(str("" if flat[name] is None else flat[name])) for name in CSV_COLUMNS])
    return open_data(b"\xef\xbb\xbf" + text.getvalue().encode(), "text/csv")
