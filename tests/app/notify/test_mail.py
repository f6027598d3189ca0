from __future__ import annotations

import ssl
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path

import pytest
from tests.app.notify.receiver import mail_server
from tests.ports import free_port

from koban.app.notify.address import PrivateAddress
from koban.app.notify.mail import MailRefused, Server, letter, send
from koban.app.notify.webhook import NoAnswer

TO = ["a@example.com", "b@example.com"]


def trust(cert: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(cert))


def test_it_goes_over_tls_with_the_name_and_password(tmp_path: Path) -> None:
    with mail_server(tmp_path) as (port, server, cert):
        there = Server("localhost", port, "starttls", "koban", "s3cret")
        send(there, "koban@example.com", TO, "公開バケット", "本文\n.\nend", allow_private=True, trust=trust(cert))
    (got,) = server.got
    assert got["tls"]
    assert got["user"] == ["koban", "s3cret"]
    assert [one.partition("<")[2].partition(">")[0] for one in got["to"]] == TO
    message = message_from_bytes(got["text"].replace(b"\r\n.\r\n", b"\r\n"))
    assert str(make_header(decode_header(message["Subject"]))) == "公開バケット"


def test_nothing_is_sent_without_tls(tmp_path: Path) -> None:
    with (
        mail_server(tmp_path, offers_tls=False) as (port, server, cert),
        pytest.raises(MailRefused, match="no TLS"),
    ):
        send(Server("localhost", port), "k@example.com", TO, "s", "t", allow_private=True, trust=trust(cert))
    assert server.got == []


def test_nothing_is_sent_to_whom_the_certificate_does_not_name(tmp_path: Path) -> None:
    with (
        mail_server(tmp_path, "other.example") as (port, server, cert),
        pytest.raises(NoAnswer, match="certificate"),
    ):
        send(Server("localhost", port), "k@example.com", TO, "s", "t", allow_private=True, trust=trust(cert))
    assert server.got == []


@pytest.mark.parametrize(("answer", "kind"), [("550 no such user", MailRefused), ("421 come back later", Exception)])
def test_a_refusal_says_so(tmp_path: Path, answer: str, kind: type[Exception]) -> None:
    with mail_server(tmp_path, refuse=answer) as (port, _, cert), pytest.raises(kind, match=answer[:3]):
        send(Server("localhost", port), "k@example.com", TO, "s", "t", allow_private=True, trust=trust(cert))


def test_nobody_there_and_nobody_allowed() -> None:
    with pytest.raises(NoAnswer):
        send(Server("127.0.0.1", free_port()), "k@example.com", TO, "s", "t", allow_private=True)
    with pytest.raises(PrivateAddress):
        send(Server("127.0.0.1"), "k@example.com", TO, "s", "t")


def test_a_subject_begins_no_other_header() -> None:
    made = letter("k@example.com", TO, "one\r\nBcc: x@example.com\nX: y\0\udcff", "text\udcff")
    assert made["Bcc"] is None
    assert made["Subject"] == "one Bcc: x@example.com X: y?"
    assert made["Auto-Submitted"] == "auto-generated"
