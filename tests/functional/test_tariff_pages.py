"""The published tariffs as pages, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import Engine
from webtest import TestApp, Upload

from checks.tariffs.load import load_published, tariff_to_dict
from supervision.db import begin
from supervision.journal import SYSTEM
from supervision.settings import FixedClock
from supervision.tariffs import TariffService

ASKED = {"on": "2025-11-15", "city": "哈尔滨市"}


@pytest.fixture
def entered(app: TestApp, sqlite_engine: Engine, clock: FixedClock) -> TestApp:
    with begin(sqlite_engine) as session:
        TariffService(session, clock).enter(load_published(), SYSTEM)
    return app


def test_a_resident_finds_the_price_in_force_on_a_day(entered: TestApp) -> None:
    today = entered.get("/tariffs", {"city": "哈尔滨市", "category": "residential"})
    assert "38.32" in today
    assert "40.35" not in today
    then = entered.get("/tariffs", {"city": "哈尔滨市", "category": "residential", "on": "2014-12-01"})
    assert "40.35" in then
    assert "38.32" not in then


def test_the_page_of_a_tariff_shows_source_rule_history_and_a_home_worked_out(entered: TestApp) -> None:
    page = entered.get("/tariffs/hrb-res-2015")
    assert "100.00 m² × 38.32 元/m² = 3,832.00 元" in page
    assert "2008-10-20" in page, "the version before"
    assert "12月31日后每日按热费总额的 1‰" in page
    assert "steps" in page, "the chart"


def test_every_published_tariff_has_a_page_in_both_languages(entered: TestApp) -> None:
    for tariff in load_published():
        entered.set_cookie("language", "zh")
        assert "计费规则" in entered.get(f"/tariffs/{tariff.id}", status=200)
        entered.set_cookie("language", "en")
        assert "Billing rules" in entered.get(f"/tariffs/{tariff.id}", status=200)


def test_links_lead_to_government_law_and_company_pages_only(entered: TestApp) -> None:
    kinds = {
        "government_page",
        "law_text",
        "law_site",
        "government_text",
        "government_text_mirror",
        "company_page",
    }
    for tariff in load_published():
        for source in tariff.sources:
            assert source.url is None or source.kind in kinds, (tariff.id, source)


def test_json_and_csv_say_what_the_page_says_and_the_same_question_has_the_same_etag(
    entered: TestApp,
) -> None:
    first = entered.get("/tariffs.json", ASKED)
    assert [one["id"] for one in first.json["tariffs"]] == ["hrb-non-2015", "hrb-res-2015"]
    again = entered.get("/tariffs.json", ASKED)
    assert again.etag == first.etag
    entered.get("/tariffs.json", ASKED, headers={"If-None-Match": f'"{first.etag}"'}, status=304)
    rows = list(csv.DictReader(io.StringIO(entered.get("/tariffs.csv", ASKED).text.lstrip("\ufeff"))))
    assert [row["season_price"] for row in rows] == ["43.3", "38.32"]


def test_one_tariff_as_json_is_the_record_itself(entered: TestApp) -> None:
    record = next(tariff for tariff in load_published() if tariff.id == "hrb-res-2015")
    assert json.loads(entered.get("/tariffs/hrb-res-2015.json").text) == tariff_to_dict(record)


@pytest.mark.parametrize("day", ["yesterday", "2025-02-30", "20251115", "2025-1-1", "２０２５-11-15"])
def test_a_day_that_is_none_is_refused_with_how_to_write_it(entered: TestApp, day: str) -> None:
    assert "2025-11-15" in entered.get("/tariffs", {"on": day}, status=400)


def test_a_tariff_that_is_not_entered_is_not_found(entered: TestApp) -> None:
    entered.get("/tariffs/no-such-tariff", status=404)
    entered.get("/tariffs/no-such-tariff.json", status=404)


def test_all_versions_come_in_one_file_with_both_clocks_and_an_etag(entered: TestApp) -> None:
    answer = entered.get("/tariff-versions.json")
    found = {one["id"]: one for one in answer.json["tariffs"]}
    assert set(found) == {tariff.id for tariff in load_published()}
    assert {"valid_from", "known_from", "supersedes", "is_late"} <= set(found["hrb-res-2015"])
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert entered.get("/tariff-versions.json", headers=etag, status=304).body == b""
    rows = list(csv.DictReader(io.StringIO(entered.get("/tariff-versions.csv").body.decode("utf-8-sig"))))
    assert len(rows) == len(found)
    assert {"known_from", "supersedes", "is_late"} <= set(rows[0])


def test_the_page_says_why_one_tariff_applies_and_the_others_do_not(entered: TestApp) -> None:
    asked = {"city": "哈尔滨市", "category": "residential", "method": "area", "on": "2014-12-01"}
    page = entered.get("/tariff-choice", asked)
    assert "hrb-res-2008" in page
    assert "自 2015-10-20 起才有效" in page
    assert "有效期至" in page
    nothing = entered.get("/tariff-choice", asked | {"category": "garage"})
    assert "没有有效热价" in nothing or "没有这一类别的热价" in nothing
    entered.get("/tariff-choice", {"city": "没有的城市", "method": "x", "category": "y"}, status=200)


def test_everybody_reads_which_charges_beside_the_price_were_abolished_and_by_what(entered: TestApp) -> None:
    page = entered.get("/tariffs").click("收费项目登记")
    assert "入网费" in page
    assert "国办函〔2020〕129号" in page
    assert "自 2021-03-01 起" in page
    entered.set_cookie("language", "en")
    assert "Network entry fee" in entered.get("/fees")
    listed = entered.get("/fees.json").json
    entry = next(one for one in listed["fees"] if one["code"] == "entry_fee")
    assert entry["rulings"][0]["standing"] == "abolished"
    assert listed["sources"][entry["rulings"][0]["source"]]["url"].startswith("https://www.gov.cn/")


def test_the_golden_pack_of_a_tariff_is_a_page_and_a_file(entered: TestApp) -> None:
    page = entered.get("/tariffs/jn-res").click("对账样例")
    assert "2,670.00" in page
    assert "整季停热" in page
    rows = list(csv.DictReader(io.StringIO(page.click("下载全部样例").body.decode("utf-8-sig"))))
    whole = rows[0]
    assert (whole["case"], whole["billed_area_m2"], whole["area_charge"], whole["total"]) == (
        "001",
        "100.00",
        "2670.00",
        "2670.00",
    )
    entered.set_cookie("language", "en")
    assert "settled, heat used 10680.000 kWh" in entered.get("/tariffs/jn-res/pack")
    entered.get("/tariffs/none-such/pack", status=404)


def test_a_company_compares_its_own_results_of_the_pack_case_by_case(entered: TestApp) -> None:
    page = entered.get("/tariffs/jn-res/pack")
    content = page.click("下载全部样例").body
    form = page.forms["comparison"]
    form["results"] = Upload("results.csv", content)
    assert "能核算的样例全部一致" in form.submit()
    form["results"] = Upload(
        "results.csv", content.replace(b",2670.00,", b",2670.01,", 1).replace(b",2670.00,", b",2670.05,", 1)
    )
    wrong = form.submit()
    assert "不一致的分项" in wrong
    assert (
        "0.01"
        in wrong.html.select_one(
            "#compare ~ .table-scroll tbody, section[aria-labelledby=compare] tbody tr"
        ).text
    )
    entered.set_cookie("language", "en")
    assert "those that differ first" in form.submit()


def test_a_file_that_is_no_pack_is_refused_and_nothing_of_it_is_kept(
    entered: TestApp, tmp_path: Path
) -> None:
    form = entered.get("/tariffs/jn-res/pack").forms["comparison"]
    assert "请选择要对照的文件" in form.submit(status=422)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    form["results"] = Upload("results.xlsx", b"PK\x03\x04" + b"0" * 400_000)
    assert "不是对账样例" in form.submit(status=422)
    form["results"] = Upload("results.csv", b"<script>alert(1)</script>,total\n")
    assert "<script>alert" not in form.submit(status=422)
    form["results"] = Upload("results.csv", b"case,total\n<script>alert(1)</script>,1\n")
    assert "&lt;script&gt;alert" in form.submit(status=422)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before
