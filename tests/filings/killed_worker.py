"""One worker of the portal as a process that dies by SIGKILL at a named point of judging a filing, or lives.

python killed_worker.py DATABASE_URL DATA_FOLDER NOW POINT
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import threading
from typing import Any

from supervision.db import make_engine
from supervision.filings import judging
from supervision.jobs.worker import work
from supervision.settings import FixedClock, Settings

# point → the step of judging, and whether the process dies before or after it
POINTS = {
    "before_the_child": ("judged", False),
    "after_the_child": ("judged", True),
    "evidence_kept": ("kept_of", True),
    "verdict_not_written": ("_write_verdict", False),
    "verdict_written_not_committed": ("_write_verdict", True),
}


def die_at(point: str) -> None:
    """The step of ``point`` is done by the real function, and the process ends on one side of it."""
    name, is_after = POINTS[point]
    step = getattr(judging, name)

    def ended(*arguments: Any) -> Any:
        if is_after:
            step(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(judging, name, ended)


def main(url: str, folder: str, now: str, point: str) -> None:
    if point != "none":
        die_at(point)
    settings = Settings.from_mapping({"supervision.environment": "test", "supervision.data": folder})
    clock = FixedClock(dt.datetime.fromisoformat(now))
    work(
        make_engine(url),
        settings,
        threading.Event(),
        clock=clock,
        only=["judge_filing", "compare_filing"],
        until_idle=True,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
