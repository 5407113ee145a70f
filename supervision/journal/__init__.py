"""The tamper-evident journal: every act and its entry are one transaction, each entry chained to the one before."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.db import serialise
from supervision.journal.models import JournalEntry, JournalPersonalValue
from supervision.settings import Clock

__all__ = ["PUBLIC", "SYSTEM", "Actor", "Flaw", "Journal", "JournalEntry", "JournalPersonalValue"]

GENESIS = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Actor:
    name: str
    role: str
    company_id: int | None = None


PUBLIC = Actor("public", "public")
SYSTEM = Actor("system", "system")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One place where the journal does not hold; ``zh`` and ``en`` say what was found."""

    index: int
    zh: str
    en: str


def canonical(value: Any) -> bytes:
    """The one byte form of a JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def commitment(salt: str, value: str) -> str:
    return hashlib.sha256(b"\x03" + salt.encode() + b"\x00" + value.encode()).hexdigest()


def hash_of(entry: JournalEntry) -> str:
    """SHA-256 over the previous hash and the leaf hash of the entry (leaf prefix 0x00 as in RFC 6962)."""
    body = {
        "index": entry.index,
        "at": entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "role": entry.role,
        "act": entry.act,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "company_id": entry.company_id,
        "detail": entry.detail,
        "commitments": entry.commitments,
    }
    leaf = hashlib.sha256(b"\x00" + canonical(body)).digest()
    return hashlib.sha256(b"\x02" + bytes.fromhex(entry.previous_hash) + leaf).hexdigest()


class Journal:
    """Writes in the caller's transaction, so that an act without an entry cannot be."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session, self._clock = session, clock

    def record(
        self,
        act: str,
        *,
        actor: Actor,
        object_type: str,
        object_id: object,
        company_id: int | None = None,
        detail: Mapping[str, Any] | None = None,
        personal: Mapping[str, str] | None = None,
    ) -> JournalEntry:
        """One more entry: gap-free index, time never before the entry in front, personal values as commitments."""
        session = self._session
        serialise(session, "journal")
        last = session.scalars(select(JournalEntry).order_by(JournalEntry.index.desc()).limit(1)).first()
        now = self._clock.now()
        salts = {field: secrets.token_hex(32) for field in personal or {}}
        entry = JournalEntry(
            index=last.index + 1 if last else 0,
            at=max(now, last.at) if last else now,
            actor=actor.name,
            role=actor.role,
            act=act,
            object_type=object_type,
            object_id=str(object_id),
            company_id=company_id if company_id is not None else actor.company_id,
            detail=json.loads(canonical(dict(detail or {}))),
            commitments={field: commitment(salts[field], value) for field, value in (personal or {}).items()},
            previous_hash=last.entry_hash if last else GENESIS,
            entry_hash="",
        )
        entry.entry_hash = hash_of(entry)
        session.add(entry)
        session.flush()
        for field, value in (personal or {}).items():
            session.add(JournalPersonalValue(index=entry.index, field=field, value=value, salt=salts[field]))
        session.flush()
        return entry

    def head(self) -> JournalEntry | None:
        return self._session.scalars(
            select(JournalEntry).order_by(JournalEntry.index.desc()).limit(1)
        ).first()

    def size(self) -> int:
        return self._session.scalar(select(func.count()).select_from(JournalEntry)) or 0

    def flaws(self) -> Iterator[Flaw]:
        """Every place where an entry is missing, changed, moved or re-dated, first to last."""
        previous, expected, at = GENESIS, 0, dt.datetime.min.replace(tzinfo=dt.UTC)
        for entry in self._session.scalars(
            select(JournalEntry).order_by(JournalEntry.index).execution_options(yield_per=1000)
        ):
            if entry.index != expected:
                yield Flaw(expected, f"缺少第 {expected} 条记录", f"entry {expected} is missing")
                expected = entry.index
            if entry.previous_hash != previous:
                yield Flaw(
                    entry.index,
                    f"第 {entry.index} 条与前一条不衔接",
                    f"entry {entry.index} does not follow the one before",
                )
            if hash_of(entry) != entry.entry_hash:
                yield Flaw(entry.index, f"第 {entry.index} 条内容被改动", f"entry {entry.index} was changed")
            if entry.at < at:
                yield Flaw(
                    entry.index,
                    f"第 {entry.index} 条时间倒退",
                    f"entry {entry.index} is dated before the one before",
                )
            previous, expected, at = entry.entry_hash, entry.index + 1, entry.at
        yield from self._wrong_personal_values()

    def _wrong_personal_values(self) -> Iterator[Flaw]:
        rows = self._session.execute(
            select(JournalPersonalValue, JournalEntry.commitments).join(
                JournalEntry, JournalEntry.index == JournalPersonalValue.index
            )
        )
        for personal, commitments in rows:
            if commitments.get(personal.field) != commitment(personal.salt, personal.value):
                yield Flaw(
                    personal.index,
                    f"第 {personal.index} 条的个人信息字段 {personal.field} 与承诺值不符",
                    f"personal field {personal.field} of entry {personal.index} does not match its commitment",
                )
