"""Certificates and their checker through the whole portal: what is downloaded verifies with nothing of ours beside it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from webtest import TestApp

from checks.certificate import CHECKER, CHECKER_DIGEST
from checks.certificate import verify_certificate as checker
from checks.tariffs.load import load_published
from ingest.evidence import EvidenceStore
from supervision.db import begin
from supervision.findings import CheckRun
from supervision.journal import SYSTEM
from supervision.settings import FixedClock
from supervision.tariffs import TariffService
from tests.findings.checked_company import (
    DECEMBER,
    OLD_PRICE,
    SEASON,
    CheckedCompany,
    account,
    bill,
)

SignIn = Callable[[TestApp, str], TestApp]
SLASHED = 'B/2025 "三"#0003'


@pytest.fixture
def company(harbin: CheckedCompany) -> CheckedCompany:
    """harbin-a has filed a roster and four bills: one right, two at the old price, one of a stranger."""
    harbin.file("accounts", SEASON, [account(number) for number in (1, 2, 3)])
    rows = [bill(1), bill(2, price=OLD_PRICE), bill(3, price=OLD_PRICE, bill_no=SLASHED), bill(9)]
    harbin.file_and_check("bills", DECEMBER, rows)
    return harbin


def verified(folder: Path, *files: bytes) -> str:
    """What the downloaded checker says of the downloaded certificates, alone in a folder."""
    (folder / "verify_certificate.py").write_bytes(files[0])
    (folder / "certificate.json").write_bytes(files[1])
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify_certificate.py", "certificate.json"],
        cwd=folder,
        capture_output=True,
        env={"PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize("name", ["officer", "clerk-a"])
def test_both_files_of_a_bill_are_downloaded_from_its_page_and_agree(
    app: TestApp, company: CheckedCompany, sign_in: SignIn, name: str, tmp_path: Path
) -> None:
    sign_in(app, name)
    page = app.get("/officer/bills/harbin-a/B0002" if name == "officer" else "/company/bills/B0002")
    certificate, program = page.click("下载核算证书"), page.click("下载复核程序")
    assert certificate.content_type == "application/json"
    assert 'attachment; filename="certificate-B0002.json"' in certificate.headers["Content-Disposition"]
    content = json.loads(certificate.body)
    assert content["digest"] in page
    assert content["origin"]["run"] == company.run().public_id
    assert hashlib.sha256(program.body).hexdigest() == CHECKER_DIGEST
    assert CHECKER_DIGEST in page
    said = verified(tmp_path, program.body, certificate.body)
    assert "一致 AGREES" in said
    assert content["digest"] in said


def test_a_number_with_slash_quote_and_chinese_makes_a_name_that_every_browser_keeps(
    app: TestApp, company: CheckedCompany, sign_in: SignIn
) -> None:
    answer = sign_in(app, "clerk-a").get("/company/certificates/B%2F2025%20%22%E4%B8%89%22%230003")
    header = answer.headers["Content-Disposition"]
    assert header.startswith('attachment; filename="certificate-B_2025_0003.json"; ')
    assert header.endswith("filename*=UTF-8''certificate-B_2025%20_%E4%B8%89_%230003.json")
    assert answer.json["case"]["bill"]["bill_no"] == SLASHED


def test_a_bill_that_cannot_be_judged_has_a_certificate_of_what_is_missing(
    app: TestApp, company: CheckedCompany, sign_in: SignIn, tmp_path: Path
) -> None:
    answer = sign_in(app, "clerk-a").get("/company/certificates/B0009")
    assert answer.json["outcome"]["label"] == "not_computable"
    verified(tmp_path, CHECKER, answer.body)


def test_another_companys_certificate_looks_like_none(
    app: TestApp, company: CheckedCompany, sign_in: SignIn
) -> None:
    sign_in(app, "clerk-b")
    foreign = app.get("/company/certificates/B0002", status=404)
    of_run = app.get(f"/company/certificates/B0002?run={company.run().public_id}", status=404)
    none = app.get("/company/certificates/B7777", status=404)
    assert foreign.text.replace("B0002", "B7777") == none.text
    assert "<h1>没有" in of_run
    app.get("/officer/certificates/harbin-a/B0002", status=403)


def test_a_result_that_is_not_reproduced_has_no_certificate_and_the_page_says_why(
    app: TestApp, company: CheckedCompany, sign_in: SignIn, sqlite_engine: Engine
) -> None:
    """The run rests on a price list in which the price of these bills is not at hand any more."""
    with begin(sqlite_engine) as session:
        session.execute(update(CheckRun).values(tariffs=[], rules_digest="0" * 64))
    sign_in(app, "officer")
    page = app.get("/officer/bills/harbin-a/B0002")
    assert "因此不能出具证书。重新核查后即可下载。" in page
    assert "下载核算证书" not in page
    refused = app.get("/officer/certificates/harbin-a/B0002", status=409)
    assert "因此不能出具证书" in refused
    app.set_cookie("language", "en")
    assert "there is no certificate" in app.get("/officer/certificates/harbin-a/B0002", status=409)


def test_anybody_gets_the_checker_and_finds_its_digest_in_the_help(app: TestApp) -> None:
    answer = app.get("/verify_certificate.py", status=200)
    assert answer.body == CHECKER
    assert (answer.content_type, answer.charset) == ("text/x-python", "utf-8")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="verify_certificate.py"'
    app.get("/verify_certificate.py", headers={"If-None-Match": answer.headers["ETag"]}, status=304)
    for language in ("zh", "en"):
        app.set_cookie("language", language)
        page = app.get("/help")
        assert CHECKER_DIGEST in page
        assert page.click("verify_certificate.py").body == CHECKER


def test_the_example_of_a_tariff_has_a_public_certificate_that_verifies(
    app: TestApp, sqlite_engine: Engine, clock: FixedClock, tmp_path: Path
) -> None:
    with begin(sqlite_engine) as session:
        TariffService(session, clock).enter(load_published(), SYSTEM)
    certificate = app.get("/tariffs/hrb-res-2015").click("下载本算例的核算证书", index=0)
    assert certificate.json["outcome"]["recomputed_total"] == "3832.00"
    assert "3832.00 · conforms" in verified(tmp_path, CHECKER, certificate.body)
    app.get("/tariffs/hrb-res-2015/examples/nothing.json", status=404)
    app.get("/tariffs/nothing/examples/area.json", status=404)


def test_evidence_of_the_run_is_what_the_certificate_names(
    app: TestApp, company: CheckedCompany, sign_in: SignIn
) -> None:
    origin = sign_in(app, "officer").get("/officer/certificates/harbin-a/B0002").json["origin"]
    evidence = EvidenceStore(company.desk.settings.evidence_root)
    for name in ("bills_digest", "accounts_digest", "outcomes_digest"):
        assert evidence.path(origin[name]).exists(), name


def test_the_run_says_how_many_bills_were_computed_twice_and_a_stopped_one_stands_with_its_reason(
    app: TestApp, company: CheckedCompany, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(app, "officer")
    page = app.get(f"/officer/runs/{company.run().public_id}")
    assert "随机抽取 4 张账单" in page
    assert CHECKER_DIGEST[:12] in page
    assert "未能完成的核查" not in app.get("/officer/runs")
    company.file("bills", "2026-01", [bill(1, bill_no="J0001")])
    exactly = checker.rounded
    monkeypatch.setattr(checker, "rounded", lambda ratio, unit: exactly(ratio, unit) + 1)
    with pytest.raises(AssertionError):  # the job failed, as it should
        company.check()
    assert "未能完成的核查" in app.get("/desk")
    listed = app.get("/officer/runs")
    assert "2026-01" in listed
    assert "两次核算不一致" in listed
    app.set_cookie("language", "en")
    assert "the two computations disagree" in app.get("/officer/runs")
