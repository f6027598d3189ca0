"""Functions of address ranges (CIDR)."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, NamedTuple

from koban.model.unknown import Unknown
from koban.sources.terraform.functions.conversion import NUMBER, STRING
from koban.sources.terraform.functions.function import NotKnown, function, whole
from koban.sources.terraform.values import EvaluationError, List

NEW_BITS_MAX = 32  # of cidrsubnets; Terraform's own limit


class Block(NamedTuple):
    """A range: its first address, the bits of its prefix, and the bits of an address (32 or 128)."""

    start: int
    prefix: int
    bits: int

    def address(self, number: int) -> str:
        if self.bits == 32:
            return str(ipaddress.IPv4Address(number))
        return str(ipaddress.IPv6Address(number))


def _block(text: str) -> Block:
    address, slash, digits = text.partition("/")
    if not slash or not re.fullmatch(r"[0-9]{1,9}", digits):
        raise EvaluationError("an address range like 10.0.0.0/8 is needed")
    if ":" in address:
        try:
            if "%" in address:
                raise ValueError(address)
            parsed = ipaddress.IPv6Address(address)
        except ValueError:
            raise EvaluationError("this is no IPv6 address") from None
        if parsed.ipv4_mapped is not None:
            raise NotKnown(Unknown("an IPv4 address written as IPv6", "such ranges are not computed"))
        number, bits = int(parsed), 128
    else:
        if not re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]{1,4}){3}", address):
            raise EvaluationError("this is no IPv4 address")
        octets = [int(one) for one in address.split(".")]
        if max(octets) > 255:
            raise EvaluationError("this is no IPv4 address")
        number, bits = int.from_bytes(bytes(octets), "big"), 32
    prefix = int(digits)
    if prefix > bits:
        raise EvaluationError("a prefix is longer than an address")
    free = bits - prefix
    return Block(number >> free << free, prefix, bits)


def _number(value: Any, what: str) -> int:
    if not isinstance(value, int):
        raise EvaluationError(f"{what} must be a whole number")
    return value


@function(STRING, NUMBER)
def cidrhost(prefix: Any, host: Any) -> Any:
    block, number = _block(prefix), _number(host, "the number of the host")
    count = 1 << (block.bits - block.prefix)
    if not -count <= number < count:
        raise EvaluationError("the range has no such host")
    return block.address(block.start + number % count)


@function(STRING)
def cidrnetmask(prefix: Any) -> Any:
    block = _block(prefix)
    if block.bits != 32:
        raise EvaluationError("only IPv4 has netmasks")
    return block.address((1 << 32) - (1 << (32 - block.prefix)))


@function(STRING, NUMBER, NUMBER)
def cidrsubnet(prefix: Any, bits: Any, subnet: Any) -> Any:
    block, number = _block(prefix), _number(subnet, "the number of the subnet")
    length = block.prefix + whole(bits, "the number of bits")
    if not 0 <= length <= block.bits:
        raise EvaluationError("the range has not that many bits left")
    if number >= 1 << max(length - block.prefix, 0):
        raise EvaluationError("the range has no such subnet")
    if abs(number) >= 1 << block.bits:
        raise EvaluationError("the number of the subnet is out of range")
    start = abs(block.start | (number << (block.bits - length)))
    if start >= 1 << block.bits:
        raise EvaluationError("the number of the subnet is out of range")
    return f"{block.address(start)}/{length}"


@function(STRING, rest=NUMBER)
def cidrsubnets(prefix: Any, *bits: Any) -> Any:
    block = _block(prefix)
    made = List()
    following = block.start
    end = block.start + (1 << (block.bits - block.prefix))
    for one in bits:
        length = block.prefix + whole(one, "the number of bits", 1, NEW_BITS_MAX)
        if length > block.bits:
            raise EvaluationError("the range has not that many bits left")
        size = 1 << (block.bits - length)
        start = -(-following // size) * size
        if start + size > end:
            raise EvaluationError("the range is too small for all these subnets")
        made.append(f"{block.address(start)}/{length}")
        following = start + size
    return made
