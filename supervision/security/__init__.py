"""Who may do what: roles, permissions, the identity of a request, and the policy that closes everything else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from supervision.journal import PUBLIC, Actor


class Role(StrEnum):
    """A person has exactly one role, so the three administrators exclude each other."""

    OFFICER = "officer"
    SUPERVISING_OFFICER = "supervising_officer"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDIT_ADMINISTRATOR = "audit_administrator"
    COMPANY_CLERK = "company_clerk"
    COMPANY_SIGNATORY = "company_signatory"


COMPANY_ROLES = frozenset({Role.COMPANY_CLERK, Role.COMPANY_SIGNATORY})
OFFICER_ROLES = frozenset({Role.OFFICER, Role.SUPERVISING_OFFICER})


class Permission(StrEnum):
    """What a view asks for. Names ending in ``read`` never change anything; every other one may."""

    PUBLIC_READ = "public.read"
    PUBLIC_COMPLAIN = "public.complain"
    PUBLIC_SIGN_IN = "public.sign_in"
    PUBLIC_VERIFY = "public.verify"  # a file is sent to be compared; nothing of it is kept
    OWN_SIGN_IN = "own.sign_in"  # sign out, change one's own password and second factor
    DESK_READ = "desk.read"  # what waits for the person who signed in
    FILING_READ = "filing.read"  # every company's
    OWN_FILING_READ = "own_filing.read"  # the own company's filings and what was found in them
    FILING_UPLOAD = "filing.upload"
    FILING_SIGN = "filing.sign"
    TOKEN_KEEP = "token.keep"  # noqa: S105 -- make and revoke the tokens of the own company's programs
    API_READ = "api.read"  # a company's program, by its token; no role holds it
    API_FILE = "api.file"  # the same, handing in a file
    FILING_EXTEND = "filing.extend"  # a company may file later, for a reason
    RULE_PROPOSE = "rule.propose"  # the withdrawal of a rule that turned out wrong
    RULE_APPROVE = "rule.approve"
    FINDING_READ = "finding.read"
    CASE_READ = "case.read"
    OWN_CASE_READ = "own_case.read"  # the own company's, once notified
    DOCUMENT_READ = "document.read"  # a company those addressed to it
    CASE_OPEN = "case.open"
    CASE_DRAFT = "case.draft"
    CASE_APPROVE = "case.approve"
    CASE_REPLY = "case.reply"  # a company answers, and reports what it refunded
    COMPLAINT_READ = "complaint.read"
    COMPLAINT_ANSWER = "complaint.answer"
    COMPLAINT_CLOSE = "complaint.close"
    TARIFF_READ = "tariff.read"  # drafts too; what is published everybody reads
    TARIFF_DRAFT = "tariff.draft"
    TARIFF_REVIEW = "tariff.review"
    TARIFF_APPROVE = "tariff.approve"
    RATING_READ = "rating.read"
    RATING_COMPUTE = "rating.compute"
    RATING_RELEASE = "rating.release"
    SYSTEM_READ = "system.read"
    OUTAGE_ENTER = "outage.enter"
    MAIL_SEND = "mail.send"  # again, what could not be delivered
    USERS_READ = "users.read"
    USERS_CHANGE = "users.change"
    JOURNAL_READ = "journal.read"


#: What only a company's program holds, by its token. No role has any of it, so no cookie ever gives it.
OF_PROGRAMS = frozenset({Permission.API_READ, Permission.API_FILE})

NOBODY = "nobody"  # the default permission of every view: no role holds it

EVERYBODY = frozenset(
    {
        Permission.PUBLIC_READ,
        Permission.PUBLIC_COMPLAIN,
        Permission.PUBLIC_SIGN_IN,
        Permission.PUBLIC_VERIFY,
    }
)

_OFFICER = {
    Permission.FILING_READ,
    Permission.FILING_EXTEND,
    Permission.RULE_PROPOSE,
    Permission.FINDING_READ,
    Permission.CASE_READ,
    Permission.DOCUMENT_READ,
    Permission.CASE_OPEN,
    Permission.CASE_DRAFT,
    Permission.COMPLAINT_READ,
    Permission.COMPLAINT_CLOSE,
    Permission.RATING_READ,
    Permission.RATING_COMPUTE,
    Permission.TARIFF_READ,
    Permission.TARIFF_DRAFT,
    Permission.TARIFF_REVIEW,
}
_CLERK = {
    Permission.OWN_FILING_READ,
    Permission.FILING_UPLOAD,
    Permission.OWN_CASE_READ,
    Permission.DOCUMENT_READ,
    Permission.CASE_REPLY,
    Permission.COMPLAINT_READ,
    Permission.COMPLAINT_ANSWER,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    role: frozenset(EVERYBODY | {Permission.OWN_SIGN_IN, Permission.DESK_READ} | extra)
    for role, extra in {
        Role.OFFICER: _OFFICER,
        Role.SUPERVISING_OFFICER: _OFFICER
        | {
            Permission.CASE_APPROVE,
            Permission.RATING_RELEASE,
            Permission.TARIFF_APPROVE,
            Permission.RULE_APPROVE,
        },
        Role.COMPANY_CLERK: _CLERK,
        Role.COMPANY_SIGNATORY: _CLERK | {Permission.FILING_SIGN, Permission.TOKEN_KEEP},
        Role.SYSTEM_ADMINISTRATOR: {Permission.SYSTEM_READ, Permission.OUTAGE_ENTER, Permission.MAIL_SEND},
        Role.SECURITY_ADMINISTRATOR: {Permission.USERS_READ, Permission.USERS_CHANGE},
        Role.AUDIT_ADMINISTRATOR: {Permission.JOURNAL_READ},
    }.items()
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in, read from the register at each request. ``person_no`` tells one natural person with two
    sign-ins; ``company_id`` is set for company people and bounds everything they see."""

    user_id: int
    name: str
    display_name: str
    role: Role
    person_no: str
    company_id: int | None

    @property
    def permissions(self) -> frozenset[Permission]:
        return GRANTS[self.role]

    @property
    def actor(self) -> Actor:
        return Actor(self.name, str(self.role), self.company_id)

    @property
    def is_company(self) -> bool:
        return self.role in COMPANY_ROLES


@dataclass(frozen=True, slots=True)
class Program:
    """A company's program, as the register knows its token at each request. It files and reads what its token is for:
    these feeds of this season, and of these periods where any are named."""

    token_id: int
    name: str
    company_id: int
    feeds: frozenset[str]
    season: str
    periods: frozenset[str]

    @property
    def actor(self) -> Actor:
        return Actor(f"token:{self.name}", "program", self.company_id)

    @property
    def reader(self) -> Identity:
        """The bounds of what it may see are those of a clerk of its company."""
        return Identity(0, self.actor.name, self.name, Role.COMPANY_CLERK, "", self.company_id)

    def covers(self, feed: str, season: str, period: str) -> bool:
        """Whether the token is for this feed and period."""
        return feed in self.feeds and season == self.season and (not self.periods or period in self.periods)


class IdentitySource(Protocol):
    """Finds the identity behind a request's ticket; the ``users`` feature registers the real one."""

    def __call__(self, request: Any) -> Identity | None: ...


class TicketSecurityPolicy:
    """Pyramid's security policy over server-side tickets. Rights are those of the role now, not at sign-in."""

    def __init__(self, source: IdentitySource) -> None:
        self._source = source

    def identity(self, request: Any) -> Identity | None:
        cached = request.environ.get("supervision.identity", False)
        if cached is False:
            cached = request.environ["supervision.identity"] = self._source(request)
        return cached

    def authenticated_userid(self, request: Any) -> str | None:
        identity = self.identity(request)
        return identity.name if identity else None

    def permits(self, request: Any, context: Any, permission: str) -> bool:
        if permission in OF_PROGRAMS:
            return request.program is not None
        identity = self.identity(request)
        held = identity.permissions if identity else EVERYBODY
        return permission in held

    def remember(self, request: Any, userid: str, **_: Any) -> list[tuple[str, str]]:
        raise TypeError("tickets are issued by supervision.users")

    def forget(self, request: Any, **_: Any) -> list[tuple[str, str]]:
        raise TypeError("tickets are ended by supervision.users")


def actor_of(identity: Identity | None) -> Actor:
    return identity.actor if identity else PUBLIC
