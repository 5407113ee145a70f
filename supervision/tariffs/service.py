"""The tariff register: what was published, on which days it binds, and exactly one tariff for a scope and day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from checks.tariffs.calendar import ended
from checks.tariffs.in_force import in_force, versions
from checks.tariffs.known import as_known_on, without_end
from checks.tariffs.load import tariff_digest, tariff_from_dict, tariff_to_dict
from checks.tariffs.record import Scope, Standing, Tariff
from supervision.db import serialise
from supervision.journal import Actor, Journal
from supervision.settings import Clock
from supervision.tariffs.models import OPEN_END, OPEN_START, TariffBinding, TariffEntry, TariffScope
from supervision.tariffs.problems import NoSuchTariff, TariffRefused

PRICED = (Standing.IN_FORCE, Standing.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class Entered:
    """What an import did: ids entered now, and ids that stood already, unchanged."""

    new: tuple[str, ...]
    unchanged: tuple[str, ...]


class TariffService:
    def __init__(self, session: Session, clock: Clock) -> None:
        self._session, self._clock = session, clock

    def enter(self, tariffs: Iterable[Tariff], by: Actor) -> Entered:
        """All of ``tariffs`` stand in the register, or none does. A record that stands already is left alone.
        Raises TariffRefused when an id comes back with other values, or two records would price one scope and day."""
        serialise(self._session, "tariffs")
        new: list[str] = []
        unchanged: list[str] = []
        for tariff in tariffs:
            digest = tariff_digest(tariff)
            known = self._entry(tariff.id)
            if known is not None and known.digest != digest:
                raise TariffRefused(
                    f"热价 {tariff.id} 已登记且内容不同；已登记的热价不可改动，请以新编号登记更正版本。",
                    f"tariff {tariff.id} is entered with other values; an entered tariff never changes: "
                    "enter the correction under a new id.",
                )
            if known is not None:
                unchanged.append(tariff.id)
                continue
            self._enter_one(tariff, digest, by)
            new.append(tariff.id)
        if new:
            Journal(self._session, self._clock).record(
                "tariff.entered", actor=by, object_type="tariff", object_id=new[0], detail={"ids": new}
            )
        return Entered(tuple(new), tuple(unchanged))

    def _enter_one(self, tariff: Tariff, digest: str, by: Actor) -> None:
        self.admit(tariff, digest, by.name, published_at=self._clock.now())

    def admit(self, tariff: Tariff, digest: str, by: str, *, published_at: dt.datetime | None) -> TariffEntry:
        """The record stands, bound to its scopes and days; public from ``published_at``, not yet where that is None.
        Raises TariffRefused where another record prices one of its scopes on one of its days."""
        entry = TariffEntry(
            tariff_id=tariff.id,
            digest=digest,
            record=tariff_to_dict(tariff),
            province=tariff.province,
            city=tariff.city,
            category=tariff.category,
            standing=str(tariff.standing),
            confidence=str(tariff.confidence),
            valid_from=tariff.valid_from,
            valid_to=tariff.valid_to,
            known_from=tariff.known_from,
            entered_at=self._clock.now(),
            entered_by=by,
            published_at=published_at,
        )
        self._session.add(entry)
        self.bind(entry, tariff)
        return entry

    def bind(self, entry: TariffEntry, stands: Tariff | None) -> None:
        """The database holds the scopes and days of ``entry`` as ``stands`` says; none at all where that is None.
        Raises TariffRefused."""
        entry.bindings.clear()
        self._session.flush()
        if stands is not None and stands.standing in PRICED:
            for method in stands.methods:
                entry.bindings.append(
                    TariffBinding(
                        scope=self._scope(stands, method),
                        valid_from=stands.valid_from or OPEN_START,
                        valid_to=stands.valid_to or OPEN_END,
                    )
                )
        try:
            self._session.flush()
        except DBAPIError as error:
            if "tariff_binding_overlap" not in str(error.orig):
                raise
            raise TariffRefused(
                f"热价 {entry.tariff_id} 与已登记的另一热价在同一适用范围、同一日期重叠；请先给出前一版本的终止日期。",
                f"tariff {entry.tariff_id} would price a scope and day that another tariff prices already; "
                "give the earlier version its last day first.",
            ) from error

    def _scope(self, tariff: Tariff, method: str) -> TariffScope:
        key = {
            "city": tariff.city,
            "service_area": tariff.service_area,
            "category": tariff.category,
            "method": method,
        }
        found = self._session.scalars(select(TariffScope).filter_by(**key)).first()
        if found is None:
            found = TariffScope(**key)
            self._session.add(found)
            self._session.flush()
        return found

    def _entry(self, tariff_id: str) -> TariffEntry | None:
        return self._session.scalars(select(TariffEntry).where(TariffEntry.tariff_id == tariff_id)).first()

    def has(self, tariff_id: str) -> bool:
        """Whether a record of this id was ever entered, public or not."""
        return self._entry(tariff_id) is not None

    def entry(self, tariff_id: str) -> TariffEntry:
        """The entry of a tariff that is public, or was until it was withdrawn. Raises NoSuchTariff."""
        found = self._entry(tariff_id)
        if found is None or found.published_at is None:
            raise NoSuchTariff(tariff_id)
        return found

    def tariff(self, tariff_id: str) -> Tariff:
        """The record as it stands: ended where a later version took over. One that was withdrawn, or replaced from its
        first day on, is told as it was entered. Raises NoSuchTariff."""
        entry = self.entry(tariff_id)
        return self._standing(entry, self._public(entry.city)) or read_entry(entry)

    def all(self, *, city: str | None = None) -> tuple[Tariff, ...]:
        """Every record that stands and is public, or those of one city, in the order of their ids."""
        return self._all(city, approved=False)

    def planned(self, city: str) -> tuple[Tariff, ...]:
        """The records of the city as they will stand once everything that is approved is public."""
        return self._all(city, approved=True)

    def known(self, city: str, day: dt.date) -> tuple[Tariff, ...]:
        """The records of the city whose notice was published by ``day``; see :func:`checks.tariffs.known.as_known_on`."""
        return as_known_on(self.all(city=city), day)

    def at_hand(self, named: Iterable[Sequence[str]]) -> tuple[Tariff, ...]:
        """The records of these (id, digest) as a run had them at hand; one that is found with no such digest is left out."""
        wanted = {one[0]: one[1] for one in named}
        entries = self._session.scalars(
            select(TariffEntry).where(TariffEntry.tariff_id.in_(wanted)).order_by(TariffEntry.tariff_id)
        ).all()
        return tuple(
            version
            for entry in entries
            for version in _versions_of(entry)
            if tariff_digest(version) == wanted[entry.tariff_id]
        )

    def _all(self, city: str | None, *, approved: bool) -> tuple[Tariff, ...]:
        query = select(TariffEntry).where(TariffEntry.withdrawn_at.is_(None)).order_by(TariffEntry.tariff_id)
        if city is not None:
            query = query.where(TariffEntry.city == city)
        entries = self._session.scalars(query).all()
        public = {entry.tariff_id for entry in entries if approved or entry.published_at is not None}
        found = (self._standing(entry, public) for entry in entries if entry.tariff_id in public)
        return tuple(tariff for tariff in found if tariff is not None)

    def _public(self, city: str) -> set[str]:
        query = select(TariffEntry.tariff_id).where(
            TariffEntry.city == city,
            TariffEntry.published_at.is_not(None),
            TariffEntry.withdrawn_at.is_(None),
        )
        return set(self._session.scalars(query))

    @staticmethod
    def _standing(entry: TariffEntry, public: set[str]) -> Tariff | None:
        """None where it is withdrawn, or no day is left to it."""
        if entry.withdrawn_at is not None:
            return None
        tariff = read_entry(entry)
        if entry.ends_on is not None and entry.followed_by in public:
            return ended(tariff, entry.ends_on)
        return tariff

    def cities(self) -> Sequence[tuple[str, str]]:
        """(province, city) of every city with a tariff."""
        rows = self._session.execute(
            select(TariffEntry.province, TariffEntry.city)
            .where(TariffEntry.published_at.is_not(None), TariffEntry.withdrawn_at.is_(None))
            .distinct()
            .order_by(TariffEntry.province, TariffEntry.city)
        )
        return [(province, city) for province, city in rows]

    def in_force_on(
        self, day: dt.date, *, city: str | None = None, category: str | None = None
    ) -> list[Tariff]:
        """All tariffs that price something on ``day``, by province, city, category and service area."""
        found = [
            tariff
            for tariff in self.all(city=city or None)
            if tariff.standing in PRICED
            and tariff.methods
            and (tariff.valid_from is None or tariff.valid_from <= day)
            and (tariff.valid_to is None or day <= tariff.valid_to)
            and (not category or tariff.category == category)
        ]
        return sorted(found, key=lambda one: (one.province, one.city, one.category, one.id))

    def in_force(self, scope: Scope, on: dt.date) -> Tariff:
        """Exactly one tariff. Raises NoTariffInForce or TariffsCollide of checks.tariffs."""
        return in_force(self.all(city=scope.city), scope, on)

    def history(self, tariff: Tariff) -> list[Tariff]:
        """All versions of this tariff's scope, oldest first, itself among them."""
        # versions() tells by city, category and area; a record that prices no method has a history too
        scope = Scope(tariff.city, tariff.category, "", (tariff.service_area,) if tariff.service_area else ())
        return [
            version
            for version in versions(self.all(city=tariff.city), scope)
            if version.service_area == tariff.service_area and version.category == tariff.category
        ]


def _versions_of(entry: TariffEntry) -> Iterator[Tariff]:
    """How the record ever stood: as entered, ended by the one that follows, and before a notice that ended it was out."""
    tariff = read_entry(entry)
    yield tariff
    closed = ended(tariff, entry.ends_on) if entry.ends_on is not None else None
    if closed is not None and closed != tariff:
        yield closed
    if tariff.valid_to is not None:
        yield without_end(tariff)


_PARSED: dict[str, Tariff] = {}  # by digest: an entry never changes, so it is parsed once per process


def read_entry(entry: TariffEntry) -> Tariff:
    """The record as it was entered."""
    tariff = _PARSED.get(entry.digest)
    if tariff is None:
        tariff = _PARSED[entry.digest] = tariff_from_dict(entry.record)
    return tariff
