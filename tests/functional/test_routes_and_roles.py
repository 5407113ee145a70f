"""Every route against every role, from one table that somebody has agreed to (routes_and_roles.csv).

A new route: ``python tests/functional/test_routes_and_roles.py --write`` adds its rows; read them before committing.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import pytest
from route_table import (
    ALLOW,
    COLUMNS,
    PUBLIC,
    TABLE,
    address_of,
    declared_views,
    missing_rows,
    read_table,
    rows_of_app,
    verdicts_by_grant,
    write_table,
)
from sqlalchemy import Engine
from visiting import BY_ROLE, CHEAP, csrf_token
from webtest import TestApp

from supervision import main
from supervision.db import begin
from supervision.security import GRANTS, NOBODY, Permission, Role
from supervision.settings import FixedClock
from supervision.users.models import PortalUser
from supervision.users.tickets import Tickets

HOW = "complete the table with: python tests/functional/test_routes_and_roles.py --write"


def test_every_view_declares_one_permission_that_exists(wsgi: Any) -> None:
    known = {str(permission) for permission in Permission}
    for view in declared_views(wsgi.registry):
        assert len(view.permissions) == 1, f"{view.route} {view.methods}: permission {view.permissions}"
        assert view.permissions[0] in known, f"{view.route}: {view.permissions[0]} is no Permission"


def test_a_view_without_a_route_only_answers_errors(wsgi: Any) -> None:
    for entry in wsgi.registry.introspector.get_category("views"):
        view = entry["introspectable"]
        if view["route_name"] is None and not view["exception_only"]:
            # Pyramid's own answers to raised HTTP exceptions; anything else would be reachable by traversal.
            assert view["callable"].__module__.startswith("pyramid."), view["callable"]


def test_nothing_can_be_changed_under_a_read_permission(wsgi: Any) -> None:
    for view in declared_views(wsgi.registry):
        if view.changes_something:
            assert not view.permissions[0].endswith(".read"), (
                f"{view.route} takes {view.methods or 'any method'} under {view.permissions[0]}"
            )


def test_no_role_holds_the_default_permission() -> None:
    assert NOBODY not in {str(permission) for permission in Permission}
    assert all(NOBODY not in held for held in GRANTS.values())


def test_no_two_administrators_can_do_the_same() -> None:
    own = {
        role: {each for each in GRANTS[role] if not each.startswith(("public.", "own.", "desk."))}
        for role in Role
        if role.name.endswith("ADMINISTRATOR")
    }
    assert len(own) == 3
    seen: set[Permission] = set()
    for permissions in own.values():
        assert not permissions & seen
        seen |= permissions


def test_every_route_stands_in_the_table(wsgi: Any) -> None:
    missing = missing_rows(wsgi.registry)
    assert not missing, f"routes without an agreed row:\n{missing}\n{HOW}"
    gone = set(read_table()) - set(rows_of_app(wsgi.registry))
    assert not gone, f"rows of routes that are gone: {sorted(gone)}\n{HOW}"


def test_what_the_permissions_grant_is_what_the_table_says(wsgi: Any) -> None:
    table = read_table()
    for key, view in rows_of_app(wsgi.registry).items():
        assert verdicts_by_grant(view) == table[key], (
            f"{key}: {view.permissions} does not give what is agreed"
        )


class Visitor:
    """A browser of one role that takes a new ticket whenever it may have lost the old one."""

    def __init__(self, wsgi: Any, engine: Engine, clock: FixedClock, column: str) -> None:
        self._wsgi, self._engine, self._clock, self._column = wsgi, engine, clock, column
        self._app = TestApp(wsgi)
        self._token = ""
        self.refresh()

    def refresh(self) -> None:
        self._app.reset()
        if self._column == PUBLIC:
            self._token = csrf_token(self._app, "/sign-in")
            return
        with begin(self._engine) as session:
            user = session.query(PortalUser).filter_by(name=BY_ROLE[Role(self._column)]).one()
            settings = self._wsgi.registry.supervision
            self._app.set_cookie("ticket", Tickets(session, self._clock, settings).issue(user, "192.0.2.1"))
        self._token = csrf_token(self._app)

    def asks(self, method: str, address: str) -> Any:
        headers = {} if method == "GET" else {"X-CSRF-Token": self._token}
        return self._app.request(address, method=method, headers=headers, expect_errors=True)


@pytest.mark.parametrize("column", COLUMNS)
def test_the_app_answers_each_role_as_the_table_says(
    wsgi: Any, sqlite_engine: Engine, clock: FixedClock, people: Any, column: str
) -> None:
    """Denied is 403, for the public the way to sign in, for what only programs may do 401; allowed is anything else, and never a crash."""
    visitor = Visitor(wsgi, sqlite_engine, clock, column)
    table, wrong = read_table(), []
    for (route, method), view in rows_of_app(wsgi.registry).items():
        asked = "GET" if method == "ANY" else method
        answer = visitor.asks(asked, address_of(view.pattern))
        to_sign_in = "/sign-in?next=" in answer.headers.get("Location", "") and not route.startswith(
            "sign_in"
        )
        is_denied = answer.status_int in (401, 403) or (column == PUBLIC and to_sign_in)
        if (
            view.has_factory
        ):  # what the address points at is looked up first and may refuse for its own reasons
            is_denied = is_denied or (answer.status_int >= 400 and table[(route, method)][column] != ALLOW)
        agreed = table[(route, method)][column]
        if answer.status_int >= 500 or is_denied is (agreed == ALLOW):
            wrong.append(f"{column}: {asked} {route} answered {answer.status}, agreed is {agreed}")
        if not is_denied and asked != "GET":
            visitor.refresh()
    assert not wrong, "\n".join(wrong)


if __name__ == "__main__":
    from supervision.db import make_engine

    with tempfile.TemporaryDirectory() as folder:
        given = {"supervision.environment": "test", "supervision.data": folder}
        engine = make_engine(f"sqlite:///{folder}/register.sqlite")
        registry = main({"engine": engine, "password_cost": CHEAP}, **given).registry
        if "--write" in sys.argv[1:]:
            added, dropped = write_table(registry)
            print(f"{TABLE.name}: {len(added)} rows added, {len(dropped)} dropped")
            for key in added:
                print("  added", *key)
            for key in dropped:
                print("  dropped", *key)
        else:
            print(missing_rows(registry) or "nothing is missing")
