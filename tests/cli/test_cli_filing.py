"""From a file on disk to a receipt, checked and explained, all of it from the command line, on both databases."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from checks.certificate import verify_certificate
from supervision.db import begin, make_engine
from supervision.filings import Filing
from supervision.findings import CheckRun
from supervision.journal import JournalEntry
from supervision.users import PortalUser
from tests.cli.command_line import Row, Said, in_both_languages, write_feed
from tests.cli.conftest import PASSWORD, Portal, with_company, write_ini
from tests.findings.checked_company import account, bill

ACCOUNTS = [account(1), account(2, "60.00"), account(3, "70.00")]
BILLS = [bill(1), bill(2, "60.00"), bill(3, "70.00", total="2900.00", area_charge="2900.00")]
DUE = {"B0001": "3065.60", "B0002": "2299.20", "B0003": "2682.40"}


def file_in(
    portal: Portal, folder: Path, feed: str, rows: list[Row], *more: object, period: str = "2025-12"
) -> Said:
    path = write_feed(folder / f"{feed}.csv", rows, feed=feed)
    return portal.run("file", feed, path, "--company", "songbei", "--period", period, *more)


def file_and_sign(portal: Portal, folder: Path) -> Portal:
    """A roster and a month of bills are in force, the third of which is 217.60 too high."""
    for feed, rows, period in (("accounts", ACCOUNTS, "2025-26"), ("bills", BILLS, "2025-12")):
        said = file_in(portal, folder, feed, rows, "--by", "clerk", "--sign", "signer", period=period)
        assert said.code == 0, said
        assert "已签署 / signed: R" in said.out
    return portal


@pytest.fixture
def filed_on_both(company: Portal, tmp_path: Path) -> Portal:
    return file_and_sign(company, tmp_path)


@pytest.fixture(scope="session")
def filed_once(made_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of such a portal on SQLite, copied for each test."""
    folder = tmp_path_factory.mktemp("filed")
    (folder / "data").mkdir()
    shutil.copy(made_sqlite, folder / "data" / "register.sqlite")
    engine = make_engine(f"sqlite:///{folder / 'data' / 'register.sqlite'}")
    file_and_sign(with_company(Portal(write_ini(folder), folder / "data", engine)), folder)
    engine.dispose()
    return folder / "data"


@pytest.fixture
def filed(filed_once: Path, tmp_path: Path) -> Iterator[Portal]:
    shutil.copytree(filed_once, tmp_path / "data")
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'register.sqlite'}")
    yield Portal(write_ini(tmp_path), tmp_path / "data", engine)
    engine.dispose()


def test_a_signed_file_is_in_force_receipted_and_checked(filed_on_both: Portal) -> None:
    with begin(filed_on_both.engine) as session:
        filings = session.scalars(select(Filing).order_by(Filing.id)).all()
        assert [(one.feed, str(one.state), one.uploaded_by, one.signed_by) for one in filings] == [
            ("accounts", "signed", "clerk", "signer"),
            ("bills", "signed", "clerk", "signer"),
        ]
        assert all(one.receipt_digest for one in filings)
        run = session.scalars(select(CheckRun)).one()
        assert (run.bills, run.conforms, run.breaches) == (3, 2, 1)
        acts = session.scalars(select(JournalEntry.act).order_by(JournalEntry.index)).all()
        assert acts.count("filing.signed") == 2
    assert list((filed_on_both.data / "incoming").iterdir()) == []
    assert filed_on_both.run("fsck").code == 0
    assert "register, evidence and journal agree" in filed_on_both.run("fsck").out
    assert "2682.40" in filed_on_both.run("explain", "B0003").out.replace(",", "")
    assert filed_on_both.run("check").code == 0


def test_fsck_ends_with_1_and_names_what_was_taken_away(filed: Portal) -> None:
    with begin(filed.engine) as session:
        digest = session.scalars(select(Filing.bytes_digest).where(Filing.feed == "bills")).one()
    (filed.data / "evidence" / digest[:2] / digest).unlink()
    said = filed.run("fsck")
    assert said.code == 1
    assert digest in said.err
    assert "Things that are wrong: 1." in said.err
    assert in_both_languages(said)


def test_check_prints_one_line_a_period_and_runs_nothing_twice(filed: Portal) -> None:
    for _ in range(2):
        said = filed.run("check")
        assert said.code == 0, said
        (line,) = said.out.splitlines()
        assert "songbei" in line
        assert "breach      1" in line
        assert "217.60" in line
    with begin(filed.engine) as session:
        assert len(session.scalars(select(CheckRun)).all()) == 1
    assert filed.run("check", "--company", "songbei").out == said.out
    unknown = filed.run("check", "--company", "nobody")
    assert unknown.code == 1
    assert in_both_languages(unknown)


def test_explain_writes_the_certificate_of_the_bill_and_the_checker_agrees(
    filed: Portal, tmp_path: Path
) -> None:
    file = tmp_path / "certificate.json"
    assert filed.run("explain", "B0003", "--certificate", file).code == 0
    done = subprocess.run(
        [sys.executable, "-I", verify_certificate.__file__, file], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout
    refused = filed.run("explain", "B0003", "--certificate", tmp_path / "nowhere" / "certificate.json")
    assert refused.code == 2


@pytest.mark.parametrize(("language", "words"), [("zh", "热费"), ("en", "area")])
def test_explain_prints_the_worksheet_of_a_bill(filed: Portal, language: str, words: str) -> None:
    for number, due in DUE.items():
        said = filed.run("explain", number, "--language", language)
        assert said.code == 0, said
        assert due in said.out.replace(",", "")
        assert words in said.out
    assert "217.60" in filed.run("explain", "B0003", "--language", language).out


def test_a_bill_or_company_that_is_not_there_ends_with_1(filed: Portal) -> None:
    for command in (["explain", "B9999"], ["explain", "B0001", "--company", "nobody"]):
        said = filed.run(*command)
        assert said.code == 1
        assert in_both_languages(said)


def test_a_later_file_supersedes_the_earlier_and_tells_the_difference(filed: Portal, tmp_path: Path) -> None:
    said = file_in(filed, tmp_path, "bills", [*BILLS[:2], bill(3, "70.00"), bill(4)], "--sign", "signer")
    assert said.code == 0, said
    assert "added 1, removed 0, changed 1" in said.out
    with begin(filed.engine) as session:
        states = session.scalars(select(Filing.state).where(Filing.feed == "bills").order_by(Filing.id)).all()
        assert [str(state) for state in states] == ["superseded", "signed"]


def test_the_same_bytes_again_answer_with_the_filing_they_have(filed: Portal, tmp_path: Path) -> None:
    said = file_in(filed, tmp_path, "bills", BILLS, "--sign", "signer")
    assert said.code == 0, said
    assert "handed in before" in said.err
    assert "signed before: R" in said.out
    with begin(filed.engine) as session:
        assert session.query(Filing).filter_by(feed="bills").count() == 1


def test_handed_in_without_a_signature_nothing_is_in_force(company_on_sqlite: Portal, tmp_path: Path) -> None:
    said = file_in(company_on_sqlite, tmp_path, "accounts", ACCOUNTS, "--by", "clerk", period="2025-26")
    assert said.code == 0, said
    with begin(company_on_sqlite.engine) as session:
        filing = session.scalars(select(Filing)).one()
        assert not filing.is_current
        assert filing.signed_at is None


def test_a_test_is_judged_and_counts_for_nothing_and_is_not_signed(
    company_on_sqlite: Portal, tmp_path: Path
) -> None:
    for _ in range(2):
        said = file_in(
            company_on_sqlite, tmp_path, "accounts", ACCOUNTS, "--by", "clerk", "--test", period="2025-26"
        )
        assert said.code == 0, said
        assert "试报通过 / ready" in said.out
    refused = file_in(
        company_on_sqlite, tmp_path, "accounts", ACCOUNTS, "--sign", "signer", "--test", period="2025-26"
    )
    assert refused.code == 2
    assert in_both_languages(refused)
    with begin(company_on_sqlite.engine) as session:
        assert session.scalars(select(Filing.is_test)).all() == [True, True]


def test_a_rejected_file_ends_with_1_and_says_how_to_see_every_reason(
    company: Portal, tmp_path: Path
) -> None:
    said = file_in(company, tmp_path, "bills", [bill(1, billed_area_m2="x")], "--sign", "signer")
    assert said.code == 1
    assert "rejected" in said.out
    assert "V01 × 1" in said.err
    assert "supervision validate bills" in said.err
    with begin(company.engine) as session:
        assert str(session.scalars(select(Filing.state)).one()) == "rejected"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--by", "nobody"], 1, "Nobody has the sign-in name"),
        (["--by", "stranger"], 1, "not one of the active people"),
        (["--sign", "clerk"], 1, "no signatory"),
        ([], 2, "--by or --sign"),
        (["--by", "clerk", "--period", "2025"], 1, "T10"),
        (["--by", "clerk", "--company", "nobody"], 1, "No company has the code"),
    ],
)
def test_who_may_not_file_or_sign_is_refused_as_on_the_pages(
    company_on_sqlite: Portal, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    added = company_on_sqlite.run("user", "add", "stranger", "--role", "officer", "--password", PASSWORD)
    assert added.code == 0
    said = file_in(company_on_sqlite, tmp_path, "accounts", ACCOUNTS, *(["--period", "2025-26"]), *arguments)
    assert said.code == code, said
    assert words in said.err
    assert in_both_languages(said)
    with begin(company_on_sqlite.engine) as session:
        assert session.query(Filing).filter(Filing.signed_at.is_not(None)).count() == 0


def test_somebody_who_was_taken_out_can_neither_file_nor_sign(
    company_on_sqlite: Portal, tmp_path: Path
) -> None:
    with begin(company_on_sqlite.engine) as session:
        session.query(PortalUser).filter_by(name="signer").one().is_active = False
    said = file_in(company_on_sqlite, tmp_path, "accounts", ACCOUNTS, "--sign", "signer", period="2025-26")
    assert said.code == 1
    assert "active people" in said.err


def test_an_empty_file_is_refused_before_it_is_filed(company_on_sqlite: Portal, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    command = [
        "file",
        "bills",
        tmp_path / "empty.csv",
        "--company",
        "songbei",
        "--period",
        "2025-12",
        "--by",
        "clerk",
    ]
    said = company_on_sqlite.run(*command)
    assert said.code == 1
    assert "T08" in said.err
    for path in (tmp_path / "none.csv", tmp_path):
        command[2] = path
        assert company_on_sqlite.run(*command).code == 2
    with begin(company_on_sqlite.engine) as session:
        assert session.query(Filing).count() == 0


def test_validate_with_the_companys_roster_compares_as_the_portal_will(filed: Portal, tmp_path: Path) -> None:
    path = write_feed(tmp_path / "new.csv", [*BILLS, bill(77)])
    alone = filed.run("validate", "bills", path, "--period", "2025-12", "--json")
    with_roster = filed.run(
        "validate", "bills", path, "--period", "2025-12", "--company", "songbei", "--json"
    )
    assert alone.code == with_roster.code == 0
    assert '"not_evaluated": []' not in alone.out
    assert "cross_feed" in with_roster.out
    assert "cross_feed" not in alone.out
    assert filed.run("validate", "bills", path, "--period", "2025-12", "--company", "nobody").code == 2


def test_check_on_what_was_known_changes_nothing_in_force_and_says_whose_the_differences_are(
    filed: Portal,
) -> None:
    before = filed.run("check").out
    said = filed.run("check", "--law-as-of", "2014-01-01")
    assert said.code == 0, said
    assert "late tariff: published or entered later: 3" in said.out
    assert filed.run("check").out == before
    early = filed.run("check", "--data-as-of", "2001-01-01")
    assert "No bills of 2025-12 were signed by then" in early.err
    later = filed.run("check", "--law-as-of", "2999-01-01")
    assert later.code == 1
    assert in_both_languages(later)


def test_one_bill_is_corrected_by_the_digest_of_its_row_and_the_bills_are_checked_again(
    filed: Portal, tmp_path: Path
) -> None:
    digests = tmp_path / "digests.csv"
    asked = ("--company", "songbei", "--period", "2025-12")
    assert filed.run("row-digests", "bills", *asked, "--out", digests).code == 0
    lines = dict(line.split(",") for line in digests.read_text("utf-8-sig").splitlines())
    right = bill(3, "70.00")
    heads = ["action", "expected_digest", *right]
    row = ["change", lines["B0003"], *(str(value) for value in right.values())]
    path = tmp_path / "correction.csv"
    path.write_text(",".join(heads) + "\n" + ",".join(row) + "\n", "utf-8")
    tried = filed.run("validate", "bills", path, *asked, "--correction", "--rows", "3")
    assert tried.code == 0, tried
    said = filed.run("file", "bills", path, *asked, "--correction", "--rows", "3", "--sign", "signer")
    assert said.code == 0, said
    assert "变更 1 / against the filing in force: added 0, removed 0, changed 1" in said.out
    with begin(filed.engine) as session:
        run = session.scalars(select(CheckRun).order_by(CheckRun.id.desc())).first()
        assert run is not None
        assert (run.bills, run.conforms, run.breaches) == (3, 3, 0)
    assert filed.run("fsck").code == 0
    stale = filed.run("file", "bills", path, *asked, "--correction", "--rows", "2", "--by", "clerk")
    assert stale.code == 1
    assert "COR02" in stale.err
    nothing = filed.run("row-digests", "bills", "--company", "songbei", "--period", "2025-11")
    assert nothing.code == 1
    assert in_both_languages(nothing)


def test_several_files_are_filed_as_parts_of_one_filing_that_holds_what_is_declared(
    filed: Portal, tmp_path: Path
) -> None:
    east, west = (
        write_feed(tmp_path / f"{name}.csv", rows)
        for name, rows in (("east", BILLS[:1]), ("west", BILLS[1:]))
    )
    asked = ("--company", "songbei", "--period", "2025-12", "--by", "clerk")
    said = filed.run("file", "bills", west, east, *asked, "--rows", "3")
    assert said.code == 0, said
    wrong = filed.run("file", "bills", west, east, *asked, "--rows", "3", "--total", "total=1.00")
    assert wrong.code == 1
    assert "DEC02" in wrong.err
    unknown = filed.run("file", "bills", west, *asked, "--total", "season=1")
    assert unknown.code == 2
    assert in_both_languages(unknown)
    with begin(filed.engine) as session:
        filing = session.scalars(select(Filing).order_by(Filing.id.desc()).offset(1)).first()
        assert filing is not None
        assert [part["name"] for part in filing.parts or []] == ["east.csv", "west.csv"]
        assert [(part["first_row"], part["last_row"]) for part in filing.parts or []] == [(1, 1), (2, 3)]
