"""One part of an upload taken in by a process that dies by SIGKILL at a named point, or lives.

python killed_upload.py DATABASE_URL DATA_FOLDER NOW POINT UPLOAD COMPANY OFFSET PART_FILE
"""

from __future__ import annotations

import datetime as dt
import io
import os
import signal
import sys
from pathlib import Path
from typing import Any

from ingest.evidence import EvidenceStore
from supervision.channels import resumable
from supervision.channels.part_files import Part
from supervision.channels.resumable import ResumableUploads
from supervision.db import make_engine
from supervision.journal import Actor
from supervision.settings import FixedClock, Settings

POINTS = ("in_mid_part", "written_not_on_record", "whole_not_filed", "filed_not_told")


class Ending(io.BytesIO):
    """Half of the bytes come; then the process is killed."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(len(self.getvalue()) // 2)


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(point: str) -> None:
    if point == "written_not_on_record":
        ResumableUploads._came = ResumableUploads._filed = die  # type: ignore[method-assign]
    elif point == "whole_not_filed":
        resumable.FilingService.receive = die  # type: ignore[method-assign]
    elif point == "filed_not_told":
        real = Path.unlink

        def unlink(path: Path, missing_ok: bool = False) -> None:
            if path.suffix == ".part" and path.parent.name == "uploads":
                die()
            real(path, missing_ok)

        Path.unlink = unlink  # type: ignore[method-assign]


def main(
    url: str, folder: str, now: str, point: str, upload: str, company: str, offset: str, file: str
) -> None:
    settings = Settings.from_mapping({"supervision.environment": "test", "supervision.data": folder})
    content = Path(file).read_bytes()
    uploads = ResumableUploads(
        make_engine(url),
        FixedClock(dt.datetime.fromisoformat(now)),
        EvidenceStore(settings.evidence_root),
        settings,
    )
    die_at(point)
    source = Ending(content) if point == "in_mid_part" else io.BytesIO(content)
    by = Actor("clerk", "company_clerk", int(company))
    part = Part(int(offset), len(content), source)
    uploads.append(upload, int(company), part, by=by, began_at=dt.datetime.fromisoformat(now))


if __name__ == "__main__":
    main(*sys.argv[1:])
