"""The table of hostile files names every kind once, and a proof that exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from hostile_files import TEXT
from hostile_workbooks import CONTAINERS, WORKBOOKS

ROOT = Path(__file__).parents[2]
KINDS = Counter({"t": 9, "n": 13, "s": 10, "v": 13, "c": 16, "x": 11, "j": 5, "b": 7})
ROW = re.compile(r"^\| `(\w+)` \| .* \| (.+?) \| `([^`]+)` \|$", re.MULTILINE)


def documented() -> list[tuple[str, str, str]]:
    """(kind, verdict, proof) of each row."""
    return ROW.findall((ROOT / "docs" / "hostile-files.md").read_text(encoding="utf-8"))


def test_every_kind_stands_in_the_table_once() -> None:
    kinds = [kind for kind, _, _ in documented()]
    assert len(set(kinds)) == len(kinds) == KINDS.total() == 84
    assert Counter(kind[0] for kind in kinds) == KINDS


def test_every_proof_exists_and_gives_the_verdict_that_is_documented() -> None:
    corpus = TEXT | CONTAINERS | WORKBOOKS
    for kind, verdict, proof in documented():
        file, _, name = proof.partition("::")
        assert (ROOT / file).is_file(), proof
        if name in corpus:
            assert verdict == (corpus[name].expected or "accepted"), kind
        elif name:
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), proof
