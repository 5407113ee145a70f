"""The configuration, parsed once into one frozen object; unsafe values refuse to start outside development."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ingest.bucket import Bucket
from supervision.settings import evidence, mail
from supervision.settings.clock import Clock, FixedClock, SystemClock
from supervision.settings.mail import MailCarrier, MailSecurity, MailSettings

__all__ = [
    "Clock",
    "Environment",
    "FixedClock",
    "MailCarrier",
    "MailSecurity",
    "MailSettings",
    "Settings",
    "SettingsError",
    "SystemClock",
]

PREFIX = "supervision."
#: The engine that is this machine: checks run on its processors.
THREADS = "threads"

_CLUSTER = re.compile(r"(tcp|tls)://[^/\s]+:[0-9]{1,5}", re.ASCII)
_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", re.ASCII)


class SettingsError(ValueError):
    """A setting is missing, unknown or unsafe; the text names the key and says how to mend it."""


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Settings:
    environment: Environment
    data: Path
    database_url: str
    session_secret: str
    public_url: str
    allowed_hosts: frozenset[str]
    trusted_proxy: str
    secure_cookies: bool
    second_factor_required: bool
    idle_minutes: int
    absolute_hours: int
    max_upload_bytes: int
    engine: str
    unfinished_upload_bytes: int
    unfinished_upload_hours: int
    drop_folder: Path | None
    signed_in_officer_minutes: int
    authority_zh: str
    authority_en: str
    mail: MailSettings
    bucket: Bucket | None

    @property
    def evidence_root(self) -> Path:
        return self.data / "evidence"

    @property
    def incoming_root(self) -> Path:
        """Where uploads wait until they are judged; files here are not yet evidence."""
        return self.data / "incoming"

    @property
    def scratch_root(self) -> Path | None:
        """Where a check lays what lies between: where the workers of a cluster see it too, else wherever the system
        keeps temporary files."""
        return None if self.engine == THREADS else self.data / "scratch"

    @property
    def mail_root(self) -> Path:
        """Where e-mails lie as files where no mail server is set."""
        return self.data / "outbox"

    @property
    def guides_root(self) -> Path:
        """Where the guide of the standard lies as it was laid out by this version; it can be made again."""
        return self.data / "guides"

    @property
    def uploads_root(self) -> Path:
        """Where files lie of which a part has come; they are not yet evidence."""
        return self.data / "uploads"

    def knows_host(self, asked: str) -> bool:
        """Whether a request for ``asked`` (name or address, with or without a port) is for this portal. In development
        every host is."""
        if self.environment is Environment.DEVELOPMENT:
            return True
        name = _HOST.fullmatch(asked)
        return name is not None and name["name"].lower().rstrip(".") in self.allowed_hosts

    @property
    def idle(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.idle_minutes)

    @property
    def absolute(self) -> dt.timedelta:
        return dt.timedelta(hours=self.absolute_hours)

    @classmethod
    def from_mapping(cls, given: Mapping[str, str]) -> Settings:
        """Settings from the ``supervision.*`` keys of an ini file. Raises SettingsError naming the key."""
        values = {key[len(PREFIX) :]: value for key, value in given.items() if key.startswith(PREFIX)}
        known = set(_DEFAULTS) | {"session_secret_file"}
        for key in values:
            if key not in known:
                raise SettingsError(
                    f"{PREFIX}{key}: no such setting. Known settings: {', '.join(sorted(known))}."
                )
        merged = {**_DEFAULTS, **values}
        environment = _environment(merged["environment"])
        data = Path(merged["data"]).expanduser().resolve()
        settings = cls(
            environment=environment,
            data=data,
            database_url=merged["database_url"] or f"sqlite:///{data / 'register.sqlite'}",
            session_secret=_secret(merged, data, environment),
            public_url=merged["public_url"].rstrip("/"),
            allowed_hosts=_hosts(merged["allowed_hosts"], merged["public_url"]),
            trusted_proxy=merged["trusted_proxy"],
            secure_cookies=_flag("secure_cookies", merged["secure_cookies"]),
            second_factor_required=_flag("second_factor_required", merged["second_factor_required"]),
            idle_minutes=_whole("idle_minutes", merged["idle_minutes"], 1, 240),
            signed_in_officer_minutes=_whole(
                "signed_in_officer_minutes", merged["signed_in_officer_minutes"], 1, 240
            ),
            absolute_hours=_whole("absolute_hours", merged["absolute_hours"], 1, 24),
            max_upload_bytes=_whole("max_upload_bytes", merged["max_upload_bytes"], 1, 1 << 40),
            engine=_engine(merged["engine"]),
            unfinished_upload_bytes=_whole(
                "unfinished_upload_bytes", merged["unfinished_upload_bytes"], 1, 1 << 42
            ),
            unfinished_upload_hours=_whole(
                "unfinished_upload_hours", merged["unfinished_upload_hours"], 1, 24 * 30
            ),
            drop_folder=_folder("drop_folder", merged["drop_folder"]),
            authority_zh=merged["authority_zh"],
            authority_en=merged["authority_en"],
            mail=_mail(merged, environment),
            bucket=_bucket(merged, environment),
        )
        settings._refuse_unsafe()
        return settings

    def _refuse_unsafe(self) -> None:
        if self.environment is not Environment.PRODUCTION:
            return
        if not self.secure_cookies:
            raise SettingsError(f"{PREFIX}secure_cookies must be true in production (cookies over TLS only).")
        if not self.second_factor_required:
            raise SettingsError(f"{PREFIX}second_factor_required must be true in production.")
        if not self.public_url.startswith("https://"):
            raise SettingsError(
                f"{PREFIX}public_url must start with https:// in production, not {self.public_url!r}."
            )
        if len(self.session_secret) < 43:
            raise SettingsError(
                f"{PREFIX}session_secret_file must hold at least 43 characters; "
                "write one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )


_DEFAULTS = {
    "environment": "development",
    "data": "var",
    "database_url": "",
    "public_url": "http://localhost:6543",
    "allowed_hosts": "",
    "trusted_proxy": "",
    "secure_cookies": "false",
    "second_factor_required": "false",
    "idle_minutes": "30",
    "signed_in_officer_minutes": "15",
    "absolute_hours": "8",
    "max_upload_bytes": str(2 << 30),
    "engine": THREADS,
    **mail.DEFAULTS,
    **evidence.DEFAULTS,
    "unfinished_upload_bytes": str(4 << 30),
    "unfinished_upload_hours": "72",
    "drop_folder": "",
    "authority_zh": "示范省供热监督管理局",
    "authority_en": "Demonstration Province Heat Supervision Bureau",
}


def _environment(text: str) -> Environment:
    try:
        return Environment(text)
    except ValueError:
        raise SettingsError(
            f"{PREFIX}environment is {text!r}; it must be development, production or test."
        ) from None


def _hosts(text: str, public_url: str) -> frozenset[str]:
    """The hosts named, in lower case and without ports; that of the public address where none is."""
    given = text.replace(",", " ").lower().split()
    for one in given:
        if not _HOST.fullmatch(one) or ":" in one.rpartition("]")[2]:
            raise SettingsError(
                f"{PREFIX}allowed_hosts: {one!r} is no host; write names or addresses without scheme and port, "
                "such as supervision.example 192.0.2.7 [2001:db8::7]."
            )
    if given:
        return frozenset(given)
    found = _HOST.fullmatch(public_url.partition("://")[2].partition("/")[0].lower())
    if found is None:
        raise SettingsError(
            f"{PREFIX}public_url is {public_url!r}; write an address such as https://supervision.example."
        )
    return frozenset({found["name"]})


def _engine(text: str) -> str:
    if text != THREADS and not _CLUSTER.fullmatch(text):
        raise SettingsError(
            f"{PREFIX}engine is {text!r}; it must be {THREADS} (the processors of the worker's machine) or the address of a "
            "Dask scheduler such as tcp://10.0.0.1:8786."
        )
    return text


def _mail(values: Mapping[str, str], environment: Environment) -> MailSettings:
    try:
        return MailSettings.from_values(values, is_production=environment is Environment.PRODUCTION)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{error}") from None


def _bucket(values: Mapping[str, str], environment: Environment) -> Bucket | None:
    try:
        return evidence.bucket_from(values, is_production=environment is Environment.PRODUCTION)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{error}") from None


def _flag(key: str, text: str) -> bool:
    if text not in {"true", "false"}:
        raise SettingsError(f"{PREFIX}{key} is {text!r}; it must be true or false.")
    return text == "true"


def _folder(key: str, text: str) -> Path | None:
    """The folder named, or none. A relative name would be another folder wherever a worker is started."""
    if not text:
        return None
    if not Path(text).is_absolute():
        raise SettingsError(f"{PREFIX}{key} is {text!r}; write the whole path, such as /srv/heat-drop.")
    return Path(text)


def _whole(key: str, text: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{PREFIX}{key} is {text!r}; it must be a whole number from {low} to {high}.")
    return int(text)


def _secret(values: Mapping[str, str], data: Path, environment: Environment) -> str:
    """The secret that signs cookies: from a 0600 file; outside production one is made on first start."""
    path = (
        Path(values["session_secret_file"]) if values.get("session_secret_file") else data / "session.secret"
    )
    if not path.exists():
        if environment is Environment.PRODUCTION:
            raise SettingsError(f"{PREFIX}session_secret_file: {path} does not exist.")
        _write_secret(path)
    if environment is Environment.PRODUCTION and path.stat().st_mode & 0o077:
        raise SettingsError(f"{path} can be read by others; mend it with: chmod 600 {path}")
    return path.read_text(encoding="ascii").strip()


def _write_secret(path: Path) -> None:
    import secrets

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process of the same start was first; its secret counts
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
