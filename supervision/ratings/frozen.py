"""The facts of a season as one frozen piece of evidence, and the ratings that follow from it.

``rated`` is the only way from facts to ratings: for a new draft and for a release of years ago alike, so that what was
released can be computed again bit for bit (SR8).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from checks.deadlines import due_rules
from checks.ratings import (
    Fact,
    GapLine,
    RankInterval,
    RankLine,
    Rating,
    Scheme,
    gap_to_next,
    peer_means,
    rank,
    rank_intervals,
    rate,
)
from supervision.ratings.facts import CompanyFacts

LAYOUT = 1


@dataclass(frozen=True, slots=True)
class RatedCompany:
    code: str
    rating: Rating
    rank: RankLine
    interval: RankInterval
    gap: tuple[GapLine, ...]


def frozen_facts(
    *,
    season: str,
    as_of: dt.datetime,
    scheme: Scheme,
    found: Sequence[CompanyFacts],
    previous_grades: Mapping[str, Sequence[str]],
    not_rated: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """Everything a rating is computed from, and where it was counted. Figures are decimal text."""
    return {
        "layout": LAYOUT,
        "season": season,
        "as_of": as_of.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "scheme": {"code": scheme.code, "version": scheme.version, "digest": scheme.digest},
        "due_rules": [
            {"code": rule.code, "zh": rule.zh, "en": rule.en, "is_assumed": rule.is_assumed}
            for rule in due_rules()
        ],
        "companies": [_company(one, previous_grades.get(one.company.code, ())) for one in found],
        "not_rated": [dict(one) for one in not_rated],
    }


def _company(found: CompanyFacts, previous_grades: Sequence[str]) -> dict[str, Any]:
    company = found.company
    return {
        "code": company.code,
        "name_zh": company.name_zh,
        "name_en": company.name_en,
        "previous_grades": list(previous_grades),
        "facts": {
            code: {
                "numerator": f"{fact.numerator:f}"
                if isinstance(fact.numerator, Decimal)
                else str(fact.numerator),
                "denominator": f"{fact.denominator:f}"
                if isinstance(fact.denominator, Decimal)
                else str(fact.denominator),
                "n": fact.n,
                "source": found.origin[code],
            }
            for code, fact in sorted(found.facts.items())
        },
        "sources": found.sources,
    }


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one byte form: sorted keys, UTF-8, one line feed at the end."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    return (text + "\n").encode()


def rated(document: Mapping[str, Any], scheme: Scheme) -> list[RatedCompany]:
    """The ratings that follow from frozen facts, best first. Raises NotRatable, and ValueError where the facts were
    frozen for another scheme."""
    if document["scheme"]["digest"] != scheme.digest:
        raise ValueError("these facts were frozen for another scheme")
    facts = {one["code"]: _facts_of(one) for one in document["companies"]}
    previous = {one["code"]: one["previous_grades"] for one in document["companies"]}
    peers = peer_means(scheme, facts)
    ratings = {
        code: rate(scheme, known, peers=peers, previous_grades=previous[code])
        for code, known in facts.items()
    }
    intervals = {line.company: line for line in rank_intervals(scheme, ratings)} if ratings else {}
    return [
        RatedCompany(
            code=line.company,
            rating=ratings[line.company],
            rank=line,
            interval=intervals[line.company],
            gap=gap_to_next(scheme, ratings[line.company]),
        )
        for line in rank(ratings)
    ]


def _facts_of(company: Mapping[str, Any]) -> dict[str, Fact]:
    return {
        code: Fact(Decimal(one["numerator"]), Decimal(one["denominator"]), one["n"])
        for code, one in company["facts"].items()
    }
