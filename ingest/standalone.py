"""The validator as one file: this package alone, which Python runs as it is, the same bytes for the same version.

``python -m ingest.standalone FILE`` writes it; ``tools/validator`` does so from a checkout.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

NAME = "heat-validator.pyz"
_SHEBANG = b"#!/usr/bin/env python3\n"
_MAIN = "from ingest.local import start\n\nstart()\n"
_SUFFIXES = (".py", ".toml")
#: Within a ZIP no time is earlier; one time for all makes the bytes depend on the content alone.
_TIME = (1980, 1, 1, 0, 0, 0)


@cache
def archive() -> bytes:
    """The packed validator: a ZIP with a first line that names the interpreter."""
    packed = io.BytesIO()
    packed.write(_SHEBANG)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        _add(file, "__main__.py", _MAIN.encode())
        for name, content in sorted(_files(resources.files("ingest"), "ingest")):
            _add(file, name, content)
    return packed.getvalue()


def _files(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _files(entry, f"{name}/{entry.name}")
        elif entry.name.endswith(_SUFFIXES):
            yield f"{name}/{entry.name}", entry.read_bytes()


def _add(file: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, _TIME)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    file.writestr(member, content)


def main(arguments: list[str]) -> int:
    """Writes the validator to the file named; 0."""
    file = Path(arguments[0]) if arguments else Path(NAME)
    file.write_bytes(archive())
    sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
