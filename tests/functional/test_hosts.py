"""Which hosts the portal answers for: the published ones, by name or address, and no other outside development."""

from __future__ import annotations

from pathlib import Path

import pytest
from webtest import TestApp

from supervision.settings import Settings, SettingsError


@pytest.mark.parametrize("host", ["localhost", "localhost:6543", "LOCALHOST:80", "localhost."])
def test_the_host_of_the_public_address_is_served_on_any_port(app: TestApp, host: str) -> None:
    app.get("/", headers={"Host": host}, status=200)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "localhost@evil.example", "local host", "127.0.0.1", "供热"],
)
def test_another_host_is_told_so_in_both_languages_and_nothing_is_done(app: TestApp, host: str) -> None:
    answer = app.get("/sign-in", extra_environ={"HTTP_HOST": host}, status=400)
    assert answer.content_type == "text/plain"
    assert "主机名" in answer.text
    assert "does not serve this host" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_whether_the_portal_answers_may_be_asked_by_any_address(app: TestApp) -> None:
    app.get("/healthz", headers={"Host": "192.0.2.7:6543"}, status=200)


def settings(tmp_path: Path, **given: str) -> Settings:
    named = {f"supervision.{key}": value for key, value in given.items()}
    return Settings.from_mapping(
        {"supervision.environment": "test", "supervision.data": str(tmp_path), **named}
    )


@pytest.mark.parametrize(
    ("asked", "is_known"),
    [
        ("heat.example", True),
        ("Heat.Example:8443", True),
        ("192.0.2.7:6543", True),
        ("[2001:db8::7]", True),
        ("[2001:db8::7]:443", True),
        ("2001:db8::7", False),
        ("supervision.example", False),
        ("heat.example:port", False),
        ("", False),
    ],
)
def test_hosts_are_named_without_ports_and_replace_that_of_the_public_address(
    tmp_path: Path, asked: str, is_known: bool
) -> None:
    found = settings(
        tmp_path,
        public_url="https://supervision.example",
        allowed_hosts="heat.example, 192.0.2.7 [2001:db8::7]",
    )
    assert found.knows_host(asked) is is_known


@pytest.mark.parametrize("hosts", ["https://heat.example", "heat.example:443", "*", "heat.example/portal"])
def test_what_is_no_host_is_refused_at_the_start_with_its_key(tmp_path: Path, hosts: str) -> None:
    with pytest.raises(SettingsError, match=r"supervision\.allowed_hosts"):
        settings(tmp_path, allowed_hosts=hosts)


def test_a_public_address_without_a_host_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"supervision\.public_url"):
        settings(tmp_path, public_url="somewhere")


def test_in_development_every_host_is_served(tmp_path: Path) -> None:
    assert settings(tmp_path, environment="development").knows_host("192.168.1.20:6543")
