"""The ground under every page: figures as they are shown, paths that stay here, pages of lists, quiet logs."""

from __future__ import annotations

import datetime as dt
import io
import sys
from decimal import Decimal
from types import SimpleNamespace

import pytest
import structlog
from pyramid.httpexceptions import HTTPBadRequest
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.journal import PUBLIC, Journal, JournalEntry
from supervision.settings import FixedClock
from supervision.web import logs, templates
from supervision.web.languages import own_path
from supervision.web.paging import page_number, paged, sliced


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (templates.money(Decimal("1234.5")), "1,234.50"),
        (templates.money(Decimal("-0.01")), "−0.01"),
        (templates.money(None), "—"),
        (templates.number(1234567), "1,234,567"),
        (templates.number(Decimal("12.345"), 3), "12.345"),
        (templates.plain(Decimal("40.350")), "40.35"),
        (templates.plain(Decimal("100")), "100"),
        (templates.percent(Decimal("0.125")), "12.5%"),
        (templates.percent(Decimal("0.00045"), 2), "0.05%"),
        (templates.day(dt.datetime(2025, 11, 23, 16, 0, tzinfo=dt.UTC)), "2025-11-24"),
        (templates.moment(dt.datetime(2025, 11, 23, 16, 5, tzinfo=dt.UTC)), "2025-11-24 00:05"),
        (templates.day(None), "—"),
    ],
)
def test_figures_are_shown_exactly(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize("path", ["/", "/filings?page=2", "/a/%E4%BE%9B", "/a#b"])
def test_a_path_of_this_site_is_kept(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//e",
        "/\t/e",
        " //e",
        "https:e",
        "\\\\e",
        "/\\e",
        "e",
        "/a\r\nb",
        "/供热",
        "/a\x7f",
        "javascript:x",
    ],
)
def test_any_other_target_leads_to_the_front_page(path: str) -> None:
    assert own_path(path) == "/"


@pytest.mark.parametrize("text", ["0", "-1", "1.0", "x", "１", "", "100001", "9" * 5000])
def test_what_is_no_page_number_is_refused(text: str) -> None:
    with pytest.raises(HTTPBadRequest):
        page_number(SimpleNamespace(GET={"page": text}))


def test_a_list_is_cut_into_pages_with_nothing_lost(session: Session, clock: FixedClock) -> None:
    for number in range(7):
        Journal(session, clock).record("x.y", actor=PUBLIC, object_type="x", object_id=number)
    query = select(JournalEntry).order_by(JournalEntry.index)
    pages = [paged(session, query, number, size=3) for number in (1, 2, 3, 4)]
    assert [entry.index for page in pages for entry in page.items] == list(range(7))
    assert {(page.pages, page.total) for page in pages} == {(3, 7)}


def test_an_empty_list_has_one_page() -> None:
    assert (sliced([], 1).pages, sliced([], 1).total) == (1, 0)


def test_a_logged_crash_names_places_and_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    structlog.reset_defaults()
    logs.configure()

    def crash(password: str) -> None:
        raise RuntimeError("something broke")

    try:
        crash(" ".join(("cormorants", "ferry")))
    except RuntimeError as error:
        structlog.get_logger("test").error("unhandled", exc_info=error, typed="x\r\nFAKE line")
    lines = written.getvalue().splitlines()
    assert len(lines) == 1
    assert "something broke" in lines[0]
    assert "cormorants ferry" not in lines[0]
