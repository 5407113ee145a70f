"""Commands are imported when they are called, so that `--help` answers at once; what fails or is called
wrongly ends in plain words."""

from __future__ import annotations

import importlib
from typing import Any

import click

from supervision.cli.refusals import plainly, speak_any_language
from supervision.cli.usage import in_both_languages


class LazyGroup(click.Group):
    def __init__(self, *args: Any, commands_at: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._commands_at = commands_at

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with in_both_languages():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        speak_any_language()
        with plainly(), in_both_languages():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._commands_at:
            return None
        module, name = self._commands_at[cmd_name].split(":")
        found = getattr(importlib.import_module(module), name)
        if not isinstance(found, click.Command):
            raise TypeError(f"{module}:{name} is no command")
        return found
