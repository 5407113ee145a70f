"""`company add`: a company comes under supervision with a city that has prices."""

from __future__ import annotations

from supervision.companies import CompanyService
from supervision.db import begin
from supervision.settings import SystemClock
from tests.cli.command_line import in_both_languages
from tests.cli.conftest import Portal

NAMES = ("--name-zh", "北京一号供热有限公司", "--name-en", "Beijing One Heat")


def test_a_company_comes_under_supervision_with_its_city_and_tariff_areas(portal: Portal) -> None:
    said = portal.run("company", "add", "bj-one", *NAMES, "--city", "北京市", "--area", "city-network")
    assert said.code == 0, said
    with begin(portal.engine) as session:
        found = CompanyService(session, SystemClock()).by_code("bj-one")
        assert (found.city, found.province, found.service_areas) == ("北京市", "北京", ["city-network"])


def test_what_cannot_be_a_company_is_said_and_nothing_is_entered(portal: Portal) -> None:
    for changed in (("Bj One", "北京市", "gas"), ("bj-one", "火星市", "gas"), ("bj-one", "北京市", "steam")):
        code, city, area = changed
        said = portal.run("company", "add", code, *NAMES, "--city", city, "--area", area)
        assert said.code == 1, said
        assert in_both_languages(said)
    with begin(portal.engine) as session:
        assert CompanyService(session, SystemClock()).all() == []


def test_a_taken_code_is_refused(portal: Portal) -> None:
    arguments = ("company", "add", "bj-one", *NAMES, "--city", "北京市", "--area", "gas")
    assert portal.run(*arguments).code == 0
    said = portal.run(*arguments)
    assert said.code == 1
    assert "taken" in said.err


def test_a_company_leaves_supervision_and_comes_back_by_command_once_each(portal: Portal) -> None:
    portal.run("company", "add", "bj-one", *NAMES, "--city", "北京市", "--area", "gas")
    for command, is_active in (("deactivate", False), ("reactivate", True)):
        assert portal.run("company", command, "bj-one").code == 0
        with begin(portal.engine) as session:
            assert CompanyService(session, SystemClock()).by_code("bj-one").is_active is is_active
        again = portal.run("company", command, "bj-one")
        assert again.code == 1
        assert in_both_languages(again)
    unknown = portal.run("company", "deactivate", "nobody")
    assert (unknown.code, in_both_languages(unknown)) == (1, True)
