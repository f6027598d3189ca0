"""How the server runs: what `koban serve` was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from koban.ledger.access import Lifetime
from koban.ledger.passwords import Hasher

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Rate:
    """So many requests a second for long, and so many at once."""

    per_second: float
    burst: int


@dataclass(frozen=True)
class Rates:
    """Requests that one may send; with several workers each keeps its own count of its share."""

    address: Rate = Rate(200, 1000)  # anything at all from one address
    caller: Rate = Rate(50, 250)  # one user or token
    stranger: Rate = Rate(5, 60)  # requests of the API by nobody known, from one address
    sign_in: Rate = Rate(0.2, 10)  # passwords, codes and links tried from one address


@dataclass(frozen=True)
class Oidc:
    """An OpenID Connect provider."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    name: str = "Single sign-on"
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    role_claim: str = "groups"  # dots lead into objects: realm_access.roles
    roles: Mapping[str, str] = field(default_factory=dict)  # value of the claim -> role
    default_role: str | None = None  # of whom no value names a role; empty: may not sign in
    skew_seconds: int = 60


@dataclass(frozen=True)
class Settings:
    """All that the server was told."""

    host: str = "127.0.0.1"
    port: int = 8400
    public_url: str = ""  # as browsers reach it; empty: the loopback address
    names: frozenset[str] = frozenset()  # further host names that it answers to
    tls_cert: Path | None = None
    tls_key: Path | None = None
    proxies: tuple[str, ...] = ()  # addresses and networks whose X-Forwarded-* is believed
    workers: int = 1
    baseline: Path | None = None  # koban.yaml that the console shows
    oidc: Oidc | None = None
    passwords: bool = True  # local accounts may sign in
    scheduler: bool = True
    scans_at_once: int = 2
    lifetime: Lifetime = field(default_factory=Lifetime)
    hasher: Hasher = field(default_factory=Hasher)
    rates: Rates = Rates()
    body_bytes_max: int = 1024 * 1024
    body_seconds: float = 20
    static: Path | None = None  # the built console; empty: what is in the package
    allow_private_webhooks: bool = False

    @property
    def secure(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.tls_cert is not None or bool(self.proxies)

    @property
    def url(self) -> str:
        """Where browsers reach it, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104  not bound here
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """The host names that a request may name."""
        from urllib.parse import urlsplit

        public = urlsplit(self.public_url).hostname
        return LOOPBACK | self.names | ({public} if public else set())
