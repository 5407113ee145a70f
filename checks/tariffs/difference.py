"""Two records held against each other, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checks.tariffs.record import Tariff
from checks.tariffs.written import tariff_to_dict

#: What tells records apart without changing what anybody owes.
_ABOUT_THE_RECORD = frozenset({"id", "supersedes"})


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs, as written; None stands for a value that is not given."""

    field: str
    old: Any
    new: Any


def changes(old: Tariff | None, new: Tariff) -> list[Change]:
    """Every field that differs, nested values by their path, in the order of the record. Without ``old`` every field
    that is given is new."""
    before = _flat({} if old is None else tariff_to_dict(old))
    after = _flat(tariff_to_dict(new))
    names = [*after, *(name for name in before if name not in after)]
    return [
        Change(name, before.get(name), after.get(name))
        for name in names
        if name.split(".", maxsplit=1)[0] not in _ABOUT_THE_RECORD and before.get(name) != after.get(name)
    ]


def _flat(value: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, inner in value.items():
        place = f"{path}.{name}" if path else name
        if isinstance(inner, Mapping):
            found |= _flat(inner, place)
        elif inner not in (None, "", []):
            found[place] = inner
    return found
