"""A small SVG builder: elements as text, every text escaped, presentation attributes only (a strict CSP
allows no inline style), widths of text estimated so that long names are cut with an ellipsis and kept
whole in a tooltip."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from markupsafe import Markup, escape

from reports.charts.palette import WIDTH
from reports.figures import visible

INK = "#1f2933"  # on white 14.6 : 1
QUIET = "#52606d"  # on white 6.4 : 1
RULE = "#cbd2d9"
TRACK = "#eef1f4"

_FONT = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_TENTH = Decimal("0.1")


def px(value: Decimal | int) -> str:
    """A coordinate to a tenth of a unit, half away from zero, without a trailing ``.0``."""
    text = str(Decimal(value).quantize(_TENTH, ROUND_HALF_UP))
    return text.removesuffix(".0")


def element(name: str, content: str = "", **attributes: str | int | Decimal) -> str:
    """``<name …>content</name>``. ``content`` is markup already; attribute values are escaped. In names
    ``_`` stands for ``-`` and a trailing ``_`` is dropped (``class_``)."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(px(value) if isinstance(value, Decimal) else value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(
    x: Decimal | int,
    y: Decimal | int,
    words: str,
    *,
    size: int = 12,
    fill: str = INK,
    anchor: str = "start",
    room: Decimal | int | None = None,
) -> str:
    """``words`` at a place, cut to ``room`` units with the whole text as a tooltip."""
    shown = words if room is None else fitted(words, size, Decimal(room))
    whole = "" if shown == words else tooltip(words)
    return element(
        "text", whole + plain(shown), x=px(x), y=px(y), font_size=size, fill=fill, text_anchor=anchor
    )


def plain(words: str) -> str:
    """``words`` as markup that shows them and nothing else."""
    return str(escape(visible(words)))


def tooltip(words: str) -> str:
    """The element that names the drawn element it is put into."""
    return element("title", plain(words))


def width_of(words: str, size: int) -> Decimal:
    """Estimated width: full-width characters are one em, others 0.58 em (the average of Noto Sans
    digits)."""
    ems = sum(
        (
            Decimal(1) if unicodedata.east_asian_width(character) in "WFA" else Decimal("0.58")
            for character in words
        ),
        Decimal(0),
    )
    return ems * size


def fitted(words: str, size: int, room: Decimal) -> str:
    """``words``, or as many of its characters as fit into ``room`` with an ellipsis."""
    if width_of(words, size) <= room:
        return words
    kept = words
    while kept and width_of(kept + "…", size) > room:
        kept = kept[:-1]
    return kept + "…"


def picture(
    kind: str, width: int, height: Decimal | int, parts: Iterable[str], *, title: str, description: str
) -> Markup:
    """The whole drawing: scales with its box (``viewBox``, no fixed size), named and described for a
    screen reader. Ids hold a digest of the content, so that several drawings live on one page."""
    body = "".join(parts)
    mark = unique_mark(kind, title, description, body)
    body = body.replace(ID_PLACE, mark)
    return Markup(  # noqa: S704 - made of escaped parts only
        element(
            "svg",
            element("title", plain(title), id=f"{mark}-title")
            + element("desc", plain(description), id=f"{mark}-desc")
            + body,
            xmlns="http://www.w3.org/2000/svg",
            class_=f"chart chart-{kind}",
            viewBox=f"0 0 {width} {px(height)}",
            role="img",
            aria_labelledby=f"{mark}-title {mark}-desc",
            font_family=_FONT,
        )
    )


def nothing_to_draw(kind: str, title: str, description: str, words: str) -> Markup:
    """A chart without data says so in ``words`` instead of showing an empty frame."""
    parts = [text(WIDTH // 2, 26, words, fill=QUIET, anchor="middle")]
    return picture(kind, WIDTH, 44, parts, title=title, description=description)


ID_PLACE = "\ue000id\ue000"  # stands for the drawing's own id until its content is known


def unique_mark(*content: str) -> str:
    """An id that depends on the content alone, so that the same chart is the same bytes."""
    return "c" + hashlib.sha256("\x1f".join(content).encode("utf-8", "replace")).hexdigest()[:10]


def reference_to(name: str) -> str:
    """``fill`` value that points at the pattern ``name`` of this drawing."""
    return f"url(#{ID_PLACE}-{name})"


def hatch(name: str, colour: str, *, dots: bool = False) -> str:
    """A pattern of ``colour`` on white: diagonal strokes, or dots; texture tells kinds apart where
    colour cannot."""
    mark = (
        element("circle", cx=3, cy=3, r="1.5", fill=colour)
        if dots
        else element("path", d="M-1 1L1 -1M0 6L6 0M5 7L7 5", stroke=colour, stroke_width=2)
    )
    ground = element("rect", width=6, height=6, fill="#ffffff")
    return element(
        "pattern", ground + mark, id=f"{ID_PLACE}-{name}", width=6, height=6, patternUnits="userSpaceOnUse"
    )
