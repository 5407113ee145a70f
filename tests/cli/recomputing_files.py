"""`supervision recompute` as the tests call it: ``from tests.cli.recomputing_files import CITY, recompute``."""

from __future__ import annotations

from pathlib import Path

from tests.cli.command_line import (
    Said,
    outcomes,
    run,
)

CITY = "哈尔滨市"
HEADER = "bill_no,outcome,billed_total,recomputed_total,overcharge,tariff_id,cause,missing,label"


def recompute(bills: Path, out: Path, *more: object, scope: str = CITY) -> Said:
    return run("recompute", "--scope", scope, "--bills", bills, "--out", out, *more)


def assert_examples(path: Path) -> None:
    found = outcomes(path)
    assert {
        number: (row["outcome"], row["recomputed_total"], row["overcharge"], row["tariff_id"])
        for number, row in found.items()
    } == {
        "E13": ("conforms", "2824.50", "0.00", "hrb-res-2008"),
        "E14": ("breach", "4004.10", "6.00", "hrb-non-2008"),
        "E15": ("breach", "8898.00", "20.00", "hrb-non-2008"),
    }
