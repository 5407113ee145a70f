"""Passwords: kept as Argon2id, taken byte for byte, refused when they are easy to guess."""

from __future__ import annotations

import re
import secrets
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from supervision.users.errors import WeakPassword

SHORTEST, LONGEST = 12, 128
UNGUESSED = 6  # so many characters must stand beside common words, names, runs and dates


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """What one check costs. The default is above the least that OWASP asks of Argon2id (19 MiB, two passes)."""

    passes: int = 3
    memory_kib: int = 32 * 1024
    lanes: int = 1


class Passwords:
    """Hashes and checks. A check of an unknown person costs what a check of a known one does."""

    def __init__(self, cost: PasswordCost | None = None) -> None:
        chosen = cost or PasswordCost()
        self._hasher = PasswordHasher(
            time_cost=chosen.passes, memory_cost=chosen.memory_kib, parallelism=chosen.lanes
        )
        self._nobody = self._hasher.hash(secrets.token_bytes(32))

    def hash(self, password: str) -> str:
        return self._hasher.hash(password.encode())

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether ``password`` is the one behind ``stored``; None stands for a person who does not exist."""
        given = password.encode(errors="replace")[: LONGEST * 4 + 1]
        try:
            self._hasher.verify(stored or self._nobody, given)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether ``stored`` was made at another cost and should be made anew at the next right password."""
        return self._hasher.check_needs_rehash(stored)


def new_one_time_password() -> str:
    """80 random bits in four groups that can be read out over the telephone (no 0, 1, l or o)."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


@cache
def _common() -> tuple[frozenset[str], tuple[str, ...]]:
    """Whole common passwords, and the words to strike out, longest first."""
    listed: dict[str, list[str]] = tomllib.loads(
        Path(__file__).with_name("common_passwords.toml").read_text(encoding="utf-8")
    )
    whole = frozenset(word for line in listed["whole"] for word in line.split())
    words = {word for group in ("words", "context") for line in listed[group] for word in line.split()}
    return whole, tuple(sorted(words | whole, key=lambda word: (-len(word), word)))


_LEET = str.maketrans("@4301!5$7", "aaeoiisst")
_RUN = re.compile(r"(.+?)\1{2,}")
_DATE = re.compile(r"(19|20)\d{2}([01]?\d)?([0-3]?\d)?")
_ORDERS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
)


def check_strength(password: str, own_words: Iterable[str] = ()) -> None:
    """Raises WeakPassword for a password that is too short, too long or easy to guess. There is no rule about kinds
    of characters. ``own_words`` (the sign-in name, the person's name) do not count towards it."""
    if len(password) < SHORTEST:
        raise WeakPassword("密码至少 %(shortest)s 个字符。", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise WeakPassword("密码不超过 %(longest)s 个字符。", longest=LONGEST)
    if len(_unguessed(password, own_words)) < UNGUESSED:
        raise WeakPassword("密码过于常见或容易猜到，请避免常用词、姓名、登录名、日期和连续或重复的字符。")


def _unguessed(password: str, own_words: Iterable[str]) -> str:
    """What is left when common words, own names, dates, runs and repetitions are struck out."""
    whole, words = _common()
    lowered = password.casefold()
    if lowered in whole or lowered.translate(_LEET) in whole:
        return ""
    own = sorted((word.casefold() for word in own_words if len(word) >= 2), key=len, reverse=True)
    shortest = lowered
    for form in (lowered, lowered.translate(_LEET)):
        left = form
        for word in (*own, *words):
            left = left.replace(word, " ")
        left = _DATE.sub(" ", left)
        left = _without_orders(left)
        left = _RUN.sub(r"\1", left)
        left = re.sub(r"[\s._-]+", "", left)
        if len(set(left)) <= 3:
            left = ""
        shortest = min(shortest, left, key=len)
    return shortest


def _without_orders(text: str) -> str:
    """``text`` without stretches of four or more in the order of the alphabet, the digits or the keyboard."""
    for order in (*_ORDERS, *(order[::-1] for order in _ORDERS)):
        for length in range(min(len(order), len(text)), 3, -1):
            for start in range(len(order) - length + 1):
                text = text.replace(order[start : start + length], " ")
    return text
