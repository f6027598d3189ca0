"""Sends an e-mail by SMTP: with TLS or not at all."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Literal

from koban.app.notify.address import Place, resolve
from koban.app.notify.webhook import NoAnswer

SECONDS = 15.0
SUBJECT_MAX = 200


class MailRefused(Exception):
    """The server took the connection and refused the message; the text says what it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server.  `security`: ``starttls`` (port 587) or ``tls`` from the first byte (port 465)."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls"] = "starttls"
    username: str = ""
    password: str = ""


def send(
    server: Server,
    sender: str,
    recipients: Sequence[str],
    subject: str,
    text: str,
    *,
    allow_private: bool = False,
    trust: ssl.SSLContext | None = None,
) -> None:
    """Sends it.  Raises `Refused` for a server that may not be called, `NoAnswer`, `MailRefused`."""
    place = resolve(server.host, server.port, allow_private=allow_private)
    message = letter(sender, recipients, subject, text)
    context = trust or ssl.create_default_context()
    try:
        with _connection(server, place, context) as smtp:
            if server.security == "starttls":
                smtp.starttls(context=context)
            if server.username:
                smtp.login(server.username, server.password)
            smtp.send_message(message, sender, list(recipients))
    except ssl.SSLError as error:
        raise NoAnswer(f"{server.host}: its certificate is not accepted ({error.reason})") from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailRefused(f"{server.host} offers no TLS or no way to sign in; nothing was sent") from error
    except smtplib.SMTPAuthenticationError as error:
        raise MailRefused(f"{server.host} refused the user name or password ({error.smtp_code})") from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({str(code) for code, _ in error.recipients.values()})
        raise MailRefused(f"{server.host} refused every recipient ({', '.join(codes)})") from error
    except smtplib.SMTPResponseException as error:
        raise (NoAnswer if 400 <= error.smtp_code < 500 else MailRefused)(
            f"{server.host} answered {error.smtp_code}"
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NoAnswer(f"{server.host}: {type(error).__name__}") from error


def letter(sender: str, recipients: Sequence[str], subject: str, text: str) -> EmailMessage:
    """The message.  A line's end in the subject cannot begin another header."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = " ".join(_encodable(subject).split())[:SUBJECT_MAX]
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_encodable(text))
    return message


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _connection(server: Server, place: Place, context: ssl.SSLContext) -> smtplib.SMTP:
    """A connection to the address that was checked; the certificate must be that of the name."""

    class Plain(smtplib.SMTP):
        def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
            return socket.create_connection((place.address, place.port), timeout)

    class Tls(smtplib.SMTP_SSL):
        def _get_socket(self, host: str, port: int, timeout: float) -> Any:
            plain = socket.create_connection((place.address, place.port), timeout)
            return context.wrap_socket(plain, server_hostname=host)

    if server.security == "tls":
        return Tls(server.host, server.port, local_hostname="koban", timeout=SECONDS, context=context)
    return Plain(server.host, server.port, "koban", SECONDS)
