"""The parts of a run on a scheduler with worker processes of their own: the same bytes, also when a worker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest
from distributed import Client, LocalCluster

from checks.causes import EXPLAINED_SCHEMA
from checks.fees import shipped_register
from checks.runs import Checked, Cluster, ClusterUnreachable, RulesDiffer, check_files, engine_at
from checks.runs.parts import Basis, Part, judge_part
from tests.checks.bill_cases import CITY
from tests.runs.mixed_bills import TARIFFS, as_filed, bills_of, mixed_bills, roster_of

ROWS = mixed_bills(1500, seed=277778)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler of its own; workers come and go with each test."""
    with LocalCluster(
        n_workers=0, dashboard_address=None, local_directory=tmp_path_factory.mktemp("dask"), silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


class Workers:
    """Worker processes as an operator starts them."""

    def __init__(self, scheduler: str, folder: Path, count: int) -> None:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler, "--nthreads", "1"]
        command += ["--no-dashboard", "--no-nanny", "--local-directory", str(folder)]
        self.processes = [
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for _ in range(count)
        ]
        with Client(scheduler) as client:
            client.wait_for_workers(count, timeout=60)

    def kill_one(self) -> None:
        self.processes[0].send_signal(signal.SIGKILL)
        self.processes[0].wait()

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def workers(scheduler: str, tmp_path: Path) -> Iterator[Workers]:
    both = Workers(scheduler, tmp_path / "workers", 2)
    yield both
    both.stop()


def run(folder: Path, name: str, **more: Any) -> tuple[bytes, Checked]:
    """The outcomes as the bytes of one stream, and the rest."""
    sink = pa.BufferOutputStream()
    scratch = folder / name
    scratch.mkdir()
    kept: list[pa.Table] = []
    checked = check_files(
        [folder / "bills.parquet"],
        folder / "accounts.parquet",
        TARIFFS,
        city=CITY,
        keep=kept.append,
        scratch=scratch,
        **more,
    )
    with pa.ipc.new_stream(sink, EXPLAINED_SCHEMA) as writer:
        writer.write_table(pa.concat_tables(kept).combine_chunks())
    return sink.getvalue().to_pybytes(), checked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    as_filed(tmp_path / "bills.parquet", bills_of(ROWS))
    as_filed(tmp_path / "accounts.parquet", roster_of(ROWS, seed=1))
    return tmp_path


def test_two_workers_give_the_bytes_of_this_process(folder: Path, scheduler: str, workers: Workers) -> None:
    assert run(folder, "there", engine=Cluster(scheduler), rows_a_part=100) == run(folder, "here")


def test_a_worker_killed_in_mid_run_changes_nothing(folder: Path, scheduler: str, workers: Workers) -> None:
    told: list[int] = []

    def kill_one_in_the_middle(per_cent: int, _step: str) -> None:
        if 20 < per_cent < 80 and workers.processes[0].poll() is None:
            told.append(per_cent)
            workers.kill_one()

    found = run(
        folder, "there", engine=Cluster(scheduler), rows_a_part=40, on_progress=kill_one_in_the_middle
    )
    assert len(told) == 1
    assert workers.processes[0].returncode == -signal.SIGKILL
    assert psutil.pid_exists(workers.processes[1].pid)
    assert found == run(folder, "here")


def test_a_worker_of_another_version_refuses(tmp_path: Path) -> None:
    part = Part(0, (), None, pa.array([], pa.string()), 1, 1, 1, tmp_path / "outcomes.arrow")
    with pytest.raises(RulesDiffer, match="版本.* / .*version"):
        judge_part(part, Basis(TARIFFS, CITY, (), shipped_register(), rules_digest="0" * 64))
    assert os.listdir(tmp_path) == []


def test_a_scheduler_without_workers_and_one_that_is_not_there_are_said_so(
    folder: Path, scheduler: str
) -> None:
    with pytest.raises(ClusterUnreachable, match="no workers"):
        run(folder, "there", engine=Cluster(scheduler))
    with pytest.raises(ClusterUnreachable, match="no scheduler answers"):
        run(folder, "nowhere", engine=Cluster("tcp://127.0.0.1:9"))


@pytest.mark.parametrize(
    "address", ["localhost:8786", "http://localhost:8786", "tcp://localhost", "tcp://:8786"]
)
def test_what_is_no_address_of_a_cluster_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"tcp://host:port"):
        engine_at(address)
