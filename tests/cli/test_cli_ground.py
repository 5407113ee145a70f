"""What holds for every command: help, plain endings, and configuration that cannot be used."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import click
import pytest

from supervision.cli import COMMANDS, main
from supervision.cli.lazily import LazyGroup
from supervision.cli.refusals import DEBUG
from tests.cli.command_line import Said, examples, in_both_languages, is_chinese, program, run, write_feed

LEAVES = [
    *((name,) for name in COMMANDS if name not in {"company", "user", "tariff", "bench"}),
    ("company", "add"), ("company", "deactivate"), ("company", "reactivate"), ("user", "add"), ("tariff", "import"), ("tariff", "show"), ("bench", "truth"),
]  # fmt: skip


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_help_says_what_it_does_its_exit_codes_and_an_example(path: tuple[str, ...]) -> None:
    said = run(*path, "--help")
    assert said.code == 0
    assert "Exit codes: 0 " in said.out
    assert "2 could not run" in said.out
    assert "Example: supervision " in said.out


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_example_of_the_help_is_a_command_that_parses(path: tuple[str, ...]) -> None:
    (line,) = [line for line in run(*path, "--help").out.splitlines() if "Example: supervision " in line]
    words = line.split("Example: supervision ")[1].split()
    with main.make_context("supervision", words[:], resilient_parsing=False) as context:
        assert isinstance(context.command, LazyGroup)
        name, command, rest = context.command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        assert command is not None
        while isinstance(command, click.Group):
            name, command, rest = command.resolve_command(context, rest)
            assert command is not None
        command.make_context(name, rest, parent=context)


def test_no_command_is_named_that_there_is_not() -> None:
    said = run("no-such-command")
    assert said.code == 2
    assert "No such command" in said.err


def test_a_configuration_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    said = run("--config", tmp_path / "none.ini", "fsck")
    assert said.code == 2
    assert in_both_languages(said)


INI = "[app:main]\nuse = egg:heat-supervision\nsupervision.environment = test\n"


def with_ini(tmp_path: Path, more: str, *command: object) -> Said:
    (tmp_path / "portal.ini").write_text(
        f"{INI}supervision.data = {tmp_path / 'data'}\n{more}\n", encoding="utf-8"
    )
    return run("--config", tmp_path / "portal.ini", *(command or ("fsck",)))


@pytest.mark.parametrize(
    "line",
    [
        "supervision.colour = red",
        "supervision.idle_minutes = soon",
        "supervision.secure_cookies = yes",
        "supervision.database_url = mysql://localhost/x",
        "supervision.database_url = postgresql://nobody@127.0.0.1:1/none",
        "supervision.database_url = nonsense",
    ],
)
def test_a_setting_that_cannot_be_used_ends_with_2_and_names_it(tmp_path: Path, line: str) -> None:
    said = with_ini(tmp_path, line)
    assert said.code == 2
    assert in_both_languages(said), said.err


def test_an_ini_that_is_none_ends_with_2(tmp_path: Path) -> None:
    for content in (
        b"",
        b"[server:main]\n",
        b"\xff\xfe\x00",
        b"[app:main",
        b"[app:main]\nuse = %(nowhere)s\n",
    ):
        (tmp_path / "portal.ini").write_bytes(content)
        said = run("--config", tmp_path / "portal.ini", "fsck")
        assert said.code == 2, content
        assert in_both_languages(said), (content, said.err)


@pytest.mark.parametrize(
    "command", [["check"], ["fsck"], ["explain", "B1"], ["serve"], ["work"], ["tariff", "show", "哈尔滨市"]]
)
def test_without_a_register_a_command_says_to_make_one(tmp_path: Path, command: list[str]) -> None:
    said = with_ini(tmp_path, "", *command)
    assert said.code == 2
    assert "supervision init" in said.err
    assert in_both_languages(said)


def test_a_data_folder_that_cannot_be_made_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    said = run("--data", tmp_path / "file" / "data", "init")
    assert said.code == 2
    assert in_both_languages(said), said.err


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A command that fails as it is told to, in the place of a real one."""
    given: list[BaseException] = []

    @click.command()
    def fail() -> None:
        raise given[0]

    monkeypatch.setattr("supervision.cli.checking.check", fail)
    return given


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/srv/heat"),
        OSError(errno.EIO, os.strerror(errno.EIO)),
        MemoryError(),
        KeyboardInterrupt(),
        RuntimeError("something nobody thought of"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_happens_ends_with_2_and_words_and_a_traceback_only_on_request(
    failing: list[BaseException], error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing.append(error)
    monkeypatch.delenv(DEBUG, raising=False)
    said = run("check")
    assert said.code == 2
    assert is_chinese(said.err)
    monkeypatch.setenv(DEBUG, "1")
    from click.testing import CliRunner

    assert "Traceback (most recent call last)" in CliRunner().invoke(main, ["check"]).stderr


def test_a_terminal_that_knows_no_chinese_gets_stand_ins_and_the_same_exit_code(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    command = ("recompute", "--scope", "火星市", "--bills", bills, "--out", tmp_path / "o.csv")
    said = program(*command, environment={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert said.code == 1
    assert "No tariff is known" in said.err
    assert "Traceback" not in said.err


def test_a_reader_that_goes_away_is_no_failure_to_talk_about(tmp_path: Path) -> None:
    import subprocess
    import sys

    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "supervision.cli", "recompute", "--help"],
        stdout=writing, stderr=subprocess.PIPE, cwd=Path(__file__).resolve().parents[2], check=False,
    )  # fmt: skip
    os.close(writing)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (("recompute",), "缺少选项 --scope", "Missing option '--scope'"),
        (("recompute", "--scop", "哈尔滨市"), "没有选项 --scop，是否指 --scope", "No such option"),
        (("start", "--port", "70000"), "选项 --port 的值不能用：应为 1 至 65535 的整数", "range"),
        (("start", "--port", "x"), "应为 1 至 65535 的整数", "not a valid integer"),
        (("start", "--port"), "选项 --port 的用法不对", "requires an argument"),
        (("user", "add", "wang", "--role", "king"), "应为以下之一：officer、", "is not one of"),
        (("user", "add", "wang"), "缺少选项 --role（可选：officer、", "Missing option '--role'"),
        (("company", "add"), "缺少参数 CODE", "Missing argument 'CODE'"),
        (("company", "remove"), "没有这个子命令；可用：add、", "No such command 'remove'"),
        (("reticulate",), "没有这个子命令；可用：init、", "No such command 'reticulate'"),
        (("init", "again"), "参数过多", "unexpected extra argument"),
        (("--colour", "init"), "没有选项 --colour", "No such option"),
    ],
)
def test_a_wrong_call_is_explained_in_both_languages_and_ends_with_2(
    arguments: tuple[str, ...], zh: str, en: str
) -> None:
    said = run(*arguments)
    assert said.code == 2
    assert zh in said.err
    assert en in said.err
    assert "用法 / Usage: supervision" in said.err
    assert "--help" in said.err


def test_a_command_without_its_subcommand_shows_its_help() -> None:
    said = run("company")
    assert said.code == 2
    assert "deactivate" in said.both
