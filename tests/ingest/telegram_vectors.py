"""The line that trips each edit of telegrams, and the nearest good one."""

from __future__ import annotations

from feed_edit_vectors import Vector
from ingest_filings import Case

#: A heat meter 12345678 of TCH; records follow.
_HEAD = "08 00 72 78 56 34 12 68 50 26 04 00 00 00 00"
_ENERGY = "04 06 E7 91 00 00"


def telegram(records: str = _ENERGY, head: str = _HEAD) -> str:
    """A long frame of these bytes, with the length and the check sum that they have."""
    body = bytes.fromhex(head + records)
    return (bytes((0x68, len(body), len(body), 0x68)) + body + bytes((sum(body) % 256, 0x16))).hex(" ")


def telegram_vectors() -> dict[str, Vector]:
    good = telegram()
    broken = {
        "MB1": good.replace("68", "6 8", 1),
        "MB2": good[:-3],
        "MB3": good[:-5] + "00 16",
        "MB4": telegram(head=_HEAD.replace("26 04", "26 07")),
        "MB5": telegram(_ENERGY[:-6]),
        "MB6": telegram(f"{_ENERGY} {_ENERGY}"),
        "MB7": f"{good},x",
    }
    return {edit_id: Vector(_line(text), _line(good)) for edit_id, text in broken.items()}


def _line(text: str) -> Case:
    line = f"2025-12-03T08:00:00+08:00,RB0001,{text}\n"
    return Case(line.encode(), feed="readings", period="2025-12", filename="readings.mbus")
