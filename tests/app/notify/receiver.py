"""Far ends for the tests: an HTTP receiver and a mail server with TLS, on loopback."""

from __future__ import annotations

import base64
import datetime
import http.server
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Hook(http.server.BaseHTTPRequestHandler):
    answers: list[int]
    got: list[tuple[str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, dict(self.headers), body))
        status = self.answers.pop(0) if self.answers else 200
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return None


@contextmanager
def receiving() -> Iterator[tuple[str, type[Hook]]]:
    """A receiver's address, and what it got."""
    handler = type("Hook", (Hook,), {"answers": [], "got": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


def certificate(directory: Path, name: str) -> tuple[Path, Path]:
    """A certificate and key of `name`, signed by itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    cert, private = directory / f"{name}.crt", directory / f"{name}.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, private


class Mail(socketserver.StreamRequestHandler):
    """As much of SMTP as a sender speaks."""

    context: ssl.SSLContext
    offers_tls = True
    got: list[dict[str, Any]]
    refuse = ""

    def handle(self) -> None:
        self.say("220 mail ESMTP")
        one: dict[str, Any] = {"tls": False, "user": None, "to": []}
        while line := self.rfile.readline().decode().strip():
            word = line.upper()
            if word.startswith("EHLO"):
                self.say("250-mail\r\n" + ("250-STARTTLS\r\n" if self.offers_tls else "") + "250 AUTH PLAIN")
            elif word == "STARTTLS":
                self.say("220 go on")
                try:
                    self.connection = self.context.wrap_socket(self.connection, server_side=True)
                except (ssl.SSLError, OSError):
                    return
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                one["tls"] = True
            elif word.startswith("AUTH PLAIN"):
                one["user"] = base64.b64decode(line.split()[2]).decode().split("\0")[1:]
                self.say("235 welcome")
            elif word.startswith("RCPT"):
                if self.refuse:
                    self.say(self.refuse)
                else:
                    one["to"].append(line)
                    self.say("250 yes")
            elif word == "DATA":
                self.say("354 go on")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += self.rfile.readline()
                one["text"] = text
                self.got.append(one)
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 yes")

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


@contextmanager
def mail_server(directory: Path, name: str = "localhost", **more: Any) -> Iterator[tuple[int, type[Mail], Path]]:
    """A mail server's port, what it got, and the certificate that it shows."""
    cert, private = certificate(directory, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, private)
    handler = type("Mail", (Mail,), {"context": context, "got": [], **more})
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield int(server.server_address[1]), handler, cert
    server.shutdown()
    server.server_close()
