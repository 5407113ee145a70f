"""The first draft of a decision, every figure of it from the frozen findings and the annex."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from checks.recompute.documents import document_words
from supervision.cases.basis import basis_of
from supervision.cases.drafting import DraftValues
from supervision.cases.lifecycle import DecisionKind
from supervision.cases.models import Case, CaseAnnex, CaseFinding
from supervision.findings import Fixing
from supervision.findings.wording import cause_explanation, cause_text, coded
from supervision.tariffs import NoSuchTariff, TariffService

REFUND_DAYS, REPLY_DAYS = 30, 15  # a suggestion; the officer sets the days


@dataclass(frozen=True, slots=True)
class HowBad:
    """What a frozen finding does not hold itself: its ``customers`` (accounts, each once) and how long it takes to fix."""

    customers: int
    fixing: Fixing


def proposed(
    case: Case,
    annex: CaseAnnex,
    today: dt.date,
    tariffs: TariffService,
    how_bad: Mapping[int, HowBad],
    customers: int,
) -> DraftValues:
    """A first draft, every figure of it from the frozen findings and the annex; ``how_bad`` is of each finding by its id,
    ``customers`` of all together."""
    refund = annex.amount_over
    return DraftValues(
        kind=DecisionKind.RECTIFICATION_ORDER,
        facts="\n".join(
            [
                *(_facts(case, each, tariffs, how_bad[each.finding_id]) for each in case.findings),
                _sums(annex, customers),
            ]
        ),
        demand="立即停止上述行为，对附件所列账单逐张按适用热价更正。",
        summary_en=_summary(case, annex, customers, how_bad),
        refund_total=refund,
        refund_due_on=today + dt.timedelta(days=REFUND_DAYS) if refund else None,
        reply_due_on=today + dt.timedelta(days=REPLY_DAYS),
        legal_basis=tuple(basis_of((each.cause for each in case.findings), case.company)),
    )


def _facts(case: Case, found: CaseFinding, tariffs: TariffService, how_bad: HowBad) -> str:
    """One finding as a paragraph: who, which season, under which tariff, what was wrong, and its four severities: how
    many customers, how much, how long, how long to fix."""
    snapshot = found.snapshot
    cause, explanation = cause_text(found.cause).zh, cause_explanation(found.cause).zh
    category = coded("category", snapshot["category"]).zh
    amounts = _amounts(found.amount_over, found.amount_under, ("多收", "少收"), "元")
    first, last = snapshot["first_seen"], snapshot["last_seen"]
    issued = f"出账日期自 {first} 至 {last}" if first != last else f"出账日期 {first}"
    periods = "、".join(dict.fromkeys(part.period for part in found.parts))
    runs = "、".join(part.run.public_id for part in found.parts)
    numbered = "核查编号" if len(found.parts) == 1 else "各期核查编号依次为"
    return (
        f"经对你单位报送的 {snapshot['season']} 采暖季账单（报送期 {periods}）逐张复算，"
        f"按{_tariff(snapshot['tariff_id'], tariffs)}，{category}类账单中有 {found.bills:,} 张存在“{cause}”问题：{explanation}"
        f"上述账单涉及用户 {how_bad.customers:,} 户，共{'、'.join(amounts)}，单张差额最大 "
        f"{Decimal(snapshot['largest']):,.2f} 元，{issued}；{_fixing(how_bad.fixing)}（{numbered} {runs}）。"
    )


def _fixing(one: Fixing) -> str:
    """How long to fix, as a clause."""
    told = f"自 {one.told_on.isoformat()} 告知你单位"
    if not one.is_over:
        return f"{told}已 {one.days:,} 天，尚未消除"
    if one.days == 0:
        return f"该问题在告知前已停止（{one.period} 报送中已没有）"
    return f"{told}后 {one.days:,} 天消除（{one.period} 报送中已没有）"


def _tariff(tariff_id: str | None, tariffs: TariffService) -> str:
    if tariff_id is None:
        return "适用热价"
    try:
        tariff = tariffs.tariff(tariff_id)
    except NoSuchTariff:
        return f"热价（编号 {tariff_id}）"
    since = f"，自 {tariff.valid_from.isoformat()} 起执行" if tariff.valid_from else ""
    named = document_words(tariff.document).zh if tariff.document else "公布热价"
    return f"{named}（热价编号 {tariff_id}{since}）"


def _sums(annex: CaseAnnex, customers: int) -> str:
    wrong = _amounts(annex.amount_over, annex.amount_under, ("多收", "少收"), "元")
    return (
        f"以上合计涉及用户 {customers:,} 户、账单 {annex.total_rows:,} 张，已计 {annex.billed_total:,.2f} 元，"
        f"按适用热价应计 {annex.recomputed_total:,.2f} 元，其中{'，'.join(wrong)}。逐张明细见附件。"
    )


def _amounts(over: Decimal, under: Decimal, words: tuple[str, str], unit: str) -> list[str]:
    """What is not zero, in words: a figure of nothing would only raise questions."""
    return [
        f"{word} {amount:,.2f} {unit}" for word, amount in zip(words, (over, under), strict=True) if amount
    ]


def _summary(case: Case, annex: CaseAnnex, customers: int, how_bad: Mapping[int, HowBad]) -> str:
    wrong = _amounts(annex.amount_over, annex.amount_under, ("overcharged", "undercharged"), "CNY")
    causes = "; ".join(dict.fromkeys(cause_text(each.cause).en for each in case.findings))
    one = annex.total_rows == 1
    left = [each.fixing for each in how_bad.values() if not each.fixing.is_over]
    days = max((each.days for each in left), default=0)
    fixed = (
        f"Not put right {days:,} {'day' if days == 1 else 'days'} after it was told."
        if left
        else "Put right since."
    )
    return (
        f"{annex.total_rows:,} {'bill' if one else 'bills'} of {case.company.name_en} for the heating season "
        f"{case.season} {'does' if one else 'do'} not follow the published tariff ({causes}). "
        f"{customers:,} {'customer was' if customers == 1 else 'customers were'} {' and '.join(wrong)}. {fixed} "
        "Each bill is listed in the annex."
    )
