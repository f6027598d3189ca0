"""HTTP to AWS: one pool of connections, one TLS context, proxies and CA bundles from the usual environment."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import urllib3
import urllib3.exceptions
from botocore.httpsession import ProxyConfiguration, create_urllib3_context, get_cert_path
from botocore.utils import get_environ_proxies

CONNECT_SECONDS_MAX = 5.0
READ_SECONDS_MAX = 30.0
HOSTS_MAX = 64  # hosts to which connections are kept; regions are read one after the other, so few are in use at once
CONNECTIONS_PER_HOST_MAX = 32
BROKEN_AFTER = 3  # failures of a host in a row, after which the run stops waiting for it


class Unreachable(Exception):
    """No answer came.  `code` is one of botocore's names for it; `name` whether the host has no address at all."""

    def __init__(self, code: str, message: str, no_address: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.no_address = no_address


class Transport:
    """Sends requests.  Safe to share among threads; `ca_bundle` is a file of certificates (empty: the usual ones)."""

    def __init__(self, ca_bundle: str = "", read_seconds_max: float = READ_SECONDS_MAX) -> None:
        self.ca_bundle = ca_bundle or os.environ.get("REQUESTS_CA_BUNDLE", "")
        self.timeout = urllib3.Timeout(connect=CONNECT_SECONDS_MAX, read=read_seconds_max)
        self._managers: dict[str, Any] = {}
        self._pools: dict[tuple[str, str], Any] = {}
        self._broken: dict[str, tuple[int, Unreachable]] = {}
        self._lock = threading.Lock()

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Any:
        """The answer, with `status`, `headers` and `data`; raises Unreachable."""
        return self._send(method, url, headers, body, True)

    def stream(self, method: str, url: str, headers: Mapping[str, str]) -> Any:
        """The answer before its body has come; whoever asks reads it, then gives it back.  Raises Unreachable."""
        return self._send(method, url, headers, b"", False)

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, whole: bool) -> Any:
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        count, last = self._broken.get(host, (0, None))
        if count >= BROKEN_AFTER and last is not None:
            raise Unreachable(last.code, str(last), last.no_address)
        try:
            manager, target = self._manager_for(host, url)
            answer = manager.urlopen(
                method,
                target,
                body=body or None,
                headers=headers,
                retries=False,
                redirect=False,
                timeout=self.timeout,
                preload_content=whole,
                **({} if target is url else {"assert_same_host": False}),
            )
        except urllib3.exceptions.HTTPError as error:
            failure = _unreachable(error, parts.netloc, self.timeout)
            self._broken[host] = (count + 1, failure)
            raise failure from None
        if count:
            self._broken.pop(host, None)
        return answer

    def _manager_for(self, host: str, url: str) -> tuple[Any, str]:
        """What sends to a host, and how the request names its target there: by path, or whole through a proxy."""
        proxy = self._proxy(host)
        if proxy:
            return self._proxy_manager(proxy), url
        manager = self._direct()
        return manager.connection_from_url(host), url[len(host) :] or "/"

    def _proxy(self, host: str) -> str:
        key = f"proxy {host}"
        if key not in self._managers:
            self._managers[key] = ProxyConfiguration(get_environ_proxies(host)).proxy_url_for(host) or ""
        return str(self._managers[key])

    def _context(self) -> Any:
        context = create_urllib3_context()
        context.load_verify_locations(cafile=self.ca_bundle or get_cert_path(True))
        return context

    def _arguments(self) -> dict[str, Any]:
        keep_alive = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
        return {
            "num_pools": HOSTS_MAX,
            "maxsize": CONNECTIONS_PER_HOST_MAX,
            "ssl_context": self._context(),
            "socket_options": keep_alive,
        }

    def _direct(self) -> Any:
        found = self._managers.get("")
        if found is None:
            with self._lock:
                found = self._managers.get("") or urllib3.PoolManager(**self._arguments())
                self._managers[""] = found
        return found

    def _proxy_manager(self, proxy: str) -> Any:
        with self._lock:
            if proxy not in self._managers:
                headers = ProxyConfiguration().proxy_headers_for(proxy)
                self._managers[proxy] = urllib3.ProxyManager(proxy, proxy_headers=headers, **self._arguments())
            return self._managers[proxy]


def _unreachable(error: urllib3.exceptions.HTTPError, host: str, timeout: urllib3.Timeout) -> Unreachable:
    kinds = urllib3.exceptions
    if isinstance(error, kinds.NameResolutionError):
        return Unreachable("EndpointConnectionError", f"{host} has no address", no_address=True)
    if isinstance(error, kinds.ProxyError | kinds.ProxySchemeUnknown):
        return Unreachable("ProxyConnectionError", f"the proxy does not lead to {host}")
    if isinstance(error, kinds.SSLError):
        return Unreachable("SSLError", f"the certificate of {host} is not trusted")
    if isinstance(error, kinds.ConnectTimeoutError) and not isinstance(error, kinds.NewConnectionError):
        return Unreachable("ConnectTimeoutError", f"{host} took no connection within {timeout.connect_timeout} s")
    if isinstance(error, kinds.ReadTimeoutError):
        return Unreachable("ReadTimeoutError", f"{host} gave no answer within {timeout.read_timeout} s")
    if isinstance(error, kinds.NewConnectionError):
        return Unreachable("EndpointConnectionError", f"{host} takes no connection")
    return Unreachable("ConnectionClosedError", f"{host} broke the connection off")
