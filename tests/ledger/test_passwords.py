"""Rules for passwords, and argon2id."""

from __future__ import annotations

import pytest

from koban.ledger.passwords import BadPassword, Hasher, check_new

FAST = Hasher(rounds=1, memory_kib=64, lanes=1)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 12"),
        ("elevenchars", "at least 12"),
        ("x" * 257, "at most 256"),
        ("Password-1234", "first"),
        ("correct horse battery staple", "first"),
        ("aaaaaaaaaaaaaaaa", "first"),
        ("ababababababab", "first"),
        ("ana.kovacs@example.com", "e-mail"),
        ("Ana.Kovacs@Example.com 2026", "e-mail"),
        ("anakovacs202611", "e-mail"),
    ],
)
def test_refuses_what_is_guessed_first(password: str, why: str) -> None:
    with pytest.raises(BadPassword, match=why):
        check_new(password, "ana.kovacs@example.com", "Ana")


@pytest.mark.parametrize(
    "password", ["a river in the night", "Jp-京都の夜の川と橋の上", "ana walks by nine rivers", "k7#Lw!pQz29x"]
)
def test_takes_what_is_long_and_own(password: str) -> None:
    check_new(password, "ana.kovacs@example.com", "Ana")


def test_verifies_its_own_hashes() -> None:
    kept = FAST.hash("a river in the night")
    assert kept.startswith("$argon2id$")
    assert FAST.verify(kept, "a river in the night")
    assert not FAST.verify(kept, "a river in the nighT")
    assert not FAST.verify(None, "the password of nobody")
    assert not FAST.verify("not a hash", "a river in the night")


def test_takes_the_same_letters_however_they_were_composed() -> None:
    assert FAST.verify(FAST.hash("caf\u00e9 on the river"), "cafe\u0301 on the river")


def test_knows_hashes_of_other_parameters() -> None:
    kept = FAST.hash("a river in the night")
    assert not FAST.stale(kept)
    assert Hasher(rounds=2, memory_kib=64, lanes=1).stale(kept)


def test_real_parameters_are_those_of_the_recommendation() -> None:
    assert Hasher().hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
