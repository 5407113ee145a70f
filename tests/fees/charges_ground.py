"""Three people and a charge with its notice, for the tests of the register of charges."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from checks.fees import Fee, FeeSource, Ruling, Standing
from supervision.fees import Charge, FeeEntering
from supervision.fees.models import FeeEntry
from supervision.security import Identity, Role
from supervision.settings import Clock

KNOWN = dt.date(2025, 9, 1)
BINDS = dt.date(2025, 10, 1)
WHY = "与通知原文逐条核对无误。"
SOURCE = FeeSource(
    "哈尔滨市关于二次供热泵费的通知",
    "Harbin's notice on pump fees",
    "https://www.harbin.gov.cn/notice/1.html",
)


def person(name: str, role: Role = Role.OFFICER, person_no: str = "") -> Identity:
    return Identity(0, name, name, role, person_no or f"P-{name}", None)


AUTHOR = person("author")
APPROVER = person("approver", Role.SUPERVISING_OFFICER)


def charge(
    *names: str,
    code: str = "pump_fee",
    standing: Standing | None = Standing.FORBIDDEN,
    limit: str | None = None,
    **more: Any,
) -> Charge:
    """A pump fee of Harbin; without a standing only its names."""
    ruling = Ruling(
        standing or Standing.FORBIDDEN,
        "entry",
        "不得另收泵费",
        "no pump fee beside the price",
        province="",
        city="哈尔滨市",
        valid_from=BINDS,
        known_from=KNOWN,
        limit_per_m2_month=None if limit is None else Decimal(limit),
    )
    rulings = (replace(ruling, **more),) if standing else ()
    return Charge(Fee(code, "二次供热泵费", "Pump fee", names or ("供热泵费",), rulings), SOURCE, KNOWN)


def more_names(of: Fee, *names: str) -> Charge:
    return Charge(replace(of, names=names, rulings=()), SOURCE, KNOWN)


def submitted(session: Session, clock: Clock, what: Charge | None = None) -> FeeEntry:
    entering = FeeEntering(session, clock)
    entry = entering.start(what or charge(), by=AUTHOR)
    entering.submit(entry, by=AUTHOR, version=entry.version)
    return entry


def approve(session: Session, clock: Clock, entry: FeeEntry, by: Identity = APPROVER) -> FeeEntry:
    FeeEntering(session, clock).approve(
        entry, by=by, version=entry.version, record_digest=entry.record_digest, reason=WHY
    )
    return entry


def registered(session: Session, clock: Clock, what: Charge | None = None) -> FeeEntry:
    return approve(session, clock, submitted(session, clock, what))
