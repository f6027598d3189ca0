"""Passwords of local accounts: the rules for a new one, and argon2id."""

from __future__ import annotations

import threading
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LENGTH_MIN = 12
LENGTH_MAX = 256  # characters; argon2 does not mind, but nobody types more
AT_ONCE = 2  # hashes worked at the same time: each takes 64 MiB
_SLOTS = threading.Semaphore(AT_ONCE)

# What people type when twelve characters are asked for; compared without case, spaces and signs.
DENIED = frozenset(
    "administrator changemeplease iloveyouforever letmeinplease passwordpassword password1234 password12345 "
    "password123456 passw0rd1234 p4ssw0rd1234 mypassword12 mypassword123 mypassword1234 qwertyuiop12 qwertyuiop123 "
    "qwertyuiopasdf qwertyuiopas qwerty123456 qwertyqwerty qwertyqwerty1 1qaz2wsx3edc 1q2w3e4r5t6y 1q2w3e4r5t6y7u "
    "zaq12wsxcde3 asdfghjkl123 asdfasdfasdf 123456789012 1234567890123 12345678901234 123456789abc abcdefghijkl "
    "abcdefghijklm abcdefgh1234 abcd12345678 abc123abc123 123123123123 112233445566 welcome12345 welcome123456 "
    "welcometokoban koban1234567 kobankobankoban kobanadmin123 admin1234567 admin12345678 adminadminadmin "
    "administrator1 superuser1234 rootrootroot defaultpassword temporarypassword secretsecret secretpassword "
    "trustno1trustno1 sunshine1234 princess1234 football1234 baseball1234 dragondragon monkeymonkey "
    "correcthorsebatterystaple".split()
)


class BadPassword(Exception):
    """A new password that the rules refuse; says why."""


def normal(password: str) -> str:
    """The same password, however its characters were composed on the keyboard that typed it."""
    return unicodedata.normalize("NFKC", password)


def check_new(password: str, email: str, name: str = "") -> None:
    """Refuse a password that would be guessed first."""
    password = normal(password)
    if len(password) < LENGTH_MIN:
        raise BadPassword(f"a password has at least {LENGTH_MIN} characters")
    if len(password) > LENGTH_MAX:
        raise BadPassword(f"a password has at most {LENGTH_MAX} characters")
    plain = _bare(password)
    if plain in DENIED or len(set(password.casefold())) < 5:
        raise BadPassword("this password is among the first that anybody would try")
    for told in (email, email.partition("@")[0], name):
        bare = _bare(told)
        if len(bare) >= 4 and (plain == bare or (plain.startswith(bare) and plain.removeprefix(bare).isdigit())):
            raise BadPassword("a password is not the e-mail address or the name")


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


@dataclass(frozen=True)
class Hasher:
    """argon2id with the parameters of RFC 9106's second recommendation; tests set lower ones."""

    rounds: int = 3
    memory_kib: int = 65536
    lanes: int = 4

    @cached_property
    def _argon(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        return PasswordHasher(time_cost=self.rounds, memory_cost=self.memory_kib, parallelism=self.lanes)

    @cached_property
    def _nobody(self) -> str:
        return self._argon.hash("the password of nobody")

    def hash(self, password: str) -> str:
        with _SLOTS:
            return self._argon.hash(normal(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether it is the password.  Takes as long for an account without one, or for no account at all."""
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            with _SLOTS:
                return self._argon.verify(kept or self._nobody, normal(password)[: LENGTH_MAX * 2]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False

    def stale(self, kept: str) -> bool:
        """Whether it was hashed with other parameters than these."""
        return self._argon.check_needs_rehash(kept)
