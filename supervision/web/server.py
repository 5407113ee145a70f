"""The server notes when the first byte of a request came in: waitress calls the portal only when all of it is there,
and a slow line before a deadline must not make a filing late."""

from __future__ import annotations

import datetime as dt
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer
from waitress.task import WSGITask

from supervision.settings import Clock, SystemClock
from supervision.web.request import BEGAN_AT

_CLOCK: Clock = SystemClock()


class TimedParser(HTTPRequestParser):
    """Made by the channel when the first bytes of a request arrive."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.began_at: dt.datetime = _CLOCK.now()


class TimedTask(WSGITask):
    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[BEGAN_AT] = self.request.began_at
        return environ


class TimedChannel(HTTPChannel):
    parser_class = TimedParser
    task_class = TimedTask


def time_requests(server: Any) -> None:
    """Every request that this waitress server takes from now on says when it began."""
    listening = [server, *getattr(server, "map", {}).values()]  # one a socket, where it listens on several
    for one in listening:
        if isinstance(one, BaseWSGIServer):
            one.channel_class = TimedChannel
