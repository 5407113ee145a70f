"""How tariffs are named and their silent spots told: in words of both languages, never in codes of ours."""

from __future__ import annotations

import re

import pytest

from checks.recompute.assumed import ASSUMED, in_words
from checks.recompute.documents import document_words
from checks.tariffs.load import load_published

PUBLISHED = load_published()


@pytest.mark.parametrize(
    ("document", "zh"),
    [
        (
            "京价(商)字〔2001〕372号; 京政容发〔2010〕98号 (metering)",
            "京价(商)字〔2001〕372号；京政容发〔2010〕98号（计量）",
        ),
        (
            "石价〔2013〕135号; vacancy: 石发改价格〔2020〕662号",
            "石价〔2013〕135号；空置：石发改价格〔2020〕662号",
        ),
        (
            "烟发改价格〔2022〕283号 (continues 烟价〔2015〕94号)",
            "烟发改价格〔2022〕283号（延续烟价〔2015〕94号）",
        ),
        ("阜价服〔2017〕1号", "阜价服〔2017〕1号"),
    ],
)
def test_document_numbers_are_joined_and_remarked_upon_as_chinese_writes_them(document: str, zh: str) -> None:
    assert document_words(document) == (zh, document)


def test_no_published_document_number_keeps_a_foreign_word_in_chinese() -> None:
    told = [document_words(one.document).zh for one in PUBLISHED if one.document]
    assert [zh for zh in told if re.search(r"[A-Za-z]|[;,] ", zh)] == []


def test_everything_a_published_tariff_assumes_has_words() -> None:
    assumed = {field for one in PUBLISHED for field in one.assumed}
    assert assumed <= ASSUMED.keys()
    assert in_words(["height", "late_fee"]) == ("超高加价、违约金", "surcharge for high rooms, late fee")


def test_what_a_tariff_of_somebodys_own_assumes_stands_as_it_is_named() -> None:
    assert in_words(["late_fee", "own.rule"]) == ("违约金、own.rule", "late fee, own.rule")
