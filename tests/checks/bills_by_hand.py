"""Bills that are right by the published tariffs, worked out by hand from the notices."""

from __future__ import annotations

from black_box import Row, paper

# Scope -> bills that are right. The arithmetic stands beside each amount.
RIGHT: dict[str, list[Row]] = {
    "北京市/city-network/urban6": [
        paper(area_charge="2400.00"),  # 100 x 24
        paper(billed_area_m2="89.53", area_charge="2148.72"),
        paper(
            season="2023-24", service_to="2024-01-13", area_charge="1190.08"
        ),  # 60 of 121 days: leap winter
        paper(season="2022-23", service_to="2023-01-13", area_charge="1200.00"),  # 60 of 120 days
        paper(heat_used="6000.000", heat_unit="kWh", base_charge="1200.00", metered_charge="960.00"),
        paper(
            heat_used="9000", heat_unit="kWh", base_charge="1200", metered_charge="1440", cap_reduction="-240"
        ),
        paper(
            heat_used="7.5", heat_unit="MWh", base_charge="1200", metered_charge="1200"
        ),  # exactly at the cap
        paper(heat_used="21.6", heat_unit="GJ", base_charge="1200", metered_charge="960.00"),  # 6000.0048 kWh
        paper(
            reading_from="1000",
            reading_to="7000",
            heat_used="6000",
            heat_unit="kWh",
            base_charge="1200",
            metered_charge="960",
        ),
        paper(category="office", area_charge="4500.00"),  # no price of its own: non-residential 45
        paper(storey_height_m="4.00", area_charge="2400.00"),
        paper(storey_height_m="4.01", area_charge="2400.00", height_surcharge="2400.00"),  # above 4 m double
    ],
    "北京市/gas/other-districts": [
        paper(area_charge="3000.00"),
        paper(category="non_residential", area_charge="4300.00"),
        paper(heat_used="6000", heat_unit="kWh", base_charge="1800", metered_charge="960"),
    ],
    "北京市/coal-indirect": [paper(area_charge="1900.00")],
    "天津市": [
        paper(area_charge="2500.00"),
        paper(heat_used="8100", heat_unit="kWh", base_charge="750", metered_charge="1053"),
        paper(category="non_residential", area_charge="4000.00"),
        # no cap, both ways: 1200 + 20000 x 0.25
        paper(
            category="non_residential",
            heat_used="20000",
            heat_unit="kWh",
            base_charge="1200",
            metered_charge="5000",
        ),
        # 2 per mille a day after 31 December: 2500 x 0.002 x 10
        paper(area_charge="2500.00", late_fee="50.00", paid_on="2026-01-10"),
    ],
    "哈尔滨市": [
        paper("usable", service_from="2025-10-20", service_to="2026-04-20", area_charge="3832.00"),
        paper(
            "usable",
            service_from="2025-10-20",
            service_to="2026-04-20",
            heat_used="50",
            heat_unit="GJ",
            base_charge="1533.00",
            metered_charge="2127.50",
        ),
        paper(
            "usable",
            service_from="2025-10-20",
            service_to="2026-04-20",
            heat_used="13888.9",
            heat_unit="kWh",
            base_charge="1533.00",
            metered_charge="2127.50",
        ),
        # started months: from 20 January on three of six
        paper("usable", service_from="2026-01-20", service_to="2026-04-20", area_charge="1916.00"),
        # 3.31 m: two started steps of 3 % of the base price 17.32
        paper(
            "usable",
            category="non_residential",
            service_from="2025-10-20",
            service_to="2026-04-20",
            storey_height_m="3.31",
            area_charge="4330.00",
            height_surcharge="103.92",
        ),
        # a school of 8 m: 48 steps are 144 %, public buildings stop at 100 % of the base price
        paper(
            "usable",
            category="institution",
            service_from="2025-10-20",
            service_to="2026-04-20",
            storey_height_m="8.00",
            area_charge="4330.00",
            height_surcharge="1732.00",
        ),
        # 1 per mille a day after 31 December: 3832 x 0.001 x 10
        paper(
            "usable",
            service_from="2025-10-20",
            service_to="2026-04-20",
            area_charge="3832.00",
            late_fee="38.32",
            paid_on="2026-01-10",
        ),
        # the price of the first day of service: 2006, 2008, 2015
        paper("usable", "2007-08", service_from="2007-10-20", service_to="2008-04-20", area_charge="3455.00"),
        paper("usable", "2008-09", service_from="2008-10-19", service_to="2009-04-20", area_charge="3455.00"),
        paper("usable", "2008-09", service_from="2008-10-20", service_to="2009-04-20", area_charge="4035.00"),
        paper("usable", "2008-09", service_from="2008-10-21", service_to="2009-04-20", area_charge="4035.00"),
        paper("usable", "2015-16", service_from="2015-10-19", service_to="2016-04-20", area_charge="4035.00"),
        paper("usable", "2015-16", service_from="2015-10-20", service_to="2016-04-20", area_charge="3832.00"),
        paper("usable", "2015-16", service_from="2015-10-21", service_to="2016-04-20", area_charge="3832.00"),
    ],
    "沈阳市": [
        paper(service_from="2025-11-01", service_to="2026-03-31", area_charge="2600.00"),
        paper(
            category="residential_nonreimbursed",
            service_from="2025-11-01",
            service_to="2026-03-31",
            area_charge="2330",
        ),
        paper(category="garage", service_from="2025-11-01", service_to="2026-03-31", area_charge="1600.00"),
        # 3.81 m: a started step of 0.3 m counts in full, two of 10 %
        paper(
            category="commercial",
            service_from="2025-11-01",
            service_to="2026-03-31",
            storey_height_m="3.81",
            area_charge="3200.00",
            height_surcharge="640.00",
        ),
        paper(
            category="non_residential",
            service_from="2025-11-01",
            service_to="2026-03-31",
            storey_height_m="3.50",
            area_charge="3200.00",
        ),
        # 121 of 151 days: 2083.4437...
        paper(service_from="2025-12-01", service_to="2026-03-31", area_charge="2083.44"),
    ],
    "长春市": [
        paper(service_from="2025-10-20", service_to="2026-04-06", area_charge="2700.00"),
        paper(
            service_from="2025-10-20",
            service_to="2026-04-06",
            heating_state="suspended",
            suspension_charge="540.00",
        ),
        # 3.01 m: one started step of 5 %; 6 m: ten steps, 50 %
        paper(
            category="non_residential",
            service_from="2025-10-20",
            service_to="2026-04-06",
            storey_height_m="3.01",
            area_charge="3100.00",
            height_surcharge="155.00",
        ),
        paper(
            category="non_residential",
            service_from="2025-10-20",
            service_to="2026-04-06",
            storey_height_m="6.00",
            area_charge="3100.00",
            height_surcharge="1550.00",
        ),
        # 5 % once after 20 October
        paper(
            service_from="2025-10-20",
            service_to="2026-04-06",
            area_charge="2700.00",
            late_fee="135.00",
            due_on="2025-10-20",
            paid_on="2025-12-01",
        ),
    ],
    "济南市": [
        paper("inner", area_charge="2670.00"),
        paper("inner", heat_used="9000", heat_unit="kWh", base_charge="801.00", metered_charge="1800.00"),
        # cap 110 % of 2670 is 2937; 801 + 2400 = 3201
        paper(
            "inner",
            heat_used="12000",
            heat_unit="kWh",
            base_charge="801.00",
            metered_charge="2400.00",
            cap_reduction="-264.00",
        ),
        paper("inner", heating_state="suspended", total="0.00"),
        paper(category="hotel", area_charge="3980.00"),
        paper("inner", service_from="2026-01-14", area_charge="1335.00"),  # 60 of 120 days
    ],
    "青岛市": [
        paper("usable", service_from="2025-11-16", service_to="2026-04-05", area_charge="3040.00"),
        # cap 100 %: 912 + 60 x 42.29 = 3449.40
        paper(
            "usable",
            service_from="2025-11-16",
            service_to="2026-04-05",
            heat_used="60",
            heat_unit="GJ",
            base_charge="912.00",
            metered_charge="2537.40",
            cap_reduction="-409.40",
        ),
        paper(
            "usable",
            service_from="2025-11-16",
            service_to="2026-04-05",
            heating_state="suspended",
            total="0.00",
        ),
        paper(
            category="non_residential",
            service_from="2025-11-16",
            service_to="2026-04-05",
            area_charge="3306.00",
        ),
    ],
    "太原市": [
        paper(service_from="2025-11-01", service_to="2026-03-31", area_charge="1800.00"),
        paper(service_from="2025-11-01", service_to="2025-11-30", area_charge="360.00"),  # one month
        paper(service_from="2025-11-16", service_to="2026-03-31", area_charge="1620.00"),  # 4.5 months
        paper(service_from="2026-02-01", service_to="2026-02-28", area_charge="360.00"),
        paper(
            service_from="2025-11-01",
            service_to="2026-03-31",
            heating_state="suspended",
            suspension_charge="540",
        ),
        paper(
            service_from="2025-11-01", service_to="2026-03-31", storey_height_m="3.20", area_charge="1800.00"
        ),
        # 3.21 m: counted from 2.8 m, five started steps of 3 %
        paper(
            service_from="2025-11-01",
            service_to="2026-03-31",
            storey_height_m="3.21",
            area_charge="1800.00",
            height_surcharge="270.00",
        ),
        # non-residential 3.21 m: counted from 3.2 m, one step of 3 % of 3750
        paper(
            category="non_residential",
            service_from="2025-11-01",
            service_to="2026-03-31",
            storey_height_m="3.21",
            area_charge="3750.00",
            height_surcharge="112.50",
        ),
    ],
    "太原市/usable-area-billing": [
        paper("usable", service_from="2025-11-01", service_to="2026-03-31", area_charge="2400.00")
    ],
    "西安市": [
        paper(area_charge="2320.00"),
        paper(storey_height_m="3.60", area_charge="2320.00", height_surcharge="464.00"),  # h / 3
        paper(heating_state="suspended", suspension_charge="696.00"),
        paper(heat_used="40", heat_unit="GJ", base_charge="696.00", metered_charge="1232.00"),
        paper(category="non_residential", area_charge="3000.00"),
        paper(service_to="2025-12-14", area_charge="580.00"),  # one month of 5.8
    ],
    "西宁市/chp": [
        paper("inner", service_from="2025-10-15", service_to="2026-04-14", area_charge="3102.00"),
        paper(
            "inner",
            service_from="2025-10-15",
            service_to="2026-04-14",
            heating_state="suspended",
            suspension_charge="1551.00",
        ),
    ],
    "西宁市/gas": [paper("inner", service_from="2025-10-15", service_to="2026-04-14", area_charge="3306.00")],
    "郑州市": [
        paper("inner", area_charge="2280.00"),
        paper("inner", service_to="2025-12-14", area_charge="570.00"),  # 30 days of 0.19
        paper("inner", heat_used="1000", heat_unit="kWh", base_charge="684.00", metered_charge="217.00"),
        paper(category="commercial", billed_area_m2="200", area_charge="6720.00"),
        paper(
            "inner", "2023-24", service_to="2024-03-14", area_charge="2280.00"
        ),  # 120 days in a leap winter too
    ],
    "洛阳市": [
        paper(billed_area_m2="90.00", service_to="2026-03-15", area_charge="1960.20"),  # 90 x 0.18 x 121
        paper(
            billed_area_m2="90.00",
            service_to="2026-03-15",
            heat_used="8000",
            heat_unit="kWh",
            base_charge="588.06",
            metered_charge="1136.00",
        ),
    ],
    "兰州市": [
        paper(service_from="2025-11-01", service_to="2026-03-31", area_charge="2500.00"),
        paper(category="office", service_from="2025-11-01", service_to="2026-03-31", area_charge="3500.00"),
        paper(category="hotel", service_from="2025-11-01", service_to="2026-03-31", area_charge="4100.00"),
        paper(
            category="commercial", service_from="2025-11-01", service_to="2026-03-31", area_charge="4600.00"
        ),
        paper(
            category="hotel",
            service_from="2025-11-01",
            service_to="2026-03-31",
            heat_used="30",
            heat_unit="GJ",
            base_charge="1230.00",
            metered_charge="2333.70",
        ),
    ],
    "银川市": [
        paper(category="office", service_from="2025-11-01", service_to="2026-03-31", area_charge="3450.00"),
        paper(
            category="commercial", service_from="2025-11-01", service_to="2026-03-31", area_charge="3900.00"
        ),
    ],
    "赤峰市": [
        paper(
            category="institution", service_from="2025-10-15", service_to="2026-04-14", area_charge="2700.00"
        ),
        paper(
            category="commercial", service_from="2025-10-15", service_to="2026-04-14", area_charge="2880.00"
        ),
        paper(service_from="2025-10-15", service_to="2026-04-14", area_charge="2160.00"),
    ],
    "石家庄市/chp": [
        paper(billed_area_m2="90.00", area_charge="1980.00"),
        paper(billed_area_m2="90.00", heating_state="suspended", total="0.00"),
        paper(category="non_residential", area_charge="3100.00"),
        paper(
            category="non_residential",
            heat_used="9000",
            heat_unit="kWh",
            base_charge="930.00",
            metered_charge="1953.00",
        ),
    ],
    "定州市": [paper(area_charge="2000.00"), paper(heating_state="suspended", suspension_charge="400.00")],
    # cities whose season dates nobody published: a bill of the whole winter is a whole season
    "邯郸市": [
        paper(
            category="commercial",
            billed_area_m2="48",
            storey_height_m="5.40",
            area_charge="1704.00",
            height_surcharge="1363.20",
        ),
        paper(category="non_residential", storey_height_m="2.80", area_charge="3550.00"),
    ],
    "唐山市": [paper("usable", area_charge="2600.00")],
    "烟台市": [
        paper(service_from="2025-11-16", service_to="2026-03-31", area_charge="2300.00"),
        paper(service_from="2025-11-16", service_to="2026-03-31", heating_state="suspended", total="0.00"),
        paper(heat_used="30", heat_unit="GJ", base_charge="690.00", metered_charge="1254.60"),
    ],
    "廊坊市": [
        paper(area_charge="2200.00"),
        paper(
            heat_used="10000", heat_unit="kWh", base_charge="660", metered_charge="1570", cap_reduction="-30"
        ),
    ],
    "鄂尔多斯市": [
        # 3.25 m: three started steps of 1 %
        paper(category="commercial", storey_height_m="3.25", area_charge="2950.00", height_surcharge="88.50"),
        paper(area_charge="2050.00", subsidy="-600.00"),  # the household pays 14.50, the government 6.00
    ],
    "达拉特旗": [
        paper(category="commercial", storey_height_m="3.10", area_charge="3500.00", height_surcharge="35.00")
    ],
    "威海市": [
        paper(
            category="non_residential", storey_height_m="4.50", area_charge="3390.00", height_surcharge="1695"
        )
    ],
    # Shandong law: the base price is at most 30 % of the area price, so that the area fee is at least 690 / 0.3 = 2300
    "潍坊市": [paper(heat_used="9000", heat_unit="kWh", base_charge="690", metered_charge="1377")],
    "淮安市": [
        paper(
            reading_from="6",
            reading_to="5006",
            heat_used="5000",
            heat_unit="kWh",
            base_charge="540",
            metered_charge="1150",
        )
    ],
    "秦皇岛市": [paper(area_charge="3400.00"), paper(category="non_residential", area_charge="3400.00")],
    "张家口市": [paper(area_charge="2955.00")],
    "泊头市": [paper(area_charge="2350.00"), paper(heating_state="suspended", suspension_charge="235.00")],
    "大连市": [paper(service_from="2025-11-05", service_to="2026-04-04", area_charge="2600.00")],
}
