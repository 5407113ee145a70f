"""The report card of a company (评价结果), issued at release: numbered, frozen, rendered once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from supervision.documents import Assigned
from supervision.ratings import wording
from supervision.ratings.models import CompanyRating, RatingRelease
from supervision.ratings.reading import RatingReading
from supervision.settings import Settings

if TYPE_CHECKING:
    from checks.ratings import Scheme
    from reports.documents import Bilingual, Indicator, Limiter, RatingCard


class Cards:
    """Makes the cards of one release."""

    def __init__(self, reading: RatingReading, release: RatingRelease, settings: Settings) -> None:
        self._release, self._settings = release, settings
        self._scheme = reading.scheme(release)
        self._facts = {one["code"]: one for one in reading.facts(release)["companies"]}

    def maker(self, rating: CompanyRating) -> Callable[[Assigned], RatingCard]:
        """What builds the card once it has its number."""

        def make(assigned: Assigned) -> RatingCard:
            return self._card(rating, assigned)

        return make

    def _card(self, rating: CompanyRating, assigned: Assigned) -> RatingCard:
        from reports.documents import Bilingual, EvidenceReference, RatingCard

        scheme, release = self._scheme, self._release
        return RatingCard(
            number=assigned.number,
            authority=Bilingual(self._settings.authority_zh, self._settings.authority_en),
            company=Bilingual(rating.name_zh, rating.name_en),
            season=release.season,
            method=Bilingual(
                f"{scheme.zh}，版本{scheme.version}；未发现问题不等于合规，未能核算的账单不计入合规。",
                f"{scheme.en}, version {scheme.version}. No finding is no proof of compliance; "
                "bills that could not be recomputed are not counted as right.",
            ),
            issued_on=assigned.issued_on,
            grade=Bilingual(f"{rating.grade} 级", scheme.named(rating.grade).en),
            points=wording.score(rating.score),
            points_max="100",
            indicators=tuple(
                _indicator(scheme, line, number) for number, line in enumerate(rating.lines, start=1)
            ),
            reasons=(
                *(_both(reason) for reason in wording.main_reasons(scheme, rating.lines)),
                Bilingual(
                    f"评价结果的运用：{rating.consequence_zh}", f"What follows: {rating.consequence_en}"
                ),
            ),
            verify_url=assigned.verify_url,
            coverage_percent=wording.coverage(self._facts[rating.company_code]["sources"].get("bills")),
            rank_low=rating.rank_low,
            rank_high=rating.rank_high,
            ranked=len(release.ratings),
            limiters=tuple(_limiters(scheme, rating.limiters)),
            evidence=(
                EvidenceReference(release.facts_digest, Bilingual("评价所依据的事实", "Facts rated")),
                EvidenceReference(release.scheme_digest, Bilingual("评价方案", "Rating scheme")),
            ),
        )


def _both(told: dict[str, str]) -> Bilingual:
    from reports.documents import Bilingual

    return Bilingual(told["zh"], told["en"])


def _indicator(scheme: Scheme, line: dict[str, Any], number: int) -> Indicator:
    from reports.documents import Bilingual, Indicator

    indicator = scheme.indicator(line["indicator"])
    is_scored = line["weight_used"] != "0"
    return Indicator(
        code=str(number),
        name=Bilingual(indicator.zh, indicator.en),
        value=wording.shown_number(indicator, line["value"]),
        unit=Bilingual(wording.unit(indicator)["zh"]),  # narrow column; ``how`` says it in English
        weight=wording.two(line["weight"]),
        points=wording.two(line["points"]).replace(",", "") if is_scored else None,
        points_max="100",
        how=Bilingual(line["how_zh"], line["how_en"]),
    )


def _limiters(scheme: Scheme, lines: list[dict[str, Any]]) -> list[Limiter]:
    """Those in force; a card names what caps the grade, the page tells of all of them."""
    from reports.documents import Bilingual, Limiter

    known = {limiter.code: limiter for limiter in scheme.limiters}
    told = []
    for line in lines:
        if line["state"] != "hit":
            continue
        limiter = known[line["limiter"]]
        sources = "；".join(scheme.sources[key] for key in limiter.source)
        told.append(
            Limiter(
                name=Bilingual(
                    f"{limiter.zh}（等级最高为{limiter.at_most}）",
                    f"{limiter.en} (grade {limiter.at_most} at best)",
                ),
                basis=Bilingual(sources),
                cure=Bilingual(limiter.cure_zh, limiter.cure_en),
            )
        )
    return told
