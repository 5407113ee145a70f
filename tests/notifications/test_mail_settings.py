"""How e-mail is set, and which addresses are taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from supervision.notifications.letters import is_address
from supervision.settings import MailCarrier, Settings, SettingsError
from supervision.settings.mail import PASSWORD

SMTP = {"mail": "smtp", "mail_host": "mail.example", "mail_sender": "no-reply@supervision.example"}


def given(folder: Path, **settings: str) -> Settings:
    values = {"environment": "test", "data": str(folder), **settings}
    return Settings.from_mapping({f"supervision.{key}": value for key, value in values.items()})


def in_production(folder: Path, **settings: str) -> Settings:
    secret = folder / "session.secret"
    secret.write_text("s" * 43)
    secret.chmod(0o600)
    safe = {
        "environment": "production",
        "public_url": "https://supervision.example",
        "secure_cookies": "true",
        "second_factor_required": "true",
    }
    return given(folder, **safe, **settings)


def test_without_a_setting_mail_is_kept_as_files(tmp_path: Path) -> None:
    found = given(tmp_path)
    assert found.mail.carrier is MailCarrier.FILE
    assert found.mail_root == tmp_path / "outbox"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mail": "pigeon"}, "supervision.mail is 'pigeon'; it must be one of file, smtp"),
        ({"mail": "smtp"}, "supervision.mail_host must name the mail server"),
        ({**SMTP, "mail_port": "0"}, "supervision.mail_port is '0'"),
        ({**SMTP, "mail_security": "ssl"}, "supervision.mail_security is 'ssl'"),
        ({**SMTP, "mail_sender": "nobody"}, "supervision.mail_sender is 'nobody'"),
        ({**SMTP, "mail_user": "portal"}, "supervision.mail_password_file must name a file"),
        ({**SMTP, "mail_user": "portal", "mail_password_file": "/nowhere"}, "does not exist"),
    ],
    ids=["carrier", "host", "port", "security", "sender", "password", "password-file"],
)
def test_a_wrong_setting_is_named_with_how_to_mend_it(
    tmp_path: Path, wrong: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSWORD, raising=False)
    with pytest.raises(SettingsError) as refused:
        given(tmp_path, **wrong)
    assert said in str(refused.value)


def test_the_password_comes_from_the_environment_or_a_file_and_is_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSWORD, raising=False)
    file = tmp_path / "mail.password"
    file.write_text("from a file\n")
    found = given(tmp_path, **SMTP, mail_user="portal", mail_password_file=str(file))
    assert found.mail.password == "from a file"
    monkeypatch.setenv(PASSWORD, "from the environment")
    found = given(tmp_path, **SMTP, mail_user="portal", mail_password_file=str(file))
    assert found.mail.password == "from the environment"
    assert "from the environment" not in repr(found)


def test_production_wants_tls_and_a_password_that_nobody_else_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSWORD, raising=False)
    with pytest.raises(SettingsError, match="mail_security must be starttls or tls in production"):
        in_production(tmp_path, **SMTP, mail_security="none")
    assert in_production(tmp_path, **{**SMTP, "mail_host": "localhost"}, mail_security="none")
    file = tmp_path / "mail.password"
    file.write_text("secret")
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        in_production(tmp_path, **SMTP, mail_user="portal", mail_password_file=str(file))
    file.chmod(0o600)
    assert in_production(tmp_path, **SMTP, mail_user="portal", mail_password_file=str(file)).mail.password


@pytest.mark.parametrize("text", ["a@b.example", "zhang.san+heat@mail.company.example", "x_1@a-b.example"])
def test_plain_addresses_are_taken(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "a@b",
        "a@b@c.example",
        "a b@c.example",
        "a@b.example\r\nBcc: c@d.example",
        "Zhang <a@b.example>",
        "a@b.example,c@d.example",
        "张三@公司.example",
        "a@-b.example",
        "a@" + "b" * 250 + ".example",
    ],
    ids=["empty", "name", "no-dot", "two-at", "space", "header", "named", "two", "chinese", "dash", "long"],
)
def test_anything_else_is_no_address(text: str) -> None:
    assert not is_address(text)
