"""Limits on guessing, on both databases, also when the guesses race."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine

from supervision.db import begin, read
from supervision.journal import SYSTEM
from supervision.security import Role
from supervision.settings import FixedClock, Settings
from supervision.users import (
    PasswordCost,
    Passwords,
    SignIn,
    SignInAttempt,
    TooManyAttempts,
    UserService,
    WrongSignIn,
)
from supervision.users.limits import loggable_name, network_of

PASSWORDS = Passwords(PasswordCost(passes=1, memory_kib=8))
RIGHT = "cormorants ferry lanterns"


@pytest.fixture
def sign_in(engine: Engine, clock: FixedClock, tmp_path: object) -> SignIn:
    settings = Settings.from_mapping({"supervision.environment": "test", "supervision.data": str(tmp_path)})
    with begin(engine) as session:
        UserService(session, clock, settings, PASSWORDS).add(
            name="wang", display_name="王某", role=Role.OFFICER, person_no="P1", password=RIGHT, by=SYSTEM
        )
    return SignIn(engine, clock, settings, PASSWORDS)


def test_forty_racing_guesses_are_checked_ten_times(engine: Engine, sign_in: SignIn) -> None:
    barrier, seen = threading.Barrier(8), []

    def guess() -> None:
        barrier.wait()
        for _ in range(5):
            try:
                sign_in.with_password("wang", "wrong wrong wrong", "192.0.2.1")
            except (WrongSignIn, TooManyAttempts) as error:
                seen.append(type(error))

    racers = [threading.Thread(target=guess) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert seen.count(WrongSignIn) == 10
    assert seen.count(TooManyAttempts) == 30
    with read(engine) as session:
        assert session.query(SignInAttempt).filter_by(success=False).count() == 10


def test_a_success_counts_towards_no_limit(sign_in: SignIn) -> None:
    for _ in range(60):
        sign_in.with_password("wang", RIGHT, "192.0.2.1")


def test_a_hash_of_an_older_cost_is_made_anew_at_the_next_right_password(
    engine: Engine, clock: FixedClock, sign_in: SignIn, tmp_path: object
) -> None:
    settings = Settings.from_mapping({"supervision.environment": "test", "supervision.data": str(tmp_path)})
    dearer = Passwords(PasswordCost(passes=2, memory_kib=16))
    SignIn(engine, clock, settings, dearer).with_password("wang", RIGHT, "192.0.2.1")
    with read(engine) as session:
        from supervision.users import PortalUser

        stored = session.query(PortalUser).one().password_hash
    assert not dearer.is_outdated(stored)
    assert dearer.matches(stored, RIGHT)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        (None, "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_one_subscriber_is_one_address(address: str | None, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize("typed", ["cormorants ferry lanterns", "Wang", "密码", "x", "a" * 41, "wang\n"])
def test_what_cannot_be_a_name_is_not_kept(typed: str) -> None:
    assert loggable_name(typed) == ""
