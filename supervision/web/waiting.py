"""What waits for the person at the desk: each feature names its own; each person sees what they may do about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pyramid.config import Configurator

if TYPE_CHECKING:
    from supervision.web.request import Request


Tone = Literal["late", "now", "watch"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """``count`` things of one kind at ``path``. ``label`` is a source string, ``note`` is in the visitor's language.
    ``late`` is past its last day, ``now`` can be done now, ``watch`` waits for somebody else."""

    label: str
    count: int
    path: str
    tone: Tone
    note: str = ""


Source = Callable[["Request"], Iterable[Waiting]]

_ORDER = ("late", "now", "watch")


def add_waiting(config: Configurator, source: Source) -> None:
    """The desk asks ``source`` at every visit; it answers with what the viewer may see, also with counts of 0."""
    config.registry.waiting.append(source)


def waiting_for(request: Request) -> list[Waiting]:
    """Everything with a count, what is late first."""
    found = [one for source in request.registry.waiting for one in source(request) if one.count]
    return sorted(found, key=lambda one: _ORDER.index(one.tone))


def includeme(config: Configurator) -> None:
    config.registry.waiting = []
    config.add_directive("add_waiting", add_waiting)
