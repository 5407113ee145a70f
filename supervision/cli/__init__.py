"""The command line: the same services as the pages, and a recomputation that needs no register at all."""

from __future__ import annotations

import os
from pathlib import Path

import click

from supervision.cli.ground import Ground
from supervision.cli.lazily import LazyGroup

COMMANDS = {
    "init": "supervision.cli.register:init",
    "start": "supervision.cli.running:start",
    "serve": "supervision.cli.running:serve",
    "work": "supervision.cli.running:work",
    "demo": "supervision.cli.demo:demo",
    "company": "supervision.cli.companies:company",
    "user": "supervision.cli.register:user",
    "tariff": "supervision.cli.tariffs:tariff",
    "validate": "supervision.cli.validating:validate",
    "file": "supervision.cli.filing:file",
    "explanations": "supervision.cli.explaining:explanations",
    "row-digests": "supervision.cli.declaring:row_digests",
    "check": "supervision.cli.checking:check",
    "explain": "supervision.cli.checking:explain",
    "recompute": "supervision.cli.recomputing:recompute",
    "fsck": "supervision.cli.checking:fsck",
    "backup": "supervision.cli.backing_up:backup",
    "bench": "supervision.cli.demo:bench",
}


@click.group(cls=LazyGroup, commands_at=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "ini",
    type=click.Path(path_type=Path),
    default=lambda: Path(os.environ.get("SUPERVISION_CONFIG", "development.ini")),
    help="Configuration file (or SUPERVISION_CONFIG); development.ini if none is named.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="SUPERVISION_DATA",
    help="Data folder, instead of the one the configuration names.",
)
@click.pass_context
def main(context: click.Context, ini: Path, data: Path | None) -> None:
    """供热监督平台 · Heat supervision portal.

    File, check and explain district-heating bills from the command line. `supervision COMMAND --help` says what a
    command does, prints and ends with. Messages are in Chinese and English; SUPERVISION_DEBUG=1 adds the traceback of
    what went wrong.
    """
    context.obj = ground = Ground(ini, data)
    context.call_on_close(ground.close)
