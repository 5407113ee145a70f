"""What was explained for an edit as a whole outlives the migration to explanations hit by hit, both ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from supervision.db import begin, make_engine
from supervision.db.schema import downgrade, upgrade
from tests.filings.filing_desk import Desk, bill, csv_bytes

BY_EDIT = "0007"
HALL = "该户为体育馆，层高四十五米，属实。"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A register as its migrations made it."""
    found = make_engine(f"sqlite:///{tmp_path / 'register.sqlite'}")
    upgrade(found)
    yield found
    found.dispose()


def test_what_was_explained_is_kept_up_and_down(desk: Desk) -> None:
    filing = desk.judged(csv_bytes("bills", [bill(1, storey_height_m="45.00"), bill(2)]))
    with begin(desk.engine) as session:
        found = desk.service(session).by_id(filing.id)
        said = {"QUA04": ("true_as_filed", HALL)}
        desk.explanations(session).by_edit(found, said, by=desk.clerk.actor, version=found.version)
    downgrade(desk.engine, BY_EDIT)
    with desk.engine.connect() as connection:
        rows = connection.execute(text("SELECT filing_id, edit_id, text FROM filing_explanation")).all()
    assert [tuple(row) for row in rows] == [(filing.id, "QUA04", HALL)]
    upgrade(desk.engine)
    (given,) = desk.again(filing).given
    assert (given.way, given.edit_id, given.text, given.count, given.given_by) == (
        "edit", "QUA04", HALL, None, "clerk",
    )  # fmt: skip
    with desk.engine.connect() as connection:
        hits = connection.execute(text("SELECT filing_id, edit_id, count FROM filing_edit")).all()
    assert [tuple(row) for row in hits] == [(filing.id, "QUA04", 1)]
