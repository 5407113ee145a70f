"""Tariffs from the command line."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supervision.cli.ground import CANNOT_USE, Ground, stop
from supervision.cli.validating import must_be_file
from supervision.journal import SYSTEM

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from supervision.security import Identity


@click.group()
def tariff() -> None:
    """Published tariffs: enter and look up."""


@tariff.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--by", "name", help="Sign-in name of the officer who enters what is new, as a draft.")
@click.pass_obj
def import_file(ground: Ground, file: Path, name: str | None) -> None:
    """Enter the tariffs of FILE (YAML or JSON) as drafts, all of them or none.

    FILE is a list of records, or a file shaped like checks/tariffs/published/*.yaml. Records that come with the portal
    are entered at once; any other becomes a draft of the officer named with --by, which two further people review and
    approve on the portal. A record that stands already is passed over; other values need a new id. Prints how many were
    entered, how many became drafts and how many stood.

    \b
    Exit codes: 0 all of them stand in the register, or as drafts
                1 the file cannot be used; it says which record and field
                2 could not run (file missing, no register)

    \b
    Example: supervision tariff import harbin-2026.yaml --by wang
    """
    from checks.tariffs.errors import TariffError
    from checks.tariffs.load import load_published, load_tariffs_file, tariff_to_dict
    from supervision.tariffs import DraftService, TariffRefused, TariffService

    must_be_file(file)
    try:
        tariffs = load_tariffs_file(file)
        if not tariffs:
            stop(f"{file} 中没有热价。", f"{file} holds no tariff.", CANNOT_USE)
        published = set(load_published())
        with ground.writing() as session:
            register = TariffService(session, ground.clock)
            known = [one for one in tariffs if one in published or register.has(one.id)]
            entered = register.enter(known, SYSTEM)
            new = [one for one in tariffs if one not in known]
            if new:
                author = _author(ground, session, name)
                drafts = DraftService(session, ground.clock, ground.evidence)
                for one in new:
                    drafts.start(tariff_to_dict(one), by=author)
    except (TariffError, TariffRefused) as error:
        stop(error.zh, error.en, CANNOT_USE)
    click.echo(
        f"新登记 / entered: {len(entered.new)};  草稿 / drafts: {len(new)};  "
        f"已存在 / stood already: {len(entered.unchanged)}"
    )


def _author(ground: Ground, session: Session, name: str | None) -> Identity:
    """The officer who answers for the drafts; stops where nobody is named, or the one named may not draft."""
    from supervision.security import Permission
    from supervision.users import NoSuchUser, UserService

    if name is None:
        stop(
            "新热价须由两名人员复核和批准后才生效。请用 --by 写明录入人员的登录名。",
            "A new tariff binds only once two further people reviewed and approved it. Name the officer who enters it "
            "with --by.",
            CANNOT_USE,
        )
    try:
        person = UserService(session, ground.clock, ground.settings, ground.passwords).by_name(name)
    except NoSuchUser:
        stop(f"没有登录名 {name}。", f"Nobody signs in as {name}.", CANNOT_USE)
    if not person.is_active or Permission.TARIFF_DRAFT not in person.identity.permissions:
        stop(f"{name} 无权录入热价。", f"{name} may not enter tariffs.", CANNOT_USE)
    return person.identity


@tariff.command("show")
@click.argument("city_or_id", metavar="CITY_OR_ID")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day in force; today if none.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.pass_obj
def show(ground: Ground, city_or_id: str, day: dt.datetime | None, as_json: bool) -> None:
    """Show the tariffs of a city (such as 哈尔滨市) on a day, or the one with an id.

    Prints one line a tariff: id, city and area, category, price, kind of area, document, first and last day. --json
    prints every field.

    \b
    Exit codes: 0 printed
                1 none is entered for that city and day
                2 could not run

    \b
    Example: supervision tariff show 哈尔滨市 --on 2013-10-20
    """
    from checks.tariffs.load import tariff_to_dict
    from supervision.settings.clock import local_date
    from supervision.tariffs import NoSuchTariff, TariffService, wording

    on = day.date() if day else local_date(ground.clock.now())
    with ground.reading() as session:
        service = TariffService(session, ground.clock)
        try:
            found = [service.tariff(city_or_id)]
        except NoSuchTariff:
            found = service.in_force_on(on, city=city_or_id)
    if not found:
        stop(
            f"{city_or_id} 在 {on} 没有登记的热价。",
            f"No tariff is entered for {city_or_id} on {on}.",
            CANNOT_USE,
        )
    if as_json:
        click.echo(json.dumps([tariff_to_dict(one) for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        price = wording.price(one.area_price)
        click.echo(
            f"{one.id}  {one.city} {one.service_area}  {wording.category_name(one.category).zh}/"
            f"{wording.category_name(one.category).en}  {price.zh if price else '—'}  "
            f"{wording.BASES[one.area_basis].zh}  {one.document or '—'}  {one.valid_from or '…'} — {one.valid_to or '…'}"
        )
