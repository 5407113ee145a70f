"""Telegrams as meters send them, from the collection of libmbus: name -> hex digits."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "telegrams"
FRAMES = {file.stem: " ".join(file.read_text("ascii").split()) for file in sorted(FOLDER.glob("*.hex"))}
MULTICAL = "kamstrup_multical_601"
AT = "2025-12-03T08:00:00+08:00"
