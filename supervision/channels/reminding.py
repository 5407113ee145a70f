"""The daily round over the tokens: a company hears in time that its program is about to be locked out."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from supervision.channels.models import ApiToken
from supervision.jobs import JobContext
from supervision.notifications import Kind, people_of, tell
from supervision.settings import Clock
from supervision.settings.clock import local_date

DAYS_BEFORE = (7, 30)  # once each, the nearer one first


def remind(context: JobContext) -> None:
    """Every company was told, once 30 days before the last day of a token and once 7 days before."""
    with context.transaction() as session:
        for token in session.scalars(_standing(context.clock.now())):
            _tell(session, context.clock, token)


def _standing(now: dt.datetime) -> Select[ApiToken]:
    farthest = now + dt.timedelta(days=max(DAYS_BEFORE) + 1)
    return (
        select(ApiToken)
        .where(ApiToken.revoked_at.is_(None), ApiToken.expires_at > now, ApiToken.expires_at <= farthest)
        .order_by(ApiToken.id)
    )


def _tell(session: Session, clock: Clock, token: ApiToken) -> None:
    """A token that was made for less than so many days is not spoken of so many days before."""
    if not token.company.is_active:
        return
    last_day = local_date(token.expires_at - dt.timedelta(seconds=1))
    left, made_for = (last_day - local_date(at) for at in (clock.now(), token.made_at))
    for days in DAYS_BEFORE:
        if left <= dt.timedelta(days=days) < made_for:
            tell(
                session,
                clock,
                Kind.TOKEN_EXPIRES,
                people_of(session, token.company_id),
                path="/company/tokens",
                key=f"{Kind.TOKEN_EXPIRES} {token.public_id} {days}",
                name=token.name,
                last_day=last_day.isoformat(),
            )
            return
