"""How the differences of a finding are spread: at most ten bins of one round width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

MOST_BINS = 10


def distribution(fen: Sequence[int]) -> list[list[str | int]]:
    """Bins ``[low, high, count]`` that follow on one another and hold every amount; bounds are CNY as text, each bin
    includes its low end. The width is 1, 2 or 5 times a power of ten fen."""
    if not fen:
        return []
    lowest, highest = min(fen), max(fen)
    width = _width(highest - lowest + 1)
    while highest // width - lowest // width + 1 > MOST_BINS:
        width = _width(width * MOST_BINS + 1)
    first, last = lowest // width, highest // width
    counts = [0] * (last - first + 1)
    for amount in fen:
        counts[amount // width - first] += 1
    return _bins(first, width, counts)


def merged(distributions: Iterable[Sequence[Sequence[str | int]]]) -> list[list[str | int]]:
    """Several of these as one, every count exact: the narrowest round width into which the bins of each fit whole, since
    all of them begin at multiples of their own width."""
    bins = [(_fen(low), _fen(high), int(count)) for each in distributions for low, high, count in each]
    if not bins:
        return []
    widths = {high - low for low, high, _ in bins}
    lowest, highest = min(low for low, _, _ in bins), max(high for _, high, _ in bins) - 1
    width = _width(1)
    while any(width % one for one in widths) or highest // width - lowest // width + 1 > MOST_BINS:
        width = _width(width * MOST_BINS + 1)
    first, last = lowest // width, highest // width
    counts = [0] * (last - first + 1)
    for low, _, count in bins:
        counts[low // width - first] += count
    return _bins(first, width, counts)


def _bins(first: int, width: int, counts: Sequence[int]) -> list[list[str | int]]:
    return [
        [_yuan((first + place) * width), _yuan((first + place + 1) * width), count]
        for place, count in enumerate(counts)
    ]


def _width(span: int) -> int:
    """The smallest round width of which ``MOST_BINS`` cover ``span``."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power * MOST_BINS >= span:
                return digit * power
        power *= 10


def _yuan(fen: int) -> str:
    return f"{Decimal(fen).scaleb(-2):.2f}"


def _fen(yuan: str | int) -> int:
    return int(Decimal(yuan).scaleb(2))
