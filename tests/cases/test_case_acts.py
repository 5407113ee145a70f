"""From a finding to a case, a decision, a notice, a reply, a refund and the end."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal

import pytest

from supervision.cases import CaseRefused, CaseState, DecisionKind, NoSuchCase
from supervision.cases.lifecycle import DecisionState
from supervision.cases.models import Case
from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.documents import IssuedDocument
from supervision.findings import Finding, FindingState
from supervision.journal import Journal, canonical
from supervision.security import Identity, Role
from tests.cases.case_desk import OFFICER, CaseDesk
from tests.findings.checked_company import CheckedCompany, register_company

OVER = Decimal("487.20")  # three bills of 80 m2, each 2.03 CNY per m2 too dear


def test_opening_takes_the_finding_and_freezes_what_it_rested_on(desk: CaseDesk, finding: Finding) -> None:
    case = desk.open(finding, is_prepared=False)
    (frozen,) = case.findings
    assert (case.number, case.state) == ("案〔2025〕1号", CaseState.OPENED)
    assert desk.finding(finding.id).state is FindingState.IN_CASE
    (part,) = desk.company.parts(finding)
    (rested_on,) = frozen.snapshot["parts"]
    assert rested_on["rows_digest"] == part.rows_digest
    assert rested_on["bills_digest"] == desk.company.run().bills_digest
    assert (frozen.bills, frozen.amount_over) == (3, OVER)
    assert frozen.snapshot_digest == hashlib.sha256(canonical(frozen.snapshot)).hexdigest()
    (entry,) = desk.entries("case.opened")
    assert entry.detail["findings"] == [[finding.public_id, frozen.snapshot_digest]]


def test_a_finding_in_a_case_cannot_be_taken_into_another(desk: CaseDesk, finding: Finding) -> None:
    desk.open(finding, is_prepared=False)
    with pytest.raises(NotPossible):
        desk.open(finding, is_prepared=False)
    assert desk.count(Case) == 1


def test_findings_of_two_companies_do_not_make_one_case(desk: CaseDesk, finding: Finding) -> None:
    with begin(desk.engine) as session:
        other_id = register_company(session, desk.clock, "daoli")
    other = desk.another_like(finding)
    with begin(desk.engine) as session:
        session.get_one(Finding, other.id).company_id = other_id
    with pytest.raises(CaseRefused, match="one company"):
        desk.open(finding, other, is_prepared=False)
    assert desk.finding(finding.id).state is FindingState.OPEN


def test_case_numbers_have_no_gap_and_begin_anew_each_year(desk: CaseDesk, finding: Finding) -> None:
    others = [desk.another_like(finding) for _ in range(3)]
    first = desk.open(finding, is_prepared=False)
    with pytest.raises(NotPossible):
        desk.open(finding, is_prepared=False)  # uses no number
    second = desk.open(others[0], is_prepared=False)
    desk.clock.move(dt.datetime(2025, 12, 31, 15, 59, 59, tzinfo=dt.UTC) - desk.clock.now())
    third = desk.open(others[1], is_prepared=False)  # 23:59:59 in Shanghai
    desk.clock.move(dt.timedelta(seconds=1))
    fourth = desk.open(others[2], is_prepared=False)
    numbers = [one.number for one in (first, second, third, fourth)]
    assert numbers == ["案〔2025〕1号", "案〔2025〕2号", "案〔2025〕3号", "案〔2026〕1号"]


def test_the_annex_lists_every_bill_with_its_formula_and_keeps_all_as_csv(
    desk: CaseDesk, finding: Finding
) -> None:
    case = desk.open(finding)
    assert case.annex is not None
    annex = case.annex
    assert (annex.total_rows, annex.amount_over, annex.amount_under) == (3, OVER, Decimal("0.00"))
    assert annex.billed_total - annex.recomputed_total == OVER
    row = annex.rows[0]
    assert (row["billed"], row["recomputed"], row["difference"]) == ("3228.00", "3065.60", "162.40")
    assert "80.00" in row["formula"]
    assert "38.32" in row["formula"]
    text = desk.evidence.read_bytes(annex.csv_digest).decode("utf-8-sig")
    assert len(text.splitlines()) == 4
    assert {"B0001", "B0002", "B0003"} <= {line.split(",")[0] for line in text.splitlines()}


def test_preparing_the_annex_twice_changes_nothing(desk: CaseDesk, finding: Finding) -> None:
    from supervision.jobs import enqueue

    case = desk.open(finding)
    with begin(desk.engine) as session:
        enqueue(session, "prepare_case_annex", enqueued_at=desk.clock.now(), case_id=case.id)
    assert desk.work() == 1
    assert len(desk.entries("case.annex_prepared")) == 1


def test_nothing_can_be_drafted_before_the_annex_is_ready(desk: CaseDesk, finding: Finding) -> None:
    case = desk.open(finding, is_prepared=False)
    with pytest.raises(CaseRefused, match="not ready"):
        desk.proposal(case)


def test_the_first_draft_states_the_facts_of_the_evidence(desk: CaseDesk, finding: Finding) -> None:
    proposal = desk.proposal(desk.open(finding))
    assert proposal.kind is DecisionKind.RECTIFICATION_ORDER
    assert proposal.refund_total == OVER
    assert "487.20 元" in proposal.facts
    assert "2025-26" in proposal.facts
    assert "账单中有 3 张" in proposal.facts
    assert str(finding.tariff_id) in proposal.facts
    assert "price_law_41" in proposal.legal_basis
    assert "487.20 CNY" in proposal.summary_en


def test_a_provision_of_another_province_is_neither_proposed_nor_accepted(
    desk: CaseDesk, finding: Finding
) -> None:
    from supervision.cases.basis import applicable, basis_of

    with begin(desk.engine) as session:
        company = session.get_one(Case, desk.open(finding).id).company
    assert "shandong_23" not in applicable(company)
    assert "shandong_23" not in basis_of(["cap_not_applied"], company)
    company.province = "山东省"
    assert "shandong_23" in basis_of(["cap_not_applied"], company)
    (case,) = [desk.case(1)]
    with pytest.raises(CaseRefused, match="province"):
        desk.draft(case, legal_basis=("price_law_12", "shandong_23"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"refund_total": OVER + Decimal("0.01")}, "refund_total"),
        ({"kind": DecisionKind.WARNING}, "refund_total"),
        ({"refund_due_on": None}, "refund_due_on"),
        ({"refund_total": Decimal("0.00")}, "refund_due_on"),
        ({"reply_due_on": None}, "reply_due_on"),
        ({"reply_due_on": dt.date(2025, 11, 24)}, "reply_due_on"),
        ({"refund_due_on": dt.date(2025, 11, 23)}, "refund_due_on"),
        ({"demand": "  "}, "demand"),
        ({"facts": "甲" * 20_001}, "facts"),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused_at_its_field(
    desk: CaseDesk, finding: Finding, changes: dict[str, object], field: str
) -> None:
    case = desk.open(finding)
    with pytest.raises(CaseRefused) as refusal:
        desk.draft(case, **changes)
    assert refusal.value.field == field
    assert desk.case(case.id).version == case.version


def test_a_draft_that_somebody_else_changed_meanwhile_is_not_overwritten(
    desk: CaseDesk, finding: Finding
) -> None:
    case = desk.open(finding)
    values = desk.proposal(case)
    desk.draft(case, facts="另一名承办人写下的事实。")
    with begin(desk.engine) as session:
        own = session.get_one(Case, case.id)
        with pytest.raises(MovedMeanwhile):
            desk.service(session).save_draft(own, values, by=OFFICER, version=own.version, seen="")
        with pytest.raises(MovedMeanwhile):
            desk.service(session).save_draft(own, values, by=OFFICER, version=1, seen="")
    assert desk.decision(case).facts == "另一名承办人写下的事实。"


def test_the_whole_way_leaves_its_trace_step_by_step(desk: CaseDesk, finding: Finding) -> None:
    case = desk.notified(desk.open(finding))
    desk.work()
    desk.reply(case)
    desk.report_refund(case)
    desk.return_refund(case)
    desk.report_refund(case)
    desk.confirm_refund(case)
    desk.close(case)
    case = desk.case(case.id)
    assert [(event.act, event.state) for event in case.events] == [
        ("open", "opened"),
        ("save", "opened"),
        ("submit", "submitted"),
        ("approve", "notified"),
        ("reply", "replied"),
        ("report_refund", "replied"),
        ("return_refund", "replied"),
        ("report_refund", "replied"),
        ("confirm_refund", "replied"),
        ("close", "closed"),
    ]
    assert case.events[-1].state == case.state
    assert desk.finding(finding.id).state is FindingState.CLOSED
    acts = [entry.act for entry in desk.entries() if entry.object_type in ("case", "document")]
    assert acts == [
        "case.opened",
        "case.annex_prepared",
        "case.drafted",
        "case.submitted",
        "document.issued",
        "case.approved",
        "document.rendered",
        "case.replied",
        "refund.reported",
        "refund.returned",
        "refund.reported",
        "refund.confirmed",
        "case.closed",
    ]
    with begin(desk.engine) as session:
        assert list(Journal(session, desk.clock).flaws()) == []


def test_words_that_people_wrote_stand_in_the_journal_as_commitments_only(
    desk: CaseDesk, finding: Finding
) -> None:
    case = desk.notified(desk.open(finding))
    desk.reply(case)
    (entry,) = desk.entries("case.replied")
    assert "text" in entry.commitments
    assert "已更正" not in str(entry.detail)


def test_sending_back_keeps_the_text_that_was_sent_back(desk: CaseDesk, finding: Finding) -> None:
    case = desk.submitted(desk.open(finding), facts="第一稿所述的事实,尚缺依据。")
    desk.send_back(case)
    desk.draft(case, facts="第二稿所述的事实,依据齐备。")
    first, second = desk.case(case.id).decisions
    assert (first.state, first.facts) == (DecisionState.SENT_BACK, "第一稿所述的事实,尚缺依据。")
    assert first.sent_back_reason == "请补充依据。"
    assert (second.revision, second.state) == (2, DecisionState.DRAFT)
    assert first.text_digest != second.text_digest


def test_what_was_sent_back_is_not_submitted_again_unchanged(desk: CaseDesk, finding: Finding) -> None:
    case = desk.submitted(desk.open(finding))
    desk.send_back(case)
    with pytest.raises(CaseRefused, match="no draft"):
        desk.submit(case)


def test_withdrawing_gives_the_findings_back_and_keeps_the_draft_readable(
    desk: CaseDesk, finding: Finding
) -> None:
    case = desk.submitted(desk.open(finding))
    desk.withdraw(case)
    assert desk.finding(finding.id).state is FindingState.OPEN
    assert desk.decision(case).state is DecisionState.WITHDRAWN
    assert desk.decision(case).facts
    assert desk.count(IssuedDocument) == 0
    again = desk.open(desk.finding(finding.id), is_prepared=False)
    assert again.number == "案〔2025〕2号"


def test_a_case_is_not_closed_before_its_refund_is_confirmed(desk: CaseDesk, finding: Finding) -> None:
    case = desk.notified(desk.open(finding))
    with pytest.raises(CaseRefused, match="not confirmed"):
        desk.close(case)
    desk.report_refund(case)
    with pytest.raises(CaseRefused, match="not confirmed"):
        desk.close(case)
    assert desk.case(case.id).state is CaseState.NOTIFIED
    desk.confirm_refund(case)
    desk.close(case)
    assert desk.case(case.id).state is CaseState.CLOSED


def test_a_company_sees_a_case_once_it_is_notified_and_never_another_companys(
    desk: CaseDesk, finding: Finding
) -> None:
    with begin(desk.engine) as session:
        other_id = register_company(session, desk.clock, "daoli")
    other = Identity(10, "other", "丁经办", Role.COMPANY_CLERK, "C10", other_id)
    case = desk.submitted(desk.open(finding))

    def seen_by(viewer: Identity) -> bool:
        with begin(desk.engine) as session:
            try:
                return desk.service(session).case(case.public_id, viewer).id == case.id
            except NoSuchCase:
                assert list(session.scalars(desk.service(session).visible_to(viewer))) == []
                return False

    assert seen_by(OFFICER)
    assert not seen_by(desk.clerk)
    desk.approve(case)
    assert seen_by(desk.clerk)
    assert not seen_by(other)


def test_a_later_run_changes_nothing_in_the_case(desk: CaseDesk, finding: Finding) -> None:
    case = desk.open(finding)
    company: CheckedCompany = desk.company
    from tests.findings.checked_company import bill

    company.file_and_check("bills", "2025-12", [bill(1), bill(2), bill(3), bill(4), bill(5)])
    assert company.findings() == []
    frozen = desk.case(case.id).findings[0]
    assert (frozen.snapshot, frozen.amount_over) == (case.findings[0].snapshot, OVER)
    desk.notified(case)
    assert desk.document(case).content["overcharge_total"] == "487.20"
