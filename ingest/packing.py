"""The parts of one filing packed into one ZIP with the manifest that names them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from ingest.readers.manifest import MANIFEST_NAME, MOST_PARTS, DeclaredPart, Manifest

_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(paths: Sequence[Path], target: Path) -> Manifest:
    """``target`` is a ZIP of the files under their bare names and of ``manifest.json`` with the SHA-256 of each; the same files
    give the same bytes. ValueError, in both languages, for two files of one name or more than 100."""
    if len({path.name for path in paths} | {MANIFEST_NAME}) != len(paths) + 1:
        raise ValueError(
            "分册文件不得同名，也不得叫 manifest.json。 / Parts need names of their own, none of them manifest.json."
        )
    if len(paths) > MOST_PARTS:
        raise ValueError(f"至多 {MOST_PARTS} 个分册。 / There are {MOST_PARTS} parts at most.")
    ordered = sorted(paths, key=lambda path: path.name)
    parts = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=False) as packed:
        for path in ordered:
            with path.open("rb") as file:
                parts.append(DeclaredPart(path.name, sha256=hashlib.file_digest(file, "sha256").hexdigest()))
            _add(packed, path.name, path)
        manifest = Manifest(parts=tuple(parts))
        said = json.dumps(manifest.as_data(), ensure_ascii=False, indent=1) + "\n"
        packed.writestr(_info(MANIFEST_NAME), said)
    return manifest


def _add(packed: zipfile.ZipFile, name: str, path: Path) -> None:
    with path.open("rb") as source, packed.open(_info(name), "w") as out:
        while piece := source.read(1 << 20):
            out.write(piece)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system, info.external_attr = 3, 0o100644 << 16
    return info
