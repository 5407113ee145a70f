"""How a command ends when it cannot go on: plain words in both languages, an exit code, and never a traceback."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

CANNOT_USE = 1  # the input is not fit; it says where, what and how to mend it
CANNOT_RUN = 2  # the command itself could not work

DEBUG = "SUPERVISION_DEBUG"

_SYSTEM = {
    errno.ENOENT: ("没有这个文件或文件夹，请检查路径", "no such file or folder; check the path"),
    errno.EISDIR: ("这是文件夹，请指明文件", "this is a folder; name a file"),
    errno.ENOTDIR: (
        "路径中有一段不是文件夹，请检查路径",
        "a part of the path is no folder; check the path",
    ),
    errno.EACCES: ("没有权限，请检查文件和文件夹的权限", "permission denied; check the rights of file and folder"),
    errno.EROFS: ("文件系统只读，请换一个位置", "the file system is read-only; choose another place"),
    errno.ENOSPC: ("磁盘已满，请腾出空间后重试", "the disk is full; free some space and try again"),
    errno.EDQUOT: ("磁盘配额已满，请腾出空间后重试", "the disk quota is used up; free some space and try again"),
    errno.ENAMETOOLONG: ("文件名太长，请缩短", "the file name is too long; shorten it"),
    errno.EADDRNOTAVAIL: ("本机没有这个地址，请换一个", "this machine has no such address; choose another"),
    errno.EADDRINUSE: ("端口已被占用，请换一个端口", "the port is in use; choose another"),
}  # fmt: skip


def stop(zh: str, en: str, code: int = CANNOT_RUN) -> NoReturn:
    """Say why in both languages and end with ``code``."""
    click.echo(f"{zh}\n{en}", err=True)
    sys.exit(code)


def reason(error: OSError) -> tuple[str, str]:
    """What the system refused and what to do about it, in Chinese and English."""
    if error.errno in _SYSTEM:
        return _SYSTEM[error.errno]
    text = error.strerror or str(error) or type(error).__name__
    return text, text


def stop_for(what: object, error: OSError, code: int = CANNOT_RUN) -> NoReturn:
    """End because ``what`` (a file, a folder, a port) was refused by the system."""
    zh, en = reason(error)
    stop(f"{what}：{zh}。", f"{what}: {en}.", code)


@contextmanager
def plainly() -> Iterator[None]:
    """Whatever goes wrong inside ends the process with CANNOT_RUN and words; with SUPERVISION_DEBUG=1 the traceback
    stands before them. What click itself says (wrong options, aborted prompts) is left to click."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort, SystemExit):
        raise
    except KeyboardInterrupt:
        _show_traceback()
        stop("\n已中断，没有做完。", "Interrupted; nothing was finished.")
    except MemoryError:
        _show_traceback()
        stop("内存不足，请把文件分成几份后重试。", "Out of memory; split the file and try again.")
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader of a pipe has gone; click ends quietly
            raise
        _show_traceback()
        where = f"{error.filename}" if error.filename else "系统 / system"
        stop_for(where, error)
    except Exception as error:  # the last stop of all: the user is told, and how to learn more
        _show_traceback()
        _stop_for_unexpected(error)


def _stop_for_unexpected(error: Exception) -> NoReturn:
    from sqlalchemy.exc import ArgumentError, DBAPIError

    from supervision.db import UnsafeDatabase

    if isinstance(error, DBAPIError):
        said = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error).__name__
        stop(
            f"登记库没有应答或拒绝了操作：{said}。请检查 supervision.database_url 和数据库服务。",
            f"The register did not answer or refused: {said}. Check supervision.database_url and the database server.",
        )
    if isinstance(error, (UnsafeDatabase, ArgumentError)):
        stop(
            f"登记库的地址或设置不可用：{error}",
            f"The register's address or settings cannot be used: {error}",
        )
    stop(
        f"程序出错（{type(error).__name__}：{error}）。请用 {DEBUG}=1 重新运行，并把输出交给维护人员。",
        f"The program failed ({type(error).__name__}: {error}). Run it again with {DEBUG}=1 and hand the output "
        "to those who look after it.",
    )


def _show_traceback() -> None:
    if os.environ.get(DEBUG) == "1":
        traceback.print_exc()


def speak_any_language() -> None:
    """A terminal whose character set lacks a character gets a stand-in for it, and the command goes on."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
