"""A program that starts workers as real processes: each line "start" on its input forks one and prints its number.

python worker_process.py DATABASE_URL FOLDER LEASE_SECONDS

Jobs say on the output how far they are, one line a point: "at PID BILL POINT".
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import signal
import sys
import threading
from pathlib import Path

from sqlalchemy import text

from supervision.db import make_engine
from supervision.jobs import JobContext, job
from supervision.jobs.worker import work
from supervision.settings import Settings

POINTS = ("begun", "opened", "settling", "written", "settled")


def settings_for(folder: Path) -> Settings:
    return Settings.from_mapping({"supervision.environment": "test", "supervision.data": str(folder)})


def say(line: str) -> None:
    """One whole line at once, so that the lines of many processes do not mix."""
    os.write(1, f"{line}\n".encode())


@job("settle_bill")
def settle_bill(context: JobContext, bill: str) -> None:
    """Opens the bill (safe to repeat), then settles it (once, with the end of the job)."""
    me = os.getpid()
    # The kernel frees the lock when the process dies, so only a living second runner finds it taken.
    with (context.settings.data / f"{bill}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"at {me} {bill} overlap")
        say(f"at {me} {bill} begun")
        with context.transaction() as session:
            session.execute(
                text("INSERT INTO opened (bill) VALUES (:bill) ON CONFLICT (bill) DO NOTHING"), {"bill": bill}
            )
        say(f"at {me} {bill} opened")
        context.progress("settling", 1, 2)
        say(f"at {me} {bill} settling")
        with context.transaction(final=True) as session:
            session.execute(text("INSERT INTO effect (bill) VALUES (:bill)"), {"bill": bill})
            say(f"at {me} {bill} written")
        say(f"at {me} {bill} settled")


def main(url: str, folder: str, lease_seconds: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # killed workers leave no zombies
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            os.close(0)
            work(
                make_engine(url),
                settings_for(Path(folder)),
                threading.Event(),
                lease_time=dt.timedelta(seconds=float(lease_seconds)),
                poll=dt.timedelta(milliseconds=50),
            )
        say(f"started {child}")


if __name__ == "__main__":
    import structlog

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    main(*sys.argv[1:])
