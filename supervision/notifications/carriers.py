"""Who takes an e-mail from us: a folder of .eml files, or a mail server. A carrier is asked first, and given the text
only then, so that a try that ends before that moment is known to have sent nothing."""

from __future__ import annotations

import os
import secrets
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from supervision.settings import MailCarrier, MailSecurity, MailSettings, Settings

SECONDS = 30  # for each answer of the server

HandOver = Callable[[bytes], None]


class NotTaken(Exception):
    """Nothing was sent; another try later may succeed."""


class Refused(Exception):
    """Nothing was sent, and the server will never take it."""


class OutcomeUnknown(Exception):
    """The connection ended after the text was given and before the server's answer."""


class Carrier(Protocol):
    def opened(self, public_id: str, address: str) -> Iterator[HandOver]:
        """A context manager: the carrier is there, would take an e-mail for ``address``, and takes the text that its
        block hands over. Raises NotTaken, Refused, OutcomeUnknown."""

    def was_taken(self, public_id: str) -> bool | None:
        """Whether this e-mail was handed over before; None where the carrier cannot say."""


def carrier_of(settings: Settings) -> FolderCarrier | ServerCarrier:
    if settings.mail.carrier is MailCarrier.FILE:
        return FolderCarrier(settings.mail_root)
    return ServerCarrier(settings.mail)


class FolderCarrier:
    """Each e-mail is one ``.eml`` file, whole or not there, for another program to take away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def opened(self, public_id: str, address: str) -> Iterator[HandOver]:
        try:
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            yield lambda text: self._keep(public_id, text)
        except OSError as error:
            raise NotTaken(str(error)) from error

    def was_taken(self, public_id: str) -> bool | None:
        return self._place(public_id).exists()

    def _place(self, public_id: str) -> Path:
        return self._folder / f"{public_id}.eml"

    def _keep(self, public_id: str, text: bytes) -> None:
        part = self._folder / f"{secrets.token_hex(8)}.part"
        try:
            with part.open("xb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.rename(self._place(public_id))
        finally:
            part.unlink(missing_ok=True)
        handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class ServerCarrier:
    """A mail server spoken to over SMTP, with TLS unless the settings say otherwise."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    @contextmanager
    def opened(self, public_id: str, address: str) -> Iterator[HandOver]:
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:  # a wrong password too: the administrator mends it
            raise NotTaken(str(error)) from error
        try:
            self._announce(server, address)
            yield lambda text: _give(server, text)
        finally:
            with suppress(
                OSError, smtplib.SMTPException
            ):  # what was answered stands, however it says good-bye
                server.quit()
            server.close()

    def was_taken(self, public_id: str) -> bool | None:
        return None

    def _connected(self) -> smtplib.SMTP:
        given, context = self._settings, ssl.create_default_context()
        if given.security is MailSecurity.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(given.host, given.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(given.host, given.port, timeout=SECONDS)
        try:
            server.ehlo_or_helo_if_needed()
            if given.security is MailSecurity.STARTTLS:
                server.starttls(context=context)
                server.ehlo()
            if given.user:
                server.login(given.user, given.password)
        except BaseException:
            server.close()
            raise
        return server

    def _announce(self, server: smtplib.SMTP, address: str) -> None:
        try:
            code, said = server.mail(self._settings.sender)
            if code >= 400:
                raise NotTaken(_told(code, said))
            code, said = server.rcpt(address)
        except (OSError, smtplib.SMTPException) as error:
            raise NotTaken(str(error)) from error
        if code >= 500:
            raise Refused(_told(code, said))
        if code >= 400:
            raise NotTaken(_told(code, said))


def _give(server: smtplib.SMTP, text: bytes) -> None:
    try:
        code, said = server.data(text)
    except smtplib.SMTPDataError as error:  # said before the text was given
        raise NotTaken(str(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise OutcomeUnknown(str(error)) from error
    if code >= 500:
        raise Refused(_told(code, said))
    if code >= 400:
        raise NotTaken(_told(code, said))


def _told(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
