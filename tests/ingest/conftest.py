from __future__ import annotations

from pathlib import Path

import pytest
from ingest_filings import work_in


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path) -> None:
    work_in(tmp_path)
