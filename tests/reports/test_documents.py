"""Documents: canonical form, digest, and fields that are refused in both languages."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from decimal import Decimal

import document_specimens as specimens
import pytest

from reports.documents import Annex, Bilingual, DocumentRefused, NoticeKind, Outcome
from reports.documents.notice import HEADINGS


@pytest.mark.parametrize("kind", specimens.ALL)
def test_the_digest_is_the_sha256_of_canonical_json_anyone_can_make(kind: str) -> None:
    document = specimens.ALL[kind]()
    again = json.dumps(
        json.loads(json.dumps(document.as_dict())), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert document.digest == hashlib.sha256(again.encode()).hexdigest()
    assert document.as_dict()["document"] == kind
    assert document == specimens.ALL[kind]()


@pytest.mark.parametrize("kind", specimens.ALL)
def test_every_field_of_a_document_is_in_its_canonical_form(kind: str) -> None:
    document = specimens.ALL[kind]()
    names = {field.name for field in dataclasses.fields(document)}
    assert names | {"document", "version"} == set(document.as_dict())


@pytest.mark.parametrize("kind", specimens.ALL)
def test_documents_cannot_be_changed(kind: str) -> None:
    document = specimens.ALL[kind]()
    with pytest.raises(dataclasses.FrozenInstanceError):
        document.verify_url = "https://elsewhere.example"


def test_one_changed_fen_changes_the_digest() -> None:
    one = specimens.notice(billed_total="3384612.01")
    assert one.digest != specimens.notice().digest


def test_the_same_instant_in_another_zone_is_the_same_receipt() -> None:
    beijing = dt.timezone(dt.timedelta(hours=8))
    received = specimens.receipt().received_at
    assert specimens.receipt(received_at=received.astimezone(beijing)).digest == specimens.receipt().digest


def test_a_receipt_of_the_evening_in_utc_is_dated_the_next_day_in_china() -> None:
    assert specimens.receipt().received_at.date() == dt.date(2026, 4, 5)
    assert specimens.receipt().dated_on == dt.date(2026, 4, 6)


@pytest.mark.parametrize(
    ("make", "field", "value"),
    [
        (specimens.notice, "billed_total", "12"),
        (specimens.notice, "billed_total", "1,234.50"),
        (specimens.notice, "billed_total", "NaN"),
        (specimens.notice, "billed_total", "１２.００"),
        (specimens.notice, "overcharge_total", None),
        (specimens.notice, "number", ""),
        (specimens.notice, "facts", ()),
        (specimens.notice, "legal_basis", ()),
        (specimens.notice, "signatories", ()),
        (specimens.notice, "verify_url", "javascript:alert(1)"),
        (specimens.notice, "verify_url", "file:///etc/passwd"),
        (specimens.notice, "verify_url", "https://a.example/" + "x" * 300),
        (specimens.notice, "summary_en", "x" * 20_001),
        (specimens.notice, "summary_en", "half \ud83d a character"),
        (specimens.receipt, "content_digest", "abc"),
        (specimens.receipt, "rows", -1),
        (specimens.receipt, "received_at", dt.datetime(2026, 4, 5)),
        (specimens.rating, "points", "1e3"),
        (specimens.rating, "indicators", ()),
        (specimens.rating, "ranked", None),
        (specimens.worksheet, "overcharge", None),
        (specimens.worksheet, "outcome", Outcome.INCONCLUSIVE),
    ],
)
def test_a_field_that_cannot_be_printed_is_refused_by_name_in_both_languages(
    make, field: str, value: object
) -> None:
    with pytest.raises(DocumentRefused) as refused:
        make(**{field: value})
    assert any("\u4e00" <= character <= "\u9fff" for character in refused.value.zh)
    assert refused.value.en.isascii()
    assert refused.value.field


def test_an_inconclusive_worksheet_must_say_what_is_missing() -> None:
    with pytest.raises(DocumentRefused, match="missing"):
        specimens.worksheet(outcome=Outcome.INCONCLUSIVE, recomputed_total=None, overcharge=None)


def test_an_annex_prints_at_most_200_rows() -> None:
    rows = tuple(specimens.annex_row(number) for number in range(201))
    with pytest.raises(DocumentRefused, match="200"):
        Annex(rows, 201, specimens.sha("csv"))
    with pytest.raises(DocumentRefused, match="total_rows"):
        Annex(rows[:3], 2, specimens.sha("csv"))


def test_a_number_that_is_a_float_or_decimal_never_enters_a_document() -> None:
    for value in (1.5, Decimal("1.5")):
        with pytest.raises(TypeError, match="holds no"):
            specimens.receipt(rows=value).as_dict()


def test_each_kind_of_notice_has_a_heading_in_both_languages() -> None:
    assert set(HEADINGS) == set(NoticeKind)
    assert all(heading.zh and heading.en for heading in HEADINGS.values())


def test_the_chinese_text_is_never_left_out() -> None:
    with pytest.raises(DocumentRefused):
        Bilingual("", "English alone")
