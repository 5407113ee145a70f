"""How e-mail leaves the portal: into a folder, or through a mail server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

DEFAULTS = {
    "mail": "file",
    "mail_host": "",
    "mail_port": "587",
    "mail_security": "starttls",
    "mail_user": "",
    "mail_password_file": "",
    "mail_sender": "no-reply@supervision.example",
}
PASSWORD = "SUPERVISION_MAIL_PASSWORD"  # noqa: S105 -- the name of the variable
HERE = ("localhost", "127.0.0.1", "::1")


class MailCarrier(StrEnum):
    FILE = "file"
    SMTP = "smtp"


class MailSecurity(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailSettings:
    carrier: MailCarrier
    host: str
    port: int
    security: MailSecurity
    user: str
    password: str = field(repr=False)
    sender: str

    @classmethod
    def from_values(cls, values: Mapping[str, str], *, is_production: bool) -> MailSettings:
        """Raises ValueError with the key and how to mend it, without the prefix of our settings."""
        carrier = _one_of(MailCarrier, "mail", values["mail"])
        security = _one_of(MailSecurity, "mail_security", values["mail_security"])
        port = values["mail_port"]
        if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
            raise ValueError(f"mail_port is {port!r}; it must be a whole number from 1 to 65535.")
        name, _, domain = values["mail_sender"].partition("@")
        if not name or "." not in domain or not values["mail_sender"].isascii():
            raise ValueError(
                f"mail_sender is {values['mail_sender']!r}; write an address such as no-reply@supervision.example."
            )
        host = values["mail_host"]
        if carrier is MailCarrier.SMTP and not host:
            raise ValueError("mail_host must name the mail server when mail is smtp.")
        if (
            is_production
            and carrier is MailCarrier.SMTP
            and security is MailSecurity.NONE
            and host not in HERE
        ):
            raise ValueError(
                "mail_security must be starttls or tls in production (a server here may do without)."
            )
        password = _password(values["mail_password_file"], is_production) if values["mail_user"] else ""
        return cls(carrier, host, int(port), security, values["mail_user"], password, values["mail_sender"])


def _one_of(kinds: type[MailCarrier] | type[MailSecurity], key: str, text: str) -> Any:
    try:
        return kinds(text)
    except ValueError:
        raise ValueError(f"{key} is {text!r}; it must be one of {', '.join(kinds)}.") from None


def _password(file: str, is_production: bool) -> str:
    """From the environment, or from a file that nobody else can read."""
    if os.environ.get(PASSWORD):
        return os.environ[PASSWORD]
    if not file:
        raise ValueError(
            f"mail_password_file must name a file, or {PASSWORD} hold the password, as mail_user is given."
        )
    path = Path(file)
    if not path.is_file():
        raise ValueError(f"mail_password_file: {path} does not exist.")
    if is_production and path.stat().st_mode & 0o077:
        raise ValueError(f"mail_password_file: {path} can be read by others; mend it with: chmod 600 {path}")
    return path.read_text(encoding="utf-8").strip()
