"""The portal's catalogues made ready for tests that run the application."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import supervision


def compile_catalogues() -> None:
    """Every English catalogue is compiled as it stands (what ``make catalogues`` does)."""
    for source in Path(supervision.__file__).parent.glob("*/locale/*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        with (
            source.open("rb") as file,
            tempfile.NamedTemporaryFile(dir=source.parent, delete=False) as written,
        ):
            write_mo(written, read_po(file))
        os.replace(written.name, compiled)
