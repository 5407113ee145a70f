"""Every check with its stable code, its version and the law it rests on.

Codes never change their meaning and are never used again; a change of the rule raises the version. The legal bases were
read in the texts named; where only a copy of the item could be read the basis names the article alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from checks.causes import CAUSES, cause_parts
from checks.recompute.text import Text


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it asks (``question``), and under which law a breach of it is acted upon."""

    code: str
    version: str
    title: Text
    question: Text
    legal_basis: tuple[Text, ...]


PRICE_LAW_12 = Text(
    "《价格法》第十二条：经营者应当执行依法制定的政府指导价、政府定价。",
    "Price Law, article 12: operators must follow government-guided and government-set prices.",
)
PRICE_LAW_13 = Text(
    "《价格法》第十三条：不得在标价之外加价出售，不得收取任何未予标明的费用。",
    "Price Law, article 13: nothing may be charged above the marked price, and no fee that is not marked.",
)
PRICE_LAW_41 = Text(
    "《价格法》第四十一条：因价格违法行为致使消费者多付价款的，应当退还多付部分。",
    "Price Law, article 41: what customers overpaid through an unlawful price must be refunded.",
)
ORDER_585_9 = Text(
    "《价格违法行为行政处罚规定》（国务院令第585号）第九条：不执行政府指导价、政府定价。",
    "Provisions on Administrative Penalties for Price Violations (State Council Order 585), article 9: not following a "
    "government-guided or government-set price.",
)
ORDER_585_9_EARLY = Text(
    "国务院令第585号第九条：提前或者推迟执行政府指导价、政府定价。",
    "State Council Order 585, article 9: applying a government-guided or government-set price early or late.",
)
ORDER_585_9_ABOLISHED = Text(
    "国务院令第585号第九条：对政府明令取消的收费项目继续收费，或者自立收费项目、自定标准收费。",
    "State Council Order 585, article 9: going on charging an abolished fee, or a fee or standard of one's own making.",
)
ORDER_585_9_WIDENED = Text(
    "国务院令第585号第九条：采取分解收费项目、重复收费、扩大收费范围等方式变相提高收费标准。",
    "State Council Order 585, article 9: raising a charge by splitting, repeating or widening it.",
)
ORDER_129 = Text(
    "国办函〔2020〕129号：清理规范城镇供水供电供气供暖行业收费。",
    "State Council General Office letter 129 of 2020: clearing up charges of water, power, gas and heat companies.",
)
NOTICE_56 = Text(
    "《财政部 税务总局公告2023年第56号》：“三北”地区供热企业向居民个人供热取得的采暖费收入免征增值税，至2027年供暖期结束。",
    "Ministry of Finance and State Taxation Administration, notice 56 of 2023: heating fees that heat companies of the "
    "northern regions take from residents are exempt from value-added tax until the end of the 2027 heating season.",
)
SHANDONG_23 = Text(
    "《山东省供热条例》第二十三条：两部制热价及计量收费封顶。",
    "Shandong Heat Supply Regulations, article 23: two-part price and the cap on metered charges.",
)
SHANDONG_25 = Text(
    "《山东省供热条例》第二十五条：用户停止、恢复用热，不得收取费用（山东省适用）。",
    "Shandong Heat Supply Regulations, article 25: no fee for suspending or resuming heat (in Shandong).",
)

_ON_PRICE = (PRICE_LAW_12, PRICE_LAW_41, ORDER_585_9)
_BASES: dict[str, tuple[Text, ...]] = {
    "duplicate_bill": (PRICE_LAW_13, PRICE_LAW_41, ORDER_585_9_WIDENED),
    "billed_by_other_method": (PRICE_LAW_13, PRICE_LAW_41, ORDER_585_9_WIDENED),
    "days_billed_twice": (PRICE_LAW_13, PRICE_LAW_41, ORDER_585_9_WIDENED),
    "correction_amount_wrong": (PRICE_LAW_12, PRICE_LAW_41),
    "outside_season": (PRICE_LAW_13, PRICE_LAW_41, ORDER_585_9_WIDENED),
    "tax_on_exempt": (PRICE_LAW_12, PRICE_LAW_13, PRICE_LAW_41, NOTICE_56),
    "forbidden_charge": (PRICE_LAW_13, PRICE_LAW_41, ORDER_585_9_ABOLISHED, ORDER_129),
    "unlisted_charge": (PRICE_LAW_13, PRICE_LAW_41, ORDER_585_9_ABOLISHED),
    "reduction_positive": (PRICE_LAW_13, PRICE_LAW_41, ORDER_585_9_WIDENED),
    "suspension_fee_not_allowed": (PRICE_LAW_12, PRICE_LAW_41, ORDER_585_9_ABOLISHED, SHANDONG_25),
    "suspended_billed_in_full": (PRICE_LAW_12, PRICE_LAW_41, ORDER_585_9, SHANDONG_25),
    "cap_not_applied": (*_ON_PRICE, SHANDONG_23),
    "wrong_cap_share": (*_ON_PRICE, SHANDONG_23),
    "old_price": (PRICE_LAW_12, PRICE_LAW_41, ORDER_585_9_EARLY),
    "price_change_ignored": (PRICE_LAW_12, PRICE_LAW_41, ORDER_585_9_EARLY),
    "early_price": (PRICE_LAW_12, PRICE_LAW_41, ORDER_585_9_EARLY),
    "old_price_for_days": (PRICE_LAW_12, PRICE_LAW_41, ORDER_585_9_EARLY),
    "early_price_for_days": (PRICE_LAW_12, PRICE_LAW_41, ORDER_585_9_EARLY),
    "height_surcharge_not_allowed": (PRICE_LAW_13, PRICE_LAW_41, ORDER_585_9_WIDENED),
    "base_fee_twice": (PRICE_LAW_13, PRICE_LAW_41, ORDER_585_9_WIDENED),
    "late_fee_on_whole": (PRICE_LAW_13, PRICE_LAW_41),
    "late_fee_too_high": (PRICE_LAW_13, PRICE_LAW_41),
    "line_left_out": (PRICE_LAW_12, ORDER_585_9),
    "total_not_sum_of_lines": (PRICE_LAW_13, PRICE_LAW_41),
    "unexplained": (PRICE_LAW_12, PRICE_LAW_41),
}

_RECOMPUTE = Check(
    code="bill_recomputed",
    version="1",
    title=Text("账单重算", "Bill recomputed"),
    question=Text(
        "账单合计是否等于按供热起始日有效热价重算的金额，精确到分？",
        "Is the bill's total what the tariff in force on the first day of service makes it, to the fen?",
    ),
    legal_basis=(PRICE_LAW_12, PRICE_LAW_13, PRICE_LAW_41, ORDER_585_9),
)


def _of_cause(code: str) -> Check:
    cause = CAUSES[code]
    return Check(
        code=f"cause_{code}",
        version="1",
        title=Text(cause.zh, cause.en),
        question=cause.explanation,
        legal_basis=_BASES.get(code, _ON_PRICE),
    )


#: Code -> check: the recomputation itself, then one check for every cause in the order of trial.
CHECKS: dict[str, Check] = {
    found.code: found for found in (_RECOMPUTE, *(_of_cause(code) for code in CAUSES))
}


def check_of_cause(cause: str) -> Check:
    """The check that stands behind a single cause; KeyError for a pair and for a code that is none."""
    return CHECKS[f"cause_{cause}"]


def legal_basis_of(cause: str) -> tuple[Text, ...]:
    """Under which law a breach of this cause, or of this pair of causes, is acted upon: each provision once. Empty for
    a code that the catalogue does not know."""
    found: dict[Text, None] = {}
    for part in cause_parts(cause):
        check = CHECKS.get(f"cause_{part}")
        found |= dict.fromkeys(check.legal_basis if check else ())
    return tuple(found)
