"""Syslog over UDP, TCP and TLS (RFC 5426, 6587, 5425), into the spool."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
import time
from datetime import UTC, datetime
from typing import Any

from koban.sources.logs.receivers.limited import Limited
from koban.sources.logs.receivers.spool import Spool, SpoolFull

LINE_BYTES_MAX = 256 * 1024
CONNECTIONS_MAX = 256
IDLE_SECONDS = 300.0
WAIT_SECONDS = 0.2


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Stream(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        connection: socket.socket = self.request
        server: Any = self.server
        spool: Spool = server.spool
        connection.settimeout(IDLE_SECONDS)
        if server.context is not None:
            connection = server.context.wrap_socket(connection, server_side=True)
        peer = str(self.client_address[0])
        frames = Frames()
        with contextlib.suppress(OSError):
            while block := connection.recv(65536):
                for frame in frames.feed(block):
                    _keep(spool, peer, frame)
                if frames.broken:
                    spool.counts.refused += 1
                    break
        if rest := frames.rest():
            _keep(spool, peer, rest)
        if server.context is not None:
            with contextlib.suppress(OSError):
                connection.close()


def _keep(spool: Spool, peer: str, frame: bytes) -> None:
    text = frame.decode("utf-8", "backslashreplace").rstrip("\r\n\0")
    if not text:
        return
    while True:
        try:
            spool.line("syslog", peer, now(), text)
            return
        except SpoolFull:
            # the sender waits: nothing more is read from it until there is room
            time.sleep(WAIT_SECONDS)


class Frames:
    """Messages out of a stream: each counted (`123 <34>...`) or ended by a newline, as RFC 6587 has it."""

    def __init__(self) -> None:
        self._held = b""
        self.broken = False

    def feed(self, block: bytes) -> list[bytes]:
        """The messages that are whole now; `broken` where one is beyond the limit."""
        self._held += block
        found: list[bytes] = []
        while self._held:
            if self._held[:1].isdigit() and self._held[:1] != b"0":
                head, space, rest = self._held.partition(b" ")
                if head.isdigit() and len(head) < 8:
                    if not space:
                        return found
                    size = int(head)
                    if size > LINE_BYTES_MAX:
                        self.broken = True
                        return found
                    if len(rest) < size:
                        return found
                    found.append(rest[:size])
                    self._held = rest[size:]
                    continue
            line, end, rest = self._held.partition(b"\n")
            if not end:
                self.broken = len(self._held) > LINE_BYTES_MAX
                return found
            found.append(line)
            self._held = rest
        return found

    def rest(self) -> bytes:
        """What was not ended when the stream was."""
        held, self._held = self._held, b""
        return held[:LINE_BYTES_MAX]


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data: bytes = self.request[0]
        server: Any = self.server
        text = data.decode("utf-8", "backslashreplace").rstrip("\r\n\0")
        if not text:
            return
        try:
            server.spool.line("syslog", str(self.client_address[0]), now(), text)
        except SpoolFull:
            server.spool.counts.dropped += 1


class _Tcp(Limited, socketserver.TCPServer):
    connections_max = CONNECTIONS_MAX
    allow_reuse_address = True
    request_queue_size = 128


class _Tcp6(_Tcp):
    address_family = socket.AF_INET6


class _Udp(socketserver.UDPServer):
    max_packet_size = 65536


class _Udp6(_Udp):
    address_family = socket.AF_INET6


def listen(kind: str, host: str, port: int, spool: Spool, context: ssl.SSLContext | None = None) -> Any:
    """Starts a listener (`udp`, `tcp` or `tls`) in a thread; `shutdown()` and `server_close()` end it.

    Raises OSError where the address cannot be had.
    """
    six = ":" in host
    server: Any
    if kind == "udp":
        server = (_Udp6 if six else _Udp)((host, port), _Datagram, bind_and_activate=False)
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
    else:
        server = (_Tcp6 if six else _Tcp)((host, port), _Stream, bind_and_activate=False)
        server.context = context
    server.spool = spool
    try:
        server.server_bind()
        server.server_activate()
    except OSError:
        server.server_close()
        raise
    threading.Thread(target=server.serve_forever, args=(0.1,), name=f"syslog-{kind}", daemon=True).start()
    return server
