"""The data standard for everybody: pages that agree with the standard, and files that are accepted when filed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import threading
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine
from webtest import TestApp

from ingest.edits import CATALOGUE, PACK_DIGEST
from ingest.judge import judge
from ingest.standalone import NAME, archive
from ingest.standard import FEEDS
from ingest.standard.schemas import json_schema, table_schema
from supervision.db import begin
from supervision.filings.guide_on_paper import LANGUAGES, ask_for_guides, place_of
from supervision.jobs.worker import work
from supervision.settings import FixedClock

PERIODS = {"season": "2025-26", "month": "2025-12", "day": "2025-12-03"}


def test_the_standard_is_one_click_from_every_page_and_names_every_feed(app: TestApp) -> None:
    page = app.get("/").click(href="/standard$")
    for feed in FEEDS.values():
        assert feed.zh in page.text
        assert page.click(href=f"/standard/{feed.code}$").status_code == 200


@pytest.mark.parametrize("code", list(FEEDS))
def test_a_feed_shows_every_column_and_every_code_of_the_standard(app: TestApp, code: str) -> None:
    page = app.get(f"/standard/{code}")
    shown = [cell.get_text() for cell in page.html.select("tbody th code")]
    assert shown == [column.code for column in FEEDS[code].columns]
    for column in FEEDS[code].columns:
        assert column.zh in page.text
        assert all(f"<code>{one.code}</code>" in page.text for one in column.codes)


@pytest.mark.parametrize("code", list(FEEDS))
def test_the_sample_that_is_handed_out_is_accepted_when_filed(
    app: TestApp, code: str, tmp_path: Path
) -> None:
    answer = app.get(f"/standard/{code}").click(href="-sample.csv$")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    file = tmp_path / f"{code}-sample.csv"
    file.write_bytes(answer.body)
    accepted = {
        judge(file, feed=code, period=PERIODS[kind.value], filename=file.name).verdict
        for kind in FEEDS[code].periods
    }
    assert "accepted" in accepted
    header = next(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert header == [column.code for column in FEEDS[code].columns]


@pytest.mark.parametrize("code", list(FEEDS))
def test_template_and_schemas_agree_with_the_standard(app: TestApp, code: str) -> None:
    page = app.get(f"/standard/{code}")
    sheet = openpyxl.load_workbook(io.BytesIO(page.click(href="-template.xlsx$").body)).active
    assert [cell.value for cell in sheet[1]] == [column.zh for column in FEEDS[code].columns]
    assert json.loads(page.click(href=r"\.schema\.json$").body) == json_schema(FEEDS[code])
    assert json.loads(page.click(href=r"\.tableschema\.json$").body) == table_schema(FEEDS[code])


def test_the_validator_that_is_handed_out_has_the_digest_that_the_page_says(app: TestApp) -> None:
    page = app.get("/standard")
    body = page.click(href=f"{re.escape(NAME)}$").body
    assert body == archive()
    assert hashlib.sha256(body).hexdigest() in page.text
    assert PACK_DIGEST in page.text


def test_every_rule_stands_under_the_anchor_that_the_reports_name(app: TestApp) -> None:
    page = app.get("/standard").click(href="/standard/rules$")
    anchors = {row["id"] for row in page.html.select("tbody tr")}
    assert anchors == {edit.mend_link for edit in CATALOGUE.values()}
    assert "{detail}" not in page.text
    assert "{column}" not in page.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_guide_on_paper_is_the_same_each_time(app: TestApp, language: str) -> None:
    app.set_cookie("language", language)
    first, second = app.get("/standard/guide.pdf"), app.get("/standard/guide.pdf")
    assert first.content_type == "application/pdf"
    assert first.body.startswith(b"%PDF-")
    assert first.body == second.body


def test_a_worker_lays_the_guide_out_and_no_visitor_waits_for_it(
    app: TestApp, wsgi: Any, sqlite_engine: Engine, clock: FixedClock
) -> None:
    settings = wsgi.registry.supervision
    stale = settings.guides_root / f"{'0' * 64}-zh.pdf"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"%PDF-old")

    def laid_out() -> int:
        with begin(sqlite_engine) as session:
            ask_for_guides(session, settings, clock)
        return work(
            sqlite_engine, settings, threading.Event(), clock=clock, only=["lay_out_guide"], until_idle=True
        )

    assert (laid_out(), laid_out()) == (2, 0)
    places = {language: place_of(settings, language) for language in LANGUAGES}
    assert sorted(settings.guides_root.iterdir()) == sorted(places.values())
    for language, place in places.items():
        assert place.read_bytes().startswith(b"%PDF-")
        place.write_bytes(
            b"%PDF-kept " + language.encode()
        )  # what lies there is handed out, not laid out anew
        app.set_cookie("language", language)
        assert app.get("/standard/guide.pdf").body == b"%PDF-kept " + language.encode()


@pytest.mark.parametrize(
    "path", ["/standard/nothing", "/standard/files/nothing.csv", "/standard/files/..%2f..%2fsetup.cfg"]
)
def test_what_the_standard_does_not_have_is_not_found(app: TestApp, path: str) -> None:
    assert app.get(path, status=404).status_code == 404
