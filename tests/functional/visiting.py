"""Who visits in the functional tests, and how: ``from visiting import PASSWORD, csrf_token, post``."""

from __future__ import annotations

import re
from typing import Any

from webtest import TestApp

from supervision.security import Role
from supervision.users import PasswordCost

PASSWORD = "cormorants ferry lanterns"  # of every person below
CHEAP = PasswordCost(passes=1, memory_kib=8, lanes=1)  # the only place where a password costs so little

# Sign-in name → role, company. One person for each role, a second supervising officer, and a second company.
PEOPLE: dict[str, tuple[Role, str | None]] = {
    "officer": (Role.OFFICER, None),
    "supervising-officer": (Role.SUPERVISING_OFFICER, None),
    "supervising-officer-2": (Role.SUPERVISING_OFFICER, None),
    "system-administrator": (Role.SYSTEM_ADMINISTRATOR, None),
    "security-administrator": (Role.SECURITY_ADMINISTRATOR, None),
    "audit-administrator": (Role.AUDIT_ADMINISTRATOR, None),
    "clerk-a": (Role.COMPANY_CLERK, "harbin-a"),
    "signatory-a": (Role.COMPANY_SIGNATORY, "harbin-a"),
    "clerk-b": (Role.COMPANY_CLERK, "jinan-b"),
    "signatory-b": (Role.COMPANY_SIGNATORY, "jinan-b"),
}
BY_ROLE: dict[Role, str] = {role: name for name, (role, _) in reversed(PEOPLE.items())}


def sign_in_through_the_page(app: TestApp, name: str, password: str, **given: Any) -> Any:
    """The answer to the submitted sign-in form, whatever it is (``status="*"`` for refusals)."""
    form = app.get("/sign-in").forms["form"]
    form["name"], form["password"] = name, password
    return form.submit(**given)


def is_signed_in(app: TestApp) -> bool:
    return app.get("/me", status="*").status_int == 200


def csrf_token(app: TestApp, path: str = "/me") -> str:
    """The form token of this browser, read from a page with a form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', app.get(path).text)
    assert found, f"{path} has no form"
    return found[1]


def post(app: TestApp, path: str, fields: dict[str, Any] | None = None, **given: Any) -> Any:
    """A POST with this browser's form token."""
    return app.post(path, {"csrf_token": csrf_token(app), **(fields or {})}, **given)
