"""A command called wrongly: what click says of it, in Chinese first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from click.exceptions import NoArgsIsHelpError


class Misused(click.UsageError):
    """How the command is called, and what was wrong with this call, in both languages."""

    def __init__(self, said: click.UsageError) -> None:
        super().__init__(
            f"{_chinese(said)}\n{said.format_message()}", said.ctx or click.get_current_context(silent=True)
        )

    def show(self, file: IO[Any] | None = None) -> None:
        def tell(line: str) -> None:
            click.echo(line, file=file, err=file is None)

        if self.ctx is not None:
            usage = self.ctx.command.get_usage(self.ctx).removeprefix("Usage: ")
            tell(f"用法 / Usage: {usage}")
            tell(f"说明 / Help:  {self.ctx.command_path} --help\n")
        tell(self.format_message())


@contextmanager
def in_both_languages() -> Iterator[None]:
    """A wrong call inside ends as :class:`Misused`; one without arguments still gets the help."""
    try:
        yield
    except (Misused, NoArgsIsHelpError):
        raise
    except click.UsageError as error:
        raise Misused(error) from error


def _chinese(said: click.UsageError) -> str:
    if isinstance(said, click.MissingParameter):
        return f"缺少{_named(said.param, said.param_hint)}{_choices(said.param)}。"
    if isinstance(said, click.BadParameter):
        return f"{_named(said.param, said.param_hint)} 的值不能用：{_wanted(said.param)}。"
    if isinstance(said, click.NoSuchOption):
        near = f"，是否指 {'、'.join(said.possibilities)}" if said.possibilities else ""
        return f"没有选项 {said.option_name}{near}。"
    if isinstance(said, click.BadOptionUsage):
        return f"选项 {said.option_name} 的用法不对：请检查它后面是否应当有值。"
    if said.ctx is not None and isinstance(said.ctx.command, click.Group):
        return f"没有这个子命令；可用：{'、'.join(said.ctx.command.list_commands(said.ctx))}。"
    return "参数过多或不合要求，请对照用法检查。"


def _named(param: click.Parameter | None, hint: Any) -> str:
    if param is None:
        return f"参数 {hint}" if hint else "参数"
    if isinstance(param, click.Option):
        return f"选项 {'/'.join(param.opts)}"
    return f"参数 {param.human_readable_name}"


def _choices(param: click.Parameter | None) -> str:
    if param is not None and isinstance(param.type, click.Choice):
        return f"（可选：{'、'.join(map(str, param.type.choices))}）"
    return ""


def _wanted(param: click.Parameter | None) -> str:
    kind = None if param is None else param.type
    if isinstance(kind, click.Choice):
        return f"应为以下之一：{'、'.join(map(str, kind.choices))}"
    if isinstance(kind, click.IntRange):
        return f"应为 {kind.min} 至 {kind.max} 的整数"
    if isinstance(kind, click.types.IntParamType):
        return "应为整数"
    if isinstance(kind, click.Path):
        return "该路径不存在、类型不对或不可读写"
    return "请对照说明检查"
