"""The script of the upload page in a real browser: the file goes up as it is, and refusals are told in place."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine
from visiting import PASSWORD
from webtest.http import StopableWSGIServer

from ingest.judge import judge
from supervision.channels.part_files import Part
from supervision.channels.resumable import ResumableUploads
from supervision.db import read
from supervision.filings import Filing, State
from supervision.filings.intake import Declared
from supervision.filings.lifecycle import TEXTS
from tests.filings.filing_desk import SEASON, bill, csv_bytes

pytestmark = pytest.mark.browser
GOOD = csv_bytes("bills", [bill(1), bill(2)])
SUM = str(2 * Decimal(bill(1)["total"]))


@pytest.fixture
def address(wsgi: Any) -> Iterator[str]:
    server = StopableWSGIServer.create(wsgi)
    yield f"http://localhost:{server.effective_port}"
    server.shutdown()


@pytest.fixture
def upload_page(address: str, people: Any, chromium: Browser) -> Iterator[Page]:
    """The upload page as the clerk of company A sees it."""
    page = chromium.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("input[name=name]", "clerk-a")
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.goto(f"{address}/company/filings/upload")
    yield page
    page.context.close()


def declare(page: Page, rows: str, totals: str) -> None:
    page.click("details:has(#rows) summary")
    page.fill("#rows", rows)
    page.fill("#totals", totals)


def written(folder: Path, content: bytes) -> Path:
    file = folder / "bills.csv"
    file.write_bytes(content)
    return file


def send(page: Page, file: Path, feed: str, period: str) -> None:
    page.select_option("#feed", feed)
    page.fill("#period", period)
    page.set_input_files("#file", str(file))
    page.click("#upload button[type=submit]")


def test_the_file_goes_up_as_it_is_with_its_digest_declared(
    upload_page: Page, sqlite_engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "十二月 账单.csv"
    file.write_bytes(GOOD)
    send(upload_page, file, "bills", "2025-12")
    upload_page.wait_for_selector("text=排队等待审核")
    with read(sqlite_engine) as session:
        filing = session.query(Filing).one()
        digest = hashlib.sha256(GOOD).hexdigest()
        assert (filing.bytes_digest, filing.declared_digest, filing.filename) == (digest, digest, file.name)
        assert upload_page.url.endswith(filing.public_id)


def test_several_files_chosen_go_up_as_parts_of_one_filing(
    upload_page: Page, wsgi: Any, sqlite_engine: Engine, tmp_path: Path
) -> None:
    east, west = tmp_path / "东区.csv", tmp_path / "西区.xlsx"
    east.write_bytes(GOOD)
    book = openpyxl.Workbook()
    for line in csv.reader(io.StringIO(csv_bytes("bills", [bill(3), bill(4), bill(5)]).decode())):
        book.active.append(line)
    book.save(west)
    upload_page.select_option("#feed", "bills")
    upload_page.fill("#period", "2025-12")
    upload_page.set_input_files("#file", [str(west), str(east)])
    upload_page.click("#upload button[type=submit]")
    upload_page.wait_for_selector("text=排队等待审核")
    with read(sqlite_engine) as session:
        filing = session.query(Filing).one()
        filename, digest = filing.filename, filing.bytes_digest
    packed = tmp_path / "packed.zip"
    packed.write_bytes(wsgi.registry.evidence.read_bytes(digest))
    judged = judge(packed, feed="bills", period="2025-12", filename=filename)
    assert filename == "bills-2025-12.zip"
    assert [(part.name, part.rows) for part in judged.parts] == [("东区.csv", 2), ("西区.xlsx", 3)]
    assert [part.sha256 for part in judged.parts] == [
        hashlib.sha256(file.read_bytes()).hexdigest() for file in (east, west)
    ]


def test_a_refusal_is_told_in_place_and_the_next_try_works(upload_page: Page, tmp_path: Path) -> None:
    file = tmp_path / "bills.csv"
    file.write_bytes(GOOD)
    send(upload_page, file, "accounts", "2025-12")
    upload_page.wait_for_selector("#upload-problem:not([hidden])")
    assert "T10" in upload_page.inner_text("#upload-problem")
    send(upload_page, file, "bills", SEASON)
    upload_page.wait_for_selector("text=排队等待审核")


def test_the_file_goes_on_where_it_was_when_it_is_chosen_again(
    upload_page: Page, wsgi: Any, people: Any, sqlite_engine: Engine, tmp_path: Path
) -> None:
    registry = wsgi.registry
    uploads = ResumableUploads(sqlite_engine, registry.clock, registry.evidence, registry.supervision)
    company_id, by = people.company_id("harbin-a"), people.actor("clerk-a")
    declared = Declared(len(GOOD), hashlib.sha256(GOOD).hexdigest())
    begun = uploads.begin(
        company_id=company_id, by=by, feed="bills", period="2025-12", filename="b.csv", declared=declared
    )
    part = Part(0, 100, io.BytesIO(GOOD[:100]))
    uploads.append(begun.public_id, company_id, part, by=by, began_at=registry.clock.now())
    upload_page.reload()
    upload_page.click("#unfinished a")
    upload_page.wait_for_selector("text=请再次选择同一文件")
    other = tmp_path / "other.csv"
    other.write_bytes(GOOD + b" ")
    upload_page.set_input_files("#file", str(other))
    upload_page.click("#upload button[type=submit]")
    upload_page.wait_for_selector("text=这不是未完成的那个文件")
    same = tmp_path / "b.csv"
    same.write_bytes(GOOD)
    sent: list[str] = []
    upload_page.on(
        "request", lambda one: sent.append(one.headers["upload-offset"]) if one.method == "PATCH" else None
    )
    upload_page.set_input_files("#file", str(same))
    upload_page.click("#upload button[type=submit]")
    upload_page.wait_for_selector("text=排队等待审核")
    assert sent == ["100"]
    with read(sqlite_engine) as session:
        assert session.query(Filing).one().bytes_digest == declared.digest


def test_the_pages_own_digest_is_that_of_the_standard(upload_page: Page) -> None:
    """Of files too large for the browser's own: asked here as if it had none."""
    lengths = [0, 1, 55, 56, 63, 64, 65, 119, 120, 4096]
    told = upload_page.evaluate(
        """async (lengths) => {
          Object.defineProperty(window, 'crypto', {value: undefined});
          return Promise.all(lengths.map((length) => window.sha256Of(new Blob([new Uint8Array(length).fill(97)]))));
        }""",
        lengths,
    )
    assert told == [hashlib.sha256(b"a" * length).hexdigest() for length in lengths]


def test_a_file_that_holds_what_was_declared_says_so_beside_each_figure(
    upload_page: Page, worker: Callable[[], int], tmp_path: Path
) -> None:
    declare(upload_page, "2", f"total={SUM}")
    send(upload_page, written(tmp_path, GOOD), "bills", "2025-12")
    upload_page.wait_for_selector("text=排队等待审核")
    worker()
    upload_page.reload()
    controls = upload_page.locator("section[aria-labelledby=controls] tbody tr")
    assert [row.split("\t")[1:] for row in controls.all_inner_texts()] == [
        ["2", "2", "一致"],
        [SUM, SUM, "一致"],
    ]


def test_a_control_total_that_is_wrong_is_told_with_both_sums_and_nothing_is_lost(
    upload_page: Page, worker: Callable[[], int], sqlite_engine: Engine, wsgi: Any, tmp_path: Path
) -> None:
    declare(upload_page, "2", "total=1,00")
    file = written(tmp_path, GOOD)
    send(upload_page, file, "bills", "2025-12")
    upload_page.wait_for_selector("#upload-problem:not([hidden])")
    assert "total=1,00" in upload_page.inner_text("#upload-problem")
    assert upload_page.input_value("#rows") == "2"
    upload_page.fill("#totals", "total=1.00")
    upload_page.click("#upload button[type=submit]")
    upload_page.wait_for_selector("text=排队等待审核")
    worker()
    upload_page.reload()
    told = upload_page.inner_text("main")
    assert (TEXTS[State.REJECTED].name_zh in told, "DEC02" in told, "1.00" in told, SUM in told) == (
        True,
        True,
        True,
        True,
    )
    (row,) = upload_page.locator("section[aria-labelledby=controls] tbody tr:has-text('不一致')").all()
    assert row.inner_text().split("\t")[1:] == ["1.00", SUM, "不一致"]
    with read(sqlite_engine) as session:
        filing = session.query(Filing).one()
        assert wsgi.registry.evidence.read_bytes(filing.bytes_digest) == GOOD
    upload_page.goto(upload_page.url.rsplit("/", 1)[0] + "/upload")
    declare(upload_page, "2", f"total={SUM}")
    send(upload_page, file, "bills", "2025-12")
    upload_page.wait_for_selector("text=排队等待审核")
    worker()
    with read(sqlite_engine) as session:
        assert [one.state for one in session.query(Filing).order_by(Filing.id)] == [
            State.REJECTED,
            State.READY,
        ]
