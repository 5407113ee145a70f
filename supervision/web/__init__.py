"""The web ground every feature stands on: request, database, templates, languages, headers, errors."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pyramid.config import Configurator
from pyramid.csrf import SessionCSRFStoragePolicy
from pyramid.session import SignedCookieSessionFactory

from supervision.db import make_engine
from supervision.security import NOBODY
from supervision.settings import Clock, Settings, SystemClock
from supervision.settings.evidence import open_evidence
from supervision.web.request import Request
from supervision.web.services import register_service

__all__ = ["Request", "make_configurator", "register_service"]


def make_configurator(global_config: dict[str, Any], given: dict[str, str]) -> Configurator:
    """A configurator with the ground laid and nothing public yet. ``global_config`` hands in real parts of the
    caller's choice: ``clock``, ``engine``, and ``password_cost`` (what a password check costs)."""
    settings = Settings.from_mapping(given)
    clock: Clock = global_config.get("clock") or SystemClock()
    config = Configurator(settings=_pyramid_settings(given, settings), request_factory=Request)
    config.registry.supervision = settings
    config.registry.clock = clock
    config.registry.engine = global_config.get("engine") or make_engine(settings.database_url)
    config.registry.password_cost = global_config.get("password_cost")
    config.registry.evidence = open_evidence(settings)
    config.set_default_permission(NOBODY)
    config.set_session_factory(
        SignedCookieSessionFactory(
            settings.session_secret,
            cookie_name="__Host-visit" if settings.secure_cookies else "visit",
            secure=settings.secure_cookies,
            httponly=True,
            samesite="Lax",
            timeout=int(settings.absolute.total_seconds()),
            reissue_time=600,
        )
    )
    config.set_csrf_storage_policy(SessionCSRFStoragePolicy())
    config.set_default_csrf_options(require_csrf=True, check_origin=True, allow_no_origin=True)
    config.include("pyramid_tm")
    config.include("pyramid_retry")
    config.include("pyramid_jinja2")
    config.add_directive("register_service", register_service)
    for part in (
        "logs",
        "services",
        "database",
        "guards",
        "languages",
        "templates",
        "navigation",
        "waiting",
        "errors",
        "forms",
    ):
        config.include(f"supervision.web.{part}")
    config.add_static_view(
        "static",
        "supervision:static",
        cache_max_age=31_536_000,
        permission="public.read",
        request_method="GET",
    )
    config.add_cache_buster("supervision:static/", _digest_cache_buster())
    return config


def _pyramid_settings(given: dict[str, str], settings: Settings) -> dict[str, Any]:
    return {
        **given,
        # A proxy may listen on a port of its own that the portal never sees.
        "pyramid.csrf_trusted_origins": [urlsplit(settings.public_url).netloc],
        "tm.manager_hook": "pyramid_tm.explicit_manager",
        "tm.commit_veto": "pyramid_tm.default_commit_veto",
        "tm.annotate_user": "false",
        "retry.attempts": "3",
        "retry.activate_hook": "supervision.web.database.attempts",
        "jinja2.newstyle": "true",
        "jinja2.undefined": "strict",
        "jinja2.i18n.domain": "supervision",
        "jinja2.trim_blocks": "true",
        "jinja2.lstrip_blocks": "true",
        "pyramid.default_locale_name": "zh_Hans",
    }


def _digest_cache_buster() -> Any:
    import hashlib
    from functools import cache
    from pathlib import Path

    from pyramid.static import QueryStringCacheBuster

    root = Path(__file__).parent.parent / "static"

    @cache
    def digest(path: str) -> str:
        file = root / path
        return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "0"

    class DigestCacheBuster(QueryStringCacheBuster):
        def tokenize(self, request: Any, pathspec: str, kw: dict[str, Any]) -> str:
            return digest(pathspec.split("static/", 1)[-1])

    return DigestCacheBuster()
