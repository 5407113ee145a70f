"""The background work of ratings: a season computed."""

from __future__ import annotations

from supervision.db import read
from supervision.jobs import CannotSucceed, JobContext, job
from supervision.settings.evidence import open_evidence


@job("compute_ratings", is_awaited=True)
def compute_ratings(
    context: JobContext, season: str, reason: str, name: str, role: str, person_no: str
) -> None:
    """The season has a new draft. Counting and rating hold no lock; only keeping the result does."""
    from supervision.ratings.problems import RatingRefused
    from supervision.ratings.service import RatingService
    from supervision.security import Identity, Role

    by = Identity(0, name, name, Role(role), person_no, None)
    evidence = open_evidence(context.settings)
    try:
        with read(context.engine) as session:
            service = RatingService(session, context.clock, evidence, context.settings)
            service.refuse_unready(season, reason)
            computed = service.computed(season)
        with context.transaction(final=True) as session:
            RatingService(session, context.clock, evidence, context.settings).record(
                computed, by, reason=reason
            )
    except RatingRefused as refusal:
        raise CannotSucceed(f"{refusal.zh} / {refusal.en}") from None
