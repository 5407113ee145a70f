"""A worker as a process that dies by SIGKILL at a named point of sending an e-mail, or lives.

python killed_sender.py DATABASE_URL DATA_FOLDER NOW POINT [PORT of a mail server]
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import threading
from typing import Any

from supervision.db import make_engine
from supervision.jobs.worker import work
from supervision.notifications import carriers, sending
from supervision.settings import FixedClock, Settings

POINTS = ("before_the_letter", "before_it_is_given", "taken_not_on_record")


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(point: str) -> None:
    """The process ends at the point; everything before it is done by the real functions."""
    if point == "before_the_letter":
        sending.letter = die  # type: ignore[assignment]
    elif point == "before_it_is_given":
        carriers._give = carriers.FolderCarrier._keep = die  # type: ignore[assignment]
    elif point == "taken_not_on_record":
        sending._sent = die  # type: ignore[assignment]


def main(url: str, folder: str, now: str, point: str, port: str = "") -> None:
    given = {"supervision.environment": "test", "supervision.data": folder}
    if port:
        given |= {
            "supervision.mail": "smtp",
            "supervision.mail_host": "127.0.0.1",
            "supervision.mail_port": port,
            "supervision.mail_security": "none",
        }
    die_at(point)
    clock = FixedClock(dt.datetime.fromisoformat(now))
    work(
        make_engine(url),
        Settings.from_mapping(given),
        threading.Event(),
        clock=clock,
        only=["send_mail"],
        until_idle=True,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
