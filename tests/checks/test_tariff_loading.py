"""What the reader of tariffs refuses, and how it says where and what."""

import copy
import json

import pytest
import yaml

from checks.tariffs.errors import TariffDataError
from checks.tariffs.load import load_published, load_tariffs_file, tariff_from_dict, tariff_to_dict

GOOD = tariff_to_dict(next(tariff for tariff in load_published() if tariff.id == "hrb-non-2015"))


def refused(data):
    with pytest.raises(TariffDataError) as caught:
        tariff_from_dict(data)
    return caught.value


def changed(**fields):
    return {**copy.deepcopy(GOOD), **fields}


def test_what_may_be_unknown_can_be_left_out_and_stays_unknown():
    slim = {
        key: value
        for key, value in GOOD.items()
        if key not in ("height", "height_known", "cap_known", "cap_share")
    }
    tariff = tariff_from_dict(slim)
    assert (tariff.height, tariff.height_known, tariff.cap_share, tariff.cap_known) == (
        None,
        False,
        None,
        False,
    )


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"prise": "1"}, "prise", "unknown field"),
        ({"refund_band": []}, "refund_band", "did you mean refund_bands?"),
        ({"area_price": {"value": 38.32, "per": "season"}}, "area_price.value", "floating-point"),
        ({"suspension_share": 0.2}, "suspension_share", "floating-point"),
        ({"cap_share": 1}, "cap_share", "quoted decimal"),
        ({"area_price": {"value": "38,32", "per": "season"}}, "area_price.value", "quoted decimal"),
        ({"area_price": {"value": "1e3", "per": "season"}}, "area_price.value", "quoted decimal"),
        ({"area_price": {"value": "NaN", "per": "season"}}, "area_price.value", "quoted decimal"),
        ({"area_price": {"value": "38.32", "per": "week"}}, "area_price.per", "season, month, day"),
        ({"valid_from": "2015-13-01"}, "valid_from", "YYYY-MM-DD"),
        ({"valid_from": "20151020"}, "valid_from", "YYYY-MM-DD"),
        ({"valid_from": 2015}, "valid_from", "YYYY-MM-DD"),
        ({"season": {"start": "10-32", "end": "04-20", "end_included": True}}, "season.start", "MM-DD"),
        (
            {"season": {"start": "10-20", "end": "04-20", "end_included": "yes"}},
            "season.end_included",
            "true or false",
        ),
        ({"season": {"start": "10-20", "end": "04-20"}}, "season.end_included", "missing"),
        ({"cap_known": 1}, "cap_known", "true or false"),
        ({"city": 5}, "city", "text"),
        ({"city": " "}, "city", "empty"),
        ({"category": "villa"}, "category", "residential"),
        ({"methods": ["area", "steam"]}, "methods", "steam"),
        ({"methods": "area"}, "methods", "a list"),
        ({"sources": []}, "sources", "at least one"),
        ({"height_known": False}, "height_known", "must be true"),
        ({"cap_share": "1.10", "cap_known": False}, "cap_known", "must be true"),
        ({"suspension_share": "20"}, "suspension_share", "between 0 and 1"),
        ({"valid_to": "2015-10-19"}, "valid_to", "before the first day"),
        ({"area_price": None}, "area_price", "prices method area"),
        ({"area_price": {"value": "0", "per": "season"}}, "area_price.value", "above zero"),
        ({"area_price": {"value": "5", "per": "season", "periods": 5}}, "area_price.periods", "season price"),
        ({"height": {"shape": "step", "trigger_m": "3.2"}}, "height.count_from_m", "shape step"),
        (
            {
                "height": {
                    "shape": "step",
                    "trigger_m": "-1",
                    "count_from_m": "3",
                    "step_m": "0.1",
                    "rate": "0.1",
                }
            },
            "height.trigger_m",
            "negative",
        ),
        (
            {"height": {"shape": "table", "trigger_m": "3", "bands": [{"coefficient": "0.5"}]}},
            "height.bands[1].coefficient",
            "below 1",
        ),
        ({"area_factor": "0"}, "area_factor", "above 0"),
        (
            {"area_fallbacks": [{"basis": "floor", "factor": "0"}]},
            "area_fallbacks[1].factor",
            "above 0",
        ),
        (
            {"area_fallbacks": [{"basis": "floor", "factor": "1", "divisor": "0"}]},
            "area_fallbacks[1].divisor",
            "above 0",
        ),
        (
            {"area_price": {"value": "1", "per": "month", "periods": 13}},
            "area_price.periods",
            "longer than a year",
        ),
        (
            {"season": {"start": "10-20", "end": "10-20", "end_included": True}},
            "season",
            "same day",
        ),
        (
            {"season": {"start": "10-20", "end": "04-20", "end_included": True, "fixed_days": -120}},
            "season.fixed_days",
            "more than 15 days off the 183 days",
        ),
        (
            {"season": {"start": "10-20", "end": "04-20", "end_included": True, "fixed_days": 1}},
            "season.fixed_days",
            "more than 15 days off",
        ),
        ({"season": {"start": "03-15", "end": "03-14", "end_included": True}}, "season", "lasts 365 days"),
        ({"late_fee": {"shape": "daily_on_total", "rate": "2", "after": "12-31"}}, "late_fee.rate", "0.01"),
        ({"late_fee": {"shape": "once", "rate": "0.5", "after": "12-31"}}, "late_fee.rate", "0.2"),
        (
            {"late_fee": {"shape": "daily_on_unpaid", "rate": "0.001", "after": None, "max_share": "30"}},
            "late_fee.max_share",
            "at most 1",
        ),
        ({"assumed": ["the weather"]}, "assumed", "no field"),
        ({"area_factor": "1.5"}, "area_factor", "at most 1"),
        ({"rounding": {"unit": "0", "when": "line"}}, "rounding.unit", "whole number of fen"),
        ({"rounding": {"unit": "0.005", "when": "bill"}}, "rounding.unit", "whole number of fen"),
        ({"rounding": {"unit": "10000000", "when": "line"}}, "rounding.unit", "at most 1 yuan"),
    ],
)
def test_a_record_that_cannot_be_right_is_refused_with_record_and_field(fields, field, said):
    error = refused(changed(**fields))
    assert (error.record, error.field) == ("hrb-non-2015", field)
    assert said in error.en
    assert f"字段 {field}" in error.zh


def test_a_missing_field_is_named():
    data = copy.deepcopy(GOOD)
    del data["known_from"]
    assert refused(data).field == "known_from"


def test_a_link_to_a_copy_of_a_page_is_refused():
    source = {"key": "x", "name": "copy", "kind": "news_mirror", "url": "http://example.com/"}
    assert refused(changed(sources=[source])).field == "sources[1].url"


@pytest.mark.parametrize(
    "second",
    [
        {"share": "1.00", "min_included": False, "max_c": "15", "max_included": False},
        {"share": "1.00", "min_included": False, "max_c": "16", "max_included": True},
    ],
)
def test_refund_bands_with_a_hole_or_an_overlap_are_refused(second):
    warm = GOOD["refund_bands"][0]
    assert refused(changed(refund_bands=[warm, second])).field == "refund_bands[2]"


def test_height_bands_out_of_order_are_refused():
    bands = [{"up_to_m": "4", "coefficient": "1"}, {"up_to_m": "3", "coefficient": "2"}, {"coefficient": "3"}]
    assert (
        refused(changed(height={"shape": "table", "trigger_m": "3", "bands": bands})).field == "height.bands"
    )


def test_something_that_is_no_record_is_refused():
    assert "tariff record" in refused(["not", "a", "record"]).en


def test_yaml_and_json_files_of_records_are_read_alike(tmp_path):
    as_json, as_yaml = tmp_path / "prices.json", tmp_path / "prices.yaml"
    as_json.write_text(json.dumps([GOOD], ensure_ascii=False), "utf-8")
    as_yaml.write_text(yaml.safe_dump([GOOD], allow_unicode=True), "utf-8")
    assert load_tariffs_file(as_json) == load_tariffs_file(as_yaml) == (tariff_from_dict(GOOD),)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "- id: x\n  id: y\n", "given twice"),
        ("a.yaml", "- id: x\n  ? [1, 2]\n  : 3\n", "plain text"),
        ("a.yaml", "tariffs: [\n", "not YAML"),
        ("a.json", '[{"id": "x",}]', "not JSON, line 1"),
        ("a.yaml", "tariffs: []\n", "lacks this part"),
        ("a.yaml", "province: 山东\nsources: {}\ntariffs: []\nprices: []\n", "unknown part"),
        (
            "a.yaml",
            "province: 山东\nsources: {}\ntariffs:\n  - id: x\n    sources: [nobody]\n",
            "source nobody",
        ),
        ("a.yaml", "just words\n", "list of tariff records"),
        ("a.json", '[{"id": "x", "suspension_share": 0.2, "province": "p"}]', "record x"),
        ("a.yaml", "!!python/object/apply:os.getcwd []\n", "not YAML"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, name, text, said):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(TariffDataError) as caught:
        load_tariffs_file(path)
    assert caught.value.file == name
    assert said in caught.value.en


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path):
    with pytest.raises(TariffDataError, match="cannot be read"):
        load_tariffs_file(tmp_path / "none.yaml")


def test_the_same_id_twice_is_refused(tmp_path):
    path = tmp_path / "twice.json"
    path.write_text(json.dumps([GOOD, GOOD], ensure_ascii=False), "utf-8")
    with pytest.raises(TariffDataError) as caught:
        load_tariffs_file(path)
    assert (caught.value.record, caught.value.field) == ("hrb-non-2015", "id")
