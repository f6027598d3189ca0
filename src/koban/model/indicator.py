"""Threat intelligence: what others saw attackers use, and what is known to be harmless."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass

KINDS = ("ip", "cidr", "domain", "url", "hash", "ja3", "ja4")
"""`domain` means its subdomains too; `hash` is MD5, SHA-1 or SHA-256 by its length."""

CONFIDENCE = 50
"""How sure an indicator is where neither its feed nor the user says."""

RESERVED = tuple(
    ipaddress.ip_network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/127",
        "2001:db8::/32",
        "3fff::/20",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)
"""Addresses that are nobody's on the internet: private, shared, loopback, link-local, documentation, multicast."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing to look for, as a feed says it."""

    kind: str
    value: str
    """In normal form: lower case, punycode, no trailing dot, canonical IPv6, network of a CIDR."""
    uid: str = ""
    """Its id in the feed, where it has one: a later version of it, or its end, names the same."""
    prefix: bool = False
    """Of a URL: whatever begins with it matches."""
    confidence: int | None = None
    """0 to 100; None where the feed does not say."""
    labels: tuple[str, ...] = ()
    description: str = ""
    valid_from: str = ""
    valid_until: str = ""
    """ISO, UTC; '' where the feed does not say."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """A feed takes back what it said under this id."""

    uid: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry of a feed that is no indicator here, and why."""

    where: str
    what: str
    why: str
    broken: bool = True
    """False where the feed itself means it so: not for detection, a comment's kind, withdrawn."""


Entry = Indicator | Revoked | LeftOut


@dataclass(frozen=True, slots=True)
class AllowList:
    """Values that are known to be harmless, in the ways of MISP's warning lists."""

    name: str
    type: str
    """`string` the value itself; `substring` values that contain it; `hostname` a name and its subdomains; `cidr`;
    `regex`."""
    entries: tuple[str, ...]
    kinds: tuple[str, ...] = KINDS
    """The kinds of indicators that it speaks about."""


ALLOW_TYPES = ("string", "substring", "hostname", "cidr", "regex")


def ascii_name(name: str) -> str:
    """A name of DNS with its foreign letters in punycode, as browsers ask for it."""
    return name if name.isascii() else ".".join(_ascii_label(one) for one in re.split(r"[.\u3002\uff0e\uff61]", name))


def _ascii_label(label: str) -> str:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).lower())
    return plain if plain.isascii() else "xn--" + plain.encode("punycode").decode()
