"""Limits on guessing. An attempt is counted before it is checked, so racing attempts cannot slip past the limit; the
limit on a name holds per address, so that nobody can lock somebody else out from afar."""

from __future__ import annotations

import datetime as dt
import ipaddress
import math
import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from supervision.db import serialise
from supervision.settings import Clock
from supervision.users.errors import TooManyAttempts
from supervision.users.models import AttemptKind, SignInAttempt

WINDOW = dt.timedelta(minutes=5)
KEPT = dt.timedelta(days=180)  # Cybersecurity Law art. 21(3): network logs are kept for at least six months
SIGN_IN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limits:
    """Failures allowed within WINDOW."""

    name_and_address: int = 10
    address: int = 50
    total: int = 1000
    codes: int = 10  # for one person from anywhere: whoever gets so far knows the password


def network_of(address: str | None) -> str:
    """The address limits count by: IPv4 whole, IPv6 by its /64, which one subscriber has to himself."""
    try:
        parsed = ipaddress.ip_address((address or "").split("%", 1)[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def loggable_name(typed: str) -> str:
    """``typed`` where it could be a sign-in name. Anything else may be a password in the wrong field: not kept."""
    return typed if SIGN_IN_NAME.fullmatch(typed) else ""


class AttemptCounter:
    """Counts in the caller's transaction, which must be committed before the password is looked at."""

    def __init__(self, session: Session, clock: Clock, limits: Limits) -> None:
        self._session, self._clock, self._limits = session, clock, limits

    def begin(self, kind: AttemptKind, name: str, address: str) -> SignInAttempt:
        """One more attempt, counted as a failure until said otherwise. Raises TooManyAttempts."""
        serialise(self._session, "sign_in_attempt")
        now = self._clock.now()
        for limit, rows in self._rules(kind, name, address):
            self._check(limit, rows, now)
        self._session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - KEPT))
        attempt = SignInAttempt(kind=kind, name=name, address=address, at=now, success=False)
        self._session.add(attempt)
        self._session.flush()
        return attempt

    def _rules(self, kind: AttemptKind, name: str, address: str) -> list[tuple[int, ColumnElement[bool]]]:
        of_kind, of_name = SignInAttempt.kind == kind, SignInAttempt.name == name
        from_here = SignInAttempt.address == address
        if kind is AttemptKind.CODE:
            return [(self._limits.codes, of_kind & of_name)]
        if kind is AttemptKind.TOKEN:  # it has no name: who does not know one cannot say whose it is
            return [(self._limits.address, of_kind & from_here), (self._limits.total, of_kind)]
        return [
            (self._limits.name_and_address, of_kind & of_name & from_here),
            (self._limits.address, of_kind & from_here),
            (self._limits.total, of_kind),
        ]

    def _check(self, limit: int, rows: ColumnElement[bool], now: dt.datetime) -> None:
        """The limit is free again when its oldest counted failure leaves the window."""
        oldest = self._session.scalars(
            select(SignInAttempt.at)
            .where(rows, SignInAttempt.success.is_(False), SignInAttempt.at > now - WINDOW)
            .order_by(SignInAttempt.at.desc())
            .offset(limit - 1)
            .limit(1)
        ).first()
        if oldest is not None:
            raise TooManyAttempts(max(1, math.ceil((oldest + WINDOW - now).total_seconds())))
