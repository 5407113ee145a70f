"""The companies of the demonstration province: where they are, how they write files, how well they bill.

All names are invented. Error rates are shares of a company's bills; the weights say which errors it makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Network:
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class FileHabit:
    """How a company writes its files. ``form``: csv, tsv, semicolon or xlsx."""

    form: str
    encoding: str = "utf-8"
    chinese: bool = True  # Chinese column labels and code labels, else the standard's codes
    thousands: bool = False  # 1,234.50
    full_width: bool = False  # full-width digits in a few cells
    dates: str = "iso"  # iso or slash (2025/11/1)
    long_season: bool = False  # 2025-2026


@dataclass(frozen=True, slots=True)
class CompanyPlan:
    code: str
    zh: str
    en: str
    city: str
    service_areas: tuple[str, ...]
    networks: tuple[Network, ...]
    share: int  # of the accounts, in percent
    habit: FileHabit
    usable_ratio: tuple[int, int] | None  # usable area in percent of floor area, None: not on the roster
    inner_ratio: tuple[int, int] | None
    metered_percent: int
    suspended_percent: int
    late_payers_percent: int
    other_categories: tuple[tuple[str, int], ...]  # categories that are not homes, with weights
    error_rate: Decimal
    errors: tuple[tuple[str, int], ...]  # cause and weight
    late_filings: frozenset[tuple[str, str]]  # (feed, period) handed in late
    estimated_percent: int = 0  # of the readings between the first and the last of a season
    meter_kinds: tuple[
        tuple[str, int], ...
    ] = ()  # what goes otherwise (generator_meters), in 1,000 metered accounts
    money_kinds: tuple[
        tuple[str, int], ...
    ] = ()  # money without a bill (generator_payments), in 10,000 accounts


_D = Decimal

COMPANIES: tuple[CompanyPlan, ...] = (
    CompanyPlan(
        "hrb-bx", "哈尔滨北祥供热有限公司", "Harbin Beixiang Heat Supply", "哈尔滨市", (),
        (Network("HBX-1", "道外热网", "Daowai network"), Network("HBX-2", "松北热网", "Songbei network")),
        25, FileHabit("csv", "gb18030", thousands=True), (70, 76), None, 25, 0, 3, (("non_residential", 1),),
        _D("0.020"),
        (("old_price", 30), ("wrong_category", 14), ("wrong_area_basis", 14), ("area_differs_from_roster", 12),
         ("heat_unit_slip", 6), ("base_fee_twice", 6), ("forbidden_charge", 8), ("duplicate_bill", 4),
         ("part_season_billed_in_full", 3), ("rounded_up", 6)),
        frozenset({("accounts", "2025-26"), ("bills", "2025-10"), ("bills", "2024-25")}),
        9,
        (("estimate_not_reversed", 10), ("other_meter_or_period", 8), ("billed_twice", 12), ("read_lower", 8),
         ("never_billed", 5), ("reversed", 20), ("waiting", 15), ("missing", 12), ("late", 10)),
        (("paid_twice", 20), ("unknown_bill", 12), ("after_closing", 12), ("other_account", 6),
         ("more_than_billed", 16)),
    ),
    CompanyPlan(
        "cc-hy", "长春恒源热力股份有限公司", "Changchun Hengyuan Heating", "长春市", (),
        (Network("CHY-1", "宽城热网", "Kuancheng network"),),
        20, FileHabit("xlsx"), None, None, 0, 5, 2, (("non_residential", 4), ("garage", 1)),
        _D("0.008"),
        (("wrong_suspension_share", 25), ("height_surcharge_not_allowed", 25), ("wrong_category", 20),
         ("duplicate_bill", 8), ("rounded_up", 12), ("line_left_out", 10)),
        frozenset(),
        money_kinds=(("paid_twice", 8), ("unknown_bill", 4), ("after_closing", 4)),
    ),
    CompanyPlan(
        "bj-jn", "北京京暖联合供热有限公司", "Beijing Jingnuan United Heating", "北京市", ("city-network", "urban6"),
        (Network("BJN-1", "城东热网", "East network"), Network("BJN-2", "城南热网", "South network")),
        18, FileHabit("csv", chinese=False), None, None, 25, 0, 0, (("non_residential", 1),),
        _D("0.005"),
        (("cap_not_applied", 35), ("height_surcharge_not_allowed", 20), ("area_differs_from_roster", 25),
         ("wrong_category", 10), ("forbidden_charge", 10)),
        frozenset(),
        4,
        (("billed_twice", 4), ("estimate_not_reversed", 4), ("reversed", 20), ("waiting", 10), ("missing", 4),
         ("late", 6)),
        (("paid_twice", 4), ("more_than_billed", 6)),
    ),
    CompanyPlan(
        "jn-qc", "济南泉城热电有限公司", "Jinan Quancheng Heat and Power", "济南市", (),
        (Network("JQC-1", "历下热网", "Lixia network"), Network("JQC-2", "槐荫热网", "Huaiyin network")),
        15, FileHabit("tsv", "utf-8-sig", full_width=True), None, (80, 86), 25, 5, 0, (("non_residential", 1),),
        _D("0.012"),
        (("suspension_fee_not_allowed", 25), ("wrong_area_basis", 30), ("cap_not_applied", 20),
         ("part_season_billed_in_full", 10), ("forbidden_charge", 15), ("wrong_city_price", 10)),
        frozenset({("bills", "2025-11")}),
        6,
        (("other_meter_or_period", 6), ("read_lower", 6), ("never_billed", 4), ("reversed", 15), ("waiting", 10),
         ("missing", 8)),
        (("no_bill", 12), ("paid_twice", 6), ("other_account", 4), ("unknown_bill", 4)),
    ),
    CompanyPlan(
        "qd-hl", "青岛海澜热力有限公司", "Qingdao Hailan Heating", "青岛市", (),
        (Network("QHL-1", "市北热网", "Shibei network"),),
        12, FileHabit("semicolon", "gb18030", dates="slash", long_season=True), (70, 76), None, 25, 5, 0,
        (("non_residential", 1),),
        _D("0.003"),
        (("suspension_fee_not_allowed", 40), ("cap_not_applied", 20), ("wrong_area_basis", 20), ("base_fee_twice", 20)),
        frozenset(),
        3,
        (("reversed", 15), ("waiting", 10), ("late", 6)),
        (("no_bill", 6), ("more_than_billed", 4)),
    ),
    CompanyPlan(
        "lz-jc", "兰州金城供热有限公司", "Lanzhou Jincheng Heat Supply", "兰州市", (),
        (Network("LJC-1", "七里河热网", "Qilihe network"),),
        10, FileHabit("xlsx", chinese=False), None, None, 25, 0, 0,
        (("office", 3), ("hotel", 1), ("commercial", 4)),
        _D("0.0003"), (("area_differs_from_roster", 1),),
        frozenset(),
        2,
        (("reversed", 12), ("waiting", 8)),
    ),
)  # fmt: skip

EXAMPLES = CompanyPlan(
    "hrb-examples", "公布算例", "Worked examples", "哈尔滨市", (), (Network("EX-1", "算例热网", "Example network"),),
    0, FileHabit("csv", "utf-8-sig", chinese=False), None, None, 0, 0, 0, (), _D("0"), (), frozenset(),
)  # fmt: skip
