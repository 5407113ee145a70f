"""What a company's file suggests: columns for its headers, codes for its words, and how sure that is; never more than a suggestion."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_filings import bill

from ingest.child import ChildLimits
from ingest.judge import judge
from ingest.profiles import Profile
from ingest.samples import write_sample_csv
from ingest.standard import FEEDS
from ingest.suggesting import Sample, look_at
from ingest.suggesting.in_child import as_data, look_in_child, sample_of
from ingest.suggesting.likeness import LEAST, codes_like, columns_like

HEADERS = {"单据号": "bill_no", "户号": "account_no", "用户类型": "category", "应收（元）": "total"}


def own_table(*, category: str = "民用", rows: int = 3) -> list[list[str]]:
    """Bills under the company's headers and words, with a column that the standard does not have."""
    names = {code: header for header, code in HEADERS.items()}
    first = {code: value for code, value in bill(1).items() if value}
    table = [[*(names.get(code, code) for code in first), "操作员"]]
    for number in range(rows):
        said = {**first, "bill_no": f"B{number}", "category": category}
        table.append([*said.values(), "甲"])
    return table


def csv_of(table: list[list[str]], delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(row) + "\n" for row in table).encode("gb18030")


def looked(
    content: bytes, folder: Path, name: str = "own.csv", feed: str = "bills", **given: object
) -> Sample:
    path = folder / "sample"
    path.write_bytes(content)
    period = {"month": "2025-12", "season": "2025-26", "day": "2025-12-03"}[FEEDS[feed].periods[0]]
    return look_at(path, feed=feed, period=period, filename=name, version=1, **given)  # type: ignore[arg-type]


def as_workbook(table: list[list[str]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in table:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def as_objects(table: list[list[str]]) -> bytes:
    lines = (dict(zip(table[0], row, strict=True)) for row in table[1:])
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


TITLE = [["2025年12月账单明细"], ["某某热力有限公司"]]
FORMS = {
    "csv": (csv_of(own_table()), "own.csv"),
    "semicolons": (csv_of(own_table(), ";"), "own.csv"),
    "tabs": (csv_of(own_table(), "\t"), "own.tsv"),
    "titles": (csv_of(TITLE + own_table()), "own.csv"),
    "gzip": (gzip.compress(csv_of(own_table()), mtime=0), "own.csv.gz"),
    "xlsx": (as_workbook(own_table()), "own.xlsx"),
    "jsonl": (as_objects(own_table()), "own.jsonl"),
}


@pytest.mark.parametrize("form", list(FORMS))
def test_headers_and_words_are_found_in_every_form_a_file_comes_in(form: str, tmp_path: Path) -> None:
    content, name = FORMS[form]
    found = looked(content, tmp_path, name)
    assert found.suggestion is not None
    assert found.profile.headers == HEADERS
    assert found.profile.codes == {"category": {"民用": "residential"}}
    assert found.suggestion.missing == ()
    assert [one.name for one in found.suggestion.headers if one.how == "none"] == ["操作员"]
    assert dict(zip(found.columns, found.rows[0], strict=True))["category"] == "residential"


def test_what_is_suggested_reads_the_file_once_what_it_does_not_know_is_settled(tmp_path: Path) -> None:
    found = looked(csv_of(own_table()), tmp_path)
    path = tmp_path / "sample"
    given = {"feed": "bills", "period": "2025-12", "filename": "own.csv"}
    assert judge(path, profile=found.profile, **given).verdict == "rejected"  # type: ignore[arg-type]
    settled = replace(found.profile, headers={**found.profile.headers, "操作员": None})
    assert judge(path, profile=settled, **given).verdict == "accepted"  # type: ignore[arg-type]


@pytest.mark.parametrize("feed", list(FEEDS))
@pytest.mark.parametrize("labels", [True, False], ids=["labels", "codes"])
def test_a_file_of_the_standard_needs_no_profile(feed: str, labels: bool, tmp_path: Path) -> None:
    write_sample_csv(feed, tmp_path / "sample.csv", labels=labels)
    found = looked((tmp_path / "sample.csv").read_bytes(), tmp_path, feed=feed)
    assert found.suggestion is not None
    assert {one.how for one in found.suggestion.headers} == {"standard"}
    assert (found.profile.headers, found.profile.codes) == ({}, {})


def test_values_that_a_column_cannot_hold_make_it_less_sure(tmp_path: Path) -> None:
    table = own_table()
    place = table[0].index("应收（元）")
    table[0][place] = "应收总计"
    sure = {
        kind: next(one.sure for one in found.headers if one.name == "应收总计")
        for kind, value in (("amounts", "100.00"), ("words", "已收"))
        if (
            found := looked(
                csv_of([table[0], *([*row[:place], value, *row[place + 1 :]] for row in table[1:])]), tmp_path
            ).suggestion
        )
    }
    assert sure["amounts"] >= LEAST
    assert sure["words"] < sure["amounts"]


def test_one_column_is_suggested_for_one_header_only(tmp_path: Path) -> None:
    table = [[*row, row[1]] for row in own_table()]
    table[0][-1] = "客户号"
    found = looked(csv_of(table), tmp_path).suggestion
    assert found is not None
    assert [one.code for one in found.headers].count("account_no") == 1


def test_the_profile_before_is_kept_and_what_the_file_says_otherwise_gives_way(tmp_path: Path) -> None:
    base = Profile(
        "bills",
        4,
        {"操作员": None, "旧户号": "account_no", "台区": None},
        {"category": {"公建": "office"}},
        {"kind": "season"},
    )
    found = looked(csv_of(own_table()), tmp_path, base=base)
    assert found.profile.headers == {**HEADERS, "操作员": None, "台区": None}
    assert found.profile.codes["category"] == {"民用": "residential", "公建": "office"}
    assert found.profile.constants == {}


def test_personal_data_are_named_and_never_suggested(tmp_path: Path) -> None:
    table = own_table()
    table[0][-1] = "户主姓名"
    found = looked(csv_of(table), tmp_path)
    assert found.suggestion is not None
    assert found.suggestion.has_personal
    assert "户主姓名" not in found.profile.headers


def test_every_word_of_the_trade_belongs_to_a_column_or_code_of_the_standard() -> None:
    import tomllib
    from importlib import resources

    words = tomllib.loads(resources.files("ingest.suggesting").joinpath("words.toml").read_text("utf-8"))
    columns = {column.code: column for feed in FEEDS.values() for column in feed.columns}
    assert set(words["columns"]) <= set(columns)
    for key, codes in words["codes"].items():
        feed, _, code = key.rpartition(".")
        column = FEEDS[feed].column(code) if feed else columns[code]
        assert set(codes) <= {one.code for one in column.codes}
        for meant, said in codes.items():
            for word in said:
                assert codes_like(feed or "bills", column, word)[0].code == meant
    assert columns_like("bills", "户号")[0].code == "account_no"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "own.csv"),
        (b"\xff\xfe\x00", "own.csv"),
        (b"PK\x03\x04", "own.xlsx"),
        (b"x", "own.pdf"),
        (b"0", "own.mbus"),
    ],
    ids=["empty", "utf16", "no_workbook", "pdf", "telegram"],
)
def test_a_file_that_no_reader_takes_suggests_nothing(content: bytes, name: str, tmp_path: Path) -> None:
    found = looked(content, tmp_path, name)
    assert (found.suggestion, found.rows, found.profile) == (None, (), Profile("bills", 1))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)),
    name=st.sampled_from(["a.csv", "a.jsonl", "a.xlsx", "a.zip", "a.csv.gz"]),
)
def test_no_file_crashes_the_look(content: bytes, name: str, tmp_path: Path) -> None:
    found = looked(content, tmp_path, name)
    assert Profile.parse(found.profile.text()) == found.profile


def test_the_child_gives_the_same_look_and_one_beyond_its_limits_suggests_nothing(tmp_path: Path) -> None:
    here = looked(csv_of(own_table()), tmp_path)
    assert sample_of(json.loads(json.dumps(as_data(here)))) == here
    given = {"feed": "bills", "period": "2025-12", "filename": "own.csv", "version": 1}
    assert look_in_child(tmp_path / "sample", **given) == here  # type: ignore[arg-type]
    stopped = look_in_child(tmp_path / "sample", child_limits=ChildLimits(clock_seconds=0.01), **given)  # type: ignore[arg-type]
    assert stopped.suggestion is None
