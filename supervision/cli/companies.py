"""The companies under supervision, from the command line."""

from __future__ import annotations

import re

import click
from sqlalchemy.exc import IntegrityError

from supervision.cli.ground import CANNOT_USE, Ground, stop
from supervision.journal import SYSTEM

CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,39}", re.ASCII)


@click.group()
def company() -> None:
    """Heat companies under supervision."""


@company.command("add")
@click.argument("code")
@click.option("--name-zh", required=True, help="Name in Chinese, as registered.")
@click.option("--name-en", required=True, help="Name in English.")
@click.option("--city", required=True, help="City whose tariffs price its bills, such as 哈尔滨市.")
@click.option(
    "--area", "areas", multiple=True, help="Tariff area it serves, such as city-network; may be repeated."
)
@click.pass_obj
def company_add(
    ground: Ground, code: str, name_zh: str, name_en: str, city: str, areas: tuple[str, ...]
) -> None:
    """Put a company under supervision. CODE is short and stays: it stands in addresses and commands.

    City and areas must be ones that the tariff register knows (`supervision tariff show CITY`).

    \b
    Exit codes: 0 added
                1 the code or name is taken or malformed, or city or area are not in the tariff register
                2 could not run

    \b
    Example: supervision company add songbei --name-zh 松北热力 --name-en Songbei --city 哈尔滨市
    """
    from supervision.companies import CompanyService
    from supervision.tariffs import TariffService

    if not CODE.fullmatch(code):
        stop(
            f"企业代码 {code} 不合要求：2 至 40 个小写字母、数字或连字符，以字母或数字开头。",
            f"{code} is no company code: 2 to 40 lower-case letters, digits or hyphens, a letter or digit first.",
            CANNOT_USE,
        )
    try:
        with ground.writing() as session:
            tariffs = TariffService(session, ground.clock).all(city=city)
            if not tariffs:
                stop(f"热价库中没有 {city}。", f"The tariff register does not know {city}.", CANNOT_USE)
            known = sorted({tariff.service_area for tariff in tariffs if tariff.service_area})
            unknown = [area for area in areas if area not in known]
            if unknown:
                stop(
                    f"{city} 没有供热区域 {'、'.join(unknown)}；可用：{'、'.join(known) or '无'}",
                    f"{city} has no tariff area {', '.join(unknown)}; there are: {', '.join(known) or 'none'}",
                    CANNOT_USE,
                )
            CompanyService(session, ground.clock).register(
                code=code,
                name_zh=name_zh,
                name_en=name_en,
                province=tariffs[0].province,
                city=city,
                service_areas=areas,
                by=SYSTEM,
            )
    except IntegrityError:
        stop(
            f"代码 {code} 或名称 {name_zh} 已被使用。",
            f"The code {code} or the name {name_zh} is taken.",
            CANNOT_USE,
        )
    click.echo(f"已纳入监管 / under supervision: {code} {name_zh}")


@company.command("deactivate")
@click.argument("code")
@click.pass_obj
def company_deactivate(ground: Ground, code: str) -> None:
    """Take a company out of supervision. Its people are signed out at once and cannot sign in; what it filed and what
    was decided about it stay. Entered in the journal.

    \b
    Exit codes: 0 done
                1 no company has this code, or it is inactive already
                2 could not run

    \b
    Example: supervision company deactivate songbei
    """
    ended = _switch(ground, code, to=False)
    click.echo(f"已停用，其人员已全部退出 / inactive now, its people are signed out: {ended}")


@company.command("reactivate")
@click.argument("code")
@click.pass_obj
def company_reactivate(ground: Ground, code: str) -> None:
    """Put a company under supervision again. Its people may sign in anew. Entered in the journal.

    \b
    Exit codes: 0 done
                1 no company has this code, or it is active
                2 could not run

    \b
    Example: supervision company reactivate songbei
    """
    click.echo(f"已恢复监管 / under supervision again: {_switch(ground, code, to=True)}")


def _switch(ground: Ground, code: str, *, to: bool) -> str:
    """Code and name of the company that was switched on or off."""
    from supervision.companies import CompanyService, NoSuchCompany, NotAsItStands

    try:
        with ground.writing() as session:
            service = CompanyService(session, ground.clock)
            switched = (service.reactivate if to else service.deactivate)(code, by=SYSTEM)
            return f"{switched.code} {switched.name_zh}"
    except NoSuchCompany:
        stop(f"没有代码为 {code} 的企业。", f"No company has the code {code}.", CANNOT_USE)
    except NotAsItStands:
        stop(
            f"企业 {code} {'已在监管之中' if to else '已经停用'}。",
            f"The company {code} is {'active' if to else 'inactive'} already.",
            CANNOT_USE,
        )
