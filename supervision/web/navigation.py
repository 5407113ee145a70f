"""What stands in the bar above: each feature adds its entries; each visitor sees those they may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator

from supervision.security import Permission


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    route: str
    label: str
    permission: Permission
    order: int
    only_public: bool = False
    only_company: bool = False
    only_officer: bool = False


@dataclass(frozen=True, slots=True)
class ShownEntry:
    path: str
    label: str


def add_navigation(
    config: Configurator, route: str, label: str, permission: Permission, *, order: int, **audience: bool
) -> None:
    """An entry for everybody who holds ``permission``; narrowed by only_public, only_company or only_officer."""
    config.registry.navigation.append(NavigationEntry(route, label, permission, order, **audience))


def navigation(request: Any) -> list[ShownEntry]:
    identity = request.identity
    shown = []
    for entry in sorted(request.registry.navigation, key=lambda entry: entry.order):
        if not request.may(entry.permission):
            continue
        if entry.only_public and identity is not None:
            continue
        if entry.only_company and not (identity and identity.is_company):
            continue
        if entry.only_officer and (identity is None or identity.is_company):
            continue
        shown.append(ShownEntry(request.route_path(entry.route), entry.label))
    return shown


def includeme(config: Configurator) -> None:
    config.registry.navigation = []
    config.add_directive("add_navigation", add_navigation)
    config.add_request_method(navigation, "navigation", reify=True)
