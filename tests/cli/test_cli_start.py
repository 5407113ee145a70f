"""`supervision start`: web and worker as two processes that begin, end and die together."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.cli.command_line import ROOT, in_both_languages, program, run

LONGEST = 180.0  # seconds a loaded machine may take for what takes a few


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small demonstration, whose receipts still wait for a worker."""
    data = tmp_path_factory.mktemp("portal") / "data"
    assert program("--data", data, "demo", "--accounts", "600").code == 0
    return data


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


class Started:
    """A `start` under way."""

    def __init__(self, data: Path, port: int) -> None:
        self.port = port
        self.log = data.parent / f"start-{port}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "supervision.cli", "start", "--port", str(port), "--data", str(data)],
                stdout=log, stderr=log, cwd=ROOT, start_new_session=True,
            )  # fmt: skip
        self.children: list[psutil.Process] = []

    def wait_until_ready(self) -> None:
        until(lambda: "Ctrl-C stops" in self.said or self.process.poll() is not None)
        assert self.process.poll() is None, self.said
        self.children = psutil.Process(self.process.pid).children()

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def end_everything(self) -> None:
        for process in (
            (*self.children, psutil.Process(self.process.pid))
            if self.process.poll() is None
            else self.children
        ):
            if process.is_running():
                process.kill()
        self.process.wait(timeout=LONGEST)


def until(is_so: Callable[[], bool]) -> None:
    """Returns when it is so; fails when it is not after LONGEST."""
    end = time.monotonic() + LONGEST
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


@pytest.fixture
def started(loaded: Path, port: int) -> Iterator[Started]:
    one = Started(loaded, port)
    try:
        one.wait_until_ready()
        yield one
    finally:
        one.end_everything()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_both_processes_within_seconds_and_frees_the_port(
    started: Started, number: int
) -> None:
    assert len(started.children) == 2
    assert started.get("/healthz")[0] == 200
    assert "officer" in started.said
    begun = time.monotonic()
    started.process.send_signal(number)
    assert started.process.wait(timeout=LONGEST) == 0
    assert time.monotonic() - begun < 20  # two or three on an idle machine
    assert not any(child.is_running() for child in started.children)
    assert is_free(started.port)
    assert "已停止 / stopped" in started.said


def test_a_killed_start_leaves_no_process_behind(started: Started) -> None:
    os.kill(started.process.pid, signal.SIGKILL)
    started.process.wait(timeout=LONGEST)
    until(lambda: not any(_is_alive(child) for child in started.children))
    until(lambda: is_free(started.port))


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_when_one_process_dies_the_other_is_ended_and_it_is_said(started: Started) -> None:
    started.children[0].kill()
    assert started.process.wait(timeout=LONGEST) == 2
    assert not any(_is_alive(child) for child in started.children)
    assert "ended unexpectedly" in started.said


def test_a_second_start_loses_nothing_and_loads_nothing_again(loaded: Path, port: int) -> None:
    before = program("--data", loaded, "check").out
    one = Started(loaded, port)
    try:
        one.wait_until_ready()
        assert "loading" not in one.said
        assert one.get("/")[0] == 200
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(timeout=LONGEST) == 0
    finally:
        one.end_everything()
    assert program("--data", loaded, "check").out == before
    assert program("--data", loaded, "fsck").code == 0


def test_a_port_in_use_ends_with_2_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = run("start", "--port", taken.getsockname()[1], "--data", tmp_path / "data")
    assert said.code == 2
    assert in_both_languages(said)
    assert not (tmp_path / "data").exists()


def test_an_address_that_is_not_ours_ends_with_2(loaded: Path, port: int) -> None:
    said = program("--data", loaded, "serve", "--port", port, "--listen", "203.0.113.1")
    assert said.code == 2
    assert in_both_languages(said), said.err


def test_the_demonstration_is_loaded_into_an_empty_register_only(loaded: Path) -> None:
    said = program("--data", loaded, "demo", "--accounts", "600")
    assert said.code == 1
    assert in_both_languages(said)


def test_a_demonstration_that_was_interrupted_is_told_and_not_served_by_half(loaded: Path, port: int) -> None:
    mark = loaded / "demonstration.loading"
    mark.touch()
    try:
        for command in (["start", "--port", port], ["demo"]):
            said = program("--data", loaded, *command)
            assert said.code == 2
            assert str(loaded) in said.err
            assert in_both_languages(said)
    finally:
        mark.unlink()


def test_bench_finds_every_planted_error_and_no_false_one(loaded: Path) -> None:
    said = program("--data", loaded, "bench", "truth")
    assert said.code == 0, said
    assert "误报 / false findings 0" in said.out
    nothing = run("--data", loaded.parent / "none", "bench", "truth")
    assert nothing.code in (1, 2)
    assert in_both_languages(nothing)
