"""Specimen documents, as a regulator would issue them, for the tests of the documents."""

from __future__ import annotations

import datetime as dt
import hashlib

from reports.documents import (
    Annex,
    AnnexRow,
    Bilingual,
    Demand,
    EvidenceReference,
    Indicator,
    LegalBasis,
    Limiter,
    Notice,
    NoticeKind,
    Outcome,
    RatingCard,
    Receipt,
    Signatory,
    Total,
    Worksheet,
    WorksheetLine,
    WorksheetStep,
)

AUTHORITY = Bilingual("滨河市供热监督管理办公室", "Heat Supervision Office of Binhe City")
COMPANY = Bilingual("滨河市城北热力有限公司", "Binhe Chengbei Heat Co., Ltd.")
OFFICER = Signatory("王建华", Bilingual("承办人", "case officer"))
ADDRESS = "https://heat.binhe.example/verify/4f6c-92d1-77ab"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


BILLS_FILED = EvidenceReference(
    sha("bills"), Bilingual("2025-26 采暖季账单报送原文", "Bills as filed, 2025-26")
)


def annex_row(number: int) -> AnnexRow:
    return AnnexRow(
        bill_no=f"CB-2526-{number:07d}",
        account_no=f"0310{number:06d}",
        billed="2442.00",
        recomputed="2220.00",
        difference="222.00",
        cause=Bilingual(
            "面积口径：按建筑面积计收，应按使用面积", "area basis: floor area billed, usable area is due"
        ),
        formula="92.50 m² × 24.00 元/m² × 1.00 = 2220.00",
    )


def notice(rows: int = 12, total_rows: int = 1386, **changed: object) -> Notice:
    fields: dict[str, object] = {
        "number": "滨热监责改〔2026〕12号",
        "notice_kind": NoticeKind.RECTIFICATION,
        "authority": AUTHORITY,
        "company": COMPANY,
        "case_number": "滨热案〔2026〕0031",
        "issued_on": dt.date(2026, 4, 15),
        "addressee": COMPANY,
        "subject": Bilingual(
            "关于2025-26采暖季热费计收面积口径不符的责令改正通知", "Billing area, heating season 2025-26"
        ),
        "facts": (
            "经对你公司报送的2025-26采暖季账单逐户复算，发现1,386户居民用户的热费按建筑面积计收，而现行热价规定居民热费按"
            "使用面积计收，合计多收热费307,692.00元。",
            "本办公室于2026年3月20日向你公司发出核查告知书，你公司于3月27日书面答复，对计收面积口径无异议，但未说明退还"
            "安排。上述事实有你公司报送的账单原文、用户台账及复算记录为证。",
        ),
        "summary_en": "1,386 residential bills of the season 2025-26 were calculated on floor area although the tariff in force "
        "prescribes usable area. Customers paid CNY 307,692.00 too much in total. The company is ordered to correct the "
        "bills and to refund the difference by the dates given below.",
        "legal_basis": (
            LegalBasis(
                Bilingual("《中华人民共和国价格法》第十二条", "Price Law of the PRC, Article 12"),
                Bilingual(
                    "经营者进行价格活动，应当遵守法律、法规，执行依法制定的政府指导价、政府定价。",
                    "Operators must follow government-guided and government-set prices made in accordance with law.",
                ),
            ),
            LegalBasis(Bilingual("《滨河市供热价格管理办法》第九条", "Binhe Heat Price Measures, Article 9")),
        ),
        "demands": (
            Demand(
                Bilingual(
                    "按使用面积重新核算附件所列账单，并书面报告结果。",
                    "Recalculate the bills in the annex on usable area and report.",
                ),
                dt.date(2026, 4, 30),
            ),
            Demand(
                Bilingual("将多收热费原路退还用户。", "Refund what was overcharged, the way it was paid."),
                dt.date(2026, 5, 29),
            ),
        ),
        "signatories": (OFFICER, Signatory("李明", Bilingual("签发人", "approved by"))),
        "verify_url": ADDRESS,
        "billed_total": "3384612.00",
        "recomputed_total": "3076920.00",
        "overcharge_total": "307692.00",
        "remedies": (
            Bilingual(
                "如不服本通知，可自收到之日起六十日内申请行政复议，或者六个月内提起行政诉讼。",
                "You may apply for administrative reconsideration within 60 days of receipt, or sue within six months.",
            ),
        ),
        "annex": Annex(tuple(annex_row(n) for n in range(1, rows + 1)), max(total_rows, rows), sha("csv"))
        if rows
        else None,
        "evidence": (
            BILLS_FILED,
            EvidenceReference(sha("accounts"), Bilingual("用户台账", "Account roster")),
        ),
        "copied_to": ("滨河市市场监督管理局", "滨河市发展和改革委员会"),
    }
    return Notice(**{**fields, **changed})  # type: ignore[arg-type]


def receipt(**changed: object) -> Receipt:
    fields: dict[str, object] = {
        "receipt_id": "HZ-2026-04-000173",
        "authority": AUTHORITY,
        "company": COMPANY,
        "company_code": "CB",
        "feed": Bilingual("账单", "Bills"),
        "feed_code": "bills",
        "period": "2026-03",
        "filing_version": 2,
        "file_name": "城北热力_账单_2026年3月.csv",
        "content_digest": sha("content"),
        "size_bytes": 48_213_907,
        "rows": 182_344,
        "totals": (
            Total(Bilingual("账单金额合计", "Sum of bill totals"), "402331874.60", Bilingual("元", "CNY")),
            Total(Bilingual("计费面积合计", "Sum of billed areas"), "17235511.25", Bilingual("m²", "")),
            Total(Bilingual("用热量合计", "Sum of heat used"), "612345.678", Bilingual("GJ", "")),
        ),
        "rule_pack_digest": sha("rules"),
        "profile": "v3",
        "profile_digest": sha("profile"),
        "signer": Signatory("赵敏", Bilingual("计费部主管", "head of billing")),
        "received_at": dt.datetime(2026, 4, 5, 17, 3, 9, 120_000, tzinfo=dt.UTC),
        "journal_index": 90_417,
        "journal_hash": sha("journal"),
        "verify_url": "https://heat.binhe.example/verify/HZ-2026-04-000173",
    }
    return Receipt(**{**fields, **changed})  # type: ignore[arg-type]


def rating(**changed: object) -> RatingCard:
    percent = Bilingual("%", "")
    fields: dict[str, object] = {
        "number": "滨热评〔2026〕7号",
        "authority": AUTHORITY,
        "company": COMPANY,
        "season": "2025-26",
        "method": Bilingual("《滨河市供热企业评价办法（2025年版）》", "Binhe rating method, 2025 edition"),
        "issued_on": dt.date(2026, 6, 10),
        "grade": Bilingual("B级（良）", "B, good"),
        "points": "78.4",
        "points_max": "100",
        "indicators": (
            Indicator("B1", Bilingual("账单准确率", "Bills correct"), "97.62", percent, "30", "24.6", "30",
                      Bilingual("182,344笔账单中178,004笔复算相符。", "178,004 of 182,344 bills conform.")),
            Indicator("T1", Bilingual("室温合格率", "Room temperature pass rate"), "98.90", percent, "25", "22.8", "25",
                      Bilingual("抽测1,200户，合格1,187户，95%置信下限98.1%。", "1,187 of 1,200 sampled rooms pass; 95 % lower bound 98.1 %.")),
            Indicator("C1", Bilingual("投诉按时办结率", "Complaints answered in time"), "91.30", percent, "20", "15.0", "20",
                      Bilingual("应办1,035件，按时办结945件。", "945 of 1,035 answered in time.")),
            Indicator("D1", Bilingual("报送及时率", "Filings in time"), "100", percent, "15", "15.0", "15",
                      Bilingual("应报6次，按时6次。", "6 of 6 on time.")),
            Indicator("E1", Bilingual("单位面积能耗", "Energy per area"), None, None, "10", None, "10",
                      Bilingual("缺少二次网热量数据，未能判定。", "Undetermined: secondary network heat was not filed.")),
        ),
        "reasons": (
            Bilingual("1,386户按建筑面积计收，多收热费307,692.00元。", "1,386 bills on floor area: CNY 307,692.00 overcharged."),
            Bilingual("一月投诉办结超时90件。", "90 complaints answered late in January."),
        ),
        "verify_url": "https://heat.binhe.example/verify/rating-7",
        "coverage_percent": "90.0",
        "rank_low": 4,
        "rank_high": 6,
        "ranked": 23,
        "limiters": (
            Limiter(
                Bilingual("多收热费尚未全部退还", "Overcharges not fully refunded"),
                Bilingual("评价办法第十四条：未退清前不得评为A级", "Method, article 14: no A before all is refunded"),
                Bilingual("全部退还并经核查确认", "Refund everything and have it confirmed"),
            ),
        ),
        "evidence": (BILLS_FILED,),
    }  # fmt: skip
    return RatingCard(**{**fields, **changed})  # type: ignore[arg-type]


def worksheet(**changed: object) -> Worksheet:
    yuan = Bilingual("元", "CNY")
    fields: dict[str, object] = {
        "number": "FSD-2026-000482",
        "authority": AUTHORITY,
        "company": COMPANY,
        "bill_no": "CB-2526-0000482",
        "account_no": "0310000482",
        "season": "2025-26",
        "category": Bilingual("居民", "residential"),
        "billing_method": Bilingual("两部制计量", "metered, two-part"),
        "bill_issued_on": dt.date(2026, 4, 2),
        "tariff_id": "binhe-residential-2024",
        "tariff": Bilingual("滨发改价〔2024〕88号", "Binhe price notice 2024 no. 88"),
        "outcome": Outcome.BREACH,
        "lines": (
            WorksheetLine(
                "base_charge",
                Bilingual("基本热费", "Base charge"),
                (
                    WorksheetStep(Bilingual("计费面积", "Billing area"), "使用面积 92.50 m²", "92.50", Bilingual("m²"),
                                  Bilingual("热价按使用面积计收", "the tariff is per usable area")),
                    WorksheetStep(Bilingual("基本热费", "Base charge"), "92.50 m² × 7.20 元/m²", "666.0000", yuan,
                                  Bilingual("基本热价 7.20 元/m²·季", "base price 7.20 CNY/m² and season")),
                ),
                "732.60", "666.00", "66.60",
                Bilingual("四舍五入到分", "rounded half up to the fen"),
            ),
            WorksheetLine(
                "metered_charge",
                Bilingual("计量热费", "Metered charge"),
                (
                    WorksheetStep(Bilingual("用热量", "Heat used"), "18,204.000 kWh − 11,050.000 kWh", "7154.000", Bilingual("kWh"),
                                  Bilingual("止码减起码", "closing minus opening reading")),
                    WorksheetStep(Bilingual("计量热费", "Metered charge"), "7,154.000 kWh × 0.1620 元/kWh", "1158.948", yuan,
                                  Bilingual("计量热价 0.1620 元/kWh", "metered price 0.1620 CNY/kWh")),
                ),
                "1158.95", "1158.95", "0.00",
                Bilingual("四舍五入到分", "rounded half up to the fen"),
            ),
            WorksheetLine(
                "late_fee",
                Bilingual("违约金", "Late fee"),
                (),
                "12.30", "0.00", "12.30",
                None,
            ),
        ),
        "billed_total": "1903.85",
        "recomputed_total": "1824.95",
        "overcharge": "78.90",
        "worked_on": dt.date(2026, 4, 15),
        "verify_url": "https://heat.binhe.example/verify/worksheet-482",
        "cause": Bilingual("面积口径：按建筑面积计收", "area basis: floor area was billed"),
        "evidence": (BILLS_FILED,),
    }  # fmt: skip
    return Worksheet(**{**fields, **changed})  # type: ignore[arg-type]


ALL = {"notice": notice, "receipt": receipt, "rating": rating, "worksheet": worksheet}
