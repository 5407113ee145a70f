"""A company's own headers and codes, read by its profile and listed; what the profile may not do is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest_filings import GOOD_BILL, bill, csv_text, ids, judge_bytes

from ingest.judge import Judgement
from ingest.profiles import Profile, ProfileError
from ingest.rewriting import write_standard
from ingest.samples import write_sample_csv
from ingest.standard import FEEDS

HEADERS = {
    "单据号": "bill_no", "户号": "account_no", "用户类型": "category", "应收（元）": "total", "操作员": None,
}  # fmt: skip
PROFILE = Profile(
    "bills",
    2,
    HEADERS,
    {"category": {"民用": "residential", "公建": "non_residential"}},
    {"season": "2025-26"},
)


def own_text(category: str = "民用") -> str:
    """A bill under the company's headers, without the season, and with the operator who made it."""
    row = {code: value for code, value in bill(1, category=category).items() if code != "season" and value}
    names = {code: header for header, code in HEADERS.items() if code}
    heads = [names.get(code, code) for code in row]
    return ",".join([*heads, "操作员"]) + "\n" + ",".join([*row.values(), "甲"]) + "\n"


def write_and_judge(text: str, profile: Profile | None) -> Judgement:
    return judge_bytes(text.encode(), profile=profile)


def test_own_headers_codes_and_constants_are_read_and_every_one_is_listed() -> None:
    judged = write_and_judge(own_text(), PROFILE)
    assert judged.verdict == "accepted"
    assert judged.table is not None
    standard = write_and_judge(csv_text([bill(1)]), None)
    assert standard.table is not None
    assert judged.table == standard.table
    assert judged.profile == PROFILE.name
    listed = {(one["rule"], one["before"], one["after"]) for one in judged.coercions.to_pylist()}
    assert listed == {
        ("profile_header", "单据号", "bill_no"),
        ("profile_header", "户号", "account_no"),
        ("profile_header", "用户类型", "category"),
        ("profile_header", "应收（元）", "total"),
        ("header_unit", "应收（元）", "CNY"),
        ("profile_left_out", "操作员", ""),
        ("profile_constant", "", "2025-26"),
        ("profile_code", "民用", "residential"),
    }


def test_what_was_read_by_a_profile_is_written_as_a_standard_file_that_is_read_the_same(
    tmp_path: Path,
) -> None:
    judged = write_and_judge(own_text(), PROFILE)
    assert judged.table is not None
    write_standard(judged.table, tmp_path / "standard.csv")
    again = write_and_judge((tmp_path / "standard.csv").read_text("utf-8"), None)
    assert (again.verdict, again.coercions.num_rows) == ("accepted", 0)
    assert again.table == judged.table


@pytest.mark.parametrize("feed", list(FEEDS))
def test_every_sample_written_as_a_standard_file_is_read_the_same(feed: str, tmp_path: Path) -> None:
    write_sample_csv(feed, tmp_path / "sample.csv", labels=True)
    read = judge_bytes((tmp_path / "sample.csv").read_bytes(), feed=feed)
    assert read.table is not None
    write_standard(read.table, tmp_path / "standard.csv")
    assert judge_bytes((tmp_path / "standard.csv").read_bytes(), feed=feed).table == read.table


def test_without_the_profile_the_same_file_is_refused() -> None:
    judged = write_and_judge(own_text(), None)
    assert judged.verdict == "rejected"
    assert set(ids(judged)) == {"S01", "S16"}


def test_a_code_that_the_profile_does_not_know_is_still_refused() -> None:
    assert ids(write_and_judge(own_text("别墅区"), PROFILE)) == ["V08"]


def test_a_file_of_the_standard_is_read_the_same_with_a_profile() -> None:
    judged = write_and_judge(csv_text([bill(1), bill(2)]), PROFILE)
    assert judged.verdict == "accepted"
    assert judged.coercions.num_rows == 0


def test_personal_data_stay_refused() -> None:
    text = own_text().replace("操作员", "户主姓名")
    assert "S15" in ids(write_and_judge(text, PROFILE))


def test_equal_profiles_have_one_digest_and_are_read_back_whole() -> None:
    turned = Profile("bills", 2, dict(reversed(HEADERS.items())), PROFILE.codes, PROFILE.constants)
    assert turned.digest == PROFILE.digest
    assert Profile.parse(PROFILE.text()) == PROFILE
    assert Profile.parse(json.dumps(PROFILE.as_object(), indent=2)).digest == PROFILE.digest


def changed(**entries: Any) -> dict[str, Any]:
    return {**PROFILE.as_object(), **entries}


@pytest.mark.parametrize(
    "said",
    [
        changed(feed="nothing"),
        changed(version=0),
        changed(version=True),
        changed(standard="9"),
        changed(headers={"户号": "no_such_column"}),
        changed(headers={"户号": "account_no", "用户编号": "account_no"}),
        changed(headers={"户主姓名": None}),
        changed(headers={"": "account_no"}),
        changed(headers=["户号"]),
        changed(codes={"total": {"一": "residential"}}),
        changed(codes={"category": {"民用": "castle"}}),
        changed(constants={"bill_no": "B1"}),
        changed(constants={"total": "1.00"}),
        changed(constants={"nothing": "1"}),
        changed(more=1),
        [],
        None,
    ],
    ids=[
        "feed", "version", "version_bool", "standard", "column", "twice", "personal", "no_header", "list",
        "not_codes", "code", "constant_of_key", "constant_and_header", "constant_column", "more", "array", "null",
    ],
)  # fmt: skip
def test_a_profile_that_does_not_fit_the_standard_says_why_in_both_languages(said: Any) -> None:
    with pytest.raises(ProfileError) as refused:
        Profile.of(said)
    assert refused.value.zh
    assert refused.value.en


@given(st.text(max_size=200))
def test_no_text_crashes_the_reader_of_profiles(text: str) -> None:
    with pytest.raises(ProfileError):
        Profile.parse(text)


def test_the_good_bill_has_every_required_column() -> None:
    required = {column.code for column in FEEDS["bills"].columns if column.required}
    assert required <= set(GOOD_BILL)
