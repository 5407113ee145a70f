"""A worker looks into the drop folder every few seconds, beside its jobs."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Engine

from ingest.evidence import EvidenceStore
from supervision.channels.drop_folder import DropFolder
from supervision.settings import Clock, Settings

EVERY = dt.timedelta(seconds=5)


@contextmanager
def watched(engine: Engine, clock: Clock, evidence: EvidenceStore, settings: Settings) -> Iterator[None]:
    """The drop folder is looked into once before the block, every few seconds while it runs, and once after it.
    Nothing is done where none is configured."""
    if settings.drop_folder is None:
        yield
        return
    folder, ended = DropFolder(engine, clock, evidence, settings), threading.Event()

    def watch() -> None:
        while not ended.wait(EVERY.total_seconds()):
            _look(folder)

    _look(folder)
    thread = threading.Thread(target=watch, name="drop folder", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        _look(folder)


def _look(folder: DropFolder) -> None:
    try:
        folder.look()
    except (
        Exception
    ) as error:  # a busy register, a folder that is not mounted: said, and tried again at the next look
        structlog.get_logger("supervision.channels").error("drop_folder.not_looked_at", error=repr(error))
