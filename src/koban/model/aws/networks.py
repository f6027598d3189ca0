"""Ranges of addresses, parsed once however many resources name them."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network


@lru_cache(maxsize=4096)
def network_of(text: str) -> IPv4Network | IPv6Network | None:
    """The network that a range (``10.0.0.0/8``) or an address is in; None for a text that names none."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
