"""JSON as a machine must write it for us: what people would read in two ways is refused."""

from __future__ import annotations

import json
from typing import Any


def strict_json(content: bytes) -> Any:
    """What the bytes say, in UTF-8 with or without a byte-order mark. ValueError for what is no such JSON, and for a key that
    stands twice in an object, a number with a fraction or an exponent (an amount is a text), NaN or infinity."""
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=each_key_once,
            parse_float=no_such_number,
            parse_constant=no_such_number,
        )
    except RecursionError:
        raise ValueError("nested too deep") from None


def each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs. ValueError where a key stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def no_such_number(text: str) -> Any:
    """Refuses what the JSON module would make a number of. ValueError."""
    raise ValueError(text)
