"""A mail server on a real socket, in a thread, that does what a test asks: takes, delays, refuses, or hangs up."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage


@dataclass
class MailServer:
    """``answers`` replaces what a command is answered with; ``hangs_up_at`` closes the connection instead ("text": after
    the text was read, before its answer)."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, bytes] = field(default_factory=dict)
    hangs_up_at: str = ""
    connections: int = 0
    heard: list[str] = field(default_factory=list)

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            with connection, connection.makefile("rwb", buffering=0) as stream:
                try:
                    self._converse(stream)
                except OSError:
                    continue

    def _converse(self, stream: object) -> None:
        say, hear = stream.write, stream.readline  # type: ignore[attr-defined]
        say(b"220 mail.example ready\r\n")
        while line := hear():
            command = line.split()[0].decode("ascii").upper()
            self.heard.append(line.decode("ascii").strip())
            if self.hangs_up_at == command:
                return
            if command in self.answers:
                say(self.answers[command] + b"\r\n")
            elif command == "EHLO":
                say(b"250 mail.example\r\n")
            elif command == "DATA":
                say(b"354 go on\r\n")
                if not self._takes(hear):
                    return
                say(self.answers.get("text", b"250 taken") + b"\r\n")
            elif command == "QUIT":
                say(b"221 bye\r\n")
                return
            else:
                say(b"250 ok\r\n")

    def _takes(self, hear: object) -> bool:
        lines = []
        while (line := hear()) not in (b".\r\n", b""):  # type: ignore[operator]
            lines.append(line[1:] if line.startswith(b"..") else line)
        if self.hangs_up_at == "text":
            return False
        if not self.answers.get("text", b"2").startswith((b"4", b"5")):
            found = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            assert isinstance(found, EmailMessage)
            self.taken.append(found)
        return True


@contextmanager
def mail_server() -> Iterator[MailServer]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = MailServer(port=listening.getsockname()[1])
    thread = threading.Thread(target=server.serve, args=(listening,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
