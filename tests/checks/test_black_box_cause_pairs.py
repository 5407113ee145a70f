"""Two mistakes on one bill, planted by hand and named together, through the command line."""

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


PAIRS: list[tuple[str, str, Row, Row | None]] = [
    # 71.03 x 40.35 = 2866.0605, each line up to the jiao
    (
        "old_price+rounded_up",
        "哈尔滨市",
        paper("usable", billed_area_m2="71.03", area_charge="2866.10", **HARBIN),
        None,
    ),
    (
        "forbidden_charge+old_price",
        "哈尔滨市",
        paper("usable", area_charge="4035.00", other_charge="130.00", other_charge_name="开栓费", **HARBIN),
        None,
    ),
    (
        "wrong_category+area_differs_from_roster",
        "沈阳市",
        paper(billed_area_m2="104.00", area_charge="3328.00", **SHENYANG),
        home(),
    ),
    (
        "forbidden_charge+cap_not_applied",
        "北京市/city-network",
        heat("9000", "1200", "1440", other_charge="60.00", other_charge_name="计量服务费"),
        None,
    ),
    (
        "forbidden_charge+suspended_billed_in_full",
        "长春市",
        paper(area_charge="2700.00", other_charge="88.00", other_charge_name="恢复用热费", **CHANGCHUN),
        home(heating_state="suspended", suspended_from="2025-10-01"),
    ),
    (
        "tax_on_exempt+wrong_area_basis",
        "青岛市",
        paper("usable", billed_area_m2="100.00", area_charge="3313.60", **QINGDAO),
        home(usable_area_m2="71.37"),
    ),
]


@pytest.mark.parametrize(("pair", "scope", "bill", "roster"), PAIRS, ids=[case[0] for case in PAIRS])
def test_two_mistakes_on_one_bill_are_named_together(
    pair: str, scope: str, bill: Row, roster: Row | None, tmp_path: Path
) -> None:
    found = judged(tmp_path, scope, [bill], None if roster is None else [roster])[0]
    assert (found["outcome"], found["cause"]) == ("breach", pair)
