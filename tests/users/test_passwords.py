"""Passwords: what is refused, how they are kept, and that an unknown person costs what a known one does."""

from __future__ import annotations

import statistics
import time

import pytest

from supervision.users import PasswordCost, Passwords, WeakPassword
from supervision.users.passwords import check_strength, new_one_time_password

CHEAP = PasswordCost(passes=1, memory_kib=8)


@pytest.mark.parametrize(
    "password",
    [
        "cormorants ferry lanterns",
        "今天下雪了所以我走路去图书馆",
        "tulip-vexed-98-garage",
        "kV9#qTz!mW2x",
        "  leading and trailing blanks  ",
        "x7" + "qzjv" * 3 + "bdgkpm",
        "🙂🙃😉😌🥶🥵🤠🤡👻👽🤖🎃",
        "jqvxz kwpfy bdtgn mchls " * 5,
    ],
)
def test_a_password_that_is_hard_to_guess_is_taken_whatever_it_consists_of(password: str) -> None:
    check_strength(password)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "kV9#qTz!mW2",  # eleven
        "123456789012",
        "password1234",
        "P@ssw0rd1234",
        "Pa$$w0rd2025!",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "zxcvbnmasdfg",
        "aaaaaaaaaaaa",
        "abababababab",
        "abcabcabcabcabc",
        "abcdefghijklmnop",
        "zyxwvutsrqponm",
        "woaini5201314",
        "iloveyou1234",
        "供热监督平台供热监督平台",
        "heatsupervision",
        "Heat Supervision 2025",
        "heating-portal-2026",
        "harbin20251101",
        "gongre123456",
        "哈尔滨热力哈尔滨热力哈尔滨热力",
        "administrator",
        "correct horse battery staple",
        "dragon monkey tiger",
        "19850612198506",
        "            ",
    ],
)
def test_a_password_that_is_short_common_or_of_the_trade_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_strength(password)


def test_length_is_counted_in_characters_from_12_to_128() -> None:
    letters = "qzjvxkwpfybdtgnmchlsr" * 8
    check_strength(letters[:12])
    check_strength(letters[:128])
    for length in (11, 129):
        with pytest.raises(WeakPassword):
            check_strength(letters[:length])


def test_ones_own_name_does_not_count_towards_a_password() -> None:
    check_strength("wjozefina-k7!z")
    with pytest.raises(WeakPassword):
        check_strength("wjozefina-k7!z", ("wjozefina", "约瑟芬娜"))
    with pytest.raises(WeakPassword):
        check_strength("欧阳自远1234567890", ("x", "欧阳自远"))


def test_a_password_is_kept_as_argon2id_of_at_least_19_mib_and_two_passes() -> None:
    stored = Passwords().hash("cormorants ferry lanterns")
    assert stored.startswith("$argon2id$v=19$")
    memory, passes, _ = (int(part.split("=")[1]) for part in stored.split("$")[3].split(","))
    assert memory >= 19 * 1024
    assert passes >= 2


@pytest.mark.parametrize(
    ("kept", "given"),
    [
        ("cormorants ferry lanterns", "cormorants ferry lanterns "),
        ("cormorants ferry lanterns", "Cormorants ferry lanterns"),
        ("caf\u00e9 au lait, deux fois", "cafe\u0301 au lait, deux fois"),
        ("１２３ lanterns at the ferry", "123 lanterns at the ferry"),
        ("q" * 128, "q" * 129),
        ("灯" * 128, "灯" * 200),
    ],
)
def test_a_password_counts_byte_for_byte(kept: str, given: str) -> None:
    passwords = Passwords(CHEAP)
    stored = passwords.hash(kept)
    assert passwords.matches(stored, kept)
    assert not passwords.matches(stored, given)


def test_two_people_with_one_password_are_kept_differently() -> None:
    passwords = Passwords(CHEAP)
    assert passwords.hash("cormorants ferry lanterns") != passwords.hash("cormorants ferry lanterns")


def test_a_damaged_or_missing_hash_matches_nothing() -> None:
    passwords = Passwords(CHEAP)
    assert not passwords.matches(None, "cormorants ferry lanterns")
    assert not passwords.matches("$argon2id$v=19$broken", "cormorants ferry lanterns")
    assert not passwords.matches("x", "x")


def test_a_hash_of_another_cost_is_outdated() -> None:
    assert Passwords(PasswordCost(passes=2, memory_kib=16)).is_outdated(Passwords(CHEAP).hash("anything"))
    assert not Passwords(CHEAP).is_outdated(Passwords(CHEAP).hash("anything"))


def test_an_unknown_person_costs_what_a_known_one_does() -> None:
    """Compared in processor time of this process, which does not depend on what else the machine does."""
    passwords = Passwords(PasswordCost(passes=2, memory_kib=8 * 1024))
    stored = passwords.hash("cormorants ferry lanterns")
    spent: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(15):
        for known in spent:
            begun = time.process_time()
            passwords.matches(stored if known else None, "not the password")
            spent[known].append(time.process_time() - begun)
    ratio = statistics.median(spent[True]) / statistics.median(spent[False])
    assert 0.5 < ratio < 2.0


def test_one_time_passwords_are_long_enough_readable_and_never_the_same() -> None:
    made = {new_one_time_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        check_strength(password)
        assert not set(password) & set("01lo")
