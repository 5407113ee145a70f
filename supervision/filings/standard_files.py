"""What companies download of the data standard: samples, templates, schemas and the validator, made by this version."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest.standalone import NAME, archive

_KINDS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pyz": "application/octet-stream",
}


@dataclass(frozen=True, slots=True)
class StandardFile:
    name: str
    content: bytes
    digest: str

    @property
    def kind(self) -> str:
        return _KINDS[Path(self.name).suffix]


@cache
def standard_files() -> dict[str, StandardFile]:
    """Every download by name; made once in a process, so that the digest shown is that of the bytes handed out."""
    from ingest.samples import write_all

    with tempfile.TemporaryDirectory(prefix="standard-") as folder:
        contents = {file.name: file.read_bytes() for file in write_all(Path(folder))}
    contents[NAME] = archive()
    return {
        name: StandardFile(name, content, hashlib.sha256(content).hexdigest())
        for name, content in contents.items()
    }
