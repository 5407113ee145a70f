"""Meter readings as M-Bus telegrams: one line a telegram, ``instant,meter number,telegram in hexadecimal``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingest.mbus import Telegram, TelegramRefused, Value, read_telegram
from ingest.readers.block import Block, CellCoercion, Finding, HeaderCoercion, Limits, refuse
from ingest.readers.encoding import find_encoding
from ingest.readers.header import Naming
from ingest.standard import Column

_BLOCK_ROWS = 5_000
_PARTS = 3
_SHOWN = 40
#: What a telegram gives of a reading. Counters are taken as the meter shows them; what is measured at an instant is rounded
#: to the decimals of its column where the meter has more, and listed.
_COUNTERS = ("energy", "volume_m3")
_MEASURED = ("flow_m3h", "power_kw", "supply_temp_c", "return_temp_c", "operating_hours")
COLUMNS = ("meter_no", "read_at", "kind", "energy", "energy_unit", "volume_m3", *_MEASURED, "status")


class TelegramReader:
    """A file of telegrams of the feed ``readings``. ``on_bytes(stage, done)`` is told how far reading is."""

    def __init__(
        self, path: Path, naming: Naming, limits: Limits, on_bytes: Callable[[str, int], None]
    ) -> None:
        self._path, self._naming, self._limits, self._on_bytes = path, naming, limits, on_bytes
        self.columns: tuple[str, ...] = ()
        self.constants: dict[str, tuple[str, str]] = {}
        self.encoding = ""
        self.delimiter = ""
        self.header_coercions: tuple[HeaderCoercion, ...] = ()
        self.size = path.stat().st_size

    def open(self) -> None:
        """Finds the encoding. Refusal N01, N02 or N04; T04 when the feed is not that of meter readings."""
        feed = self._naming.feed
        if feed.code != "readings":
            raise refuse(
                "T04",
                f"M-Bus 电报只用于表计读数，不用于{feed.zh}",
                f"M-Bus telegrams are readings, not {feed.code}",
            )
        self.encoding = find_encoding(self._path, lambda done: self._on_bytes("decode", done))
        self.columns = COLUMNS

    def blocks(self) -> Iterator[Block]:
        """The telegrams in order; each line that is none is a hit of its own. Refusal S07 for a line that is too long."""
        lines, row = self._lines(), 0
        while batch := list(islice(lines, _BLOCK_ROWS)):
            yield self._block(batch, row)
            row += len(batch)

    def _lines(self) -> Iterator[str]:
        with self._path.open("rb") as file:
            while line := file.readline(self._limits.max_line_bytes + 1):
                if len(line) > self._limits.max_line_bytes:
                    raise refuse("S07", f"> {self._limits.max_line_bytes} B")
                yield line.decode(self.encoding).removeprefix("\ufeff").rstrip("\r\n")
        self._on_bytes("read", self.size)

    def _block(self, batch: list[str], row: int) -> Block:
        taken = _Taken({code: self._naming.feed.column(code) for code in COLUMNS})
        unread: list[Finding] = []
        for number, line in enumerate(batch, start=row + 1):
            if not line.strip():
                unread.append(Finding("S13", row=number))
                continue
            try:
                taken.line(number, line)
            except TelegramRefused as refused:
                unread.append(Finding(refused.edit_id, refused.zh, refused.en, number, value=line[:_SHOWN]))
        return taken.block(unread)


@dataclass(slots=True)
class _Taken:
    """The rows of a block, and what each value was read from."""

    columns: dict[str, Column]
    rows: list[int] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=lambda: {code: [] for code in COLUMNS})
    said: dict[tuple[str, str], list[tuple[int, str, str]]] = field(default_factory=dict)

    def line(self, row: int, line: str) -> None:
        """Takes the reading of one line. TelegramRefused MB1 to MB7."""
        parts = [part.strip() for part in line.split("," if "," in line else "\t" if "\t" in line else ";")]
        if len(parts) != _PARTS:
            raise TelegramRefused("MB7", f"{len(parts)} 项", f"{len(parts)} parts")
        instant, meter_no, digits = parts
        telegram = read_telegram(digits)
        values = self._values(row, telegram)
        values |= {"read_at": instant, "meter_no": meter_no or telegram.meter_no, "kind": "actual"}
        self._list(
            "mbus", "meter_no", row, f"{telegram.manufacturer} {telegram.meter_no}", values["meter_no"]
        )
        self.rows.append(row)
        for code in COLUMNS:
            self.texts[code].append(values.get(code, ""))

    def _values(self, row: int, telegram: Telegram) -> dict[str, str]:
        values = {"energy_unit": telegram.energy.unit, "status": telegram.status}
        for code in (*_COUNTERS, *_MEASURED):
            value: Value | None = getattr(telegram, code)
            if value is not None:
                values[code] = self._text(row, code, value)
        return values

    def _text(self, row: int, code: str, value: Value) -> str:
        column = self.columns[code]
        number, rule = value.number, "mbus"
        if code in _MEASURED:
            rounded = number.quantize(Decimal(1).scaleb(-column.scale), rounding=ROUND_HALF_EVEN)
            rule = "mbus" if rounded == number else "mbus_rounded"
            number = rounded
        text = f"{number:f}"
        self._list(rule, code, row, value.record, f"{text} {value.unit}")
        return text

    def _list(self, rule: str, code: str, row: int, before: str, after: str) -> None:
        self.said.setdefault((rule, code), []).append((row, before, after))

    def block(self, unread: list[Finding]) -> Block:
        arrays = {code: pa.array(texts, pa.string()) for code, texts in self.texts.items()}
        block = Block(np.array(self.rows, np.int32), arrays, unread)
        for (rule, code), changes in self.said.items():
            rows = np.array([row for row, _, _ in changes], np.int32)
            before = pa.array([was for _, was, _ in changes], pa.string())
            after = pa.array([now for _, _, now in changes], pa.string())
            block.coercions.append(CellCoercion(code, rows, before, after, rule))
        return block
