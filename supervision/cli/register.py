"""The register itself: bringing it up to date, and the people who may sign in."""

from __future__ import annotations

import click

from supervision.cli.ground import CANNOT_USE, Ground, stop
from supervision.journal import SYSTEM
from supervision.security import COMPANY_ROLES, Role

# The reasons of supervision.users in English; the pages take them from the catalogue, which a command has not loaded.
_IN_ENGLISH = {
    "登录名须为": "a sign-in name has 2 to 40 lower-case letters, digits, dots, underscores or hyphens and begins with a "
    "letter or digit",
    "登录名已被使用": "the sign-in name is taken; choose another",
    "企业角色必须": "company roles need --company; other roles must not have one",
    "没有这家企业": "no such company",
    "同一人员不得": "one person (--person) must not be two of system, security and audit administrator",
    "密码至少": "the password needs at least 12 characters",
    "密码不超过": "the password has more than 128 characters",
    "密码过于常见": "the password is easy to guess; avoid common words, names, dates, and runs or repeats of characters",
}


def migrate(ground: Ground) -> None:
    """The register stands at the newest schema."""
    from supervision.db.schema import upgrade

    ground.settings.data.mkdir(parents=True, exist_ok=True)
    upgrade(ground.engine)


def bring_up_to_date(ground: Ground) -> None:
    """The register stands at the newest schema and holds the published tariffs that ship."""
    from checks.tariffs.load import load_published
    from supervision.tariffs import TariffService

    migrate(ground)
    with ground.writing() as session:
        TariffService(session, ground.clock).enter(load_published(), SYSTEM)


@click.command()
@click.pass_obj
def init(ground: Ground) -> None:
    """Create the register or bring it to this version, and enter the published tariffs. Safe to repeat.

    Back up first where the register holds anything (docs/operations.md). Prints where the register is.

    \b
    Exit codes: 0 the register is ready
                2 could not run (no rights, no space, the database does not answer)

    \b
    Example: supervision --config production.ini init
    """
    bring_up_to_date(ground)
    click.echo(f"登记库已就绪 / register ready: {ground.engine.url.render_as_string()}")


@click.group()
def user() -> None:
    """People who may sign in."""


@user.command("add")
@click.argument("name", metavar="NAME")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--display-name", help="Shown on pages; the sign-in name if none is given.")
@click.option(
    "--person", "person_no", help="Number of the natural person; the sign-in name if none is given."
)
@click.option("--company", "company_code", metavar="CODE", help="Company code; company roles need one.")
@click.option(
    "--password",
    help="Asked for twice if none is given, which is better: what stands on a command line can be read by others.",
)
@click.pass_obj
def user_add(
    ground: Ground,
    name: str,
    role: str,
    display_name: str | None,
    person_no: str | None,
    company_code: str | None,
    password: str | None,
) -> None:
    """Add a person who may sign in as NAME with one role.

    Meant for the first security administrator; he adds the others on the page 人员管理. Asks for the password. Prints
    the name that was added.

    \b
    Exit codes: 0 added
                1 name, company or password cannot be used; it says why
                2 could not run

    \b
    Example: supervision user add wang-anquan --role security_administrator --display-name 王安全
    """
    from supervision.companies import CompanyService, NoSuchCompany
    from supervision.users import UsersError, UserService

    if (company_code is not None) != (Role(role) in COMPANY_ROLES):
        stop(
            "企业人员须用 --company 指明企业，其他角色不得指明企业。",
            "Company roles need --company; other roles must not have one.",
            CANNOT_USE,
        )
    ground.must_be_current()
    if password is None:
        password = click.prompt("密码 / password", hide_input=True, confirmation_prompt="再输入一次 / again")
    with ground.writing() as session:
        company_id = None
        if company_code:
            try:
                company_id = CompanyService(session, ground.clock).by_code(company_code).id
            except NoSuchCompany:
                stop(
                    f"没有代码为 {company_code} 的企业。",
                    f"No company has the code {company_code}.",
                    CANNOT_USE,
                )
        try:
            UserService(session, ground.clock, ground.settings, ground.passwords).add(
                name=name,
                display_name=display_name or name,
                role=Role(role),
                person_no=person_no or name,
                company_id=company_id,
                password=password,
                by=SYSTEM,
            )
        except UsersError as error:
            stop(str(error), f"{name} cannot be added: {_in_english(error)}.", CANNOT_USE)
    click.echo(f"已添加 / added: {name} ({role})")


def _in_english(error: Exception) -> str:
    for beginning, english in _IN_ENGLISH.items():
        if str(error).startswith(beginning):
            return english
    return type(error).__name__
