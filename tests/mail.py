"""A mail server on loopback (RFC 5321, as far as smtplib needs it), with STARTTLS, that keeps what it is given."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from tests.certificates import Certified


@dataclass(frozen=True)
class Mail:
    """One message with its envelope."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    over_tls: bool

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        return str(self.message.get_content())


class MailServer:
    """What came, and how it behaves. ``refuses``: the code with which it refuses recipients; ``silent``: it never
    answers a command."""

    def __init__(self, certified: Certified | None = None, folder: Path | None = None) -> None:
        self.got: list[Mail] = []
        self.refuses = 0
        self.silent = False
        self.closing = threading.Event()
        self.context = _context(certified, folder) if certified and folder else None
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.mail = self
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def mail_server(certified: Certified | None = None, folder: Path | None = None) -> Iterator[MailServer]:
    """A running one on a free port; with a certificate it offers STARTTLS."""
    made = MailServer(certified, folder)
    try:
        yield made
    finally:
        made.close()


def _context(certified: Certified, folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certified.write(folder))
    return context


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    mail: MailServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what some tests are about."""


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.server_mail = cast(_Server, self.server).mail
        self.tls = False
        self.sender, self.recipients = "", []
        self.open_files()
        self.say("220 mail.example.org")
        with suppress(OSError):
            while line := self.lines.readline():
                if self.server_mail.silent:
                    self.server_mail.closing.wait(60)
                    return
                if not self.answer(line.decode().strip()):
                    return

    def finish(self) -> None:
        self.lines.close()
        self.request.close()

    def open_files(self) -> None:
        self.lines = self.request.makefile("rb")

    def say(self, text: str) -> None:
        self.request.sendall(f"{text}\r\n".encode())

    def answer(self, line: str) -> bool:
        verb = line.upper()
        if verb.startswith("EHLO"):
            offered = ["250-mail.example.org"] + (["250-STARTTLS"] if self.server_mail.context and not self.tls else [])
            self.say("\r\n".join([*offered, "250 SIZE 10000000"]))
        elif verb == "STARTTLS" and self.server_mail.context:
            self.say("220 go ahead")
            self.lines.close()
            self.request = self.server_mail.context.wrap_socket(self.request, server_side=True)
            self.tls = True
            self.open_files()
        elif verb.startswith("MAIL FROM:"):
            self.sender, self.recipients = line[10:].split(" ", maxsplit=1)[0].strip("<>"), []
            self.say("250 ok")
        elif verb.startswith("RCPT TO:"):
            if self.server_mail.refuses:
                self.say(f"{self.server_mail.refuses} no")
                return True
            self.recipients.append(line[8:].strip("<>"))
            self.say("250 ok")
        elif verb == "DATA":
            self.say("354 go on")
            self.server_mail.got.append(Mail(self.sender, tuple(self.recipients), self.data(), self.tls))
            self.say("250 kept")
        elif verb == "QUIT":
            self.say("221 bye")
            return False
        else:
            self.say("250 ok")
        return True

    def data(self) -> bytes:
        lines = []
        while (line := self.lines.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)
