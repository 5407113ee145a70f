"""A rule that turned out wrong is withdrawn by two people, and every filing it touched is judged anew without it."""

from __future__ import annotations

import datetime as dt

import pytest

from supervision.db import begin
from supervision.filings import Filing, FilingRefused, State
from supervision.filings.models import FilingEdit
from supervision.findings.proof import flaws
from supervision.journal import Journal
from supervision.rules import RuleService
from supervision.security import Identity, Role
from tests.filings.filing_desk import JUDGING_JOBS, Desk, bill, csv_bytes

REASON = "合计允许含已公示的尾差，本规则误把正确的账单退回。"
REMARK = "经核对属实，同意撤销并重新审核。"
OFFICER = Identity(91, "officer", "监管员", Role.OFFICER, "P1", None)
CHIEF = Identity(92, "chief", "主管", Role.SUPERVISING_OFFICER, "P2", None)
WRONG_TOTAL = {"total": "1.00"}
LONG = {"service_from": "2025-10-01", "service_to": "2026-05-31"}


def propose(desk: Desk, edit_id: str = "BIL01", by: Identity = OFFICER) -> None:
    with begin(desk.engine) as session:
        RuleService(session, desk.clock).propose(edit_id, reason=REASON, by=by)


def decide(desk: Desk, edit_id: str = "BIL01", *, approve: bool = True, by: Identity = CHIEF) -> None:
    with begin(desk.engine) as session:
        service = RuleService(session, desk.clock)
        service.decide(edit_id, approve=approve, remark=REMARK, by=by, version=1)
    desk.work((*JUDGING_JOBS, "readjudicate_filing"))


def withdraw(desk: Desk, edit_id: str = "BIL01") -> None:
    propose(desk, edit_id)
    decide(desk, edit_id)


def edits_of(filing: Filing) -> dict[str, int]:
    return {entry["edit_id"]: entry["count"] for entry in filing.report}


def is_sound(desk: Desk) -> bool:
    with begin(desk.engine) as session:
        assert list(Journal(session, desk.clock).flaws()) == []
        return [one.en for one in flaws(session, desk.evidence, desk.clock)] == []


def replaced(desk: Desk, filing: Filing) -> list[tuple[str, list[str]]]:
    """State and rules of each verdict before."""
    with begin(desk.engine) as session:
        found = desk.service(session).by_id(filing.id)
        return [(one.state, [entry["edit_id"] for entry in one.report]) for one in found.replaced]


def test_a_filing_rejected_for_that_rule_alone_moves_on_and_its_day_of_arrival_counts(desk: Desk) -> None:
    filing = desk.judged(csv_bytes("bills", [bill(1, **WRONG_TOTAL), bill(2)]))
    arrived = filing.received_at
    assert (filing.state, edits_of(filing)) == (State.REJECTED, {"BIL01": 1})
    desk.clock.move(dt.timedelta(days=40))
    withdraw(desk)
    again = desk.again(filing)
    assert (again.state, edits_of(again), again.received_at) == (State.READY, {}, arrived)
    assert replaced(desk, filing) == [("rejected", ["BIL01"])]
    assert desk.sign(again).is_current
    assert is_sound(desk)


def test_a_filing_with_another_error_stays_rejected_and_says_only_that(desk: Desk) -> None:
    filing = desk.judged(csv_bytes("bills", [bill(1, **WRONG_TOTAL), bill(2, due_on="2025-11-30")]))
    withdraw(desk)
    again = desk.again(filing)
    assert (again.state, edits_of(again)) == (State.REJECTED, {"BIL10": 1})
    assert is_sound(desk)


def test_one_that_waited_to_be_explained_for_it_is_ready_and_one_with_more_to_explain_waits_on(
    desk: Desk,
) -> None:
    high = {"storey_height_m": "45.00"}
    alone = desk.judged(csv_bytes("bills", [bill(1, **high)]))
    summer = desk.judged(csv_bytes("bills", [bill(2, **high), bill(3, service_from="2025-08-30")]))
    withdraw(desk, "QUA04")
    assert (desk.again(alone).state, desk.again(alone).explained) == (State.READY, {})
    waits = desk.again(summer)
    assert (waits.state, waits.explained) == (State.NEEDS_EXPLANATION, {"QUA02": {"missing": 1}})


def test_what_is_signed_stays_signed_with_its_rows_and_keeps_its_other_explanations(desk: Desk) -> None:
    rows = [bill(1, storey_height_m="45.00"), bill(2, service_from="2025-08-30")]
    filing = desk.judged(csv_bytes("bills", rows))
    with begin(desk.engine) as session:
        said = dict.fromkeys(("QUA02", "QUA04"), ("true_as_filed", "与原始台账逐户核对，数据属实。"))
        found = desk.service(session).by_id(filing.id)
        desk.explanations(session).by_edit(found, said, by=desk.clerk.actor, version=found.version)
    signed = desk.sign(desk.again(filing))
    withdraw(desk, "QUA02")
    again = desk.again(filing)
    assert (again.state, again.is_current, again.receipt_no) == (State.SIGNED, True, signed.receipt_no)
    assert (again.table_digest, again.totals) == (signed.table_digest, signed.totals)
    assert (edits_of(again), again.explained) == ({"QUA04": 1}, {"QUA04": {"new": 1}})
    assert is_sound(desk)


def test_a_rejected_filing_whose_period_was_filed_since_keeps_its_place(desk: Desk) -> None:
    filing = desk.judged(csv_bytes("bills", [bill(1, **WRONG_TOTAL)]))
    desk.signed(csv_bytes("bills", [bill(1)]))
    withdraw(desk)
    again = desk.again(filing)
    assert (again.state, edits_of(again), replaced(desk, filing)) == (
        State.REJECTED, {}, [("rejected", ["BIL01"])],
    )  # fmt: skip


def test_new_files_are_judged_without_it_and_the_same_bytes_are_not_told_their_old_rejection(
    desk: Desk,
) -> None:
    withdraw(desk)
    filing = desk.judged(csv_bytes("bills", [bill(7, **WRONG_TOTAL)]))
    assert (filing.state, edits_of(filing)) == (State.READY, {})
    with begin(desk.engine) as session:
        assert session.query(FilingEdit).filter_by(edit_id="BIL01").count() == 0


def test_judging_anew_a_second_time_changes_nothing(desk: Desk) -> None:
    from supervision.jobs import enqueue

    filing = desk.judged(csv_bytes("bills", [bill(1, **WRONG_TOTAL)]))
    withdraw(desk)
    before = desk.again(filing)
    with begin(desk.engine) as session:
        number = RuleService(session, desk.clock).withdrawals("BIL01")[0].id
        enqueue(
            session,
            "readjudicate_filing",
            enqueued_at=desk.clock.now(),
            filing_id=filing.id,
            withdrawal_id=number,
        )
    desk.work(("readjudicate_filing",))
    assert desk.again(filing).version == before.version
    assert len(replaced(desk, filing)) == 1


def test_a_refused_withdrawal_leaves_everything_as_it_is_and_may_be_proposed_again(desk: Desk) -> None:
    filing = desk.judged(csv_bytes("bills", [bill(1, **WRONG_TOTAL)]))
    propose(desk)
    decide(desk, approve=False)
    assert desk.again(filing).version == filing.version
    withdraw(desk)
    with begin(desk.engine) as session:
        states = [one.state for one in RuleService(session, desk.clock).withdrawals("BIL01")]
    assert states == ["approved", "refused"]


def test_nobody_decides_on_their_own_proposal_or_twice_and_no_rule_of_reading_is_withdrawn(
    desk: Desk,
) -> None:
    refusals = []
    for act in (
        lambda: propose(desk, "V01"),
        lambda: decide(desk),
        lambda: (propose(desk, by=CHIEF), decide(desk)),
        lambda: propose(desk),
    ):
        with pytest.raises(FilingRefused) as refused:
            act()
        refusals.append(refused.value.code)
    assert refusals == ["F21", "F23", "F24", "F22"]


def test_hits_in_shadow_are_kept_apart_counted_and_never_asked_about(desk: Desk) -> None:
    filing = desk.judged(csv_bytes("bills", [bill(1, **LONG), bill(2)]))
    assert (filing.state, edits_of(filing)) == (State.READY, {})
    assert [(one["edit_id"], one["count"]) for one in filing.shadow_report] == [("QUA06", 1)]
    from ingest.edits import CATALOGUE

    with begin(desk.engine) as session:
        service = RuleService(session, desk.clock)
        whole, periods = service.hits(CATALOGUE["QUA06"])
        assert (whole.filings, whole.of_filings, whole.hits, whole.rows) == (1, 1, 1, 2)
        assert [one.period for one in periods] == ["2025-12"]
        assert service.counts() == {}
    assert is_sound(desk)
