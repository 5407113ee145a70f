"""Chinese first, English beside it. The visitor's choice is a cookie; the shown tag of zh_Hans is zh-CN."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

LOCALES = {"zh": "zh_Hans", "en": "en"}
HTML_LANG = {"zh_Hans": "zh-CN", "en": "en"}
COOKIE = "language"


def negotiate(request: Any) -> str:
    return LOCALES.get(request.cookies.get(COOKIE, ""), "zh_Hans")


def own_path(target: str) -> str:
    """``target`` if it is a plain path of this site, else the front page (no open redirect)."""
    if not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    if any(not 0x20 < ord(character) < 0x7F for character in target):
        return "/"
    return target


@view_config(route_name="language", request_method="GET", permission="public.read")
def choose_language(request: Any) -> HTTPSeeOther:
    """Remember the language and go back to where the visitor was."""
    code = request.matchdict["code"]
    if code not in LOCALES:
        raise HTTPNotFound
    answer = HTTPSeeOther(own_path(request.GET.get("next", "/")))
    answer.set_cookie(
        COOKIE,
        code,
        max_age=31_536_000,
        samesite="Lax",
        httponly=True,
        secure=request.conf.secure_cookies,
        path="/",
    )
    return answer


def includeme(config: Configurator) -> None:
    config.set_locale_negotiator(negotiate)
    root = Path(__file__).parent.parent
    for folder in sorted(root.glob("*/locale")):
        config.add_translation_dirs(f"supervision.{folder.parent.name}:locale")
    config.add_translation_dirs("colander:locale/", "deform:locale/")
    config.add_route("language", "/language/{code}")
    config.scan("supervision.web.languages")
