"""Where a message may go: a name is looked up once, and what was found is what is connected to.

So a name that says one address when it is checked and another when it is called (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # an IPv4 address in the last four bytes
TRANSITIONAL = tuple(ipaddress.IPv6Network(one) for one in ("2002::/16", "2001::/32", "::/96"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(ValueError):
    """A place that nothing is sent to; the message says why."""


class PrivateAddress(Refused):
    """A place that is not on the public internet, or that a name leads to it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A host by name, and the address that its name led to when it was checked."""

    host: str
    port: int
    address: str


def resolve(host: str, port: int, *, allow_private: bool = False) -> Place:
    """The place of a host's first address; every address that it has must be allowed.  Raises `Refused`."""
    try:
        found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError, ValueError) as error:
        raise Refused(f"{host} cannot be found: {error}") from error
    addresses = [str(one).partition("%")[0] for one in found]
    if not addresses:
        raise Refused(f"{host} cannot be found")
    if not allow_private and not all(map(is_public, addresses)):
        raise PrivateAddress(f"{host} is a private address")
    return Place(host, port, str(found[0]))


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet, whatever it is wrapped in."""
    address: Address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address in NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        elif any(address in one for one in TRANSITIONAL):
            return False  # tunnels that lead anywhere
    return address.is_global and not address.is_multicast and not address.is_reserved
