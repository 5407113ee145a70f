"""The server tells when the first byte of a request came, however long the rest takes."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import waitress

from supervision.web.request import BEGAN_AT
from supervision.web.server import time_requests


@pytest.fixture
def told() -> list[dt.datetime]:
    return []


@pytest.fixture
def server(told: list[dt.datetime]) -> Iterator[Any]:
    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        told.append(environ[BEGAN_AT])
        start("200 OK", [("Content-Length", "0")])
        return []

    running = waitress.create_server(application, host="127.0.0.1", port=0, threads=1)
    time_requests(running)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield running
    running.close()


def test_the_time_of_a_request_is_that_of_its_first_byte(server: Any, told: list[dt.datetime]) -> None:
    head, body = b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n", b"abcd"
    with socket.create_connection(("127.0.0.1", server.effective_port), timeout=60) as line:
        for _ in range(2):  # a second request on the same line has a time of its own
            before = dt.datetime.now(dt.UTC)
            line.sendall(b"P")
            while not any(channel.request for channel in list(server.active_channels.values())):
                threading.Event().wait(0.01)  # until the server has the first byte
            between = dt.datetime.now(dt.UTC)
            line.sendall(head[1:] + body)
            assert line.recv(1000).startswith(b"HTTP/1.1 200")
            assert before <= told[-1] <= between
