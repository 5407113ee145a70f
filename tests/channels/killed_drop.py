"""One look into the drop folder by a process that dies by SIGKILL at a named point.

python killed_drop.py DATABASE_URL DATA_FOLDER DROP_FOLDER NOW POINT
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
from typing import Any

from ingest.evidence import EvidenceStore
from supervision.channels import drop_folder
from supervision.channels.drop_folder import DropFolder
from supervision.db import make_engine
from supervision.settings import FixedClock, Settings

# point → what is done by the real function, in which place, and whether the process dies before or after it
POINTS: dict[str, tuple[Any, str, bool]] = {
    "nothing_filed": (drop_folder.FilingService, "receive", False),
    "filed_not_committed": (drop_folder.FilingService, "receive", True),
    "committed_not_moved": (DropFolder, "_move", False),
    "marks_gone_not_moved": (drop_folder, "_clear_markers", True),
    "moved_not_told": (DropFolder, "_tell", False),
    "told_not_noted": (drop_folder, "write", True),
}


def die_at(point: str) -> None:
    place, name, is_after = POINTS[point]
    step = getattr(place, name)

    def ended(*arguments: Any, **named: Any) -> Any:
        if is_after:
            step(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(place, name, ended)


def main(url: str, data: str, drop: str, now: str, point: str) -> None:
    die_at(point)
    given = {"supervision.environment": "test", "supervision.data": data, "supervision.drop_folder": drop}
    settings = Settings.from_mapping(given)
    clock = FixedClock(dt.datetime.fromisoformat(now))
    DropFolder(make_engine(url), clock, EvidenceStore(settings.evidence_root), settings).look()


if __name__ == "__main__":
    main(*sys.argv[1:])
