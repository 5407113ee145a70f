"""What is declared beside a file in the drop folder: the file is held to it, or goes nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supervision.db import read
from supervision.filings import Filing, State
from tests.channels.test_drop_folder import GOOD, NAME, Dropping
from tests.filings.filing_desk import Desk, bill
from tests.filings.test_filing_corrections import correction

DECLARATION = f"{NAME}.manifest.json"


@pytest.fixture
def dropping(desk: Desk, tmp_path: Path) -> Dropping:
    return Dropping(desk, tmp_path / "drop")


def filed(dropping: Dropping) -> Filing:
    with read(dropping.desk.engine) as session:
        found = session.query(Filing).order_by(Filing.id.desc()).first()
        assert found is not None
        return dropping.desk.again(found)


def put_down(dropping: Dropping, said: object, content: bytes = GOOD) -> None:
    dropping.put(content=content)
    dropping.put(DECLARATION, said if isinstance(said, bytes) else json.dumps(said).encode())
    dropping.put(f"{NAME}.done", b"")
    assert dropping.look() == 1
    assert list(dropping.incoming.iterdir()) == []


def test_a_file_is_held_to_the_rows_and_totals_declared_beside_it(dropping: Dropping) -> None:
    put_down(dropping, {"rows": 3, "totals": {"total": "1.00"}})
    dropping.desk.work()
    filing = filed(dropping)
    assert filing.state is State.REJECTED
    assert filing.declared == {"rows": 3, "totals": {"total": "1.00"}}
    assert {entry["edit_id"] for entry in filing.report} == {"DEC01", "DEC02"}
    dropping.look()
    (verdict,) = dropping.files(dropping.filed, ".verdict.json")
    assert json.loads(verdict.read_text())["state"] == "rejected"


def test_a_test_is_judged_and_never_filed(dropping: Dropping) -> None:
    put_down(dropping, {"test": True, "rows": 2})
    dropping.desk.work()
    filing = filed(dropping)
    assert (filing.is_test, filing.state, filing.rows) == (True, State.READY, 2)


def test_a_partial_correction_is_put_down_like_any_file(dropping: Dropping) -> None:
    put_down(dropping, {"correction": True}, correction({"action": "add", **bill(3)}))
    assert dropping.reason().startswith("F11")
    assert dropping.files(dropping.refused, ".manifest.json")
    first = dropping.desk.signed(GOOD)
    put_down(dropping, {"correction": True, "rows": 3}, correction({"action": "add", **bill(3)}))
    dropping.desk.work()
    filing = filed(dropping)
    assert (filing.corrects, filing.state, filing.rows) == (first.public_id, State.READY, 3)


@pytest.mark.parametrize(
    "said",
    [
        b"{",
        b'{"rows": 2.5}',
        b'{"rows": 2, "rows": 3}',
        {"rows": "2"},
        {"totals": {"bill_no": "1"}},
        {"totals": {"total": 1}},
        {"test": "yes"},
        {"parts": []},
        [],
        b"\xff",
        b" " * 70_000 + b"{}",
    ],
    ids=["cut", "half a row", "twice", "text", "no sum", "number", "tick", "key", "list", "utf-8", "large"],
)
def test_a_declaration_that_cannot_be_used_refuses_the_file_and_says_how_to_write_it(
    dropping: Dropping, said: object
) -> None:
    put_down(dropping, said)
    reason = dropping.reason()
    assert reason.startswith("D04")
    assert '"totals"' in reason
    assert dropping.filings() == []
    assert len(dropping.files(dropping.refused)) == 3  # the file, what was declared, and why


def test_a_declaration_that_is_a_link_is_not_followed(dropping: Dropping, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    dropping.put()
    (dropping.incoming / DECLARATION).symlink_to(secret)
    dropping.put(f"{NAME}.done", b"")
    assert dropping.look() == 1
    assert dropping.reason().startswith("D04")
    assert secret.read_text() == "{}"


def test_a_declaration_serves_one_file_and_waits_for_it(dropping: Dropping) -> None:
    dropping.put(DECLARATION, b'{"rows": 2}')
    assert dropping.look() == 0
    dropping.put().rename(f"{dropping.incoming / NAME}.ready")
    assert dropping.look() == 1
    assert filed(dropping).declared == {"rows": 2}
    dropping.put()
    dropping.put(f"{NAME}.done", b"")
    dropping.look()
    assert filed(dropping).declared is None
