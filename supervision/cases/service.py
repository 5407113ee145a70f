"""What can be done with a case, by whom; each act, its timeline and its journal entry are one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.cases import drafting, telling
from supervision.cases.drafting import DraftValues
from supervision.cases.lifecycle import (
    LIFECYCLE,
    CaseAct,
    DecisionState,
    RefundState,
)
from supervision.cases.models import Case, CaseAnnex, CaseFinding, Decision, RefundOrder
from supervision.cases.problems import CaseRefused, SamePerson, TextChanged
from supervision.cases.proposal import HowBad, proposed
from supervision.cases.reading import CaseReading, annex_key
from supervision.cases.trace import happened
from supervision.db import serialise
from supervision.db.lifecycle import MovedMeanwhile
from supervision.documents import Assigned, DocumentService, IssuedDocument
from supervision.findings import Finding, FindingPart, FindingService
from supervision.findings.wording import cause_text
from supervision.jobs import enqueue
from supervision.journal import canonical
from supervision.security import Identity
from supervision.settings import Clock, Settings
from supervision.settings.clock import local_date
from supervision.tariffs import TariffService


class CaseService(CaseReading):
    def __init__(self, session: Session, clock: Clock, evidence: EvidenceStore, settings: Settings) -> None:
        super().__init__(session)
        self._clock, self._settings = clock, settings
        self._findings = FindingService(session, clock, evidence)
        self._documents = DocumentService(session, clock, evidence, settings)

    # -- opening ---------------------------------------------------------------------------------------------------

    def open(self, findings: Sequence[Finding], *, by: Identity) -> Case:
        """A case with the next number, its findings taken and frozen as they stand; its annex is asked for. Raises
        NotPossible or MovedMeanwhile where a finding is no longer open, CaseRefused where they do not belong together."""
        if not findings or len({(each.company_id, each.season) for each in findings}) != 1:
            raise CaseRefused(
                "一个案件只能包含同一企业、同一采暖季的核查发现。",
                "The findings of a case are of one company and one heating season.",
            )
        now = self._clock.now()
        year = local_date(now).year
        # The company first, the journal's lock after: nobody waits for another in a ring.
        self._findings.hold(findings[0].company_id)
        serialise(self._session, f"case number {year}")
        serial = (self._session.scalar(select(func.max(Case.serial)).where(Case.year == year)) or 0) + 1
        title_zh, title_en = _title(findings)
        case = Case(
            year=year,
            serial=serial,
            number=f"案〔{year}〕{serial}号",
            company_id=findings[0].company_id,
            season=findings[0].season,
            title_zh=title_zh,
            title_en=title_en,
            opened_by=by.name,
            opened_at=now,
        )
        self._session.add(case)
        self._session.flush()
        for finding in sorted(findings, key=lambda each: each.id):
            self._findings.take_into_case(finding, by=by.actor, case=case.number)
            self._session.add(_frozen(case, finding, self._findings.parts(finding)))
        self._session.flush()
        enqueue(self._session, "prepare_case_annex", key=annex_key(case), enqueued_at=now, case_id=case.id)
        detail = {"findings": [[each.finding.public_id, each.snapshot_digest] for each in case.findings]}
        self._happened(case, "open", "case.opened", by, detail=detail)
        return case

    # -- drafting --------------------------------------------------------------------------------------------------

    def current_decision(self, case: Case) -> Decision | None:
        """The last revision, whatever its state."""
        return case.decisions[-1] if case.decisions else None

    def proposal(self, case: Case) -> DraftValues:
        """What the draft form shows first: the last revision, or a first draft from the evidence. Raises CaseRefused while
        the annex is not ready."""
        last = self.current_decision(case)
        if last is not None:
            return drafting.values_of(last)
        tariffs = TariffService(self._session, self._clock)
        today = self._today()
        severe = self._findings.severities([each.finding for each in case.findings], today)
        how_bad = {
            each.finding_id: HowBad(self._findings.customers(each.parts), severe[each.finding_id].fixing)
            for each in case.findings
        }
        customers = self._findings.customers([part for each in case.findings for part in each.parts])
        return proposed(case, _annex_of(case), today, tariffs, how_bad, customers)

    def save_draft(
        self, case: Case, values: DraftValues, *, by: Identity, version: int, seen: str
    ) -> Decision:
        """The draft says this now; ``seen`` is the digest of the text that the form was filled from, empty for none. A
        revision that was sent back stays as it was. Raises CaseRefused, NotPossible, MovedMeanwhile."""
        last = self.current_decision(case)
        _seen(case, version)
        if (last.text_digest if last else "") != seen:
            raise MovedMeanwhile
        now = self._clock.now()
        content, digest = drafting.frozen(
            case, _annex_of(case), values, self._settings, by.display_name, self._today()
        )
        LIFECYCLE.move(self._session, case, CaseAct.SAVE)
        if last is None or last.state is not DecisionState.DRAFT:
            revision = last.revision + 1 if last else 1
            last = Decision(case_id=case.id, revision=revision, author_person_nos=[])
            self._session.add(last)
        for name in DraftValues.__dataclass_fields__:
            value = getattr(values, name)
            setattr(last, name, list(value) if isinstance(value, tuple) else value)
        last.content, last.text_digest = content, digest
        _sign_as_author(last, by, now)
        self._session.flush()
        self._session.expire(case, ["decisions"])
        detail = {"revision": last.revision, "kind": str(last.kind), "text": digest}
        self._happened(case, "save", "case.drafted", by, detail=detail)
        return last

    def submit(self, case: Case, *, by: Identity, version: int, text_digest: str) -> None:
        """Exactly the text shown waits for another person. Raises CaseRefused, NotPossible, MovedMeanwhile."""
        _seen(case, version)
        decision = self._decision_in(case, CaseAct.SUBMIT, DecisionState.DRAFT)
        if decision.text_digest != text_digest:
            raise TextChanged
        drafting.demand_days_ahead(decision, self._today())
        LIFECYCLE.move(self._session, case, CaseAct.SUBMIT)
        decision.state = DecisionState.SUBMITTED
        _sign_as_author(decision, by, self._clock.now())
        detail = {"revision": decision.revision, "kind": str(decision.kind), "text": decision.text_digest}
        self._happened(case, "submit", "case.submitted", by, detail=detail)

    # -- deciding --------------------------------------------------------------------------------------------------

    def send_back(self, case: Case, *, by: Identity, reason: str, version: int) -> None:
        """The draft is open again, with the reason. Raises NotPossible, MovedMeanwhile."""
        _seen(case, version)
        decision = self._decision_in(case, CaseAct.SEND_BACK, DecisionState.SUBMITTED)
        LIFECYCLE.move(self._session, case, CaseAct.SEND_BACK)
        decision.state, decision.sent_back_reason = DecisionState.SENT_BACK, reason
        detail = {"revision": decision.revision, "text": decision.text_digest}
        self._happened(case, "send_back", "case.sent_back", by, text=reason, detail=detail)

    def approve(self, case: Case, *, by: Identity, version: int, text_digest: str) -> IssuedDocument:
        """The decision is approved and its document issued, once: exactly the text of ``text_digest``, by a person who had
        no hand in it. A refund it orders is on record. Raises SamePerson, TextChanged, CaseRefused, NotPossible,
        MovedMeanwhile, and then nothing happened and no number was used."""
        _seen(case, version)
        decision = self._decision_in(case, CaseAct.APPROVE, DecisionState.SUBMITTED)
        if by.person_no in decision.author_person_nos:
            raise SamePerson
        if decision.text_digest != text_digest or drafting.digest_of(decision.content) != text_digest:
            raise TextChanged
        drafting.demand_days_ahead(decision, self._today())
        now = self._clock.now()
        self._findings.hold(case.company_id)
        LIFECYCLE.move(self._session, case, CaseAct.APPROVE, notified_at=now)
        for each in case.findings:
            self._findings.notified(each.finding, now)
        document = self._issue(case, decision, by)
        decision.approved_by, decision.approved_person_no, decision.approved_at = by.name, by.person_no, now
        decision.document_id, decision.state = document.id, DecisionState.APPROVED
        self._session.flush()
        detail: dict[str, Any] = {
            "revision": decision.revision,
            "text": text_digest,
            "document": document.number,
            "content": document.content_digest,
        }
        if decision.refund_total and decision.refund_due_on is not None:
            self._order_refund(case, decision, decision.refund_due_on)
            detail["refund"] = [str(decision.refund_total), decision.refund_due_on.isoformat()]
        self._happened(
            case, "approve", "case.approved", by, text=document.number, detail=detail, is_shared=True
        )
        telling.notified(self._session, self._clock, case, document.number)
        return document

    def _issue(self, case: Case, decision: Decision, by: Identity) -> IssuedDocument:
        annex = _annex_of(case)

        def make(assigned: Assigned) -> Any:
            notice = drafting.issued_notice(decision, assigned, by.display_name)
            if drafting.digest_of(drafting.text_of(notice.as_dict())) != decision.text_digest:
                raise TextChanged
            return notice

        return self._documents.issue(
            make,
            kind=str(decision.kind),
            series=drafting.SERIES[decision.kind],
            object_type="case",
            object_id=case.public_id,
            company_id=case.company_id,
            annex_digest=annex.csv_digest,
            drafted_by=decision.drafted_by,
            by=by.actor,
        )

    def _order_refund(self, case: Case, decision: Decision, due_on: dt.date) -> None:
        order = RefundOrder(
            case_id=case.id,
            decision_id=decision.id,
            company_id=case.company_id,
            season=case.season,
            total=decision.refund_total,
            due_on=due_on,
        )
        self._session.add(order)
        self._session.flush()
        self._session.expire(case, ["refund"])

    # -- afterwards ------------------------------------------------------------------------------------------------

    def reply(self, case: Case, *, by: Identity, text: str, version: int) -> None:
        """The company's word, or one more. Raises NotPossible, MovedMeanwhile."""
        _seen(case, version)
        now = self._clock.now()
        LIFECYCLE.move(self._session, case, CaseAct.REPLY, replied_at=case.replied_at or now)
        self._happened(case, "reply", "case.replied", by, text=text, is_shared=True)
        telling.replied(self._session, self._clock, case)

    def close(self, case: Case, *, by: Identity, text: str, version: int) -> None:
        """The case and its findings are closed. Raises CaseRefused while a refund is not confirmed; NotPossible,
        MovedMeanwhile."""
        _seen(case, version)
        LIFECYCLE.step(case.state, CaseAct.CLOSE)
        if case.refund is not None and case.refund.state is not RefundState.CONFIRMED:
            raise CaseRefused(
                "责令退还的款项尚未确认退清，不能结案。请先确认退款。",
                "The refund ordered is not confirmed; the case cannot be closed before it is.",
            )
        self._findings.hold(case.company_id)
        LIFECYCLE.move(self._session, case, CaseAct.CLOSE, ended_at=self._clock.now())
        for each in case.findings:
            self._findings.close(each.finding, by=by.actor, case=case.number)
        self._happened(case, "close", "case.closed", by, text=text, is_shared=True)

    def withdraw(self, case: Case, *, by: Identity, reason: str, version: int) -> None:
        """Nothing was issued and nothing will be: the findings are open again, the drafts stay readable. Raises
        NotPossible, MovedMeanwhile."""
        _seen(case, version)
        self._findings.hold(case.company_id)
        LIFECYCLE.move(self._session, case, CaseAct.WITHDRAW, ended_at=self._clock.now())
        last = self.current_decision(case)
        if last is not None and last.state in (DecisionState.DRAFT, DecisionState.SUBMITTED):
            last.state = DecisionState.WITHDRAWN
        for each in case.findings:
            self._findings.give_back(each.finding, by=by.actor, case=case.number)
        self._happened(case, "withdraw", "case.withdrawn", by, text=reason)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _today(self) -> dt.date:
        return local_date(self._clock.now())

    def _decision_in(self, case: Case, act: CaseAct, state: DecisionState) -> Decision:
        """The decision that ``act`` is about. Raises NotPossible where the case does not stand so, CaseRefused where
        nothing was drafted, MovedMeanwhile where somebody else decided since the case was read."""
        LIFECYCLE.step(case.state, act)
        decision = self.current_decision(case)
        if act is CaseAct.SUBMIT and (decision is None or decision.state is DecisionState.SENT_BACK):
            raise CaseRefused(
                "还没有可以提交的决定草稿；请先起草并保存。",
                "There is no draft to submit; write and save one first.",
            )
        if decision is None or decision.state is not state:
            raise MovedMeanwhile
        return decision

    def _happened(
        self,
        case: Case,
        act: str,
        entry: str,
        by: Identity,
        *,
        text: str | None = None,
        detail: dict[str, Any] | None = None,
        is_shared: bool = False,
    ) -> None:
        happened(
            self._session,
            self._clock,
            case,
            act,
            entry=entry,
            by=by.actor,
            is_shared=is_shared,
            text=text,
            detail=detail,
        )


def _seen(case: Case, version: int) -> None:
    if case.version != version:
        raise MovedMeanwhile


def _annex_of(case: Case) -> CaseAnnex:
    if case.annex is None:
        raise CaseRefused(
            "证据附件尚未准备好；请稍候刷新后再起草。", "The annex is not ready yet; reload in a moment."
        )
    return case.annex


def _sign_as_author(decision: Decision, by: Identity, at: dt.datetime) -> None:
    decision.drafted_by, decision.drafted_person_no, decision.drafter = by.name, by.person_no, by.display_name
    decision.drafted_at = at
    decision.author_person_nos = sorted({*decision.author_person_nos, by.person_no})


def _title(findings: Sequence[Finding]) -> tuple[str, str]:
    causes = list(dict.fromkeys(each.cause for each in findings))
    first, more = cause_text(causes[0]), len(causes) - 1
    season = findings[0].season
    return (
        f"关于{season}采暖季账单“{first.zh}”{f'等{more + 1}类' if more else ''}问题",
        f"Bills of the heating season {season}: {first.en}{f' and {more} more' if more else ''}",
    )


def _frozen(case: Case, finding: Finding, parts: Sequence[FindingPart]) -> CaseFinding:
    snapshot: dict[str, Any] = {
        "finding": finding.public_id,
        "season": finding.season,
        "cause": finding.cause,
        "category": finding.category,
        "tariff_id": finding.tariff_id,
        **_said(finding),
        "parts": [_rested_on(part) for part in parts],
    }
    return CaseFinding(
        case_id=case.id,
        finding_id=finding.id,
        cause=finding.cause,
        bills=finding.bills,
        amount_over=finding.amount_over,
        amount_under=finding.amount_under,
        parts=list(parts),
        snapshot=snapshot,
        snapshot_digest=hashlib.sha256(canonical(snapshot)).hexdigest(),
    )


def _said(one: Finding | FindingPart) -> dict[str, Any]:
    return {
        "bills": one.bills,
        "exposed_bills": one.exposed_bills,
        "amount_over": str(one.amount_over),
        "amount_under": str(one.amount_under),
        "largest": str(one.largest),
        "first_seen": one.first_seen.isoformat() if one.first_seen else None,
        "last_seen": one.last_seen.isoformat() if one.last_seen else None,
    }


def _rested_on(part: FindingPart) -> dict[str, Any]:
    run = part.run
    return {
        "part": part.public_id,
        "period": run.period,
        "run": run.public_id,
        "run_number": run.number,
        "filing": run.filing.public_id,
        "receipt": run.filing.receipt_no,
        **_said(part),
        "rows_digest": part.rows_digest,
        "bills_digest": run.bills_digest,
        "accounts_digest": run.accounts_digest,
        "outcomes_digest": run.outcomes_digest,
        "tariffs_digest": run.tariffs_digest,
        "fees_digest": run.fees_digest,
        "rules_digest": run.rules_digest,
        "inputs_digest": run.inputs_digest,
    }
