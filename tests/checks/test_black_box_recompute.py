"""The published tariffs through the command line: figures by hand from the notices, compared to the fen."""

from __future__ import annotations

from pathlib import Path

import pytest
from bills_by_hand import RIGHT
from black_box import assert_right


@pytest.mark.parametrize("scope", RIGHT)
def test_right_bills_conform_and_one_fen_beside_is_a_breach_of_one_fen(scope: str, tmp_path: Path) -> None:
    assert_right(tmp_path, scope, RIGHT[scope])
