"""Tokens of companies' programs (接口令牌): made and revoked by a signatory, found by what a program shows."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Sequence

from sqlalchemy import Engine, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ingest.standard import Period, PeriodKind
from supervision.channels.models import ApiToken
from supervision.companies import CompanyService
from supervision.db import begin, read, serialise
from supervision.filings import FilingRefused
from supervision.filings.calendar import FilingCalendar
from supervision.filings.obligations import SOON, Obligation, Timeliness
from supervision.filings.reading import period_of, season_text
from supervision.journal import Actor, Journal
from supervision.security import Program
from supervision.settings import Clock
from supervision.settings.clock import SHANGHAI, local_date
from supervision.users import TooManyAttempts
from supervision.users.limits import AttemptCounter, Limits, network_of
from supervision.users.models import AttemptKind

PREFIX = (
    "hsp_"  # so that a token that got where it should not be is recognised by programs that look for secrets
)
TOKEN = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}", re.ASCII)
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}", re.ASCII)
LONGEST_LIFE = dt.timedelta(days=400)
TOUCH_EVERY = dt.timedelta(minutes=1)


class NoSuchToken(LookupError):
    """The company has no token of this identifier, or has revoked it already."""


class TokenService:
    """What people do with tokens, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, calendar: FilingCalendar) -> None:
        self._session, self._clock, self._calendar = session, clock, calendar

    def of(self, company_id: int) -> Sequence[ApiToken]:
        """Every token the company ever had, latest first."""
        query = select(ApiToken).where(ApiToken.company_id == company_id)
        return self._session.scalars(query.order_by(ApiToken.made_at.desc(), ApiToken.id.desc())).all()

    def make(
        self,
        *,
        company_id: int,
        name: str,
        feeds: Sequence[str],
        season: str,
        periods: Sequence[str],
        expires_on: dt.date,
        by: Actor,
    ) -> tuple[ApiToken, str]:
        """The token on record and what the program shows, which nobody can read again. It is good to the end of
        ``expires_on`` in China. Raises FilingRefused (K01 the name, K02 and K03 the day, K04 the feeds, T10 a period)."""
        serialise(self._session, f"tokens of company {company_id}")
        if not NAME.fullmatch(name) or self._is_taken(company_id, name):
            raise FilingRefused("K01", name[:40])
        self._refuse_scope(feeds, season, periods)
        self._refuse_day(company_id, set(feeds), season, set(periods), expires_on)
        secret = PREFIX + secrets.token_urlsafe(32)
        midnight = dt.datetime.combine(expires_on + dt.timedelta(days=1), dt.time(), SHANGHAI)
        token = ApiToken(
            company_id=company_id,
            name=name,
            digest=digest_of(secret),
            feeds=list(feeds),
            season=season,
            periods=list(periods),
            expires_at=midnight,
            made_at=self._clock.now(),
            made_by=by.name,
        )
        self._session.add(token)
        self._session.flush()
        scope = {"feeds": token.feeds, "season": season, "periods": token.periods}
        self._record("token.made", token, by, {**scope, "expires_on": expires_on.isoformat()})
        return token, secret

    def revoke(self, public_id: str, *, company_id: int, by: Actor) -> ApiToken:
        """From now on the token opens nothing. Raises NoSuchToken."""
        changed: CursorResult[object] = self._session.execute(  # type: ignore[assignment]
            update(ApiToken)
            .where(
                ApiToken.public_id == public_id,
                ApiToken.company_id == company_id,
                ApiToken.revoked_at.is_(None),
            )
            .values(revoked_at=self._clock.now(), revoked_by=by.name)
            .execution_options(synchronize_session="fetch")
        )
        if changed.rowcount != 1:
            raise NoSuchToken(public_id)
        token = self._session.scalars(select(ApiToken).where(ApiToken.public_id == public_id)).one()
        self._record("token.revoked", token, by, {})
        return token

    # -- what an act asks first ---------------------------------------------------------------------------

    def _is_taken(self, company_id: int, name: str) -> bool:
        known = select(ApiToken.id).where(ApiToken.company_id == company_id, ApiToken.name == name)
        return self._session.scalar(known) is not None

    def _refuse_scope(self, feeds: Sequence[str], season: str, periods: Sequence[str]) -> None:
        """Every period is one that some feed of the token is filed by, and lies in the season."""
        if not feeds:
            raise FilingRefused("K04")
        for text in periods:
            if not any(_is_within(feed, text, season) for feed in feeds):
                raise FilingRefused("T10", f"{text[:20]}（{season}）", f"{text[:20]} ({season})")

    def _refuse_day(
        self, company_id: int, feeds: set[str], season: str, periods: set[str], expires_on: dt.date
    ) -> None:
        """No token ends while something it is for is about to fall due: a program would be locked out on the day it
        is needed."""
        today = local_date(self._clock.now())
        if not today <= expires_on <= today + LONGEST_LIFE:
            shown = f"{today} – {today + LONGEST_LIFE}"
            raise FilingRefused("K02", shown)
        company = CompanyService(self._session, self._clock).by_id(company_id)
        for owed in self._calendar.of_company(company, Period.parse(season, (PeriodKind.SEASON,))):
            if owed.days:
                continue  # one of its days is always about to fall due: no last day would be left
            is_covered = owed.rule.feed in feeds and (not periods or owed.period in periods)
            if is_covered and _is_open(owed) and owed.due_on - SOON <= expires_on < owed.due_on:
                raise FilingRefused("K03", f"{owed.rule.feed} {owed.period} · {owed.due_on}")

    def _record(self, act: str, token: ApiToken, by: Actor, detail: dict[str, object]) -> None:
        Journal(self._session, self._clock).record(
            act,
            actor=by,
            object_type="token",
            object_id=token.public_id,
            company_id=token.company_id,
            detail={"name": token.name, **detail},
        )


def _is_within(feed: str, text: str, season: str) -> bool:
    try:
        return season_text(period_of(feed, text)) == season
    except FilingRefused:
        return False


def _is_open(owed: Obligation) -> bool:
    return owed.timeliness in (Timeliness.NOT_YET, Timeliness.MISSING)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def program_behind(engine: Engine, clock: Clock, shown: str, address: str | None) -> Program:
    """The program that shows this token, which is noted as used now, to the minute. Raises FilingRefused: A01 where
    nothing is shown, A02 where no token is like it, A03 where its time is over, A04 where it was revoked or its company
    is under supervision no more, A05 after too many that were wrong from this address."""
    if not shown:
        raise FilingRefused("A01")
    if not TOKEN.fullmatch(shown):
        _count_wrong(engine, clock, address)
        raise FilingRefused("A02")
    with read(engine) as session:
        token = session.scalars(select(ApiToken).where(ApiToken.digest == digest_of(shown))).one_or_none()
        found = None if token is None else _still_good(token, clock.now())
        is_stale = token is not None and _is_stale(token, clock.now())
    if found is None:
        _count_wrong(engine, clock, address)
        raise FilingRefused("A02")
    if is_stale:
        _touch(engine, found.token_id, clock.now(), network_of(address))
    return found


def _still_good(token: ApiToken, now: dt.datetime) -> Program:
    """Raises FilingRefused (A03, A04)."""
    standing = token.stands_at(now)
    if standing == "expired":
        raise FilingRefused("A03", local_date(token.expires_at - dt.timedelta(seconds=1)))
    if standing == "revoked" or not token.company.is_active:
        raise FilingRefused("A04")
    scope = (frozenset(token.feeds), token.season, frozenset(token.periods))
    return Program(token.id, token.name, token.company_id, *scope)


def _is_stale(token: ApiToken, now: dt.datetime) -> bool:
    return token.last_used_at is None or now - token.last_used_at >= TOUCH_EVERY


def _count_wrong(engine: Engine, clock: Clock, address: str | None) -> None:
    """One more wrong token, kept although the request is refused. Raises FilingRefused (A05)."""
    try:
        with begin(engine) as session:
            AttemptCounter(session, clock, Limits()).begin(AttemptKind.TOKEN, "", network_of(address))
    except TooManyAttempts as many:
        raise FilingRefused("A05", many.retry_after) from None


def _touch(engine: Engine, token_id: int, now: dt.datetime, address: str) -> None:
    """A short transaction of its own; if the register is busy the next request does it."""
    try:
        with begin(engine) as session:
            session.execute(
                update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now, last_address=address)
            )
    except OperationalError:
        return
