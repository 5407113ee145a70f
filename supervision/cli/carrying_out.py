"""Background work that a command asks for and waits for: done here, or by a worker of the running portal."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from supervision.cli.refusals import stop

if TYPE_CHECKING:
    from supervision.cli.ground import Ground
    from supervision.jobs import JobStatus

PAUSE = 0.2  # seconds between two looks at work that another worker holds or that waits for its next try


def only_problems_are_logged() -> None:
    """A command's own output is not mixed with the notes of its worker; warnings and errors stay."""
    import logging
    import sys

    import structlog

    if not structlog.is_configured():
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        )


def carry_out(ground: Ground, job_ids: Iterable[str], only: tuple[str, ...]) -> list[JobStatus]:
    """All of these jobs are over, and everything else of the names ``only`` that waited and was due. Ends the command
    where one of them was given up, with the last line of its error."""
    from supervision.jobs import status
    from supervision.jobs.models import JobState
    from supervision.jobs.worker import work

    only_problems_are_logged()
    wanted = list(job_ids)
    while True:
        work(ground.engine, ground.settings, threading.Event(), only=only, until_idle=True)
        with ground.reading() as session:
            found = [status(session, job_id) for job_id in wanted]
        if all(one.is_over for one in found):
            break
        time.sleep(PAUSE)
    for one in found:
        if one.state is JobState.PARKED:
            said = (one.error or "").strip().splitlines()[-1:] or ["—"]
            stop(
                f"后台任务 {one.name}（{one.id}）未能完成：{said[0]}。见 docs/operations.md“Jobs parked”。",
                f"The job {one.name} ({one.id}) was given up: {said[0]}. See “Jobs parked” in docs/operations.md.",
            )
    return found
