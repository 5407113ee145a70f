"""The register itself: bringing it up to date, and the people who may sign in."""

from __future__ import annotations

import click

from supervision.cli.ground import CANNOT_USE, Ground, stop
from supervision.journal import SYSTEM
from supervision.security import COMPANY_ROLES, Role


def bring_up_to_date(ground: Ground) -> None:
    """The register stands at the newest schema and holds the published tariffs that ship."""
    from checks.tariffs.load import load_published
    from supervision.db.schema import upgrade
    from supervision.tariffs import TariffService

    ground.settings.data.mkdir(parents=True, exist_ok=True)
    upgrade(ground.engine)
    with ground.writing() as session:
        TariffService(session, ground.clock).enter(load_published(), SYSTEM)


@click.command()
@click.pass_obj
def init(ground: Ground) -> None:
    """Create the register or bring it to this version, and enter the published tariffs. Safe to repeat."""
    bring_up_to_date(ground)
    click.echo(f"登记库已就绪 / register ready: {ground.engine.url.render_as_string()}")


@click.group()
def user() -> None:
    """People who may sign in."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--display-name", help="Shown on pages; the sign-in name if none is given.")
@click.option(
    "--person", "person_no", help="Number of the natural person; the sign-in name if none is given."
)
@click.option("--company", "company_code", help="Company code, for company roles.")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.pass_obj
def user_add(
    ground: Ground,
    name: str,
    role: str,
    display_name: str | None,
    person_no: str | None,
    company_code: str | None,
    password: str,
) -> None:
    """Add a person NAME with a role."""
    from supervision.companies import CompanyService, NoSuchCompany
    from supervision.users import UsersError, UserService

    if (company_code is not None) != (Role(role) in COMPANY_ROLES):
        stop(
            "企业人员须用 --company 指明企业，其他角色不得指明企业。",
            "Company roles need --company; other roles must not have one.",
            CANNOT_USE,
        )
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
            stop(
                str(error),
                f"{name} cannot be added: {type(error).__name__}. See supervision user add --help.",
                CANNOT_USE,
            )
    click.echo(f"已添加 / added: {name} ({role})")
