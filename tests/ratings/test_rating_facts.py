"""From what a company filed and what was found to its score, number by number."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction

import pytest

from supervision.db import begin
from supervision.ratings import RatingRefused
from tests.findings.checked_company import DECEMBER, SEASON, account, bill
from tests.ratings.rated_season import BILLS, JULY, OFFICER, SEASON_BEFORE, WRONG, RatedSeason


def test_the_score_of_a_company_is_what_reckoning_by_hand_gives(season: RatedSeason) -> None:
    season.file_bills()
    season.complain("explanation")
    season.complain("monetary")
    season.move_to(JULY)
    with season.service() as service:
        (rating,) = service.compute(SEASON, OFFICER).ratings
    lines = {line["indicator"]: line for line in rating.lines}
    # 2 of 250 bills are wrong: 0.8 %, full at 0.1 %, none at 5 %.
    assert (lines["bills_in_breach"]["numerator"], lines["bills_in_breach"]["denominator"]) == ("2", "250")
    breach = Fraction(100) * (Fraction("0.05") - Fraction(2, 250)) / (Fraction("0.05") - Fraction("0.001"))
    assert breach == Fraction(600, 7)
    # Each wrong one is 80 m2 x (40.35 - 38.32) too high; the others are 80 m2 x 38.32.
    over, billed = 2 * Fraction("162.40"), 248 * Fraction("3065.60") + 2 * Fraction("3228.00")
    assert Fraction(lines["overcharge_per_million"]["numerator"]) == over
    assert Fraction(lines["overcharge_per_million"]["denominator"]) == billed
    money = Fraction(100) * (10_000 - over / billed * 1_000_000) / (10_000 - 100)
    # The roster came on 24 November instead of 31 October, December's bills before 10 January: 1 of 2 in time.
    assert (lines["filings_on_time"]["numerator"], lines["filings_on_time"]["denominator"]) == ("1", "2")
    assert lines["filings_on_time"]["points"] == "0"
    # 2 complaints on 250 accounts, both closed in time, one of them upheld: 50 %, full at 20 %, none at 80 %.
    assert lines["complaints_per_1000"]["value"] == "8"
    assert lines["complaints_closed_in_time"]["points"] == "100"
    assert lines["complaints_upheld"]["points"] == "50"
    # Nobody ordered a refund, so a tenth of the weight is left out and the rest scaled up.
    assert lines["overcharge_corrected"]["state"] == "missing_left_out"
    by_hand = (20 * breach + 20 * money + 10 * 100 + 0 + 10 * 100 + 10 * 100 + 10 * 50) / 90
    assert Fraction(rating.exact) == by_hand
    assert rating.score == Decimal(int(by_hand * 10**6)).scaleb(-6)
    assert rating.grade == rating.grade_before_limiters == "C"
    assert {line["limiter"]: line["state"] for line in rating.limiters} == {
        "refund_overdue": "clear",
        "filing_missing": "clear",
        "overcharge_widespread": "clear",
        "false_material": "not_evaluated",
    }


def test_every_fact_names_the_evidence_it_was_counted_from(season: RatedSeason) -> None:
    season.file_bills()
    number = season.complain()
    season.move_to(JULY)
    with season.service() as service:
        (company,) = service.facts(service.compute(SEASON, OFFICER))["companies"]
    run, sources = season.company.run(), company["sources"]
    assert sources["bills"]["runs"] == [
        {
            "run": run.public_id,
            "period": DECEMBER,
            "bills": BILLS,
            "outcomes": run.outcomes_digest,
            "inputs": run.inputs_digest,
        }
    ]
    outcomes = season.company.desk.evidence.read_table(run.outcomes_digest)
    wrong = outcomes["outcome"].to_pylist().count("breach")
    assert company["facts"]["bills_in_breach"]["numerator"] == str(wrong) == str(WRONG)
    assert {fact["source"] for fact in company["facts"].values()} <= sources.keys()
    kept = season.company.desk.evidence.read_bytes(sources["complaints"]["numbers"])
    assert json.loads(kept) == [number]
    assert sources["complaints"]["roster"]["accounts"] == BILLS
    assert [one["timeliness"] for one in sources["filings"]["owed"]] == ["late", "on_time"]


def test_a_finding_dismissed_as_explained_counts_neither_for_nor_against_the_company(
    season: RatedSeason,
) -> None:
    season.file_bills()
    season.move_to(JULY)
    (finding,) = season.company.findings()
    with begin(season.company.engine) as session:
        service = season.company.service(session)
        found = service.by_id(finding.id)
        service.dismiss(
            found,
            reason="explained",
            note="企业提供了文件,说明成立。",
            by=OFFICER.actor,
            version=found.version,
        )
    with season.service() as service:
        (company,) = service.facts(service.compute(SEASON, OFFICER))["companies"]
    fact, source = company["facts"]["bills_in_breach"], company["sources"]["bills"]
    assert (fact["numerator"], fact["denominator"]) == ("0", str(BILLS - WRONG))
    assert (source["left_out"], source["bills"]) == (WRONG, BILLS)
    assert Decimal(company["facts"]["overcharge_per_million"]["denominator"]) == 248 * Decimal("3065.60")
    assert [one["finding"] for one in source["dismissed"]] == [finding.public_id]


def test_a_finding_dismissed_as_immaterial_still_counts(season: RatedSeason) -> None:
    season.file_bills()
    (finding,) = season.company.findings()
    with begin(season.company.engine) as session:
        service = season.company.service(session)
        found = service.by_id(finding.id)
        service.dismiss(
            found,
            reason="immaterial",
            note="金额轻微,不影响用户权益。",
            by=OFFICER.actor,
            version=found.version,
        )
    with season.service() as service:
        (company,) = service.facts(service.compute(SEASON, OFFICER))["companies"]
    assert company["facts"]["bills_in_breach"]["numerator"] == str(WRONG)


def test_a_complaint_upheld_and_reopened_counts_once(season: RatedSeason) -> None:
    number = season.complain("monetary")
    desk = season.company.desk
    with begin(desk.engine) as session:
        from supervision.complaints import ComplaintService

        service = ComplaintService(session, desk.clock, desk.settings)
        service.reopen(service.numbered(number), reason="款项没有到账", version=3)
    with season.service() as service:
        (company,) = service.facts(service.compute(SEASON, OFFICER))["companies"]
    fact = company["facts"]["complaints_upheld"]
    assert (fact["numerator"], fact["denominator"]) == ("1", "1")


def test_complaints_of_the_day_before_the_season_belong_to_the_season_before(season: RatedSeason) -> None:
    season.complain(at=dt.datetime(2025, 6, 30, 15, 59, 59, tzinfo=dt.UTC))  # the last second in Shanghai
    season.complain(at=dt.datetime(2025, 6, 30, 16, 0, tzinfo=dt.UTC))
    with season.service() as service:
        for name in (SEASON_BEFORE, SEASON):
            (company,) = service.facts(service.compute(name, OFFICER))["companies"]
            assert company["sources"]["complaints"]["received"] == 1


def test_who_files_nothing_is_rated_by_what_is_owed(season: RatedSeason) -> None:
    season.complain(at=dt.datetime(2025, 12, 1, tzinfo=dt.UTC))
    season.move_to(JULY)
    with season.service() as service:
        (rating,) = service.compute(SEASON, OFFICER).ratings
    states = {line["indicator"]: line["state"] for line in rating.lines}
    assert states["bills_in_breach"] == states["bills_not_computable"] == "missing_zero"
    assert rating.grade == "D"
    (missing,) = [line for line in rating.limiters if line["limiter"] == "filing_missing"]
    assert (missing["state"], missing["value"]) == ("hit", "2")  # the roster and the settlement


def test_a_company_nobody_heard_of_is_named_as_not_rated(season: RatedSeason) -> None:
    season.complain()
    season.another_company("silent")
    with season.service() as service:
        release = service.compute(SEASON, OFFICER)
        assert [one.company_code for one in release.ratings] == ["songbei"]
        assert [one["code"] for one in service.facts(release)["not_rated"]] == ["silent"]


def test_bills_that_are_signed_but_not_checked_hold_the_computation_up(season: RatedSeason) -> None:
    season.company.file_and_check("accounts", SEASON, [account(1)])
    season.company.file("bills", DECEMBER, [bill(1)])
    with season.service() as service, pytest.raises(RatingRefused) as refused:
        service.compute(SEASON, OFFICER)
    assert DECEMBER in refused.value.zh
    assert DECEMBER in refused.value.en


@pytest.mark.parametrize(
    ("name", "says"), [("2025-12", "no season"), ("abc", "no season"), ("2030-31", "has not begun")]
)
def test_a_season_that_cannot_be_rated_is_refused_with_its_reason(
    season: RatedSeason, name: str, says: str
) -> None:
    with season.service() as service, pytest.raises(RatingRefused) as refused:
        service.compute(name, OFFICER)
    assert says in refused.value.en


def test_a_season_without_any_fact_is_not_rated(season: RatedSeason) -> None:
    with season.service() as service:
        with pytest.raises(RatingRefused):
            service.compute(SEASON, OFFICER)
        assert list(service.all()) == []
