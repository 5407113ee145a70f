"""The background work of mapping profiles: the last accepted filing read again by what was signed since."""

from __future__ import annotations

from supervision.jobs import JobContext, job


@job("recheck_profile", is_awaited=True)
def recheck_profile(context: JobContext, profile_id: int) -> None:
    """The profile says what becomes of the last accepted filing when it is read by it."""
    from supervision.profiles import rechecking

    rechecking.recheck(context, profile_id)
