"""Tariffs from the command line."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import click

from supervision.cli.ground import CANNOT_USE, Ground, stop
from supervision.journal import SYSTEM


@click.group()
def tariff() -> None:
    """Published tariffs: enter and look up."""


@tariff.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def import_file(ground: Ground, file: Path) -> None:
    """Enter the tariffs of FILE (YAML or JSON), all of them or none."""
    from checks.tariffs.errors import TariffError
    from checks.tariffs.load import load_tariffs_file
    from supervision.tariffs import TariffRefused, TariffService

    try:
        tariffs = load_tariffs_file(file)
        with ground.writing() as session:
            entered = TariffService(session, ground.clock).enter(tariffs, SYSTEM)
    except (TariffError, TariffRefused) as error:
        stop(error.zh, error.en, CANNOT_USE)
    click.echo(f"新登记 / entered: {len(entered.new)};  已存在 / stood already: {len(entered.unchanged)}")


@tariff.command("show")
@click.argument("city_or_id")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day in force; today if none.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.pass_obj
def show(ground: Ground, city_or_id: str, day: dt.datetime | None, as_json: bool) -> None:
    """Show the tariffs of a city (such as 哈尔滨市) on a day, or the one with an id."""
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
