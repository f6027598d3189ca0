"""That a text is an address of a network, in SQL that every dialect has.

An IPv4 network is a pattern over the four numbers.  IPv6 has many spellings of one address, so its text is written out
to 32 hexadecimal digits first.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from sqlglot import exp

from koban.engines.detection.dialect import text_of
from koban.engines.detection.fields import SIX

BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"


def in_network(x: exp.Expr, network: IPv4Network | IPv6Network) -> exp.Expr:
    pattern = four(network) if isinstance(network, IPv4Network) else six(network)
    subject = x.copy() if isinstance(network, IPv4Network) else exp.Anonymous(this=SIX, expressions=[x.copy()])
    return exp.RegexpLike(this=subject, expression=text_of(pattern))


def four(network: IPv4Network) -> str:
    """A pattern of the addresses of an IPv4 network."""
    parts = []
    for at, byte in enumerate(network.network_address.packed):
        bits = min(8, max(0, network.prefixlen - 8 * at))
        if bits == 8:
            parts.append(str(byte))
        elif bits == 0:
            parts.append(BYTE)
        else:
            parts.append("(" + "|".join(map(str, range(byte, byte + 2 ** (8 - bits)))) + ")")
    return "^" + "[.]".join(parts) + "$"


def six(network: IPv6Network) -> str:
    """A pattern of the written-out addresses of an IPv6 network."""
    digits = network.network_address.exploded.replace(":", "")
    whole, bits = divmod(network.prefixlen, 4)
    pattern = "^" + digits[:whole]
    if bits:
        low = int(digits[whole], 16)
        pattern += "[" + "".join(f"{one:x}" for one in range(low, low + 2 ** (4 - bits))) + "]"
    return f"{pattern}[0-9a-f]{{{32 - whole - bool(bits)}}}$"
