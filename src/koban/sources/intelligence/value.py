"""One value of a feed, brought into its normal form; its kind told from its looks where nobody says it.

Feeds write values so that nobody clicks on them (`hxxp://bad[.]example`), with ports, wildcards, zones and capitals.
The normal form is the one that logs are compared with: see `koban.model.indicator.Indicator`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import quote

from koban.model.indicator import KINDS, ascii_name

VALUE_CHARACTERS_MAX = 4096

Found = tuple[tuple[str, str, bool], ...]
"""(kind, value, prefix) of each indicator that one entry means: a range of addresses is several CIDRs."""

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_PORT = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\s/]+):(?P<port>\d{1,5})")
_HEX = re.compile(r"[0-9a-fA-F]+")
_JA4 = re.compile(r"[tqd](?:\d\d|s[123]|d[123])[di]\d{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_URL = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://(?:[^/?#@]*@)?([^/?#]*)([^#]*)", re.DOTALL)
_FANGS = re.compile(
    r"\[\.\]|\(\.\)|\{\.\}|\[\.|\.\]|[\[({]\s?dot\s?[\])}]|\\\.|\[:\]|\[://\]|\[/\]|\[:\s?//\]", re.IGNORECASE
)
_DEFANGED_SCHEME = re.compile(r"^(?:hxxp|h\*\*p|htxp|hxtp|h__p)(s?)(?=:|\[)", re.IGNORECASE)
_HASHES = {32: "MD5", 40: "SHA-1", 64: "SHA-256"}
_PORTS = {"http": "80", "https": "443", "ftp": "21", "ws": "80", "wss": "443"}


class NotAnIndicator(ValueError):
    """A value that is no indicator of its kind, or of any; the message says why."""


def indicators(text: str, kind: str = "") -> Found:
    """What an entry means: of `kind`, or of the kind that it looks like.  Raises NotAnIndicator."""
    text = refang(text)
    if not text:
        raise NotAnIndicator("is empty")
    if len(text) > VALUE_CHARACTERS_MAX:
        raise NotAnIndicator(f"is longer than {VALUE_CHARACTERS_MAX} characters")
    return _BY_KIND[kind](text) if kind else _guessed(text)


def refang(text: str) -> str:
    """A value as it was before somebody made it safe to click on."""
    text = text.strip().strip("\"'`\ufeff\u200b").strip()
    if "[" in text or "(" in text or "{" in text or "\\" in text:
        text = _FANGS.sub(_fang, text)
    if text[:1] in "hH":
        text = _DEFANGED_SCHEME.sub(r"http\1", text)
    return text


def _fang(match: re.Match[str]) -> str:
    found = match.group()
    return "://" if "//" in found else "/" if "/" in found else ":" if ":" in found else "."


def domain(text: str) -> str:
    """A name of DNS: lower case, punycode, no trailing dot, without the wildcard.  Raises NotAnIndicator."""
    name = text.lower().removeprefix("*").strip(".")
    if _DOMAIN.fullmatch(name):
        return name
    name = ascii_name(name)
    labels = name.split(".")
    if len(labels) < 2:
        raise NotAnIndicator("has no dot, so it is no name of the internet")
    if len(name) > 253 or not all(_LABEL.fullmatch(one) for one in labels):
        raise NotAnIndicator("is no name of DNS")
    if not _DOMAIN.fullmatch(name):
        raise NotAnIndicator("is no name of DNS: its last part is no top level domain")
    return name


def address(text: str) -> str:
    """An address in its canonical spelling; IPv4 in IPv6 becomes IPv4.  Raises NotAnIndicator."""
    if _IPV4.fullmatch(text):
        return text
    try:
        found = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        raise NotAnIndicator("is no address") from None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def _ip(text: str) -> Found:
    return (("ip", address(_without_port(text)), False),) if "/" not in text and "-" not in text else _cidr(text)


def _without_port(text: str) -> str:
    if text.count(":") == 1 or text.startswith("["):
        if match := _PORT.fullmatch(text):
            return match["host"].strip("[]")
    return text


def _cidr(text: str) -> Found:
    if "-" in text:
        return _range(text)
    if "/" not in text:
        return _ip(text)
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise NotAnIndicator("is no network") from None
    return (_network(found),)


def _network(found: ipaddress.IPv4Network | ipaddress.IPv6Network) -> tuple[str, str, bool]:
    mapped = getattr(found.network_address, "ipv4_mapped", None)
    if mapped is not None and found.prefixlen >= 96:
        found = ipaddress.ip_network((mapped, found.prefixlen - 96))
    if found.prefixlen == 0:
        raise NotAnIndicator("is every address there is")
    if found.prefixlen == found.max_prefixlen:
        return "ip", str(found.network_address), False
    return "cidr", str(found), False


def _range(text: str) -> Found:
    first, _, last = (one.strip() for one in text.partition("-"))
    try:
        low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
        found = tuple(_network(one) for one in ipaddress.summarize_address_range(low, high))
    except NotAnIndicator:
        raise
    except (ValueError, TypeError):
        raise NotAnIndicator("is no range of addresses") from None
    return found


def _domain(text: str) -> Found:
    if "://" in text:
        return _domain(host_of(text))
    text = _without_port(text)
    if _IPV4.fullmatch(text) or ":" in text:
        return _ip(text)
    return (("domain", domain(text), False),)


def host_of(url: str) -> str:
    """The host of a URL, without its port; '' where there is none."""
    match = _URL.match(url)
    return _without_port(match[2]) if match else ""


def url(text: str) -> str:
    """A URL with its scheme and host in lower case, its host in punycode, no default port, user or fragment."""
    match = _URL.fullmatch(text if "#" not in text else text.partition("#")[0])
    if match:
        scheme, place, rest = match[1].lower(), match[2], match[3]
        head = f"{scheme}://"
    else:
        scheme, head = "", ""
        place, slash, rest = text.partition("#")[0].partition("/")
        rest = slash + rest
    host, port = place, ""
    if (ported := _PORT.fullmatch(place)) is not None:
        host, port = ported["host"], ported["port"]
    if not host:
        raise NotAnIndicator("is a URL without a host")
    if host.startswith("["):
        host = f"[{address(host)}]"
        host = host if ":" in host else host.strip("[]")
    elif not _IPV4.fullmatch(host):
        host = domain(host)
    if port and port != _PORTS.get(scheme):
        host = f"{host}:{port}"
    if not rest.startswith("/"):
        rest = f"/{rest}"
    if not rest.isascii() or " " in rest:
        rest = quote(rest, safe="".join(chr(one) for one in range(33, 127)))
    return f"{head}{host}{rest}"


def _url(text: str) -> Found:
    prefix = text.endswith("*")
    return (("url", url(text.rstrip("*") if prefix else text), prefix),)


def _hash(text: str) -> Found:
    text = text.rpartition(":")[2].strip() if ":" in text else text
    if not _HEX.fullmatch(text) or len(text) not in _HASHES:
        raise NotAnIndicator(_why_no_hash(text))
    return (("hash", text.lower(), False),)


def _why_no_hash(text: str) -> str:
    if _HEX.fullmatch(text) and len(text) in (56, 96, 128):
        return f"is a SHA-{len(text) * 4} hash; MD5, SHA-1 and SHA-256 are matched"
    return "is no MD5, SHA-1 or SHA-256 hash"


def _ja3(text: str) -> Found:
    if not _HEX.fullmatch(text) or len(text) != 32:
        raise NotAnIndicator("is no JA3 fingerprint (32 hexadecimal digits)")
    return (("ja3", text.lower(), False),)


def _ja4(text: str) -> Found:
    if not _JA4.fullmatch(text.lower()):
        raise NotAnIndicator("is no JA4 fingerprint")
    return (("ja4", text.lower(), False),)


_BY_KIND: dict[str, Callable[[str], Found]] = {
    "ip": _ip,
    "cidr": _cidr,
    "domain": _domain,
    "url": _url,
    "hash": _hash,
    "ja3": _ja3,
    "ja4": _ja4,
}
if set(_BY_KIND) != set(KINDS):
    raise AssertionError("every kind needs its normal form")


def _guessed(text: str) -> Found:
    """By looks alone: 32 hexadecimal digits are an MD5 hash, never a JA3 fingerprint."""
    if _IPV4.fullmatch(text):
        return (("ip", text, False),)
    if _HEX.fullmatch(text) and len(text) >= 32:
        return _hash(text)
    if "://" in text:
        return _url(text)
    if "/" in text:
        head = text.partition("/")[0]
        if _IPV4.fullmatch(head) or ":" in head:
            return _cidr(text) if text.count("/") == 1 and text.rpartition("/")[2].isdigit() else _url(text)
        return _url(text)
    if text.count(":") > 1 or text.startswith("["):
        return _ip(text)
    if _JA4.fullmatch(text.lower()):
        return _ja4(text)
    if "@" in text:
        raise NotAnIndicator("is an e-mail address; those are not matched")
    if " " in text and "-" not in text:
        raise NotAnIndicator("is several words")
    bare = _without_port(text)
    if _IPV4.fullmatch(bare):
        return _ip(bare)
    if "-" in text and _IPV4.fullmatch(text.partition("-")[0].strip()):
        return _range(text)
    try:
        return (("domain", domain(bare), False),)
    except NotAnIndicator as error:
        raise NotAnIndicator(
            "is no address, network, domain, URL, hash or fingerprint" if "DNS" in str(error) else str(error)
        ) from None
