"""Services are plain classes found by class; each feature registers how its own are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from pyramid.config import Configurator

if TYPE_CHECKING:
    from supervision.web.request import Request

T = TypeVar("T")


def register_service(config: Configurator, kind: type[T], make: Callable[[Request], T]) -> None:
    """``request.service(kind)`` answers ``make(request)``, once per request."""
    factories: dict[type[Any], Callable[[Any], Any]] = config.registry.service_factories
    if kind in factories:
        raise ValueError(f"{kind.__name__} is registered twice")
    factories[kind] = make


def find_service(request: Request, kind: type[T]) -> T:
    # On the request, not in its environ: a retried request shares the environ, and its services would hold the
    # session of the attempt that failed.
    made: dict[type[Any], Any] = request.__dict__.setdefault("_services", {})
    if kind not in made:
        made[kind] = request.registry.service_factories[kind](request)
    return made[kind]


def includeme(config: Configurator) -> None:
    config.registry.service_factories = {}
