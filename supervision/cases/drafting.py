"""What a decision says, frozen word for word with everything the document will show, and the notice made of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from supervision.cases.basis import applicable, provisions
from supervision.cases.lifecycle import DecisionKind
from supervision.cases.models import Case, CaseAnnex, CaseFinding, Decision
from supervision.cases.problems import CaseRefused
from supervision.documents import Assigned
from supervision.findings.wording import cause_text
from supervision.journal import canonical
from supervision.settings import Settings

if TYPE_CHECKING:
    from reports.documents import Bilingual, Demand, Notice, Signatory

GIVEN_AT_ISSUE = ("number", "issued_on", "verify_url", "signatories")
SERIES = {
    DecisionKind.RECTIFICATION_ORDER: "热监责改",
    DecisionKind.WARNING: "热监告诫",
    DecisionKind.NO_ACTION: "热监结",
}


@dataclass(frozen=True, slots=True)
class DraftValues:
    """What an officer writes. ``refund_total`` is CNY; ``legal_basis`` are codes of ``cases.basis``."""

    kind: DecisionKind
    facts: str
    demand: str
    summary_en: str
    refund_total: Decimal
    refund_due_on: dt.date | None
    reply_due_on: dt.date | None
    legal_basis: tuple[str, ...]


def values_of(decision: Decision) -> DraftValues:
    """What stands in that revision."""
    return DraftValues(
        kind=decision.kind,
        facts=decision.facts,
        demand=decision.demand,
        summary_en=decision.summary_en,
        refund_total=decision.refund_total,
        refund_due_on=decision.refund_due_on,
        reply_due_on=decision.reply_due_on,
        legal_basis=tuple(decision.legal_basis),
    )


def frozen(
    case: Case, annex: CaseAnnex, values: DraftValues, settings: Settings, drafter: str, today: dt.date
) -> tuple[dict[str, Any], str]:
    """Everything the document will say but for what it is given at issue, and the digest of that. Raises CaseRefused
    naming the field that cannot stand."""
    from reports.documents import DocumentRefused

    _demand_sense(case, annex, values, today)
    standing_in = Assigned("（文号）", "", today, settings.public_url)
    try:
        notice = _notice(
            case, annex, values, settings, standing_in, (_signatory(drafter, "承办人", "Prepared by"),)
        )
    except DocumentRefused as error:
        raise CaseRefused(error.zh, error.en, "facts") from error
    content = text_of(notice.as_dict())
    return content, digest_of(content)


def text_of(content: dict[str, Any]) -> dict[str, Any]:
    """The content of an issued notice without what it was given at issue: what was approved."""
    return {name: value for name, value in content.items() if name not in GIVEN_AT_ISSUE}


def digest_of(content: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


def issued_notice(decision: Decision, assigned: Assigned, approver: str) -> Notice:
    """The notice of exactly the frozen content of ``decision``."""
    from reports.documents import Notice
    from supervision.documents.content import thaw

    notice: Notice = thaw(
        Notice,
        {
            **{
                name: value for name, value in decision.content.items() if name not in ("document", "version")
            },
            "number": assigned.number,
            "issued_on": assigned.issued_on.isoformat(),
            "verify_url": assigned.verify_url,
            "signatories": [
                {"name": decision.drafter, "role": {"zh": "承办人", "en": "Prepared by"}},
                {"name": approver, "role": {"zh": "审批人", "en": "Approved by"}},
            ],
        },
    )
    return notice


def _demand_sense(case: Case, annex: CaseAnnex, values: DraftValues, today: dt.date) -> None:
    """What the law and the evidence demand of a decision before it can be put to anybody."""
    if values.kind is not DecisionKind.RECTIFICATION_ORDER and values.refund_total:
        raise CaseRefused(
            "只有责令改正可以责令退款；请改为 0。",
            "Only a rectification order can order a refund; enter 0.",
            "refund_total",
        )
    if values.refund_total > annex.amount_over:
        raise CaseRefused(
            f"责令退款不得超过证据所示的多收合计 {annex.amount_over:,.2f} 元。",
            f"The refund cannot exceed the overcharge that the evidence shows, {annex.amount_over:,.2f} CNY.",
            "refund_total",
        )
    if bool(values.refund_total) is not (values.refund_due_on is not None):
        raise CaseRefused(
            "退款金额大于 0 时须填写退款期限，为 0 时不填。",
            "Give a last day for the refund exactly when there is one.",
            "refund_due_on",
        )
    if (values.kind is DecisionKind.NO_ACTION) is (values.reply_due_on is not None):
        raise CaseRefused(
            "责令改正和提醒告诫须填写书面回复期限；结案不作处理的不填。",
            "An order and a warning need a last day for the reply; closing without action has none.",
            "reply_due_on",
        )
    for field, day in (("refund_due_on", values.refund_due_on), ("reply_due_on", values.reply_due_on)):
        if day is not None and day <= today:
            raise CaseRefused(
                f"期限 {day.isoformat()} 已到或已过，企业无法遵守；请改为更晚的日期。",
                f"The last day, {day.isoformat()}, is over or today: no company could keep it. Choose a later day.",
                field,
            )
    if values.kind is not DecisionKind.NO_ACTION and not _lines(values.demand):
        raise CaseRefused("请写明对企业的要求。", "State what the company must do.", "demand")
    if not set(values.legal_basis) <= set(applicable(case.company)):
        raise CaseRefused(
            "所选依据中有不适用于该企业所在省份的规定。",
            "A provision chosen does not bind in the company's province.",
            "legal_basis",
        )


def demand_days_ahead(decision: Decision, today: dt.date) -> None:
    """The last days of a decision still lie ahead. Raises CaseRefused."""
    for day in (decision.refund_due_on, decision.reply_due_on):
        if day is not None and day <= today:
            raise CaseRefused(
                f"决定所定期限 {day.isoformat()} 已到或已过，不能签发；请退回起草人改定期限。",
                f"The last day it sets, {day.isoformat()}, is over or today; it cannot be issued. Send it back to have "
                "the day changed.",
            )


def _notice(
    case: Case,
    annex: CaseAnnex,
    values: DraftValues,
    settings: Settings,
    assigned: Assigned,
    signatories: tuple[Signatory, ...],
) -> Notice:
    from reports.documents import (
        Annex,
        AnnexRow,
        Bilingual,
        EvidenceReference,
        LegalBasis,
        Notice,
        NoticeKind,
    )

    kinds = {
        DecisionKind.RECTIFICATION_ORDER: NoticeKind.RECTIFICATION,
        DecisionKind.WARNING: NoticeKind.DECISION,
        DecisionKind.NO_ACTION: NoticeKind.CLOSING,
    }
    company = Bilingual(case.company.name_zh, case.company.name_en)
    rows = tuple(
        AnnexRow(
            bill_no=row["bill_no"],
            account_no=row["account_no"],
            billed=row["billed"],
            recomputed=row["recomputed"],
            difference=row["difference"],
            cause=Bilingual(row["cause_zh"], row["cause_en"]),
            formula=row["formula"],
        )
        for row in annex.rows
    )
    return Notice(
        number=assigned.number,
        notice_kind=kinds[values.kind],
        authority=Bilingual(settings.authority_zh, settings.authority_en),
        company=company,
        case_number=case.number,
        issued_on=assigned.issued_on,
        addressee=company,
        subject=Bilingual(case.title_zh, case.title_en),
        facts=_lines(values.facts),
        summary_en=values.summary_en,
        legal_basis=tuple(LegalBasis(Bilingual(*provisions()[code])) for code in values.legal_basis),
        demands=_demands(values),
        signatories=signatories,
        verify_url=assigned.verify_url,
        billed_total=f"{annex.billed_total:.2f}",
        recomputed_total=f"{annex.recomputed_total:.2f}",
        overcharge_total=f"{annex.billed_total - annex.recomputed_total:.2f}",
        remedies=_remedies(values.kind),
        annex=Annex(rows=rows, total_rows=annex.total_rows, csv_digest=annex.csv_digest),
        evidence=tuple(
            EvidenceReference(digest, name)
            for digest, name in dict.fromkeys(
                (digest, Bilingual(*name)) for each in case.findings for digest, name in _evidence(each)
            )
        ),
    )


def _evidence(found: CaseFinding) -> list[tuple[str, tuple[str, str]]]:
    """What each part rested on, each with its name; what several rest on has one name."""
    cause = cause_text(found.cause)
    pieces = []
    for part in found.parts:
        run = part.run
        pieces += [
            (run.bills_digest, (f"账单数据 {run.period}", f"Bills, {run.period}")),
            (run.accounts_digest, (f"用户台账 {run.season}", f"Account roster, {run.season}")),
            (
                run.outcomes_digest,
                (f"核查结果 {run.period}（{run.public_id}）", f"Outcomes of the check, {run.period}"),
            ),
            (part.rows_digest, (f"涉案账单 {run.period}：{cause.zh}", f"Bills of the finding, {run.period}")),
        ]
    return [(digest, name) for digest, name in pieces if digest is not None]


def _demands(values: DraftValues) -> tuple[Demand, ...]:
    """The officer's own demands, then those whose figures come from the fields alone."""
    from reports.documents import Bilingual, Demand

    last_day = values.refund_due_on or values.reply_due_on
    if last_day is None:
        return ()
    demands = [Demand(Bilingual(line), last_day) for line in _lines(values.demand)]
    if values.refund_due_on is not None:
        total = f"{values.refund_total:,.2f}"
        demands.append(
            Demand(
                Bilingual(
                    f"将多收价款共计 {total} 元如数退还附件所列用户。",
                    f"Refund the overcharge of {total} CNY in full to the customers listed in the annex.",
                ),
                values.refund_due_on,
            )
        )
    if values.reply_due_on is not None:
        demands.append(
            Demand(
                Bilingual(
                    "书面回复本机关，说明整改情况；对认定有异议的，一并陈述理由并提交证据。",
                    "Reply in writing on what was put right; give grounds and evidence for anything contested.",
                ),
                values.reply_due_on,
            )
        )
    return tuple(demands)


def _remedies(kind: DecisionKind) -> tuple[Bilingual, ...]:
    """《行政复议法》第二十条, 《行政诉讼法》第四十六条; a warning and a closing burden nobody, so nothing lies against
    them."""
    from reports.documents import Bilingual

    if kind is not DecisionKind.RECTIFICATION_ORDER:
        return ()
    return (
        Bilingual(
            "如不服本决定，可自收到之日起六十日内依法申请行政复议，或者自收到之日起六个月内依法向人民法院提起行政诉讼。",
            "Against this order you may apply for administrative reconsideration within sixty days, or sue in the people's "
            "court within six months, of receiving it.",
        ),
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in (each.strip() for each in text.splitlines()) if line)


def _signatory(name: str, zh: str, en: str) -> Signatory:
    from reports.documents import Bilingual, Signatory

    return Signatory(name, Bilingual(zh, en))
