"""What a cell of a workbook says as text, and the cells of one column of its sheet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from ingest.values.cells import Bool, Int64

#: Digits that a number of a workbook carries; the sixteenth and later are noise of its binary form.
EXACT_DIGITS = 15


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """Cells of one column. ``texts`` are without nulls, empty where nothing stands. ``numbers`` marks the cells that hold
    a number, ``days`` those that hold a day or an instant at midnight. ``noisy`` are the places of numbers that are more
    than their text says, ``noise`` those numbers in full."""

    texts: pa.Array
    numbers: Bool
    days: Bool
    noisy: Int64
    noise: pa.Array

    def __len__(self) -> int:
        return len(self.texts)

    def between(self, start: int, stop: int) -> SheetColumn:
        """The cells from ``start`` to before ``stop``."""
        first, last = np.searchsorted(self.noisy, (start, stop))
        return SheetColumn(
            self.texts.slice(start, stop - start),
            self.numbers[start:stop],
            self.days[start:stop],
            self.noisy[first:last] - start,
            self.noise.slice(first, last - first),
        )


def column_of(values: list[Any]) -> SheetColumn:
    """The column of cells as a reader gives them: texts, numbers, days and instants, yes and no; None where nothing stands."""
    count = len(values)
    texts, noisy, noise = [], [], []
    for at, value in enumerate(values):
        text, exact = cell_text(value)
        texts.append(text)
        if not exact:
            noisy.append(at)
            noise.append(repr(value))
    return SheetColumn(
        pa.array(texts, pa.string()),
        np.fromiter((is_number(value) for value in values), np.bool_, count),
        np.fromiter(
            (is_day(value, text) for value, text in zip(values, texts, strict=True)), np.bool_, count
        ),
        np.array(noisy, np.int64),
        pa.array(noise, pa.string()),
    )


def is_number(value: Any) -> bool:
    """True for a number; yes and no are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_day(value: Any, text: str) -> bool:
    """True for a date without a time; an instant at midnight comes as its date."""
    return isinstance(value, dt.date) and len(text) == len("2025-12-03")


def cell_text(value: Any) -> tuple[str, bool]:
    """The text of a cell and whether it is exact: numbers in plain decimals of at most 15 significant digits, dates in ISO
    form, midnight as its date."""
    if value is None or isinstance(value, str):
        return value or "", True
    if isinstance(value, bool):
        return ("true" if value else "false"), True
    if isinstance(value, int):
        return str(value), True
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time.min
        return value.date().isoformat() if midnight else value.isoformat(" "), True
    return str(value), True


def number_text(value: float) -> tuple[str, bool]:
    """The number in plain decimals of at most 15 significant digits, and whether that is the whole of it."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value)), True
    text = repr(value)
    rounded = f"{value:.{EXACT_DIGITS}g}"
    exact = Decimal(text) == Decimal(rounded) if value == value and abs(value) != float("inf") else True
    shown = Decimal(rounded)
    return (f"{shown:f}" if shown.is_finite() else text), exact
