"""What Pyramid's introspector knows of every route, and addresses made up to reach each of them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervision.security import EVERYBODY, GRANTS, Role

TABLE = Path(__file__).with_name("routes_and_roles.csv")
PUBLIC = "public"
COLUMNS = (PUBLIC, *(str(role) for role in Role))
ALLOW, DENY = "allow", "deny"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Key = tuple[str, str]


@dataclass(frozen=True)
class DeclaredView:
    """One view of one route. ``methods`` is empty where the view answers to any."""

    route: str
    pattern: str
    methods: tuple[str, ...]
    permissions: tuple[str, ...]
    has_factory: bool = False

    @property
    def changes_something(self) -> bool:
        return not self.methods or not set(self.methods) <= SAFE


def declared_views(registry: Any) -> list[DeclaredView]:
    """Every view that has a route. The methods a route is bound to narrow those of its views."""
    routes = {
        entry["introspectable"]["name"]: entry for entry in registry.introspector.get_category("routes")
    }
    found = []
    for entry in registry.introspector.get_category("views"):
        view = entry["introspectable"]
        if view["route_name"] is None:
            continue
        route = routes[view["route_name"]]["introspectable"]
        methods = view["request_methods"] or route["request_methods"] or ()
        permissions = [each["value"] for each in entry["related"] if each.category_name == "permissions"]
        found.append(
            DeclaredView(
                view["route_name"],
                route["pattern"],
                (methods,) if isinstance(methods, str) else tuple(methods),
                tuple(str(permission) for permission in permissions),
                route["factory"] is not None,
            )
        )
    return found


def rows_of_app(registry: Any) -> dict[Key, DeclaredView]:
    """(route, method) → view; HEAD goes with GET, and a view that answers to any method stands under ANY. Several
    views of one row (told apart by a parameter) must ask the same permission."""
    rows: dict[Key, DeclaredView] = {}
    for view in declared_views(registry):
        for method in [each for each in view.methods if each != "HEAD"] or ["ANY"]:
            before = rows.setdefault((view.route, method), view)
            assert before.permissions == view.permissions, f"{method} {view.route} asks two permissions"
    return dict(sorted(rows.items()))


def verdicts_by_grant(view: DeclaredView) -> dict[str, str]:
    """What the roles' permissions say of a view, column by column."""
    held = {PUBLIC: EVERYBODY, **{str(role): GRANTS[role] for role in Role}}
    return {
        column: ALLOW if view.permissions and set(view.permissions) <= held[column] else DENY
        for column in COLUMNS
    }


def read_table() -> dict[Key, dict[str, str]]:
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row.pop("route"), row.pop("method")): row for row in csv.DictReader(file)}


def write_table(registry: Any) -> tuple[list[Key], list[Key]]:
    """Adds the rows that are missing and drops those of routes that are gone; a row that stands is never changed,
    because somebody has agreed to it. Answers what was added and what was dropped."""
    table, rows = read_table(), rows_of_app(registry)
    added, dropped = [key for key in rows if key not in table], [key for key in table if key not in rows]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["route", "method", *COLUMNS], lineterminator="\n")
        writer.writeheader()
        for (route, method), view in rows.items():
            verdicts = table.get((route, method)) or verdicts_by_grant(view)
            writer.writerow({"route": route, "method": method, **verdicts})
    return added, dropped


def missing_rows(registry: Any) -> str:
    """The missing rows as they would stand in the table."""
    table = read_table()
    lines = []
    for key, view in rows_of_app(registry).items():
        if key not in table:
            lines.append(",".join([*key, *verdicts_by_grant(view).values()]))
    return "\n".join(lines)


def address_of(pattern: str) -> str:
    """An address that reaches the pattern: every variable filled with something that names no object."""
    path = re.sub(r"\*\w+", "nothing", pattern)

    def fill(found: re.Match[str]) -> str:
        wanted = found[2]
        return _sample(wanted[1:]) if wanted else "nothing"

    path = re.sub(r"\{(\w+)(:(?:[^{}]|\{[^{}]*\})*)?\}", fill, path)
    return path if path.startswith("/") else "/" + path


def _sample(expression: str) -> str:
    for candidate in (
        "0",
        "1",
        "2025",
        "2025-26",
        "nothing",
        "ab12" * 6,
        "0" * 64,
        "nothing/at/all",
        "a.csv",
        "csv",
    ):
        if re.fullmatch(expression, candidate):
            return candidate
    raise AssertionError(f"add a sample for the route expression {expression!r}")


def visits(registry: Any) -> Iterator[tuple[str, str, str]]:
    """(route, method, address) of everything the app answers to."""
    for (route, method), view in rows_of_app(registry).items():
        yield route, "GET" if method == "ANY" else method, address_of(view.pattern)
