"""The scheme file: complete, consistent, refused with a reason otherwise."""

from __future__ import annotations

from fractions import Fraction
from importlib import resources

import pytest

from checks.ratings import SchemeError, load_scheme, read_scheme

CONTENT = (resources.files("checks.ratings") / "schemes" / "season-2025.toml").read_bytes()


def test_the_shipped_scheme_is_sound_and_its_weights_add_to_a_hundred() -> None:
    scheme = load_scheme()
    assert sum(indicator.weight for indicator in scheme.indicators) == 100
    assert [(grade.letter, grade.at_least) for grade in scheme.grades] == [
        ("A", 90),
        ("B", 80),
        ("C", 60),
        ("D", 0),
    ]
    assert len(scheme.digest) == 64
    assert all(i.zh and i.en and i.definition_zh and i.definition_en for i in scheme.indicators)


def test_the_share_resting_on_the_companys_own_word_is_told_and_small() -> None:
    assert load_scheme().asserted_share == Fraction(1, 10)


def test_another_byte_is_another_digest() -> None:
    assert read_scheme(CONTENT + b"\n").digest != load_scheme().digest


def test_a_scheme_that_is_not_shipped_is_refused() -> None:
    for code in ("season-1999", "../schemes/season-2025"):
        with pytest.raises(SchemeError, match="no rating scheme"):
            load_scheme(code)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("weight = 20", "weight = 21", "add to 102"),
        ('full = "0.001"', 'full = "0.06"', "contradict"),
        ('full = "0.001"', "full = 0.001", "as text"),
        ('full = "0.001"', 'full = "little"', "not a number"),
        ('full = "0.001"', 'full = "NaN"', "NaN"),
        ('code = "overcharge_per_million"', 'code = "bills_in_breach"', "occurs twice"),
        ('at_least = "80"', 'at_least = "95"', "must fall"),
        ('at_most = "C"', 'at_most = "E"', "does not exist"),
        ('source = ["proposal"]', 'source = ["rumour"]', "rumour"),
        ('minimum_n = 200\nmissing = "zero"', 'missing = "zero"', "minimum_n"),
        ('direction = "lower"', 'direction = "sideways"', "sideways"),
        ('group = "filing"', 'group = "weather"', "filings_on_time"),
        ("[[indicator]]", "[[indicator", "not readable"),
        ('measure = "share"', 'measure = "share"\nurgent = true', "urgent"),
    ],
)
def test_a_faulty_scheme_is_refused_and_the_fault_is_named(old: str, new: str, fault: str) -> None:
    text = CONTENT.decode()
    assert old in text
    with pytest.raises(SchemeError, match=fault) as caught:
        read_scheme(text.replace(old, new).encode())
    assert caught.value.zh
    assert caught.value.en


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(SchemeError, match="not readable"):
        read_scheme(b"\xff\xfe\x00")
