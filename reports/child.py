"""The process that lays out one page and ends: ``python -m reports.child``, HTML in on stdin, PDF out
on stdout.

It limits itself before anything is loaded: 1.5 GiB of address space, 30 s of CPU, no file written, no
socket, no program started. WeasyPrint may fetch one thing, the style sheet beside this file; the first
request for anything else ends the whole rendering, because a template that asks for more is wrong and a
text that manages to is an attack. On failure the last line on stderr is JSON with ``zh``, ``en`` and
``detail``, and the exit code is 1.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any, Final

STYLE_SHEET: Final = "asset:print.css"
ADDRESS_SPACE_BYTES: Final = 3 << 29  # 1.5 GiB
CPU_SECONDS: Final = 30

_ASSETS: Final = {STYLE_SHEET: ("print.css", "text/css")}
_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_FORBIDDEN_EVENTS: Final = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "ftplib.",
)


class Forbidden(Exception):
    """The page, or something in it, reached for what this process may not touch."""


def limit_this_process() -> None:
    """From here on: memory and CPU are bounded and no core is dumped."""
    for what, most in (
        (resource.RLIMIT_AS, ADDRESS_SPACE_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard),) * 2)


def forbid_ways_out() -> None:
    """From here on no socket, no other program, no file opened for writing: the interpreter refuses,
    whoever asks."""

    def guard(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_FORBIDDEN_EVENTS):
            raise Forbidden(event)
        if event == "open" and _is_for_writing(*arguments[1:3]):
            raise Forbidden(f"open for writing: {arguments[0]!r}")

    sys.addaudithook(guard)


def _is_for_writing(mode: str | None, flags: int | None) -> bool:
    """``mode`` is that of ``open``, ``flags`` those of ``os.open``; the other one is None."""
    return bool(set(mode or "") & set("wax+")) or bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def pdf_of(page: str) -> bytes:
    """The page as tagged PDF/UA-1. Raises FatalURLFetchingError when it asks for anything but the style
    sheet."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    refused: list[str] = []

    class OwnAssetsOnly(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            if url not in _ASSETS:
                refused.append(url[:200])
                raise ValueError(f"not one of our assets: {url[:200]!r}")
            name, content_type = _ASSETS[url]
            return URLFetcherResponse(url, (_TEMPLATES / name).read_bytes(), {"Content-Type": content_type})

    written: bytes = HTML(string=page, base_url="asset:", url_fetcher=OwnAssetsOnly()).write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=True
    )
    # WeasyPrint goes on without what it could not fetch; a document with something left out must not be issued.
    if refused:
        raise Forbidden(f"not one of our assets: {refused[0]!r}")
    return written


def main() -> int:
    limit_this_process()
    page = sys.stdin.buffer.read().decode("utf-8")
    try:
        import weasyprint  # noqa: F401 - its libraries are found and loaded before the ways out are shut

        forbid_ways_out()
        content = pdf_of(page)
    except MemoryError:
        return _fail(
            "文书排版所需内存超出限额：请减少附表行数后重试。",
            "Laying out the document needs more memory than allowed: shorten the annex and try again.",
            "MemoryError",
        )
    except RecursionError:
        return _fail("文书结构嵌套过深，无法排版。", "The document is nested too deeply.", "RecursionError")
    except BaseException as error:  # the parent must hear of it in both languages, whatever it was
        return _fail(
            "文书未能排版：请联系系统管理员。",
            "The document could not be laid out: tell the operator.",
            f"{type(error).__name__}: {error}",
        )
    sys.stdout.buffer.write(content)
    return 0


def _fail(zh: str, en: str, detail: str) -> int:
    print(json.dumps({"zh": zh, "en": en, "detail": detail[:500]}, ensure_ascii=True), file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
