"""From a frozen document to HTML (in this process) and to PDF (in a child process under limits).

The HTML comes from this package's own templates with every text escaped; nobody's HTML is ever taken
in. The PDF is made by ``python -m reports.child``, which has no network, may read nothing but this
package's style sheet, and is ended after 30 s or 1.5 GiB. The same document gives the same bytes;
still, what was issued is kept and served, and never rendered again.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports import charts, figures
from reports.child import STYLE_SHEET
from reports.documents import Document, RatingCard
from reports.qr import qr_svg

Language = Literal["zh", "en"]

SECONDS_ALLOWED: Final = 30

_PACKAGE: Final = Path(__file__).resolve().parent
# What the child needs to find its libraries, fonts and font cache; nothing else of this process's surroundings,
# in which secrets may be.
_PASSED_ON: Final = (
    "PATH",
    "HOME",
    "XDG_CACHE_HOME",
    "FONTCONFIG_PATH",
    "FONTCONFIG_FILE",
    "LD_LIBRARY_PATH",
)


class RenderFailed(Exception):
    """No PDF was made; ``zh`` and ``en`` say why and what to do. ``detail`` is for the operator's log."""

    def __init__(self, zh: str, en: str, detail: str = "") -> None:
        super().__init__(f"{zh} / {en}" + (f" [{detail}]" if detail else ""))
        self.zh = zh
        self.en = en
        self.detail = detail


def render_html(document: Document, *, language: Language = "zh", style_sheet: str = STYLE_SHEET) -> str:
    """The whole page as HTML: with ``language`` ``zh`` the Chinese leads and English stands beside it,
    with ``en`` the other way round (a reading copy; the Chinese text prevails). ``style_sheet`` is the
    address of ``print.css`` as the reader of the page can reach it. No script, no inline style."""
    if language not in ("zh", "en"):
        raise ValueError(f"语言应为 zh 或 en，而不是 {language!r} / the language must be zh or en")
    address = document.verify_address
    return _ENVIRONMENT.get_template(f"{document.kind}.html").render(
        document=document,
        language=language,
        style_sheet=style_sheet,
        digest=document.digest,
        qr=qr_svg(address, f"核验网址二维码 / QR code of {address}") if address else "",
        score_chart=_score_chart(document) if isinstance(document, RatingCard) else "",
    )


def render_pdf(
    document: Document, *, language: Language = "zh", seconds_allowed: int = SECONDS_ALLOWED
) -> bytes:
    """The document as PDF/UA-1 (tagged), fonts embedded, dated on the document's own day. Raises
    RenderFailed."""
    midnight = dt.datetime.combine(document.dated_on, dt.time(), dt.UTC)
    page = render_html(document, language=language)
    return pdf_from_page(page, int(midnight.timestamp()), seconds_allowed=seconds_allowed)


def pdf_from_page(page: str, seconds_since_1970: int, *, seconds_allowed: int = SECONDS_ALLOWED) -> bytes:
    """PDF of a page that this package's templates made, dated by ``seconds_since_1970``. Raises
    RenderFailed when the child takes longer than ``seconds_allowed``, needs more memory than it may, or
    asks for anything it may not."""
    try:
        # stderr in a pipe is read together with stdout, so a talkative child cannot block.
        finished = subprocess.run(
            [sys.executable, "-s", "-m", "reports.child"],
            input=page.encode("utf-8"),
            capture_output=True,
            timeout=seconds_allowed,
            check=False,
            cwd=_PACKAGE.parent,
            env=_surroundings(os.environ, seconds_since_1970),
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise RenderFailed(
            f"文书在 {seconds_allowed} 秒内未能排版完成，已终止：请减少附表行数后重试。",
            f"The document was not laid out within {seconds_allowed} s and was stopped: shorten the annex and try again.",
        ) from error
    if finished.returncode == 0 and finished.stdout.startswith(b"%PDF-"):
        return finished.stdout
    raise _failure(finished.returncode, finished.stderr.decode("utf-8", "replace"))


def _surroundings(ours: Mapping[str, str], seconds_since_1970: int) -> dict[str, str]:
    return {
        **{name: ours[name] for name in _PASSED_ON if name in ours},
        "PYTHONPATH": str(_PACKAGE.parent),
        "PYTHONHASHSEED": "0",
        "LC_ALL": "C.UTF-8",
        "SOURCE_DATE_EPOCH": str(seconds_since_1970),
    }


def _failure(code: int, said: str) -> RenderFailed:
    """The child's last line is JSON when it could still speak; otherwise its exit code is all there is."""
    last = said.strip().rsplit("\n", 1)[-1]
    try:
        message = json.loads(last)
        return RenderFailed(message["zh"], message["en"], message["detail"])
    except (ValueError, KeyError, TypeError):
        return RenderFailed(
            "文书排版进程异常退出：请重试；若再次发生，请联系系统管理员。",
            "The layout process ended unexpectedly: try again; if it happens again, tell the operator.",
            f"exit code {code}: {said[-500:]}",
        )


def _score_chart(card: RatingCard) -> str:
    return charts.score_bars(
        [
            charts.Score(
                label=f"{indicator.name.zh} {indicator.name.en}".strip(),
                points=indicator.points,
                points_max=indicator.points_max,
                weight=f"权重 {indicator.weight}%",
            )
            for indicator in card.indicators
        ],
        title="各项指标得分 / Points by indicator",
        description=f"{card.company.zh}，{card.season}：{card.points} / {card.points_max}",
        undetermined="未能判定 / undetermined",
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=figures.visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        grouped=figures.grouped,
        day_zh=figures.day_zh,
        day_en=figures.day_en,
        beijing_time=figures.beijing_time,
        short_digest=figures.short_digest,
        spaced_digest=figures.spaced_digest,
    )
    return environment


_ENVIRONMENT: Final = _environment()
