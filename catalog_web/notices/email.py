"""A message by e-mail, through the server of the option ``smtp``."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from threading import Timer

from indexer.errors import N_, BadAddress, ChartroomError, MailFailed, phrase
from indexer.people_options import SmtpOptions
from indexer.secret_file import read_secret, read_secret_text

DEADLINE = 10.0
"""Seconds for all of it."""
_LONGEST = 254
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
"""As HTML's input of the type email takes it, and nothing that a header could be made of."""


def check_address(address: str) -> None:
    """Raise BadAddress for what can be no e-mail address."""
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address) or ".." in address:
        raise BadAddress(address=address[:80])


class Mailer:
    """Sends, where a server is configured."""

    def __init__(self, options: SmtpOptions) -> None:
        self._options = options

    @property
    def is_set(self) -> bool:
        """Whether there is a server."""
        return bool(self._options.host)

    def send(self, address: str, subject: str, text: str) -> None:
        """Send one message. Raises BadAddress, MailFailed, CredentialsUnreadable."""
        check_address(address)
        message = self._message(address, subject, text)
        try:
            with self._connected() as server:
                server.send_message(message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise MailFailed(host=self._options.host, detail=_said(error)) from None

    def _message(self, address: str, subject: str, text: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = Address("Chartroom", addr_spec=self._options.sender or f"chartroom@{self._options.host}")
        message["To"] = Address(addr_spec=address)
        message["Subject"] = " ".join(subject.split())  # a line feed would be a further header
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain="chartroom")
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer by a machine
        message.set_content(text)
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        options = self._options
        if options.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(options.host, options.port, timeout=DEADLINE, context=self._tls())
        else:
            server = smtplib.SMTP(options.host, options.port, timeout=DEADLINE)
        cut = Timer(DEADLINE, _cut, (server,))  # a server that answers byte by byte meets no time-out of the socket
        cut.start()
        try:
            if options.tls == "starttls":
                server.starttls(context=self._tls())
            if options.username:
                server.login(options.username, read_secret(options.password_file))
            yield server
        finally:
            cut.cancel()
            with suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._options.ca_file:
            context.load_verify_locations(cadata=read_secret_text(self._options.ca_file))
        return context


def _cut(server: smtplib.SMTP) -> None:
    with suppress(OSError):
        server.close()


def _said(error: Exception) -> ChartroomError | object:
    """What went wrong; of what the server said its code alone, as some repeat what they were sent."""
    if isinstance(error, smtplib.SMTPResponseException):
        return phrase(N_("it answers {code}"), code=error.smtp_code)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return phrase(N_("it refuses the recipient"))
    if isinstance(error, ssl.SSLCertVerificationError):
        return phrase(N_("its certificate is not trusted ({why})"), why=error.verify_message)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return phrase(N_("it does not offer what “smtp” asks for, such as STARTTLS or a log-in"))
    if isinstance(error, TimeoutError | smtplib.SMTPServerDisconnected):
        return phrase(N_("it did not answer in time, or ended the connection"))
    return phrase(N_("it cannot be reached"))
