"""fsck: whatever is done to register, evidence or journal behind the portal's back, it is named."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, select, text, update
from sqlalchemy.orm import Session

from supervision.db import Base, begin, make_engine
from supervision.db.schema import metadata
from supervision.filings import Filing
from supervision.findings import CheckRun, FindingPart
from supervision.findings.proof import evidence_columns, flaws, notes
from supervision.jobs import enqueue
from supervision.jobs.models import Job, JobState
from supervision.journal import JournalEntry
from supervision.settings import FixedClock, Settings
from supervision.tariffs.models import TariffEntry
from tests.filings.filing_desk import Desk, csv_bytes
from tests.findings.checked_company import (
    DECEMBER,
    OLD_PRICE,
    SEASON,
    CheckedCompany,
    account,
    bill,
    enter_tariffs,
    register_company,
)

# Digests that name no evidence: of rules, of what a company declared, of contents that stand beside them.
NOT_EVIDENCE = {
    "filing.declared_digest", "filing.repeat_digest", "filing.pack_digest", "check_run.tariffs_digest",
    "check_run.rules_digest", "check_run.inputs_digest", "check_run.checker_digest", "tariff_entry.digest", "tariff_draft.record_digest", "ticket.digest",
    "api_token.digest", "resumable_upload.digest", "replaced_verdict.pack_digest", "profile_recheck.pack_digest", "ledger_check.inputs_digest",
    "issued_document.content_digest", "case_finding.snapshot_digest", "decision.text_digest", "fee_entry.record_digest",
}  # fmt: skip


AT = dt.datetime(2025, 11, 24, 1, 0, tzinfo=dt.UTC)


def settings_in(folder: Path) -> Settings:
    return Settings.from_mapping(
        {"supervision.environment": "test", "supervision.data": str(folder / "data")}
    )


def filed(engine: Engine, folder: Path) -> CheckedCompany:
    """A company with a roster and bills in force, one of them wrong, every job done, receipts made."""
    clock = FixedClock(AT)
    with begin(engine) as session:
        enter_tariffs(session, clock)
        company_id = register_company(session, clock, "songbei")
    one = CheckedCompany(Desk(engine, clock, settings_in(folder), folder, company_id))
    roster, bills = [account(number) for number in range(3)], [bill(0), bill(1), bill(2, price=OLD_PRICE)]
    for feed, period, rows in (("accounts", SEASON, roster), ("bills", DECEMBER, bills)):
        one.desk.signed(csv_bytes(feed, rows), feed=feed, period=period)
        one.desk.work(only=("check_filing", "render_receipt"))
    return one


@pytest.fixture(scope="session")
def filed_once(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The folder of such a company on SQLite, copied for each test, and its number."""
    folder = tmp_path_factory.mktemp("filed")
    shutil.copy(migrated_sqlite, folder / "register.sqlite")
    engine = make_engine(f"sqlite:///{folder / 'register.sqlite'}")
    company_id = filed(engine, folder).company_id
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return folder, company_id


@pytest.fixture
def company(filed_once: tuple[Path, int], tmp_path: Path) -> Iterator[CheckedCompany]:
    source, company_id = filed_once
    folder = tmp_path / "portal"
    shutil.copytree(source, folder)
    engine = make_engine(f"sqlite:///{folder / 'register.sqlite'}")
    yield CheckedCompany(Desk(engine, FixedClock(AT), settings_in(folder), folder, company_id))
    engine.dispose()


@pytest.fixture
def company_on_postgresql(postgresql_engine: Engine, tmp_path: Path) -> CheckedCompany:
    return filed(postgresql_engine, tmp_path)


def found(company: CheckedCompany) -> list[str]:
    with begin(company.engine) as session:
        return [flaw.en for flaw in flaws(session, company.desk.evidence, company.desk.clock)]


def noted(company: CheckedCompany) -> list[str]:
    with begin(company.engine) as session:
        desk = company.desk
        return [note.en for note in notes(session, desk.evidence, desk.settings.incoming_root, desk.clock)]


def digests(company: CheckedCompany) -> dict[str, str]:
    """One digest of each kind of evidence."""
    with begin(company.engine) as session:
        filing = session.scalars(select(Filing).where(Filing.feed == "bills")).one()
        run = session.scalars(select(CheckRun)).one()
        part = session.scalars(select(FindingPart)).one()
        kinds = {f"filing.{name}": getattr(filing, name) for name in (
            "bytes_digest", "table_digest", "edits_digest", "report_digest", "receipt_digest", "roster_digest",
        )}  # fmt: skip
        return kinds | {
            "check_run.outcomes_digest": run.outcomes_digest,
            "finding_part.rows_digest": part.rows_digest,
        }


KINDS = [
    "filing.bytes_digest", "filing.table_digest", "filing.edits_digest", "filing.report_digest",
    "filing.receipt_digest", "filing.roster_digest", "check_run.outcomes_digest", "finding_part.rows_digest",
]  # fmt: skip


def test_a_clean_register_agrees_and_there_is_nothing_to_note(company: CheckedCompany) -> None:
    assert found(company) == []
    assert noted(company) == []


def test_every_digest_of_the_register_is_evidence_or_known_not_to_be() -> None:
    evidence = {f"{column.table.name}.{column.name}" for column in evidence_columns()}
    named = {
        f"{table.name}.{column.name}"
        for table in metadata().sorted_tables
        for column in table.columns
        if column.name.endswith("digest")
    }
    assert named - evidence == NOT_EVIDENCE & named
    assert set(KINDS) <= evidence


# -- evidence -------------------------------------------------------------------------------------------------------


def flip(path: Path) -> None:
    path.chmod(0o640)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_is_found_in_every_kind_of_evidence(company: CheckedCompany, kind: str) -> None:
    digest = digests(company)[kind]
    flip(company.desk.evidence.path(digest))
    said = found(company)
    assert any(kind.split(".")[1] in line and digest in line and "damaged" in line for line in said), said


@pytest.mark.parametrize("kind", KINDS)
def test_removed_evidence_is_found(company: CheckedCompany, kind: str) -> None:
    digest = digests(company)[kind]
    company.desk.evidence.path(digest).unlink()
    said = found(company)
    assert any(kind.split(".")[1] in line and "not in the store" in line for line in said), said


def test_evidence_that_changed_places_is_found_at_both(company: CheckedCompany) -> None:
    store, known = company.desk.evidence, digests(company)
    one, other = store.path(known["filing.bytes_digest"]), store.path(known["filing.report_digest"])
    kept = one.with_suffix(".kept")
    one.rename(kept)
    other.rename(one)
    kept.rename(other)
    damaged = [line for line in found(company) if "damaged" in line]
    assert any("bytes_digest" in line for line in damaged)
    assert any("report_digest" in line for line in damaged)


def test_evidence_that_cannot_be_opened_is_found_and_the_rest_is_still_looked_at(
    company: CheckedCompany,
) -> None:
    known = digests(company)
    path = company.desk.evidence.path(known["filing.bytes_digest"])
    path.unlink()
    path.mkdir()
    flip(company.desk.evidence.path(known["finding_part.rows_digest"]))
    said = found(company)
    assert any("bytes_digest" in line for line in said)
    assert any("rows_digest" in line for line in said)


# -- journal --------------------------------------------------------------------------------------------------------


def without_guard(session: Session) -> None:
    """Somebody with all rights takes the triggers away."""
    if session.get_bind().dialect.name == "sqlite":
        for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            session.execute(text(f"DROP TRIGGER {name}"))
    else:
        session.execute(text("DROP TRIGGER journal_append_only ON journal"))


def _tamper(company: CheckedCompany, change: Callable[[Session], Any]) -> list[str]:
    with begin(company.engine) as session:
        without_guard(session)
        change(session)
    return found(company)


def test_a_changed_entry_is_found(company: CheckedCompany) -> None:
    said = _tamper(
        company,
        lambda session: session.execute(
            update(JournalEntry).where(JournalEntry.index == 3).values(actor="nobody")
        ),
    )
    assert "journal: entry 3 was changed" in said


def test_a_changed_detail_is_found(company: CheckedCompany) -> None:
    def change(session: Session) -> None:
        entry = session.scalars(
            select(JournalEntry).where(JournalEntry.act == "filing.signed").limit(1)
        ).one()
        entry.detail = {**entry.detail, "rows": 1}

    assert any("was changed" in line for line in _tamper(company, change))


def test_a_deleted_entry_is_found(company: CheckedCompany) -> None:
    said = _tamper(company, lambda session: session.execute(text('DELETE FROM journal WHERE "index" = 4')))
    assert "journal: entry 4 is missing" in said


def test_deleted_entries_at_the_end_are_found_by_what_they_spoke_of(company: CheckedCompany) -> None:
    def cut(session: Session) -> None:
        index = session.scalar(
            select(JournalEntry.index)
            .where(JournalEntry.act == "filing.signed")
            .order_by(JournalEntry.index.desc())
            .limit(1)
        )
        session.execute(text(f'DELETE FROM journal WHERE "index" >= {index}'))

    said = _tamper(company, cut)
    assert any("has no journal entry" in line for line in said)


# -- register -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "column"),
    [
        (Filing, "bytes_digest"), (Filing, "table_digest"), (Filing, "edits_digest"), (Filing, "roster_digest"),
        (Filing, "receipt_digest"), (CheckRun, "bills_digest"), (CheckRun, "accounts_digest"),
        (CheckRun, "outcomes_digest"), (CheckRun, "tariffs_digest"), (CheckRun, "inputs_digest"),
    ],
)  # fmt: skip
def test_a_digest_of_the_register_that_names_other_sound_evidence_is_found(
    company: CheckedCompany, model: type[Base], column: str
) -> None:
    with begin(company.engine) as session:
        other = session.scalars(select(Filing.report_digest).where(Filing.feed == "accounts")).one()
        thing: Any = session.scalars(select(model).limit(1)).one()
        setattr(thing, column, other)
    assert any(column in line or "its digest differs" in line for line in found(company))


def test_a_digest_that_is_none_is_found(company: CheckedCompany) -> None:
    with begin(company.engine) as session:
        session.scalars(select(FindingPart)).one().rows_digest = "../../etc/passwd"
    assert any("rows_digest" in line and "no evidence digest" in line for line in found(company))


def test_a_receipt_without_its_entry_and_an_entry_without_its_filing_are_found(
    company: CheckedCompany,
) -> None:
    with begin(company.engine) as session:
        filing = session.scalars(select(Filing).where(Filing.feed == "bills")).one()
        filing.receipt_no = "R20251124-FORGED"
        entered = filing.receipt["receipt_no"] if filing.receipt else ""
    said = found(company)
    assert "receipt R20251124-FORGED has no journal entry" in said
    assert f"receipt {entered} of the journal has no filing" in said


def test_a_receipt_that_says_something_else_is_found(company: CheckedCompany) -> None:
    with begin(company.engine) as session:
        filing = session.scalars(select(Filing).where(Filing.feed == "bills")).one()
        filing.receipt = {**(filing.receipt or {}), "journal_hash": "0" * 64}
    assert any("what it says differs" in line for line in found(company))


def test_a_changed_price_is_found(company: CheckedCompany) -> None:
    with begin(company.engine) as session:
        without_guard(session)
        entry = session.scalars(select(TariffEntry).where(TariffEntry.tariff_id == "hrb-res-2015")).one()
        entry.record = {**entry.record, "area_price": {**entry.record["area_price"], "value": "38.33"}}
    assert any("tariff hrb-res-2015 is not what was entered" in line for line in found(company))


# -- notes ----------------------------------------------------------------------------------------------------------


def test_evidence_that_nothing_names_is_noted_and_is_nothing_wrong(company: CheckedCompany) -> None:
    stored = company.desk.evidence.put_bytes(b"an upload whose transaction never ended")
    assert found(company) == []
    assert any(stored.digest in line and "may still be under way" in line for line in noted(company))
    path, long_ago = company.desk.evidence.path(stored.digest), AT - dt.timedelta(hours=25)
    os.utime(path, (long_ago.timestamp(), long_ago.timestamp()))
    assert any(stored.digest in line and "may be removed" in line for line in noted(company))


def test_unfinished_files_are_noted_when_they_are_a_day_old(company: CheckedCompany) -> None:
    desk = company.desk
    desk.settings.incoming_root.mkdir(parents=True, exist_ok=True)
    now = desk.clock.now()
    for folder in (desk.settings.incoming_root, desk.settings.evidence_root / "incoming"):
        for name, age in (("old.part", dt.timedelta(hours=25)), ("young.part", dt.timedelta(hours=1))):
            path = folder / name
            path.write_bytes(b"half")
            at = (now - age).timestamp()
            os.utime(path, (at, at))
    (line,) = noted(company)
    assert line.startswith("2 unfinished files")
    assert "young" not in line
    assert found(company) == []


def test_jobs_that_were_given_up_are_noted(company: CheckedCompany) -> None:
    with begin(company.engine) as session:
        job_id = enqueue(session, "check_filing", filing_id=1)
        session.execute(
            update(Job)
            .where(Job.id == job_id)
            .values(state=JobState.PARKED, error="Traceback\nValueError: no")
        )
    (line,) = noted(company)
    assert job_id in line
    assert "ValueError: no" in line


def test_looking_changes_nothing(company: CheckedCompany, tmp_path: Path) -> None:
    def rows() -> dict[str, int]:
        with begin(company.engine) as session:
            return {
                name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
                for name in inspect(session.get_bind()).get_table_names()
            }

    before, files = rows(), sorted(path.name for path in company.desk.evidence.root.rglob("*"))
    found(company)
    noted(company)
    assert rows() == before
    assert sorted(path.name for path in company.desk.evidence.root.rglob("*")) == files


def test_a_whole_portal_moved_elsewhere_still_agrees(company: CheckedCompany, tmp_path: Path) -> None:
    root, moved = company.desk.evidence.root, tmp_path / "restored"
    shutil.copytree(root, moved)
    shutil.rmtree(root)
    moved.rename(root)
    assert found(company) == []


@pytest.mark.postgresql
def test_on_postgresql_the_same_is_found(company_on_postgresql: CheckedCompany) -> None:
    company = company_on_postgresql
    assert found(company) == []
    assert noted(company) == []
    company.desk.evidence.path(digests(company)["filing.report_digest"]).unlink()

    def change(session: Session) -> None:
        session.execute(update(JournalEntry).where(JournalEntry.index == 3).values(actor="nobody"))
        session.execute(text('DELETE FROM journal WHERE "index" = 5'))
        session.scalars(select(Filing).where(Filing.feed == "bills")).one().receipt_no = "R20251124-FORGED"

    said = _tamper(company, change)
    assert "journal: entry 3 was changed" in said
    assert "journal: entry 5 is missing" in said
    assert "receipt R20251124-FORGED has no journal entry" in said
    assert any("report_digest" in line and "not in the store" in line for line in said)
