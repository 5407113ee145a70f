"""The name a file came with: never a path, never a key, only shown."""

from __future__ import annotations

import re
import unicodedata

from ingest.readers.block import refuse

LONGEST_NAME = 200
_PATH = re.compile(r"[\\/]")


def clean_filename(name: str) -> str:
    """The last part of the name, fit to be shown. Refusal T06 when it is empty, longer than 200 characters, or holds
    control or direction characters."""
    bare = _PATH.split(name)[-1].strip()
    if not bare:
        raise refuse("T06", "文件名为空", "it is empty")
    if len(bare) > LONGEST_NAME:
        raise refuse("T06", f"{len(bare)} 个字", f"{len(bare)} characters")
    for character in bare:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            code = f"U+{ord(character):04X}"
            raise refuse("T06", f"含 {code}", f"it contains {code}")
    return bare


def extension(name: str) -> str:
    """The extension in lower case without its dot; empty when there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""
