"""What a message can be about, what it says in both languages, and whom it concerns. It names files, cases and numbers,
never a resident: the same words go out by e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from supervision.security import COMPANY_ROLES, OFFICER_ROLES, Role


class Kind(StrEnum):
    FILING_JUDGED = "filing_judged"
    TEST_DONE = "test_done"
    JUDGED_ANEW = "judged_anew"
    RECEIPT_ISSUED = "receipt_issued"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    EXTENDED = "extended"
    EXEMPTED = "exempted"
    TOKEN_EXPIRES = "token_expires"  # noqa: S105 -- the name of a message
    PROFILE_SIGNED = "profile_signed"
    CASE_NOTICE = "case_notice"
    CASE_REPLY = "case_reply"
    COMPLAINT_FORWARDED = "complaint_forwarded"
    COMPLAINT_OVERDUE = "complaint_overdue"
    TARIFF_PUBLISHED = "tariff_published"
    OLD_PRICE_BILLED = "old_price_billed"
    FEE_REGISTERED = "fee_registered"


@dataclass(frozen=True, slots=True)
class KindText:
    """``label`` is the source string of the kind; ``zh`` and ``en`` are the message, filled from the values given."""

    label: str
    zh: str
    en: str
    roles: frozenset[Role]


_EVERYBODY = COMPANY_ROLES | OFFICER_ROLES

TEXTS: dict[Kind, KindText] = {
    Kind.FILING_JUDGED: KindText(
        "报送审核完成", "{feed_zh} {period} 第 {number} 次报送：{state_zh}。{next_zh}",
        "{feed_en} {period}, filing no. {number}: {state_en}. {next_en}", COMPANY_ROLES,
    ),
    Kind.TEST_DONE: KindText(
        "试报审核完成", "{feed_zh} {period} 试报（第 {number} 次上传）：{state_zh}。{next_zh}",
        "{feed_en} {period}, test (upload no. {number}): {state_en}. {next_en}", COMPANY_ROLES,
    ),
    Kind.JUDGED_ANEW: KindText(
        "规则撤销后重新审核", "规则 {rule} 已撤销，{feed_zh} {period} 第 {number} 次报送已重新审核：{state_zh}。{next_zh}",
        "Rule {rule} was withdrawn and {feed_en} {period}, filing no. {number}, judged anew: {state_en}. {next_en}", COMPANY_ROLES,
    ),
    Kind.RECEIPT_ISSUED: KindText(
        "回执已开具", "{feed_zh} {period} 的回执 {receipt_no} 已开具。",
        "The receipt {receipt_no} of {feed_en} {period} is issued.", COMPANY_ROLES,
    ),
    Kind.DUE_SOON: KindText(
        "报送即将到期", "报送提醒。{list_zh}。", "Filings. {list_en}.", COMPANY_ROLES,
    ),
    Kind.OVERDUE: KindText(
        "报送逾期", "报送逾期。{list_zh}。请尽快报送。", "Filings overdue. {list_en}. File as soon as you can.", COMPANY_ROLES,
    ),
    Kind.EXTENDED: KindText(
        "报送延期", "{feed_zh} {period} 的报送期限已延至 {due_on}。",
        "{feed_en} {period} may be filed until {due_on}.", COMPANY_ROLES,
    ),
    Kind.EXEMPTED: KindText(
        "免予报送", "{feed_zh}自 {first_day} 至 {last_zh} 免予报送。",
        "{feed_en} need not be filed from {first_day} to {last_en}.", COMPANY_ROLES,
    ),
    Kind.TOKEN_EXPIRES: KindText(
        "接口令牌即将到期", "接口令牌 {name} 的最后有效日是 {last_day}，届时程序不能再报送，请签署人及时生成新的令牌。",
        "The token {name} is good until {last_day}; after that its program cannot file. The signatory makes a new one.",
        COMPANY_ROLES,
    ),
    Kind.PROFILE_SIGNED: KindText(
        "对应方案变更", "{company_zh}签署了{feed_zh}对应方案第 {number} 版；{outcome_zh}。",
        "{company_en} signed version {number} of its mapping profile for {feed_en}; {outcome_en}.", _EVERYBODY,
    ),
    Kind.CASE_NOTICE: KindText(
        "监管文书送达", "监管部门已签发 {document}（{case}），请在期限内办理并回复。",
        "The authority issued {document} ({case}). Act on it and reply in time.", COMPANY_ROLES,
    ),
    Kind.CASE_REPLY: KindText(
        "企业回复案件", "{case}：企业已书面回复。", "{case}: the company replied.", OFFICER_ROLES,
    ),
    Kind.COMPLAINT_FORWARDED: KindText(
        "投诉转办", "投诉 {complaint} 已转贵公司办理，请在 {answer_by} 前答复。",
        "Complaint {complaint} was passed to your company; answer it by {answer_by}.", COMPANY_ROLES,
    ),
    Kind.COMPLAINT_OVERDUE: KindText(
        "投诉逾期", "投诉 {complaint} 已超过期限（{deadline}）仍未办结。",
        "Complaint {complaint} is past its deadline ({deadline}) and still open.", _EVERYBODY,
    ),
    Kind.TARIFF_PUBLISHED: KindText(
        "热价公布", "热价 {tariff} 已公布，自 {valid_from} 起执行。",
        "The tariff {tariff} is published and binds from {valid_from}.", _EVERYBODY,
    ),
    Kind.OLD_PRICE_BILLED: KindText(
        "调价后仍按旧价收费", "{company_zh} {period}：{exposed} 张账单中有 {bills} 张（{share}%）仍按旧价收费，请尽快核实、更正。",
        "{company_en} {period}: {bills} of {exposed} bills ({share} %) still bear the old price. Look into it and correct them.",
        _EVERYBODY,
    ),
    Kind.FEE_REGISTERED: KindText(
        "收费项目登记", "收费项目“{fee}”的登记有更新，请核对账单上的收费。",
        "The register of charges has an entry for “{fee_en}”; check what you bill against it.", _EVERYBODY,
    ),
}  # fmt: skip


def kinds_for(role: Role) -> list[Kind]:
    """What somebody in ``role`` can be told of, in the order of TEXTS."""
    return [kind for kind, text in TEXTS.items() if role in text.roles]
