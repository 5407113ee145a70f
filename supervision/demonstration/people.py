"""Who signs in to the demonstration: one person for each role, and two for each company."""

from __future__ import annotations

from dataclasses import dataclass

from supervision.security import Role

# Known to everybody, so the demonstration is refused outside development.
PASSWORD = "first-snow-on-the-roof"  # noqa: S105
TOUR_COMPANY = "hrb-bx"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    display_name: str
    role: Role
    company: str | None = None


STAFF = (
    Person("officer", "监管人员 李", Role.OFFICER),
    Person("supervisor", "监管负责人 王", Role.SUPERVISING_OFFICER),
    Person("system-admin", "系统管理员", Role.SYSTEM_ADMINISTRATOR),
    Person("security-admin", "安全管理员", Role.SECURITY_ADMINISTRATOR),
    Person("audit-admin", "审计管理员", Role.AUDIT_ADMINISTRATOR),
)


def company_people(code: str, name_zh: str) -> tuple[Person, Person]:
    return (
        Person(f"{code}-clerk", f"{name_zh[:6]} 经办人", Role.COMPANY_CLERK, code),
        Person(f"{code}-signer", f"{name_zh[:6]} 签署人", Role.COMPANY_SIGNATORY, code),
    )
