"""A company's own words come in by every channel: read by its profile in force, which verdict and receipt name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from filing_visits import UPLOAD, put, sign
from programs import Caller, token_of
from sqlalchemy import Engine
from test_tus import API, Sender
from webtest import TestApp, Upload

from supervision.db import read
from supervision.filings import Filing
from supervision.settings import FixedClock
from tests.filings.filing_desk import MONTH
from tests.findings.checked_company import CheckedCompany
from tests.ingest.telegram_frames import AT, FRAMES, MULTICAL
from tests.profiles.own_files import own_bills
from tests.profiles.profile_desk import signed_profile

OWN = own_bills(1, 2, title="十二月账单")


@pytest.fixture
def program(
    wsgi: Any, people: Any, sqlite_engine: Engine, clock: FixedClock, browser: Callable[[], TestApp]
) -> Caller:
    _, secret = token_of(sqlite_engine, clock, wsgi.registry.evidence, people.company_id("harbin-a"))
    return Caller(browser(), secret)


def by_form(clerk: TestApp, _: Caller) -> None:
    form = clerk.get(UPLOAD).forms["upload"]
    form["feed"], form["period"], form["file"] = "bills", MONTH, Upload("账单.csv", OWN)
    form.submit(status=303)


def by_page(clerk: TestApp, _: Caller) -> None:
    put(clerk, OWN)


def by_interface(_: TestApp, program: Caller) -> None:
    program.file(OWN)


def in_parts(_: TestApp, program: Caller) -> None:
    sender = Sender(program.app, API, program.shown)
    place = sender.begin(OWN).headers["Location"]
    sender.send(place, 0, OWN[:100])
    sender.send(place, 100, OWN[100:])


@pytest.mark.parametrize("channel", [by_form, by_page, by_interface, in_parts])
def test_the_profile_in_force_reads_it_and_stands_on_verdict_and_receipt(
    channel: Callable[[TestApp, Caller], None],
    harbin: CheckedCompany,
    clerk: TestApp,
    signatory: TestApp,
    program: Caller,
    worker: Callable[[], int],
    sqlite_engine: Engine,
) -> None:
    profile = signed_profile(harbin.desk, own_bills(7))
    channel(clerk, program)
    worker()
    with read(sqlite_engine) as session:
        filing = session.query(Filing).one().public_id
    verdict = program.read(f"/api/v1/filings/{filing}").json
    named = {"version": 1, "sha256": profile.digest}
    assert (verdict["state"], verdict["rows"], verdict["profile"]) == ("ready", 2, named)
    page = f"/company/filings/{filing}"
    assert f"v1 sha256:{profile.digest}" in program.read(f"/api/v1/filings/{filing}/report.csv").text
    sign(signatory, page)
    receipt = program.read(f"/api/v1/filings/{filing}/receipt").json
    assert (receipt["profile_version"], receipt["profile_digest"]) == (1, profile.digest)
    assert profile.digest in clerk.get(f"{page}/receipt").text


def test_telegrams_are_no_sample_for_a_profile_and_the_page_says_why(clerk: TestApp) -> None:
    line = f"{AT},12345678,{FRAMES[MULTICAL]}\n".encode()
    form = clerk.get("/company/profiles/sample").forms["sample"]
    form["feed"], form["period"] = "readings", MONTH
    form["file"] = Upload("十二月.mbus", line)
    refused = form.submit(status=422)
    assert ("F33" in refused.text, "M-Bus 电报没有表头和代码" in refused.text) == (True, True)
