"""A real portal in a real browser: web and worker processes over a demonstration province, driven by Chromium.

The province is made once for a test run, whichever worker of pytest comes first; each worker serves a copy of its own.
"""

from __future__ import annotations

import fcntl
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
)
from province import Landmarks, make_ready
from visitors import DESKTOP, PATIENCE, Portal, Visit, sign_in

from tests.compiling import compile_catalogues

expect.set_options(timeout=PATIENCE * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def ready_province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a province in the middle of its work; read it, serve a copy."""
    base = tmp_path_factory.getbasetemp()
    root = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = root / "province"
    with (root / "province.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            compile_catalogues()
            being_made = root / "province.being-made"
            shutil.rmtree(being_made, ignore_errors=True)
            make_ready(being_made)
            being_made.rename(folder)
    return folder


@pytest.fixture(scope="session")
def portal(ready_province: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """``supervision serve`` and ``supervision work`` on a copy of the province, ended together with the tests."""
    folder = tmp_path_factory.mktemp("portal")
    data = folder / "data"
    shutil.copytree(ready_province, data)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    environment = {
        **os.environ,
        "SUPERVISION_PUBLIC_URL": address,
        "SUPERVISION_STARTED_BY": str(os.getpid()),
    }
    processes = []
    for command in (["serve", "--port", str(port)], ["work"]):
        with (folder / f"{command[0]}.log").open("wb") as log:
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "supervision.cli", "--data", str(data), *command],
                    env=environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )
    try:
        _wait_for(port, processes, folder)
        yield Portal(address, data, Landmarks.read(data))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=PATIENCE)


def _wait_for(port: int, processes: list[subprocess.Popen[bytes]], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    said = "\n".join(
        log.read_text(encoding="utf-8", errors="replace")[-2000:] for log in folder.glob("*.log")
    )
    pytest.fail(f"the portal did not start:\n{said}")


@pytest.fixture
def visit(chromium: Browser, portal: Portal) -> Iterator[Visit]:
    """``visit("officer", language="en", size=TELEPHONE)``: the first page of a fresh browser, signed in (None: the
    public). What the pages complain of on the console fails the test at its end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def enter(
        name: str | None = None, *, language: str = "zh", size: tuple[int, int] = DESKTOP, **more: Any
    ) -> Page:
        context = chromium.new_context(
            base_url=portal.address,
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN" if language == "zh" else "en-GB",
            **more,
        )
        context.set_default_timeout(PATIENCE * 1000)
        context.add_cookies([{"name": "language", "value": language, "url": portal.address}])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda question: question.accept())
        page.goto("/")
        if name is not None:
            sign_in(page, name)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert not complaints, complaints


def is_complaint(said: ConsoleMessage) -> bool:
    """An error on the console. That a form was sent back to be mended (422) is no error of the page."""
    return said.type == "error" and "status of 422" not in said.text
