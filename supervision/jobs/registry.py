"""Which names a job can have, and the function behind each."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

JobFunction = TypeVar("JobFunction", bound=Callable[..., None])


class UnknownJob(LookupError):
    """No feature has registered a job of this name."""


class CannotSucceed(Exception):
    """Raised by a job that another try would not help: it is parked at once with this text."""


_functions: dict[str, Callable[..., None]] = {}
_awaited: set[str] = set()
_rounds: dict[str, dt.timedelta] = {}


def job(
    name: str, *, is_awaited: bool = False, every: dt.timedelta | None = None
) -> Callable[[JobFunction], JobFunction]:
    """The decorated ``function(context, **arguments)`` carries out jobs of this name. ``is_awaited`` where a person
    sits before a page until it is done: such jobs go before those that nobody waits for. ``every`` makes it a round: the workers
    begin one in each such span of time, counted from midnight UTC (8 o'clock in China). Raises ValueError when
    another function has the name already."""

    def register(function: JobFunction) -> JobFunction:
        known = _functions.setdefault(name, function)
        if (known.__module__, known.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"job {name!r} is {known.__module__}.{known.__qualname__} already")
        _functions[name] = function
        if is_awaited:
            _awaited.add(name)
        if every is not None:
            _rounds[name] = every
        return function

    return register


def load() -> None:
    """Every feature's ``jobs.py`` is imported. These modules are light: they import heavy libraries where they work,
    because the web process loads them too."""
    root = Path(__file__).resolve().parents[1]
    for file in sorted(root.glob("*/jobs.py")):
        importlib.import_module(f"supervision.{file.parent.name}.jobs")


def names() -> frozenset[str]:
    """The names registered so far."""
    return frozenset(_functions)


def awaited() -> frozenset[str]:
    """The names registered so far that a person waits for."""
    return frozenset(_awaited)


def rounds() -> dict[str, dt.timedelta]:
    """The names registered so far of which one begins in each span of time, and that span."""
    return dict(_rounds)


def function_of(name: str) -> Callable[..., Any]:
    """The function behind a name; features are loaded when it is not known yet. Raises UnknownJob."""
    if name not in _functions:
        load()
    try:
        return _functions[name]
    except KeyError:
        raise UnknownJob(f"{name!r} is no job; known are {', '.join(sorted(_functions)) or 'none'}") from None
