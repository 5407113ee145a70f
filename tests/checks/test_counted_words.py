"""Numbers and their nouns in English."""

from __future__ import annotations

import pytest

from checks.recompute.text import counted


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0 days"),
        (1, "1 day"),
        (2, "2 days"),
        ("1/121", "1/121 days"),
        ("1.5", "1.5 days"),
        (11, "11 days"),
    ],
)
def test_one_is_singular_and_everything_else_plural(number: object, told: str) -> None:
    assert counted(number, "day") == told
