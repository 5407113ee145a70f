"""The table of roles in docs/security.md is the one the portal runs by. Run as a program it writes the table anew:
``python -m tests.assurance.test_roles_documented``."""

from __future__ import annotations

import re
from pathlib import Path

from supervision.security import EVERYBODY, GRANTS, Permission, Role

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
_TABLE = re.compile(r"(?s)<!-- roles -->\n(.*?)<!-- /roles -->")
SHORT = {
    Role.OFFICER: "officer",
    Role.SUPERVISING_OFFICER: "supervising officer",
    Role.COMPANY_CLERK: "company clerk",
    Role.COMPANY_SIGNATORY: "company signatory",
    Role.SYSTEM_ADMINISTRATOR: "system admin.",
    Role.SECURITY_ADMINISTRATOR: "security admin.",
    Role.AUDIT_ADMINISTRATOR: "audit admin.",
}

SIGNED_IN = {Permission.OWN_SIGN_IN, Permission.DESK_READ}


def roles_table() -> str:
    """Permissions by role as Markdown, but for those that everybody holds."""
    rows = [
        "| Permission | " + " | ".join(SHORT.values()) + " |",
        "|---|" + ":-:|" * len(SHORT),
        *(
            f"| `{permission}` | "
            + " | ".join("✓" if permission in GRANTS[role] else "" for role in SHORT)
            + " |"
            for permission in Permission
            if permission not in EVERYBODY and permission not in SIGNED_IN
        ),
    ]
    return "\n".join(rows) + "\n"


def documented() -> str:
    found = _TABLE.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    return found.group(1)


def test_the_documented_roles_are_those_the_portal_grants() -> None:
    assert documented() == roles_table()


def test_every_role_has_its_column() -> None:
    assert set(SHORT) == set(Role) == set(GRANTS)


def test_everybody_signed_in_holds_what_the_page_says() -> None:
    common = frozenset.intersection(*GRANTS.values())
    assert common == EVERYBODY | SIGNED_IN


if __name__ == "__main__":
    PAGE.write_text(
        _TABLE.sub(f"<!-- roles -->\n{roles_table()}<!-- /roles -->", PAGE.read_text(encoding="utf-8")),
        encoding="utf-8",
    )
