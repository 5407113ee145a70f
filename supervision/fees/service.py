"""The register of charges beside the heat price as it stands or stood: what ships, and what officers entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from checks.fees import Fee, FeeRegister, FeeSource, shipped_register
from checks.tariffs.written import read_written
from supervision.fees.models import FeeEntry
from supervision.fees.problems import NoSuchEntry


class Charge(NamedTuple):
    """A charge as it is entered, its source, and the day that was published."""

    fee: Fee
    source: FeeSource
    known_from: dt.date


class FeeService:
    def __init__(self, session: Session) -> None:
        self._session = session

    def register(self, *, at: dt.datetime | None = None, law: dt.date | None = None) -> FeeRegister:
        """The register now, or as it stood at an instant; with ``law`` only what was published by that day."""
        found = shipped_register()
        for entry in self.in_force(at=at, law=law):
            fee, source, _ = read_entry(entry)
            # A release that ships a name which was entered here goes first: a name belongs to one charge.
            names = tuple(name for name in fee.names if _is_free(found, name, fee.code))
            found = found.with_fee(replace(fee, names=names), {source_key(entry): source})
        return found

    def in_force(self, *, at: dt.datetime | None = None, law: dt.date | None = None) -> Sequence[FeeEntry]:
        """The entries that the register holds, in the order they were approved."""
        query = select(FeeEntry).where(FeeEntry.approved_at.is_not(None))
        if at is None:
            query = query.where(FeeEntry.withdrawn_at.is_(None))
        else:
            stood = or_(FeeEntry.withdrawn_at.is_(None), FeeEntry.withdrawn_at > at)
            query = query.where(FeeEntry.approved_at <= at, stood)
        if law is not None:
            query = query.where(FeeEntry.known_from <= law)
        return self._session.scalars(query.order_by(FeeEntry.approved_at, FeeEntry.id)).all()

    def all(self) -> Sequence[FeeEntry]:
        """Every entry, the newest first."""
        return self._session.scalars(select(FeeEntry).order_by(FeeEntry.id.desc())).all()

    def entry(self, public_id: str) -> FeeEntry:
        """Raises NoSuchEntry."""
        found = self._session.scalars(select(FeeEntry).where(FeeEntry.public_id == public_id)).first()
        if found is None:
            raise NoSuchEntry(public_id)
        return found


def _is_free(register: FeeRegister, name: str, code: str) -> bool:
    owner = register.owner_of(name)
    return owner is None or owner.code == code


def source_key(entry: FeeEntry) -> str:
    """The key of the entry's source in the register."""
    return f"entry {entry.public_id}"


def read_entry(entry: FeeEntry) -> Charge:
    """The charge as it was entered, its ruling bound to the source."""
    fee: Fee = read_written(Fee, entry.record["fee"])
    source: FeeSource = read_written(FeeSource, entry.record["source"])
    bound = tuple(replace(ruling, source=source_key(entry)) for ruling in fee.rulings)
    return Charge(replace(fee, rulings=bound), source, entry.known_from)
