"""Each mistake a regulator's analyst knows, planted on right bills of several cities: the command names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from black_box import Row, home, judged, paper

HARBIN = {"service_from": "2025-10-20", "service_to": "2026-04-20"}
SHENYANG = {"service_from": "2025-11-01", "service_to": "2026-03-31"}
CHANGCHUN = {"service_from": "2025-10-20", "service_to": "2026-04-06"}
QINGDAO = {"service_from": "2025-11-16", "service_to": "2026-04-05"}
LANZHOU = {"service_from": "2025-11-01", "service_to": "2026-03-31"}


def heat(used: str, base: str, metered: str, unit: str = "kWh", **more: str) -> Row:
    return paper(heat_used=used, heat_unit=unit, base_charge=base, metered_charge=metered, **more)


# cause, scope, bill, roster row
PLANTED: list[tuple[str, str, Row, Row | None]] = [
    # the price
    ("old_price", "哈尔滨市", paper("usable", area_charge="4035.00", **HARBIN), None),
    ("old_price", "哈尔滨市", paper("usable", category="office", area_charge="4449.00", **HARBIN), None),
    ("old_price", "沈阳市", paper(area_charge="2200.00", **SHENYANG), None),
    (
        "early_price",
        "哈尔滨市",
        paper("usable", "2014-15", service_from="2014-10-20", service_to="2015-04-20", area_charge="3832"),
        None,
    ),
    # 10 of 151 days at 22, the rest at 26: 145.6954 + 2427.8146
    ("old_price_for_days", "沈阳市", paper(area_charge="2573.51", **SHENYANG), None),
    ("wrong_category", "沈阳市", paper(area_charge="3200.00", **SHENYANG), None),
    ("wrong_category", "长春市", paper(area_charge="3100.00", **CHANGCHUN), None),
    ("wrong_category", "兰州市", paper(category="office", area_charge="4600.00", **LANZHOU), None),
    ("wrong_category", "郑州市", paper("inner", area_charge="3360.00"), None),
    ("wrong_service_area_price", "北京市/city-network", paper(area_charge="3000.00"), None),
    ("wrong_service_area_price", "北京市/coal-direct", paper(area_charge="1900.00"), None),
    (
        "wrong_service_area_price",
        "西宁市/chp",
        paper("inner", service_from="2025-10-15", service_to="2026-04-14", area_charge="3306.00"),
        None,
    ),
    (
        "wrong_service_area_price",
        "青岛市",
        paper(category="hotel", area_charge="3479.00", **QINGDAO),  # the price of Laoshan district
        None,
    ),
    ("wrong_city_price", "沈阳市", paper(area_charge="2500.00", **SHENYANG), None),  # Zhuanghe's 25
    # the area
    (
        "wrong_area_basis",
        "青岛市",
        paper("usable", billed_area_m2="100.00", area_charge="3040.00", **QINGDAO),
        home(usable_area_m2="72.00"),
    ),
    ("wrong_area_basis", "石家庄市", paper(area_charge="2200.00"), home()),  # without the factor 0.90
    ("wrong_area_basis", "济南市", paper("inner", area_charge="2670.00"), home(inner_area_m2="82.50")),
    (
        "area_differs_from_roster",
        "北京市/city-network",
        paper(billed_area_m2="103.60", area_charge="2486.40"),
        home(),
    ),
    # days
    (
        "inclusive_day_count",
        "沈阳市",
        paper(service_from="2026-01-01", service_to="2026-03-31", area_charge="1566.89"),  # 91 of 151
        None,
    ),
    (
        "inclusive_day_count",
        "郑州市",
        paper("inner", service_from="2026-01-14", area_charge="1159.00"),  # 61 days of 0.19
        None,
    ),
    (
        "inclusive_day_count",
        "太原市",
        paper(service_from="2025-11-16", service_to="2026-03-31", area_charge="1632.00"),  # 16 of 30 days
        None,
    ),
    (
        "month_for_day_proration",
        "沈阳市",
        paper(
            service_from="2026-01-15", service_to="2026-03-31", area_charge="1560.00"
        ),  # three of five months
        None,
    ),
    (
        "month_for_day_proration",
        "哈尔滨市",
        paper(
            "usable", service_from="2026-01-10", service_to="2026-04-20", area_charge="2114.93"
        ),  # 101 of 183
        None,
    ),
    (
        "part_season_billed_in_full",
        "济南市",
        paper("inner", service_from="2026-01-14", area_charge="2670"),
        None,
    ),
    (
        "part_season_billed_in_full",
        "长春市",
        paper(area_charge="2700.00", **CHANGCHUN),
        home(connected_on="2026-01-01"),
    ),
    (
        "outside_season",
        "北京市/city-network",
        paper(service_from="2026-04-01", service_to="2026-04-30", area_charge="600.00"),
        None,
    ),
    (
        "outside_season",
        "北京市/city-network",
        paper(service_from="2025-11-01", area_charge="2680.00"),  # 134 days of 20.00
        None,
    ),
    # heat
    ("heat_unit_slip", "哈尔滨市", heat("5", "1533", "0.77", "MWh", area_basis="usable", **HARBIN), None),
    ("heat_unit_slip", "天津市", heat("20", "1200", "5.00", "GJ", category="hotel"), None),
    (
        "heat_unit_slip",
        "洛阳市",
        heat("5.2", "588.06", "0.74", "MWh", billed_area_m2="90.00", service_to="2026-03-15"),
        None,
    ),
    (
        "heat_not_from_readings",
        "北京市/city-network",
        heat("5000", "1200", "800", reading_from="1000", reading_to="5000"),
        None,
    ),
    (
        "heat_not_from_readings",
        "郑州市",
        paper(
            "inner",
            reading_from="2000",
            reading_to="4000",
            heat_unit="kWh",
            base_charge="684.00",
            metered_charge="868.00",  # the closing reading, as if the meter had started at 0
        ),
        None,
    ),
    ("base_fee_twice", "北京市/city-network", heat("3000", "2400", "480"), None),
    ("base_fee_twice", "天津市", heat("8000", "1500", "1040"), None),
    ("cap_not_applied", "北京市/city-network", heat("9000", "1200", "1440"), None),
    ("cap_not_applied", "济南市", heat("12000", "801", "2400", area_basis="inner"), None),
    (
        "cap_not_applied",
        "青岛市",
        heat("60", "912.00", "2537.40", "GJ", area_basis="usable", **QINGDAO),
        None,
    ),
    (
        "wrong_cap_share",
        "济南市",
        heat("12000", "801", "2400", area_basis="inner", cap_reduction="-531"),
        None,
    ),
    # height
    (
        "height_surcharge_not_allowed",
        "沈阳市",
        paper(storey_height_m="3.80", area_charge="2600.00", height_surcharge="260.00", **SHENYANG),
        None,
    ),
    (
        "height_surcharge_not_allowed",
        "长春市",
        paper(storey_height_m="3.60", area_charge="2970.00", **CHANGCHUN),  # hidden: 2700 + 10 %
        None,
    ),
    (
        "height_step_wrong",
        "沈阳市",
        paper(
            category="hotel",
            storey_height_m="3.81",
            area_charge="3200.00",
            height_surcharge="320.00",  # the started step left out
            **SHENYANG,
        ),
        None,
    ),
    (
        "height_step_wrong",
        "太原市",
        paper(
            storey_height_m="3.50",
            area_charge="1800.00",
            height_surcharge="162.00",  # counted from 3.2 m, not 2.8
            **SHENYANG,
        ),
        None,
    ),
    (
        "height_step_wrong",
        "哈尔滨市",
        paper(
            "usable",
            category="hotel",
            storey_height_m="3.50",
            area_charge="4330.00",
            height_surcharge="389.70",  # on the area price, not the base price
            **HARBIN,
        ),
        None,
    ),
    # suspension
    (
        "suspension_fee_not_allowed",
        "济南市",
        paper("inner", heating_state="suspended", suspension_charge="801"),
        None,
    ),
    (
        "suspension_fee_not_allowed",
        "石家庄市",
        paper(billed_area_m2="90", heating_state="suspended", suspension_charge="396.00"),
        None,
    ),
    (
        "suspended_billed_in_full",
        "长春市",
        paper(area_charge="2700", **CHANGCHUN),
        home(heating_state="suspended", suspended_from="2025-10-01"),
    ),
    (
        "wrong_suspension_share",
        "长春市",
        paper(heating_state="suspended", suspension_charge="810.00", **CHANGCHUN),
        None,
    ),
    ("wrong_suspension_share", "西安市", paper(heating_state="suspended", suspension_charge="464.00"), None),
    # late fee, other charges, tax, sums, rounding
    (
        "late_fee_too_high",
        "哈尔滨市",
        paper("usable", area_charge="3832.00", late_fee="76.64", paid_on="2026-01-10", **HARBIN),
        None,
    ),
    (
        "forbidden_charge",
        "天津市",
        paper(area_charge="2500.00", other_charge="300.00", other_charge_name="入网费"),
        None,
    ),
    ("tax_on_exempt", "北京市/city-network", paper(area_charge="2616.00"), None),
    ("tax_on_exempt", "哈尔滨市", paper("usable", area_charge="4176.88", **HARBIN), None),
    (
        "tax_on_exempt",
        "沈阳市",
        paper(area_charge="2600.00", other_charge="234.00", other_charge_name="增值税9%", **SHENYANG),
        None,
    ),
    ("line_left_out", "西安市", paper(storey_height_m="3.60", area_charge="2320.00"), None),
    ("total_not_sum_of_lines", "太原市", paper(area_charge="1800.00", total="1833.33", **SHENYANG), None),
    (
        "rounded_up",
        "哈尔滨市",
        paper("usable", billed_area_m2="71.03", area_charge="2721.90", **HARBIN),  # 2721.8696
        None,
    ),
    (
        "rounded_up",
        "太原市",
        paper(billed_area_m2="88.88", area_charge="1600.00", **SHENYANG),  # 1599.84 to the yuan
        None,
    ),
    (
        "rounded_otherwise",
        "太原市",
        paper(billed_area_m2="88.88", area_charge="1599.00", **SHENYANG),
        None,
    ),
]


@pytest.mark.parametrize(
    ("cause", "scope", "bill", "roster"), PLANTED, ids=[f"{case[0]}-{case[1]}" for case in PLANTED]
)
def test_a_planted_mistake_is_found_and_named(
    cause: str, scope: str, bill: Row, roster: Row | None, tmp_path: Path
) -> None:
    found = judged(tmp_path, scope, [bill], None if roster is None else [roster])[0]
    assert (found["outcome"], found["missing"]) == ("breach", "")
    assert found["cause"] == cause


def test_the_heat_of_another_bill_of_the_account_is_recognised(tmp_path: Path) -> None:
    last_year = heat("7200", "1200", "1152", season="2024-25") | {"account_no": "A-7"}
    this_year = heat("5000", "1200", "1152", reading_from="20000", reading_to="25000") | {"account_no": "A-7"}
    found = judged(tmp_path, "北京市/city-network", [last_year, this_year])
    assert [(row["outcome"], row["cause"]) for row in found] == [
        ("conforms", ""),
        ("breach", "heat_not_from_readings"),
    ]


def test_a_bill_sent_twice_is_a_duplicate(tmp_path: Path) -> None:
    first = paper(area_charge="2600.00", **SHENYANG) | {"account_no": "A-7"}
    again = first | {"issued_on": "2025-12-01"}
    found = judged(tmp_path, "沈阳市", [first, again])
    assert [(row["outcome"], row["cause"]) for row in found] == [
        ("conforms", ""),
        ("breach", "duplicate_bill"),
    ]


def only_total(**stated: str) -> Row:
    """A bill that states its total and no line of it."""
    return paper(**stated)


@pytest.mark.parametrize(
    ("cause", "scope", "bill"),
    [
        ("old_price", "哈尔滨市", only_total(area_basis="usable", total="4035.00", **HARBIN)),
        ("old_price_for_days", "沈阳市", only_total(total="2573.51", **SHENYANG)),
        ("tax_on_exempt", "沈阳市", only_total(total="2834.00", **SHENYANG)),
        (
            "wrong_suspension_share",
            "长春市",
            only_total(heating_state="suspended", total="810.00", **CHANGCHUN),
        ),
        (
            "suspension_fee_not_allowed",
            "济南市",
            only_total(area_basis="inner", heating_state="suspended", total="801.00"),
        ),
        (
            "cap_not_applied",
            "北京市/city-network",
            only_total(heat_used="9000", heat_unit="kWh", total="2640.00"),
        ),
        ("line_left_out", "西安市", only_total(storey_height_m="3.60", total="2320.00")),
        ("unexplained", "沈阳市", only_total(total="3141.59", **SHENYANG)),
        (
            "unexplained",
            "长春市",
            only_total(storey_height_m="3.60", category="hotel", total="9141.59", **CHANGCHUN),
        ),
    ],
)
def test_a_file_of_totals_without_lines_is_explained_as_far_as_totals_go(
    cause: str, scope: str, bill: Row, tmp_path: Path
) -> None:
    found = judged(tmp_path, scope, [bill])[0]
    assert (found["outcome"], found["cause"]) == ("breach", cause)
