"""Frozen content becomes the same document again, or is refused."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from reports.documents import Document
from supervision.documents.content import ContentAltered, thawed
from tests.reports import document_specimens as specimens

SPECIMENS = [specimens.notice(), specimens.rating(), specimens.receipt(), specimens.worksheet()]


@pytest.mark.parametrize("document", SPECIMENS, ids=lambda one: one.kind)
def test_a_document_comes_back_from_its_json_field_by_field(document: Document) -> None:
    content = json.loads(json.dumps(document.as_dict(), ensure_ascii=False))
    back = thawed(content, document.digest)
    assert back == document
    assert back.canonical() == document.canonical()
    assert isinstance(back.dated_on, dt.date)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", "另一文号"),
        ("facts", ["另一事实"]),
        ("facts", "一段"),
        ("notice_kind", "pardon"),
        ("facts", [1]),
    ],
)
def test_content_that_was_altered_is_no_document(name: str, value: object) -> None:
    notice = specimens.notice()
    with pytest.raises(ContentAltered):
        thawed({**notice.as_dict(), name: value}, notice.digest)


def test_content_with_a_field_too_many_or_too_few_is_no_document() -> None:
    notice = specimens.notice()
    content = notice.as_dict()
    with pytest.raises(ContentAltered):
        thawed({**content, "extra": "1"}, notice.digest)
    with pytest.raises(ContentAltered):
        thawed({name: value for name, value in content.items() if name != "facts"}, notice.digest)


def test_content_of_another_layout_is_no_document() -> None:
    notice = specimens.notice()
    with pytest.raises(ContentAltered, match="version"):
        thawed({**notice.as_dict(), "version": 99}, notice.digest)
    with pytest.raises(ContentAltered):
        thawed({**notice.as_dict(), "document": "poem"}, notice.digest)
