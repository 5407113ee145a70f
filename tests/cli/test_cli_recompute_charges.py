"""`supervision recompute --fees`: the register of charges as a portal hands it out decides, in outcomes and certificates."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from checks.fees import Fee, FeeRegister, FeeSource, Ruling, Standing, shipped_register
from tests.cli.command_line import harbin_bill, in_both_languages, outcomes, write_feed
from tests.cli.recomputing_files import recompute


def register(standing: Standing) -> FeeRegister:
    ruling = Ruling(standing, "blue", "蓝色费的规定", "what holds for the blue fee", city="哈尔滨市")
    source = FeeSource("通知", "A notice", "https://www.harbin.gov.cn/1.html")
    return shipped_register().with_fee(
        Fee("blue_fee", "蓝色费", "Blue fee", ("蓝色费",), (ruling,)), {"blue": source}
    )


def written(path: Path, fees: FeeRegister) -> Path:
    path.write_text(json.dumps({**json.loads(fees.as_written()), "digest": fees.digest}), encoding="utf-8")
    return path


@pytest.fixture
def bills(tmp_path: Path) -> Path:
    extra = {"other_charge": "30.00", "other_charge_name": "蓝色费"}
    plain = harbin_bill("B1")
    return write_feed(tmp_path / "bills.csv", [plain | extra | {"total": str(Decimal(plain["total"]) + 30)}])


def test_the_register_named_decides(tmp_path: Path, bills: Path) -> None:
    out = tmp_path / "o.csv"

    def found(*options: object) -> tuple[str, str, str]:
        assert recompute(bills, out, *options).code == 0
        (row,) = outcomes(out).values()
        return row["outcome"], row["cause"], row["missing"]

    forbidden = written(tmp_path / "forbidden.json", register(Standing.FORBIDDEN))
    conditional = written(tmp_path / "conditional.json", register(Standing.CONDITIONAL))
    assert found() == ("breach", "unlisted_charge", "")
    assert found("--fees", forbidden) == ("breach", "forbidden_charge", "")
    assert found("--fees", conditional) == ("inconclusive", "", "fee_condition_missing")
    folder = tmp_path / "certificates"
    found("--fees", forbidden, "--certificates", folder)
    (file,) = folder.glob("*.json")
    assert json.loads(file.read_text())["outcome"]["cause"]["code"] == "forbidden_charge"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "sources"),
        ('{"fees": [], "sources": {}, "digest": "00"}', "digest"),
        ('{"fees": [{"code": 1}], "sources": {}}', "code"),
        ("no json", "fees.json"),
    ],
    ids=["empty", "changed", "not a charge", "not json"],
)
def test_a_register_that_is_none_is_refused_with_its_reason(
    tmp_path: Path, bills: Path, content: str, said: str
) -> None:
    file = tmp_path / "fees.json"
    file.write_text(content, encoding="utf-8")
    told = recompute(bills, tmp_path / "o.csv", "--fees", file)
    assert told.code != 0
    assert said in told.err
    assert in_both_languages(told)
    assert not (tmp_path / "o.csv").exists()
