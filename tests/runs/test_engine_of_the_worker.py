"""The worker's checks on the workers of a cluster: the very outcomes of its own processors, on a company's filings and on the
bills of the demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from distributed import LocalCluster
from sqlalchemy import Engine

from checks.causes import EXPLAINED_SCHEMA
from checks.runs import Checked, check_files, engine_at
from checks.tariffs.load import load_published
from ingest.evidence import EvidenceStore
from ingest.judge import judge
from supervision.db import begin
from supervision.demonstration.generator import generate
from supervision.settings import FixedClock, Settings, SettingsError
from tests.filings.filing_desk import Desk
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


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler with two worker processes."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        local_directory=tmp_path_factory.mktemp("dask"),
        silence_logs=50,
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Path, str, tuple[str, ...]]]:
    """Bills, roster, city and service areas of three companies of a small demonstration, as evidence."""
    folder = tmp_path_factory.mktemp("province")
    province = generate(folder, accounts=600)
    store = EvidenceStore(folder / "evidence")
    found = []
    for company in province.companies[:3]:
        tables: dict[str, list[pa.Table]] = {"bills": [], "accounts": []}
        for file in province.files:
            if file.company == company.code and file.feed in tables:
                judged = judge(file.path, feed=file.feed, period=file.period, filename=file.path.name)
                if judged.table is not None and (file.feed == "bills" or file.period == SEASON):
                    tables[file.feed].append(judged.table)
        bills = pa.concat_tables(tables["bills"])
        bills = bills.set_column(0, bills.schema.field(0), pa.array(range(1, len(bills) + 1), pa.int32()))
        paths = [
            store.path(store.put_table(table, sort_by=["account_no"]).digest)
            for table in (bills, pa.concat_tables(tables["accounts"]))
        ]
        found.append((paths[0], paths[1], company.city, company.service_areas))
    return found


def outcomes_of(
    company: tuple[Path, Path, str, tuple[str, ...]], scratch: Path, engine: str
) -> tuple[pa.Table, Checked]:
    bills, accounts, city, areas = company
    kept: list[pa.Table] = []
    scratch.mkdir()
    where: dict[str, Any] = {"city": city, "service_areas": areas, "seed": "2025"}
    checked = check_files(
        [bills],
        accounts,
        load_published(),
        keep=kept.append,
        scratch=scratch,
        engine=engine_at(engine),
        rows_a_part=150,
        **where,
    )
    return pa.concat_tables([EXPLAINED_SCHEMA.empty_table(), *kept]).combine_chunks(), checked


def test_bills_of_the_demonstration_come_out_the_same_on_a_cluster(
    tmp_path: Path, scheduler: str, demonstration: list[tuple[Path, Path, str, tuple[str, ...]]]
) -> None:
    for number, company in enumerate(demonstration):
        there = outcomes_of(company, tmp_path / f"there-{number}", scheduler)
        here = outcomes_of(company, tmp_path / f"here-{number}", "threads")
        assert there == here
        assert here[1].counts["breach"] > 0
        assert here[1].computed_twice > 0


def test_a_filing_checked_on_a_cluster_has_the_run_of_one_checked_here(
    tmp_path: Path, scheduler: str, sqlite_engine: Engine, clock: FixedClock
) -> None:
    engine = sqlite_engine

    def checked_by(name: str, where: str) -> tuple[str, int, int | None]:
        given = {"environment": "test", "data": str(tmp_path / name), "engine": where}
        settings = Settings.from_mapping({f"supervision.{key}": value for key, value in given.items()})
        with begin(engine) as session:
            company_id = register_company(session, clock, name)
        company = CheckedCompany(Desk(engine, clock, settings, tmp_path, company_id))
        company.file_and_check("accounts", SEASON, [account(number) for number in range(1, 40)])
        wrong = [bill(number, price=OLD_PRICE) for number in range(1, 10)]
        company.file_and_check("bills", DECEMBER, wrong + [bill(number) for number in range(10, 40)])
        run = company.run()
        assert settings.scratch_root is None or not list(settings.scratch_root.iterdir())
        return run.outcomes_digest, run.breaches, run.second_opinions

    with begin(engine) as session:
        enter_tariffs(session, clock)
    assert checked_by("here", "threads") == checked_by("there", scheduler)
    assert checked_by("again", "threads")[1:] == (9, 39)


@pytest.mark.parametrize("text", ["processes", "http://10.0.0.1:8786", "tcp://10.0.0.1", ""])
def test_what_is_no_engine_is_refused_with_the_name_of_the_setting(text: str) -> None:
    with pytest.raises(SettingsError, match=r"supervision\.engine"):
        Settings.from_mapping({"supervision.engine": text})
