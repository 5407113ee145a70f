"""A register whose findings were one a run is carried over: nothing decided is lost, no old address goes nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from supervision.cases.models import Case, CaseFinding
from supervision.db import begin, make_engine
from supervision.db.schema import downgrade, upgrade
from supervision.findings import Finding, FindingState, QueueFilter
from supervision.findings.proof import flaws
from tests.cases.case_desk import OFFICER, CaseDesk
from tests.findings.checked_company import DECEMBER, JANUARY, OLD_PRICE, SEASON, account, bill
from tests.findings.test_findings_of_a_season import dismissed, month, periods, roster

ONE_A_RUN = "0002"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A register as its migrations made it."""
    if request.param == "postgresql":
        found = request.getfixturevalue("empty_postgresql")
    else:
        found = make_engine(f"sqlite:///{tmp_path / 'register.sqlite'}")
    upgrade(found)
    yield found
    found.dispose()


def rows(engine: Engine) -> list[Any]:
    """The findings of the old register, in the order they were made."""
    columns = "id, public_id, state, is_latest, period, bills, predecessor_id, reason"
    with engine.connect() as connection:
        return list(connection.execute(text(f"SELECT {columns} FROM finding ORDER BY id")))


def change(engine: Engine, statement: str, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def sound(desk: CaseDesk) -> bool:
    with begin(desk.engine) as session:
        told = [one.en for one in flaws(session, desk.evidence, desk.clock)]
    return [line for line in told if "finding" in line] == []


def test_open_findings_of_one_key_become_one_and_every_old_address_leads_to_it(desk: CaseDesk) -> None:
    company = desk.company
    roster(company)
    month(company, DECEMBER, (1, 2), (8,))
    month(company, JANUARY, (3,))
    (before,) = company.findings()
    downgrade(desk.engine, ONE_A_RUN)
    old = rows(desk.engine)
    assert [(row.state, row.period, row.bills) for row in old] == [
        ("open", DECEMBER, 2),
        ("open", JANUARY, 1),
    ]
    upgrade(desk.engine)
    (finding,) = company.findings()
    assert (finding.public_id, finding.version > before.version) == (old[0].public_id, True)
    for name in ("bills", "exposed_bills", "amount_over", "largest", "first_seen", "last_seen", "opened_at"):
        assert getattr(finding, name) == getattr(before, name)
    assert periods(company, finding) == [DECEMBER, JANUARY]
    with begin(desk.engine) as session:
        service = company.service(session)
        assert {service.finding(row.public_id, OFFICER).id for row in old} == {finding.id}
    assert sound(desk)
    month(company, JANUARY, (3, 4))  # and life goes on
    assert company.findings()[0].bills == 4


def test_what_is_in_a_case_keeps_its_identifier_its_case_and_what_the_case_rests_on(desk: CaseDesk) -> None:
    company = desk.company
    roster(company)
    month(company, DECEMBER, (1, 2))
    (first,) = company.findings()
    case = desk.notified(desk.open(first))
    (frozen,) = case.findings
    company.file_and_check("accounts", SEASON, [account(number) for number in range(1, 9)])
    month(company, JANUARY, (3,))
    downgrade(desk.engine, ONE_A_RUN)
    taken, carried, january = rows(desk.engine)
    # As it was then: what came out the same again stood in the case as a finding of its own.
    change(desk.engine, "UPDATE finding SET state = 'in_case' WHERE id = :id", id=taken.id)
    upgrade(desk.engine)
    with begin(desk.engine) as session:
        (kept,) = session.scalars(select(CaseFinding))
        assert (kept.snapshot, kept.snapshot_digest) == (frozen.snapshot, frozen.snapshot_digest)
        assert [part.public_id for part in kept.parts] == [taken.public_id]
        finding = kept.finding
        assert (finding.public_id, finding.state, finding.bills) == (taken.public_id, FindingState.IN_CASE, 2)
        assert finding.notified_at == case.notified_at
        assert [(part.public_id, part.is_counted) for part in finding.parts] == [
            (taken.public_id, False),
            (carried.public_id, True),
        ]
        found = desk.service(session).case_of_finding(finding)
        assert found is not None
        assert found.id == case.id
    (open_one,) = company.findings()
    assert open_one.public_id == january.public_id
    assert sound(desk)
    desk.reply(case)
    assert desk.finding(finding.id).state is FindingState.IN_CASE


def test_dismissals_stand_and_what_was_superseded_goes_with_what_took_its_place(desk: CaseDesk) -> None:
    company = desk.company
    roster(company)
    month(company, DECEMBER, (1,))
    (first,) = company.findings()
    dismissed(company, first)
    month(
        company, DECEMBER, (1, 2)
    )  # another result: a finding of its own, and the dismissed one is superseded
    month(company, DECEMBER, (1, 2, 3))
    (last,) = company.findings()
    downgrade(desk.engine, ONE_A_RUN)
    old = rows(desk.engine)
    assert [(row.state, row.reason) for row in old] == [
        ("superseded", "explained"),
        ("superseded", None),
        ("open", None),
    ]
    upgrade(desk.engine)
    (gone,) = company.findings(QueueFilter(state=FindingState.SUPERSEDED))
    (open_one,) = company.findings()
    assert (gone.public_id, gone.reason, gone.bills) == (old[0].public_id, "explained", 1)
    assert (open_one.public_id, open_one.bills) == (old[2].public_id, last.bills)
    assert [part.public_id for part in company.parts(open_one, is_counted=False)] == [old[1].public_id]
    assert sound(desk)


def test_findings_that_a_withdrawn_case_gave_back_are_one_again_and_the_case_still_reads(
    desk: CaseDesk,
) -> None:
    company = desk.company
    roster(company)
    rows_of = [bill(number, price=OLD_PRICE) for number in (1, 2)]
    company.file_and_check("bills", DECEMBER, rows_of)
    month(company, JANUARY, (3,))
    (whole,) = company.findings()
    case = desk.open(whole, is_prepared=False)
    desk.withdraw(case)
    downgrade(desk.engine, ONE_A_RUN)
    assert [row.state for row in rows(desk.engine)] == ["open", "open"]
    upgrade(desk.engine)
    (finding,) = company.findings()
    with begin(desk.engine) as session:
        of_case = session.get_one(Case, case.id).findings
        assert [each.finding_id for each in of_case] == [
            finding.id,
            finding.id,
        ]  # one for each period, as then
        assert sum(each.bills for each in of_case) == finding.bills == 3
        assert sorted(part.period for each in of_case for part in each.parts) == [DECEMBER, JANUARY]
    assert sound(desk)


def test_an_empty_register_goes_back_and_forth(engine: Engine) -> None:
    downgrade(engine, ONE_A_RUN)
    upgrade(engine)
    with begin(engine) as session:
        assert session.scalars(select(Finding)).all() == []
