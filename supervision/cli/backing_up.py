"""A copy of register and evidence that can be put in their place."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy import Engine

from supervision.cli.ground import CANNOT_USE, Ground, stop

if TYPE_CHECKING:
    from ingest.evidence import EvidenceStore


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def backup(ground: Ground, folder: Path) -> None:
    """Copy the register and the evidence into FOLDER, while the portal runs.

    The register goes first, because evidence is only ever added: a copy taken later has everything an earlier register
    names. Evidence that FOLDER has already is not copied again, so every backup after the first is short. What stood in
    FOLDER stays until the new copy is whole. For PostgreSQL the program pg_dump of the server's version must be on the
    path. The session secret and the configuration are not copied: keep them apart.

    \b
    Exit codes: 0 done
                1 a piece of evidence is not what its name says (fsck says which; all others are copied)
                2 could not run

    \b
    Example: supervision --config production.ini backup /srv/backup
    """
    from ingest.evidence import EvidenceStore

    ground.must_be_current()
    if folder.resolve().is_relative_to(ground.settings.data.resolve()):
        stop("备份不能放在数据目录之内。", "A backup cannot lie inside the data folder.")
    folder.mkdir(parents=True, exist_ok=True)
    register = _copy_register(ground.engine, folder)
    click.echo(f"登记库 / register: {register} ({register.stat().st_size:,} B)")
    copied, kept, damaged = _copy_evidence(ground.evidence, EvidenceStore(folder / "evidence"))
    click.echo(f"证据 / evidence: 新增 {copied}，已有 {kept} / {copied} copied, {kept} there already")
    if damaged:
        names = ", ".join(damaged)
        stop(
            f"以下证据与编号不符，未备份：{names}",
            f"Not what their names say, not copied: {names}",
            CANNOT_USE,
        )


def _copy_register(engine: Engine, folder: Path) -> Path:
    """The register as of one moment, durable under its name in ``folder``."""
    is_sqlite = engine.dialect.name == "sqlite"
    target = folder / ("register.sqlite" if is_sqlite else "register.dump")
    fresh = target.with_name(f"{target.name}.new")
    fresh.unlink(missing_ok=True)
    if is_sqlite:
        with closing(engine.raw_connection()) as connection:  # a transaction of ours would be in the way
            connection.cursor().execute("VACUUM INTO ?", (str(fresh),))
    else:
        _dump(engine, fresh)
    with fresh.open("rb+") as written:
        os.fsync(written.fileno())
    fresh.rename(target)
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
    return target


def _dump(engine: Engine, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        stop(
            "找不到 pg_dump，请安装与数据库同版本的 postgresql-client。",
            "pg_dump is not on the path; install the postgresql-client of the server's version.",
        )
    url = engine.url.set(drivername="postgresql")
    # The password goes by the environment: what stands on a command line can be read by others.
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    address = url.set(password=None).render_as_string()
    done = subprocess.run(
        [program, "--format=custom", f"--file={target}", f"--dbname={address}"],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.strip()
        stop(f"pg_dump 未能完成：{reason}", f"pg_dump did not finish: {reason}")


def _copy_evidence(source: EvidenceStore, target: EvidenceStore) -> tuple[int, int, list[str]]:
    """How many pieces were copied, how many were there, and the names of those that are damaged."""
    from ingest.evidence import EvidenceMissing

    copied, kept, damaged = 0, 0, []
    for digest in source.digests():
        try:
            target.path(digest)
            kept += 1
            continue
        except EvidenceMissing:
            pass
        if source.verify(digest):
            target.put_file(source.path(digest))
            copied += 1
        else:
            damaged.append(digest)
    return copied, kept, damaged
