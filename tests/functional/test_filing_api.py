"""The interface for companies' programs, from outside: file, ask, fetch; and everything that opens it to nobody else."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from filing_visits import GOOD, put, sign
from programs import FILINGS, Caller, token_of
from sqlalchemy import Engine
from visiting import csrf_token
from webtest import TestApp

from supervision.companies import CompanyService
from supervision.db import begin, read
from supervision.filings import Filing
from supervision.journal import SYSTEM, JournalEntry
from supervision.settings import FixedClock
from supervision.users.models import AttemptKind, SignInAttempt
from tests.filings.filing_desk import SEASON, account, bill, csv_bytes
from tests.filings.test_filing_corrections import correction

BAD = csv_bytes("bills", [bill(1, billed_area_m2="x"), bill(2)])


@pytest.fixture
def program_for(
    wsgi: Any, people: Any, sqlite_engine: Engine, clock: FixedClock, browser: Callable[[], TestApp]
) -> Callable[..., Caller]:
    """A program of that company with a token of its own."""

    def make(code: str = "harbin-a", **scope: Any) -> Caller:
        evidence = wsgi.registry.evidence
        _, secret = token_of(sqlite_engine, clock, evidence, people.company_id(code), **scope)
        return Caller(browser(), secret)

    return make


@pytest.fixture
def program(program_for: Callable[..., Caller]) -> Caller:
    return program_for()


def test_a_program_files_a_person_signs_and_the_program_fetches_report_and_receipt(
    program: Caller, signatory: TestApp, worker: Callable[[], int]
) -> None:
    filed = program.file(GOOD)
    place = filed.headers["Location"].removeprefix("http://localhost:6543")
    assert (filed.json["state"], filed.json["is_repeat"], filed.json["is_filed"]) == (
        "received",
        False,
        False,
    )
    waiting = program.read(place)
    assert waiting.json["progress"]["job"] == "queued"
    assert (waiting.json["progress"]["ahead"], waiting.json["progress"]["seconds_left"]) == (0, None)
    assert waiting.headers["Retry-After"]
    assert program.read(f"{place}/report.csv", status=409).json["code"] == "A09"
    worker()
    ready = program.read(place).json
    assert (ready["state"], ready["rows"], ready["progress"]) == ("ready", 2, None)
    assert ready["next_en"]
    assert "签署" in ready["signing"]["zh"]
    assert program.read(f"{place}/receipt", status=409).json["code"] == "A08"
    page = ready["links"]["page"].removeprefix("http://localhost:6543")
    sign(signatory, page)
    receipt = program.read(f"{place}/receipt").json
    assert receipt["bytes_digest"] == hashlib.sha256(GOOD).hexdigest()
    assert receipt["is_in_force"] is True
    assert program.read(place).json["receipt_no"] == receipt["receipt_no"]
    assert "token:billing" in signatory.get(page).text


def test_the_report_is_the_same_in_all_three_forms(program: Caller, worker: Callable[[], int]) -> None:
    place = f"{FILINGS}/{program.file(BAD).json['filing']}"
    worker()
    found = program.read(place).json
    assert found["state"] == "rejected"
    hits = sum(edit["count"] for edit in found["edits"])
    lines = program.read(f"{place}/report.csv").body.decode("utf-8-sig").strip().split("\r\n")
    sheet = openpyxl.load_workbook(io.BytesIO(program.read(f"{place}/report.xlsx").body)).active
    table = pq.read_table(io.BytesIO(program.read(f"{place}/report.parquet").body))
    assert len(lines) - 1 == sheet.max_row - 1 == table.num_rows == hits > 0
    assert "attachment" in program.read(f"{place}/report.xlsx").headers["Content-Disposition"]


def test_a_program_reads_what_people_of_its_company_filed_and_their_repeat_is_theirs(
    program: Caller, clerk: TestApp
) -> None:
    by_page = put(clerk, GOOD).json
    again = program.file(GOOD, status=200).json
    assert (again["filing"], again["is_repeat"]) == (by_page["filing"], True)


def test_a_test_filing_is_judged_and_never_filed(program: Caller, worker: Callable[[], int]) -> None:
    filed = program.file(GOOD, test="1").json
    worker()
    found = program.read(f"{FILINGS}/{filed['filing']}").json
    assert (found["is_test"], found["state"], found["is_filed"]) == (True, "ready", False)


def test_a_form_with_the_file_in_it_is_taken_too(program: Caller) -> None:
    fields = {"feed": "accounts", "period": SEASON, "test": "1"}
    content = csv_bytes("accounts", [account(1)])
    fields["sha256"] = hashlib.sha256(content).hexdigest()
    answer = program.app.post(
        FILINGS, fields, headers=program.shown, upload_files=[("file", "台账.csv", content)], status=201
    )
    assert (answer.json["filename"], answer.json["sha256"]) == ("台账.csv", fields["sha256"])
    lone = program.app.post(
        FILINGS, fields, headers=program.shown, upload_files=[("x", "y", b"z")], status=400
    )
    assert lone.json["code"] == "T14"


# Declared, and corrected


def test_a_file_is_held_to_what_its_program_declares(program: Caller, worker: Callable[[], int]) -> None:
    wrong = program.file(GOOD, rows="3", totals="total=1.00").json["filing"]
    right = program.file(GOOD, rows="2").json["filing"]
    worker()
    found = program.read(f"{FILINGS}/{wrong}").json
    assert (found["state"], {edit["id"] for edit in found["edits"]}) == ("rejected", {"DEC01", "DEC02"})
    assert program.read(f"{FILINGS}/{right}").json["state"] == "ready"


def test_declarations_come_as_fields_of_a_form_too(program: Caller, worker: Callable[[], int]) -> None:
    fields = {"feed": "bills", "period": "2025-12", "rows": "3", "sha256": hashlib.sha256(GOOD).hexdigest()}
    answer = program.app.post(
        FILINGS, fields, headers=program.shown, upload_files=[("file", "b.csv", GOOD)], status=201
    )
    worker()
    assert program.read(f"{FILINGS}/{answer.json['filing']}").json["edits"][0]["id"] == "DEC01"


@pytest.mark.parametrize(
    ("said", "status", "code", "where"),
    [
        ({"rows": "two"}, 400, "T16", "rows, totals"),
        ({"totals": "total"}, 400, "T16", "rows, totals"),
        ({"totals": "bill_no=1"}, 400, "T16", "rows, totals"),
        ({"correction": "1"}, 409, "F11", "correction"),
    ],
    ids=["rows", "no sum", "no such sum", "nothing to correct"],
)
def test_a_declaration_that_cannot_be_used_is_a_problem_and_nothing_is_filed(
    program: Caller, sqlite_engine: Engine, said: dict[str, str], status: int, code: str, where: str
) -> None:
    problem = program.file(GOOD, status=status, **said).json
    assert (problem["code"], problem["where"]) == (code, where)
    with read(sqlite_engine) as session:
        assert session.query(Filing).count() == 0


def test_a_program_corrects_what_a_person_signed(
    program: Caller, signatory: TestApp, worker: Callable[[], int]
) -> None:
    first = program.file(GOOD).json
    worker()
    sign(signatory, f"/company/filings/{first['filing']}")
    content = correction({"action": "add", **bill(3)})
    filed = program.file(content, correction="1", rows="3", filename="correction.csv").json
    worker()
    found = program.read(f"{FILINGS}/{filed['filing']}").json
    assert (found["state"], found["rows"]) == ("ready", 3)


# Once only


def test_the_same_key_with_another_declaration_is_refused(program: Caller) -> None:
    key = {"Idempotency-Key": "run-1"}
    program.file(GOOD, headers=key, rows="2")
    assert program.file(GOOD, status=200, headers=key, rows="2").json["is_repeat"] is True
    assert program.file(GOOD, status=409, headers=key, rows="3").json["code"] == "T13"


def test_the_same_key_again_is_answered_with_the_same_filing_and_for_other_bytes_refused(
    program: Caller, sqlite_engine: Engine
) -> None:
    key = {"Idempotency-Key": "run-1"}
    first = program.file(GOOD, headers=key).json
    assert program.file(GOOD, status=200, headers=key).json["filing"] == first["filing"]
    problem = program.file(csv_bytes("bills", [bill(9)]), status=409, headers=key).json
    assert (problem["code"], problem["where"]) == ("T13", "Idempotency-Key")
    with read(sqlite_engine) as session:
        assert session.query(Filing).count() == 1


# What is wrong with a request


@pytest.mark.parametrize(
    ("content", "said", "status", "code", "where"),
    [
        (b"", {}, 400, "T08", "body"),
        (GOOD, {"sha256": ""}, 400, "T15", "sha256"),
        (GOOD, {"sha256": "abc"}, 400, "T05", "sha256"),
        (GOOD, {"sha256": "0" * 64}, 400, "T03", "sha256"),
        (GOOD, {"feed": "temperatures"}, 400, "T09", "feed"),
        (GOOD, {"period": "2025-13"}, 400, "T10", "period"),
        (GOOD, {"filename": "\u202evsc.exe"}, 400, "T06", "filename"),
        (GOOD, {"filename": ""}, 400, "T06", "filename"),
    ],
    ids=[
        "empty",
        "no digest",
        "a digest that is none",
        "another digest",
        "no such feed",
        "no such month",
        "a name that deceives",
        "no name",
    ],
)
def test_what_is_wrong_is_told_as_a_problem_in_both_languages_with_its_place(
    program: Caller,
    sqlite_engine: Engine,
    content: bytes,
    said: dict[str, str],
    status: int,
    code: str,
    where: str,
) -> None:
    answer = program.file(content, status=status, **said)
    assert answer.content_type == "application/problem+json"
    problem = answer.json
    assert (problem["code"], problem["where"], problem["status"]) == (code, where, status)
    assert problem["type"].endswith(f"/filing-api#{code}")
    assert problem["title"] == problem["zh"]
    assert problem["detail"] == problem["mend_zh"]
    assert problem["en"]
    assert problem["mend_en"]
    with read(sqlite_engine) as session:
        assert session.query(Filing).count() == 0


def test_a_program_that_asks_for_english_is_answered_in_english(program: Caller) -> None:
    answer = program.file(GOOD, status=400, headers={"Accept-Language": "en"}, feed="temperatures")
    assert answer.json["title"] == answer.json["en"]
    assert answer.headers["Content-Language"] == "en"


def test_bytes_sent_as_an_encoded_form_are_told_how_to_be_sent(program: Caller) -> None:
    answer = program.app.post(
        f"{FILINGS}?feed=bills&period=2025-12", {"a": "b"}, headers=program.shown, status=415
    )
    assert answer.json["code"] == "A07"


def test_a_file_larger_than_allowed_is_refused_on_its_declaration(program: Caller) -> None:
    environ = {"CONTENT_LENGTH": str((2 << 30) + 1), "wsgi.input": io.BytesIO()}
    query = f"feed=bills&period=2025-12&filename=a.csv&sha256={'0' * 64}"
    answer = program.app.request(
        f"{FILINGS}?{query}", method="POST", environ=environ, headers=program.shown, status=413
    )
    assert answer.json["code"] == "T01"


def test_what_is_not_there_and_what_is_not_spoken_are_problems_too(program: Caller) -> None:
    assert program.read("/api/v1/nothing", status=404).content_type == "application/problem+json"
    answer = program.app.put(FILINGS, b"", headers=program.shown, status=405)
    assert answer.content_type == "application/problem+json"
    assert "POST" in answer.headers["Allow"]


# Who gets in


def test_without_a_token_nothing_opens_and_a_cookie_is_none(clerk: TestApp, sqlite_engine: Engine) -> None:
    filing = put(clerk, GOOD).json["filing"]
    headers = {"X-CSRF-Token": csrf_token(clerk)}
    for answer in (
        clerk.get(f"{FILINGS}/{filing}", status=401),
        clerk.post(
            f"{FILINGS}?feed=bills&period=2025-12", GOOD, headers=headers, content_type="text/csv", status=401
        ),
    ):
        assert answer.json["code"] == "A01"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert "Set-Cookie" not in answer.headers


def test_a_token_opens_no_page(program: Caller) -> None:
    for path in ("/company/filings", "/company/tokens", "/desk"):
        answer = program.app.get(path, headers=program.shown, status=303)
        assert "/sign-in" in answer.location


def test_another_companys_filing_answers_exactly_like_one_that_never_was(
    program: Caller, program_for: Callable[..., Caller], clerk: TestApp, worker: Callable[[], int]
) -> None:
    filing = put(clerk, GOOD).json["filing"]
    worker()
    other = program_for("jinan-b")
    for end in ("", "/report.csv", "/receipt"):
        theirs = other.read(f"{FILINGS}/{filing}{end}", status=404)
        never = other.read(f"{FILINGS}/nothing{end}", status=404)
        assert theirs.json == never.json


def test_a_token_files_and_reads_within_its_feeds_and_periods_only(
    program: Caller, program_for: Callable[..., Caller]
) -> None:
    narrow = program_for(name="narrow", feeds=("bills",), periods=("2025-12",))
    assert narrow.file(GOOD).status_int == 201
    for outside in ({"period": "2026-01"}, {"feed": "accounts", "period": SEASON}, {"period": "2024-12"}):
        assert narrow.file(GOOD, status=403, **outside).json["code"] == "A06"
    elsewhere = program.file(csv_bytes("accounts", [account(1)]), feed="accounts", period=SEASON).json[
        "filing"
    ]
    narrow.read(f"{FILINGS}/{elsewhere}", status=404)


def test_a_company_that_is_under_supervision_no_more_files_nothing(
    program: Caller, sqlite_engine: Engine, clock: FixedClock
) -> None:
    with begin(sqlite_engine) as session:
        CompanyService(session, clock).deactivate("harbin-a", by=SYSTEM)
    assert program.file(GOOD, status=401).json["code"] == "A04"


def test_wrong_tokens_are_counted_by_address_and_then_answered_with_when_to_come_back(
    program: Caller, sqlite_engine: Engine, clock: FixedClock
) -> None:
    guess = Caller(program.app, "hsp_" + "A" * 43)
    for _ in range(50):
        assert guess.read(f"{FILINGS}/x", status=401).json["code"] == "A02"
    stopped = guess.read(f"{FILINGS}/x", status=429)
    assert stopped.json["code"] == "A05"
    assert 0 < int(stopped.headers["Retry-After"]) <= 300
    assert program.file(GOOD).status_int == 201  # who holds a right one is not locked out by a neighbour
    clock.move(dt.timedelta(minutes=5, seconds=1))
    assert guess.read(f"{FILINGS}/x", status=401).json["code"] == "A02"
    with read(sqlite_engine) as session:
        kinds = {attempt.kind for attempt in session.query(SignInAttempt).filter_by(address="192.0.2.11")}
    assert kinds == {AttemptKind.TOKEN}


@pytest.mark.parametrize(
    "shown",
    [
        "Basic aGVhdDpoZWF0",
        "Bearer",
        "Bearer ",
        "Bearer hsp_",
        "bearer 令牌".encode().decode("latin-1"),
        "Bearer " + "a" * 4000,
    ],
    ids=["basic", "nothing", "a blank", "too short", "no ascii", "too long"],
)
def test_a_header_that_holds_no_token_is_refused_and_nothing_breaks(app: TestApp, shown: str) -> None:
    answer = app.get(f"{FILINGS}/x", headers={"Authorization": shown}, status=401)
    assert answer.json["code"] in ("A01", "A02")


def test_what_a_program_did_stands_in_the_journal_under_its_name(
    program: Caller, sqlite_engine: Engine
) -> None:
    program.file(GOOD)
    with read(sqlite_engine) as session:
        entry = session.query(JournalEntry).filter_by(act="filing.received").one()
        assert (entry.actor, entry.role) == ("token:billing", "program")


def test_the_guide_shows_every_code_a_program_may_be_told(app: TestApp) -> None:
    page = app.get("/filing-api")
    for code in ("T01", "T15", "T16", "A01", "A06", "A09", "F11", "D04"):
        assert page.html.select_one(f"#{code}")
    assert "curl" in page.text
