"""The home worked out on the page of every published tariff yields a certificate that its checker agrees with."""

from __future__ import annotations

import datetime as dt

import pytest

from checks.certificate import proven
from checks.tariffs.load import load_published
from supervision.tariffs.worked_example import WorkedExample, example_certificate, worked_examples

WINTER = dt.date(2025, 12, 1)
EVERY = [
    (tariff.id, example)
    for tariff in load_published()
    for example in worked_examples(tariff, load_published(), WINTER)
]


@pytest.mark.parametrize(("tariff_id", "example"), EVERY, ids=[f"{name}-{one.method}" for name, one in EVERY])
def test_the_example_of_the_tariff_is_certified_at_what_the_page_shows(
    tariff_id: str, example: WorkedExample
) -> None:
    tariffs = load_published()
    (tariff,) = [one for one in tariffs if one.id == tariff_id]
    outcome = proven(example_certificate(example, tariff, tariffs))["outcome"]
    due = example.sheet.recomputed_total
    if due is None:
        assert (outcome["label"], list(outcome["missing"])) == ("not_computable", list(example.sheet.missing))
    else:
        assert (outcome["outcome"], outcome["recomputed_total"]) == ("conforms", f"{due:f}")


def test_most_published_tariffs_have_an_example() -> None:
    assert len({name for name, _ in EVERY}) > len(load_published()) / 2
