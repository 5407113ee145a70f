"""What a bill leaves to other papers: the roster, the height as filed, the readings, the city's heat sources. Figures by
hand from the notices, through the command line."""

from __future__ import annotations

from pathlib import Path

from black_box import Row, assert_right, home, judged, judged_aloud, paper


def test_the_roster_decides_about_area_category_state_and_days(tmp_path: Path) -> None:
    winter = {"service_from": "2025-11-16", "service_to": "2026-04-05"}
    qingdao = [
        paper("usable", billed_area_m2="72.00", area_charge="2188.80", **winter),
        paper("usable", billed_area_m2="75.00", area_charge="2280.00", **winter),  # 75 % of the floor area
        # moved in on 1 January: 95 of 141 days; 2280 x 95 / 141 = 1536.1702...
        paper("usable", billed_area_m2="75.00", area_charge="1536.17", **winter),
    ]
    assert_right(
        tmp_path,
        "青岛市",
        qingdao,
        [home(usable_area_m2="72.00"), home(), home(connected_on="2026-01-01")],
    )
    shijiazhuang = [
        paper(billed_area_m2="90.50", area_charge="1990.89"),  # 100.55 x 0.90 x 22, the area not rounded
        paper(billed_area_m2="85.00", area_charge="1870.00"),  # lift and fire passage: 0.85
        paper(area_charge="0.00"),
    ]
    assert_right(
        tmp_path,
        "石家庄市",
        shijiazhuang,
        [home(floor_area_m2="100.55"), home(), home(heating_state="suspended", suspended_from="2025-10-01")],
    )
    zhengzhou = [paper("inner", billed_area_m2="90", area_charge="2052.00")]
    assert_right(tmp_path, "郑州市", zhengzhou, [home()])
    changchun = paper(service_from="2025-10-20", service_to="2026-04-06")
    # suspended from 1 January on: 73 of 169 days heated, 96 suspended at 20 %
    part = changchun | {"area_charge": "1166.27", "suspension_charge": "306.75", "total": "1473.02"}
    assert_right(tmp_path, "长春市", [part], [home(heating_state="suspended", suspended_from="2026-01-01")])


def test_without_a_roster_the_area_may_be_stated_before_its_factor_or_its_conversion(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        "石家庄市",
        [paper(area_charge="1980.00"), paper(area_charge="1870"), paper(area_charge="1900")],
    )
    assert [row["outcome"] for row in found] == ["conforms", "conforms", "breach"]
    # Beijing: the price of usable area is the floor-area price / 0.75, 32.00
    found = judged(
        tmp_path, "北京市/city-network", [paper("usable", billed_area_m2="71.03", area_charge="2272.96")]
    )
    assert found[0]["outcome"] == "conforms"
    found = judged(tmp_path, "郑州市", [paper(area_charge="2052.00"), paper(area_charge="2280.00")])
    assert [(row["outcome"], row["missing"]) for row in found] == [
        ("conforms", ""),
        ("inconclusive", "area_of_basis_missing"),
    ]


def test_a_rule_for_net_height_is_a_ceiling_by_the_height_filed(tmp_path: Path) -> None:
    shop = paper(category="non_residential", service_from="2025-11-05", service_to="2026-04-04")

    def dalian(height: str, area: str, surcharge: str = "") -> Row:
        total = f"{float(area) + float(surcharge or 0):.2f}"
        return shop | {
            "storey_height_m": height,
            "area_charge": area,
            "height_surcharge": surcharge,
            "total": total,
        }

    found = judged(
        tmp_path,
        "大连市",
        [
            dalian("4.29", "3100.00"),  # no full step
            dalian("4.30", "3100.00", "310.00"),  # one full step of 0.3 m
            dalian("4.30", "3410.00"),  # the same, inside the area charge
            dalian("4.30", "3100.00"),  # net height may be below 4.3 m
            dalian("4.29", "3100.00", "310.00"),  # none is due even if the height filed is net
            dalian("4.60", "3100.00", "310.00"),  # two steps at most; one may be right
        ],
    )
    assert [(row["outcome"], row["overcharge"] or row["missing"]) for row in found] == [
        ("conforms", "0.00"),
        ("conforms", "0.00"),
        ("conforms", "0.00"),
        ("conforms", "0.00"),
        ("breach", "310.00"),
        ("inconclusive", "net_height_missing"),
    ]


def test_heat_above_the_bills_own_readings_is_not_due(tmp_path: Path) -> None:
    def settled(heat: str, charge: str, first: str = "1000", last: str = "5000") -> Row:
        return paper(
            heat_used=heat,
            reading_from=first,
            reading_to=last,
            heat_unit="kWh",
            base_charge="1200.00",
            metered_charge=charge,
        )

    found = judged(
        tmp_path,
        "北京市/city-network",
        [
            settled("4000", "640.00"),
            settled("4000.9", "640.14"),  # the counter shows whole kWh
            settled("5000", "800.00"),  # 1,000 kWh that the meter never counted
            settled("3000", "480.00"),  # less than counted: shared out, or another meter
            settled("4000.9", "640.14", "1000.0", "5000.1"),
        ],
    )
    assert [(row["outcome"], row["overcharge"] or row["missing"], row["cause"]) for row in found] == [
        ("conforms", "0.00", ""),
        ("conforms", "0.00", ""),
        ("breach", "160.00", "heat_not_from_readings"),
        ("inconclusive", "heat_below_readings", ""),
        ("breach", "0.12", "heat_not_from_readings"),
    ]


def test_a_city_of_many_sources_names_the_areas_to_choose_from(tmp_path: Path) -> None:
    found, said = judged_aloud(tmp_path, "北京市", [paper(area_charge="2400.00")])
    assert (found[0]["outcome"], found[0]["missing"]) == ("inconclusive", "no_tariff_in_force")
    for area in ("city-network", "gas", "coal-direct", "coal-indirect"):
        assert area in said
    assert "--scope" in said
    assert "市热力集团" in said
    found, said = judged_aloud(tmp_path, "北京市/gas/city-network", [paper(area_charge="2400.00")])
    assert found[0]["missing"] == "tariffs_collide"
    assert "bj-res-gas" in said
    assert "bj-res-citynet" in said
    found, said = judged_aloud(tmp_path, "北京市/市热力集团管网", [paper(area_charge="2400.00")])
    assert found[0]["outcome"] == "conforms"
