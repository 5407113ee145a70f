"""Filters and globals of every page."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from jinja2 import pass_context
from markupsafe import Markup, escape
from pyramid.config import Configurator
from pyramid.events import BeforeRender

from supervision.settings.clock import SHANGHAI
from supervision.web.languages import HTML_LANG


def money(value: Decimal | int | None) -> str:
    """``1,234.50`` with a true minus sign; a dash where there is no figure."""
    if value is None:
        return "—"
    return f"{Decimal(value):,.2f}".replace("-", "−")


def number(value: Decimal | int | None, places: int = 0) -> str:
    return "—" if value is None else f"{Decimal(value):,.{places}f}".replace("-", "−")


def plain(value: Decimal | None) -> str:
    """A published figure as published, without trailing zeros beyond its own."""
    return "—" if value is None else f"{value.normalize():f}"


def percent(value: Decimal | None, places: int = 1) -> str:
    if value is None:
        return "—"
    return f"{(value * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}%"


def day(value: dt.date | dt.datetime | None) -> str:
    if value is None:
        return "—"
    return (value.astimezone(SHANGHAI).date() if isinstance(value, dt.datetime) else value).isoformat()


def moment(value: dt.datetime | None) -> str:
    """Local time to the minute; the whole product tells time in Asia/Shanghai."""
    return "—" if value is None else value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@pass_context
def told(context: Any, thing: Any, stem: str = "") -> str:
    """The text of bilingual data in the page's language: ``thing.zh``/``thing.en``, ``thing.name_zh``, a mapping."""
    language = context["request"].language
    key = f"{stem}_{language}" if stem else language
    if isinstance(thing, dict):
        return str(thing[key])
    return str(getattr(thing, key))


def short(digest: str | None) -> Markup:
    """A digest shown short, whole on hover."""
    if not digest:
        return Markup("—")
    return Markup('<code class="digest" title="{}">{}</code>').format(digest, digest[:12])


_HAN = r"[\u3000-\u303f\u3400-\u9fff\uff01-\uff5e]"
_RUN = re.compile(f"{_HAN}(?:[^A-Za-z]*{_HAN})?")  # from the first character of a run to its last


@pass_context
def chinese(context: Any, text: Any) -> Markup:
    """Data that may exist in Chinese only. What is Chinese of it is marked as Chinese on an English page, so that it is
    read out and broken into lines as such."""
    shown = escape("" if text is None else text)
    if context["request"].language == "zh":
        return shown
    if 2 * len(re.findall(_HAN, shown)) > len(
        re.findall("[A-Za-z]", shown)
    ):  # Chinese with a foreign word in it
        return Markup('<span lang="zh-CN">{}</span>').format(shown) if _RUN.search(shown) else shown
    return Markup(_RUN.sub(lambda run: f'<span lang="zh-CN">{run[0]}</span>', shown))  # noqa: S704 (escaped above)


FILTERS = {
    "money": money,
    "number": number,
    "plain": plain,
    "percent": percent,
    "day": day,
    "moment": moment,
    "told": told,
    "short": short,
    "chinese": chinese,
}


def add_globals(event: BeforeRender) -> None:
    request = event["request"]
    if request is None:
        return
    event["html_lang"] = HTML_LANG[request.locale_name]
    event["identity"] = request.identity
    event["may"] = request.may
    # The punctuation of the page's language, for what stands between a label and its data.
    marks = ("：", "、", "。") if request.language == "zh" else (": ", ", ", ". ")
    event["colon"], event["listing"], event["stop"] = marks


def includeme(config: Configurator) -> None:
    config.add_jinja2_search_path("supervision:web/templates", name=".jinja2", prepend=True)
    config.add_subscriber(add_globals, BeforeRender)

    def install() -> None:
        environment = config.get_jinja2_environment(".jinja2")
        environment.filters.update(FILTERS)
        import reports.charts as charts

        environment.globals["charts"] = charts

    config.action("supervision.filters", install, order=999)
