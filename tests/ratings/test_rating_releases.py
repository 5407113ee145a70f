"""A release is computed by one person, released by another, frozen, corrected only by a further one."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.documents import DocumentService
from supervision.journal import Journal, JournalEntry
from supervision.ratings import NoSuchRelease, RatingRefused
from supervision.ratings.comparing import changes
from supervision.ratings.lifecycle import ReleaseState
from supervision.ratings.models import CompanyRating, RatingRelease
from supervision.ratings.rows import limiter_json, line_json
from supervision.security import Role
from tests.filings.filing_desk import person
from tests.findings.checked_company import DECEMBER, OLD_PRICE, SEASON, bill
from tests.ratings.rated_season import (
    BILLS,
    JULY,
    OFFICER,
    SEASON_BEFORE,
    SUPERVISOR,
    WHY,
    RatedSeason,
)

WINTER, WINTER_BEFORE = (dt.datetime(year, 12, 1, tzinfo=dt.UTC) for year in (2025, 2024))


def test_who_computed_a_rating_cannot_release_it_under_any_sign_in(season: RatedSeason) -> None:
    season.complain()
    both = dataclasses.replace(OFFICER, name="second-sign-in", role=Role.SUPERVISING_OFFICER)
    draft = season.computed()
    with season.service() as service, pytest.raises(RatingRefused):
        service.release(service.any(draft.public_id), both, version=1)
    with season.service() as service:
        found = service.any(draft.public_id)
        assert found.state is ReleaseState.DRAFT
        service.release(found, SUPERVISOR, version=found.version)
        assert (found.computed_by, found.released_by) == ("officer", "supervisor")


def test_the_database_itself_refuses_one_person_for_both(season: RatedSeason) -> None:
    season.complain()
    season.released()
    with pytest.raises(IntegrityError), begin(season.company.engine) as session:
        session.execute(text("UPDATE rating_release SET released_by_person = computed_by_person"))


def test_nothing_is_public_before_the_release(season: RatedSeason) -> None:
    season.complain()
    draft = season.computed()
    with season.service() as service:
        assert service.seasons() == []
        with pytest.raises(NoSuchRelease):
            service.published(SEASON)
        with pytest.raises(NoSuchRelease):
            service.published(SEASON, draft.public_id)
        with pytest.raises(NoSuchRelease):
            service.published_by_id(draft.public_id)
        with pytest.raises(NoSuchRelease):
            service.scheme_bytes(draft.scheme_digest)


def test_a_release_stays_as_it_is_when_new_findings_arrive(season: RatedSeason) -> None:
    season.file_bills()
    released = season.released()
    (before,) = released.ratings
    rows = [bill(n, price=OLD_PRICE) if n <= 40 else bill(n) for n in range(1, BILLS + 1)]
    filing = season.company.desk.judged(_csv(rows), feed="bills", period=DECEMBER)
    season.company.desk.sign(filing)
    season.company.check()
    assert season.company.run().breaches == 40
    with season.service() as service:
        (after,) = service.published(SEASON).ratings
        assert (after.exact, after.lines) == (before.exact, before.lines)
        (again,) = service.computed_again(service.published(SEASON))
        assert str(again.rating.exact) == before.exact
        assert [line_json(line) for line in again.rating.lines] == before.lines
        assert [limiter_json(line) for line in again.rating.limiters] == before.limiters
        (new,) = service.compute(SEASON, OFFICER, reason=WHY).ratings
        assert new.lines[0]["numerator"] == "40"


def _csv(rows: list[dict[str, str]]) -> bytes:
    from tests.filings.filing_desk import csv_bytes

    return csv_bytes("bills", rows)


def test_the_database_itself_keeps_a_rating_as_it_is(season: RatedSeason) -> None:
    season.complain()
    season.released()
    for statement in (
        "UPDATE company_rating SET grade = 'A'",
        "UPDATE company_rating SET card_id = NULL",
        "DELETE FROM company_rating",
    ):
        with pytest.raises(DatabaseError), begin(season.company.engine) as session:
            session.execute(text(statement))
    with season.service() as service:
        (rating,) = service.published(SEASON).ratings
        assert rating.grade == "D"
        assert rating.card_id is not None


def test_a_correction_is_a_further_release_that_names_what_it_corrects_and_why(season: RatedSeason) -> None:
    season.complain("monetary")
    first = season.released()
    season.complain("explanation")
    with season.service() as service, pytest.raises(RatingRefused):
        service.compute(SEASON, OFFICER)
    second = season.released(reason=WHY)
    season.complain("explanation")
    third = season.released(reason=f"再次{WHY}")
    with season.service() as service:
        chain = [service.any(one.public_id) for one in (first, second, third)]
        assert [one.state for one in chain] == [
            ReleaseState.SUPERSEDED,
            ReleaseState.SUPERSEDED,
            ReleaseState.RELEASED,
        ]
        assert [one.predecessor_id for one in chain] == [None, chain[0].id, chain[1].id]
        assert chain[1].reason == WHY
        assert service.published(SEASON).id == chain[2].id
        assert service.published(SEASON, first.public_id).id == chain[0].id
        (change,) = changes(chain[0].ratings, chain[1].ratings)
        assert change.company_code == "songbei"
        (upheld,) = [line for line in change.lines if line.indicator == "complaints_upheld"]
        assert upheld.before is not None
        assert upheld.after is not None
        assert (upheld.before["value"], upheld.after["value"]) == ("1", "0.5")


def test_the_same_facts_make_no_difference(season: RatedSeason) -> None:
    season.complain()
    first = season.released()
    second = season.computed(reason=WHY)
    with season.service() as service:
        assert changes(service.any(first.public_id).ratings, service.any(second.public_id).ratings) == []


def test_computing_again_discards_the_draft_before(season: RatedSeason) -> None:
    season.complain()
    first, second = season.computed(), season.computed()
    with season.service() as service:
        assert service.any(first.public_id).state is ReleaseState.DISCARDED
        assert service.draft(SEASON).id == second.id  # type: ignore[union-attr]
        with pytest.raises(NotPossible):
            found = service.any(first.public_id)
            service.release(found, SUPERVISOR, version=found.version)


def test_a_draft_that_was_seen_in_another_version_is_not_released(season: RatedSeason) -> None:
    season.complain()
    draft = season.computed()
    with season.service() as service, pytest.raises(MovedMeanwhile):
        service.release(service.any(draft.public_id), SUPERVISOR, version=99)


def test_a_withdrawn_release_stands_no_longer_and_says_why(season: RatedSeason) -> None:
    season.complain()
    released = season.released()
    with season.service() as service:
        found = service.any(released.public_id)
        with pytest.raises(RatingRefused):
            service.withdraw(found, SUPERVISOR, reason="错", version=found.version)
        service.withdraw(found, SUPERVISOR, reason="投诉数据取数有误,待核实。", version=found.version)
        assert found.state is ReleaseState.WITHDRAWN
        assert service.in_force(SEASON) is None
        assert service.published(SEASON).withdrawal_reason == "投诉数据取数有误,待核实。"
        with pytest.raises(RatingRefused):
            service.compute(SEASON, OFFICER)
    again = season.released(reason=WHY)
    with season.service() as service:
        assert service.published(SEASON).id == again.id
        assert service.any(again.public_id).predecessor_id == released.id
        assert service.any(released.public_id).state is ReleaseState.WITHDRAWN


def test_the_worst_grade_two_seasons_in_a_row_brings_the_licence_into_question(season: RatedSeason) -> None:
    for at in (WINTER_BEFORE, WINTER):
        season.complain(at=at)
    season.move_to(JULY)
    first = season.released(SEASON_BEFORE)
    second = season.released(SEASON)
    with season.service() as service:
        (before,), (now,) = service.any(first.public_id).ratings, service.any(second.public_id).ratings
        assert (before.grade, now.grade) == ("D", "D")
        assert (before.is_escalated, now.is_escalated) == (False, True)
        assert "许可" in now.consequence_zh
        assert service.before(now).id == before.id  # type: ignore[union-attr]


def test_a_draft_whose_earlier_grades_changed_is_computed_again(season: RatedSeason) -> None:
    for at in (WINTER_BEFORE, WINTER):
        season.complain(at=at)
    season.move_to(JULY)
    draft = season.computed(SEASON)
    season.released(SEASON_BEFORE)
    with season.service() as service, pytest.raises(RatingRefused) as refused:
        service.release(service.any(draft.public_id), SUPERVISOR, version=draft.version)
    assert "compute it again" in refused.value.en
    season.released(SEASON)


def test_every_act_is_in_the_journal_with_what_it_rests_on(season: RatedSeason) -> None:
    season.complain()
    released = season.released()
    with begin(season.company.engine) as session:
        entries = session.scalars(
            select(JournalEntry).where(JournalEntry.act.like("rating.%")).order_by(JournalEntry.index)
        ).all()
        assert [(one.act, one.actor) for one in entries] == [
            ("rating.computed", "officer"),
            ("rating.released", "supervisor"),
        ]
        assert entries[1].detail["facts"] == released.facts_digest
        assert list(Journal(session, season.company.desk.clock).flaws()) == []


def test_a_season_is_computed_in_the_background_once_at_a_time(season: RatedSeason) -> None:
    season.complain()
    with season.service() as service:
        service.ask(SEASON, OFFICER)
        assert service.under_way(SEASON) is not None
        with pytest.raises(RatingRefused):
            service.ask(SEASON, OFFICER)
    assert season.work("compute_ratings") == 1
    with season.service() as service:
        assert service.under_way(SEASON) is None
        draft = service.draft(SEASON)
        assert draft is not None
        assert (draft.computed_by, draft.computed_by_person) == ("officer", OFFICER.person_no)
        service.ask(SEASON, OFFICER)


def test_a_computation_that_is_refused_says_why(season: RatedSeason) -> None:
    with season.service() as service:
        service.ask(SEASON, OFFICER)  # nothing was filed, which shows only when the facts are counted
    season.work("compute_ratings")
    with season.service() as service:
        status = service.under_way(SEASON)
        assert status is not None
        assert status.is_over
        assert "nothing to rate" in (status.error or "")
        assert service.draft(SEASON) is None


def test_each_company_gets_its_card_once(season: RatedSeason) -> None:
    season.complain()
    released = season.released()
    assert season.work("render_document") == 1
    desk = season.company.desk
    with begin(desk.engine) as session:
        (rating,) = session.scalars(select(CompanyRating).where(CompanyRating.release_id == released.id))
        assert rating.card is not None
        content = rating.card.content
        assert (content["season"], content["grade"]["zh"]) == (SEASON, "D 级")
        assert len(content["indicators"]) == 8
        assert {one["digest"] for one in content["evidence"]} == {
            released.facts_digest,
            released.scheme_digest,
        }
        documents = DocumentService(session, desk.clock, desk.evidence, desk.settings)
        assert documents.pdf(rating.card).startswith(b"%PDF-")
        digest = rating.card.bytes_digest
    season.work("render_document")
    with begin(desk.engine) as session:
        assert session.get_one(CompanyRating, rating.id).card.bytes_digest == digest  # type: ignore[union-attr]


def test_two_supervising_officers_at_once_release_once(season: RatedSeason) -> None:
    season.complain()
    draft = season.computed()
    other = person(Role.SUPERVISING_OFFICER, "supervisor-2", None)
    with season.service() as service:
        service.release(service.any(draft.public_id), SUPERVISOR, version=draft.version)
    with season.service() as service, pytest.raises(MovedMeanwhile):
        service.release(service.any(draft.public_id), other, version=draft.version)
    with begin(season.company.engine) as session:
        found = session.scalars(select(RatingRelease)).all()
        assert [(one.state, one.released_by) for one in found] == [(ReleaseState.RELEASED, "supervisor")]
