"""Resumable uploads over HTTP as the protocol says it (tus 1.0.0), for the pages and for programs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from filing_visits import GOOD, SignIn
from programs import Caller, token_of
from sqlalchemy import Engine
from visiting import csrf_token
from webtest import TestApp

from supervision.settings import FixedClock

WEB, API = "/company/uploads", "/api/v1/uploads"
PART = "application/offset+octet-stream"


def metadata(content: bytes, **changes: str) -> str:
    said = {
        "feed": "bills",
        "period": "2025-12",
        "filename": "十二月.csv",
        "sha256": hashlib.sha256(content).hexdigest(),
        **changes,
    }
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())


class Sender:
    """A client that speaks the protocol, with the headers that let it in."""

    def __init__(self, app: TestApp, place: str, shown: dict[str, str]) -> None:
        self.app, self.place, self.shown = app, place, shown

    def ask(self, method: str, path: str, status: int, body: bytes = b"", **headers: str) -> Any:
        given = {"Tus-Resumable": "1.0.0", **self.shown}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.request(path, method=method, body=body, headers=given, status=status)

    def begin(self, content: bytes = GOOD, status: int = 201, **changes: str) -> Any:
        return self.ask(
            "POST",
            self.place,
            status,
            Upload_Length=str(len(content)),
            Upload_Metadata=metadata(content, **changes),
        )

    def send(self, path: str, offset: int, content: bytes, status: int = 204, **headers: str) -> Any:
        given = {"Content_Type": PART, "Upload_Offset": str(offset), **headers}
        return self.ask("PATCH", path, status, content, **given)


@pytest.fixture(params=["page", "program"])
def sender(
    request: pytest.FixtureRequest,
    wsgi: Any,
    people: Any,
    sqlite_engine: Engine,
    clock: FixedClock,
    browser: Callable[[], TestApp],
    sign_in: SignIn,
) -> Sender:
    if request.param == "page":
        app = sign_in(browser(), "clerk-a")
        return Sender(app, WEB, {"X-CSRF-Token": csrf_token(app)})
    _, secret = token_of(sqlite_engine, clock, wsgi.registry.evidence, people.company_id("harbin-a"))
    caller = Caller(browser(), secret)
    return Sender(caller.app, API, caller.shown)


def test_a_file_in_two_parts_becomes_a_filing_and_its_place_is_told(sender: Sender) -> None:
    begun = sender.begin()
    place = begun.headers["Location"]
    assert (begun.headers["Upload-Offset"], begun.headers["Tus-Resumable"]) == ("0", "1.0.0")
    first = sender.send(place, 0, GOOD[:100])
    assert first.headers["Upload-Offset"] == "100"
    assert "GMT" in first.headers["Upload-Expires"]
    asked = sender.ask("HEAD", place, 200)
    assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == ("100", str(len(GOOD)))
    assert "no-store" in asked.headers["Cache-Control"]
    done = sender.send(place, 100, GOOD[100:])
    assert done.headers["Upload-Offset"] == str(len(GOOD))
    filed = done.headers["Filing-Location"]
    assert sender.ask("HEAD", place, 200).headers["Filing-Location"] == filed
    assert sender.ask("GET", filed, 200)


def test_a_file_in_parts_is_held_to_what_was_declared_when_it_began(
    sender: Sender, worker: Callable[[], int]
) -> None:
    said = {"rows": "3", "totals": "total=1.00"}
    place = sender.begin(**said).headers["Location"]
    assert sender.begin(**said).headers["Location"] == place
    assert sender.begin().headers["Location"] != place  # without the declaration it is another upload
    assert sender.ask("GET", place, 200).json["declared"] == {"rows": 3, "totals": {"total": "1.00"}}
    filed = sender.send(place, 0, GOOD).headers["Filing-Location"]
    worker()
    report = sender.ask("GET", filed + ("/report.csv" if filed.startswith("/api") else "/report.csv"), 200)
    assert {"DEC01", "DEC02"} <= {line.split(",")[0] for line in report.body.decode("utf-8-sig").splitlines()}


def test_a_correction_of_nothing_is_refused_before_any_of_it_comes(sender: Sender) -> None:
    assert sender.begin(status=409, correction="1").json["code"] == "F11"


def test_what_is_spoken_here_is_told(sender: Sender) -> None:
    told = sender.ask("OPTIONS", sender.place, 204).headers
    assert told["Tus-Version"] == "1.0.0"
    assert set(told["Tus-Extension"].split(",")) == {"creation", "checksum", "expiration", "termination"}
    assert "sha256" in told["Tus-Checksum-Algorithm"]
    assert told["Tus-Max-Size"] == str(2 << 30)


def test_an_upload_that_is_ended_is_there_no_more(sender: Sender) -> None:
    place = sender.begin().headers["Location"]
    sender.ask("DELETE", place, 204)
    sender.ask("HEAD", place, 404)
    sender.send(place, 0, GOOD, status=404)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Tus_Resumable": "0.2.2"}, 412, "U04"),
        ({"Content_Type": "text/csv"}, 415, "U07"),
        ({"Upload_Offset": "7"}, 409, "U02"),
        ({"Upload_Offset": "-1"}, 409, "U02"),
        ({"Upload_Checksum": "crc32 AAAA"}, 400, "U09"),
        ({"Upload_Checksum": "sha256 AAAA"}, 460, "U06"),
        ({"Upload_Checksum": "sha256 ?"}, 460, "U06"),
    ],
    ids=["version", "type", "offset", "no offset", "algorithm", "checksum", "no checksum"],
)
def test_a_part_that_cannot_be_taken_is_told_why_and_nothing_of_it_counts(
    sender: Sender, headers: dict[str, str], status: int, code: str
) -> None:
    place = sender.begin().headers["Location"]
    answer = sender.send(place, 0, GOOD[:100], status=status, **headers)
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == code
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert sender.ask("HEAD", place, 200).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sha256": ""}, "T15"),
        ({"period": "2025-13"}, "T10"),
        ({"filename": "\u202ex"}, "T06"),
        ({"sha256": "x"}, "T05"),
        ({"rows": "two"}, "T16"),
        ({"totals": "bill_no=1"}, "T16"),
    ],
    ids=["no digest", "no month", "a name that deceives", "a digest that is none", "rows", "no such sum"],
)
def test_what_is_wrong_with_the_file_is_told_before_any_of_it_comes(
    sender: Sender, changes: dict[str, str], code: str
) -> None:
    assert sender.begin(status=400, **changes).json["code"] == code


def test_a_file_too_large_or_without_length_or_with_metadata_that_is_none_is_refused(sender: Sender) -> None:
    large = sender.ask(
        "POST", sender.place, 413, Upload_Length=str((2 << 30) + 1), Upload_Metadata=metadata(GOOD)
    )
    assert large.json["code"] == "T01"
    assert sender.ask("POST", sender.place, 400, Upload_Metadata=metadata(GOOD)).json["code"] == "U01"
    bad = sender.ask("POST", sender.place, 400, Upload_Length="5", Upload_Metadata="feed ?")
    assert bad.json["code"] == "U10"


def test_a_token_takes_up_no_upload_outside_of_what_it_is_for(
    wsgi: Any,
    people: Any,
    sqlite_engine: Engine,
    clock: FixedClock,
    browser: Callable[[], TestApp],
    clerk: TestApp,
) -> None:
    page = Sender(clerk, WEB, {"X-CSRF-Token": csrf_token(clerk)})
    public_id = page.begin().headers["Location"].rpartition("/")[2]
    for company, feeds in (("harbin-a", ("accounts",)), ("jinan-b", ("bills",))):
        _, secret = token_of(
            sqlite_engine,
            clock,
            wsgi.registry.evidence,
            people.company_id(company),
            feeds=feeds,
            name=f"n-{feeds[0]}",
        )
        other = Sender(browser(), API, Caller(browser(), secret).shown)
        for method in ("HEAD", "DELETE"):
            other.ask(method, f"{API}/{public_id}", 404)
        other.send(f"{API}/{public_id}", 0, GOOD, status=404)
    assert page.ask("HEAD", f"{WEB}/{public_id}", 200).headers["Upload-Offset"] == "0"


def test_the_page_without_the_form_token_takes_nothing(clerk: TestApp) -> None:
    Sender(clerk, WEB, {}).begin(status=403)


def test_unfinished_uploads_are_listed_and_cancelled_without_a_script(clerk: TestApp) -> None:
    assert "没有未完成的上传" in clerk.get(WEB).text
    sender = Sender(clerk, WEB, {"X-CSRF-Token": csrf_token(clerk)})
    said = {"rows": "2", "totals": "total=1.00; billed_area_m2=2.00"}
    sender.send(sender.begin(**said).headers["Location"], 0, GOOD[:100])
    page = clerk.get(WEB)
    assert "十二月.csv" in page.text
    again = clerk.get(page.html.select_one("#unfinished a")["href"]).forms["upload"]
    assert again["period"].value == "2025-12"
    assert (again["rows"].value, again["totals"].value) == ("2", "total=1.00; billed_area_m2=2.00")
    (form,) = [one for one in page.forms.values() if one.action.endswith("/end")]
    assert "没有未完成的上传" in form.submit().follow().text
