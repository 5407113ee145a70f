"""The portal behind a proxy that speaks TLS on an address of its own."""

from __future__ import annotations

from typing import Any

import pytest
from visiting import PASSWORD
from webtest import TestApp

PUBLIC_URL = "https://supervision.example:8443"


@pytest.fixture
def portal_settings(portal_settings: dict[str, str]) -> dict[str, str]:
    return {**portal_settings, "supervision.public_url": PUBLIC_URL}


@pytest.fixture
def app(wsgi: Any) -> TestApp:
    """A browser whose proxy passes the name on without the port."""
    return TestApp(wsgi, extra_environ={"wsgi.url_scheme": "https", "HTTP_HOST": "supervision.example"})


def _submitted(app: TestApp, origin: str) -> Any:
    form = app.get("/sign-in").forms["form"]
    form["name"], form["password"] = "officer", PASSWORD
    return form.submit(headers={"Origin": origin}, status="*")


def test_a_form_from_the_public_address_is_taken_though_the_proxy_drops_its_port(
    app: TestApp, people: Any
) -> None:
    assert _submitted(app, PUBLIC_URL).status_code == 303


@pytest.mark.parametrize(
    "origin", ["https://supervision.example:9443", "https://evil.example", "http://supervision.example"]
)
def test_a_form_from_any_other_address_is_refused(app: TestApp, people: Any, origin: str) -> None:
    assert _submitted(app, origin).status_code == 403
