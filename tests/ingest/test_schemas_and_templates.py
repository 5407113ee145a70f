"""Guide, schemas, samples and templates say the same, because they are made of the same data."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ingest_filings import ids, judge_rows

from ingest.samples import write_all
from ingest.standard import FEEDS, Feed, Kind
from ingest.standard.schemas import json_schema, table_schema


def breaks(schema: dict[str, Any], row: dict[str, str]) -> list[str]:
    """The columns in which a row breaks the schema of its feed."""
    wrong = [code for code in row if code not in schema["properties"]]
    wrong += [code for code in schema["required"] if code not in row]
    for code, text in row.items():
        said = schema["properties"].get(code, {})
        patterns = [one["pattern"] for one in said.get("anyOf", [])] or [said.get("pattern", "")]
        if (
            "enum" in said
            and text not in said["enum"]
            or "enum" not in said
            and not any(re.search(pattern, text) for pattern in patterns)
        ):
            wrong.append(code)
    return wrong


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.code)
def test_the_samples_fit_the_schemas_and_the_schemas_name_every_column(feed: Feed) -> None:
    schema, table = json_schema(feed), table_schema(feed)
    codes = [column.code for column in feed.columns]
    assert list(schema["properties"]) == [field["name"] for field in table["fields"]] == codes
    assert table["primaryKey"] == list(feed.key)
    assert [breaks(schema, row) for row in feed.sample] == [[]] * len(feed.sample)


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.code)
def test_what_the_schema_refuses_the_judge_refuses_too(feed: Feed) -> None:
    schema, row = json_schema(feed), feed.sample[0]
    for column in feed.columns:
        if column.kind in (Kind.TEXT, Kind.IDENTIFIER):
            continue
        spoilt = {**row, column.code: "?"}
        assert column.code in breaks(schema, spoilt)
        assert ids(judge_rows(spoilt, feed=feed.code, period=""))


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.code)
def test_a_template_offers_the_labels_of_every_code_list(tmp_path: Path, feed: Feed) -> None:
    written = {path.name: path for path in write_all(tmp_path)}
    sheet = openpyxl.load_workbook(written[f"{feed.code}-template.xlsx"]).active
    offered = {
        str(one.sqref).split("2:")[0]: one.formula1.strip('"').split(",")
        for one in sheet.data_validations.dataValidation
    }
    assert all(
        len(one.formula1) <= 257 for one in sheet.data_validations.dataValidation
    )  # Excel takes no more
    for cell, column in zip(sheet[1], feed.columns, strict=True):
        assert cell.value == column.zh
        labels = [code.zh for code in column.codes] or (["是", "否"] if column.kind is Kind.BOOL else None)
        assert offered.get(cell.column_letter) == labels
    assert json.loads(written[f"{feed.code}.schema.json"].read_text("utf-8")) == json_schema(feed)
    assert json.loads(written[f"{feed.code}.tableschema.json"].read_text("utf-8")) == table_schema(feed)
