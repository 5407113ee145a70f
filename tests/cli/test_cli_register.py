"""`init`, `user add` and `tariff`: the register from nothing to its first people and prices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checks.tariffs.load import load_published, tariff_to_dict
from supervision.db import begin
from supervision.journal import Journal
from supervision.security import Role
from supervision.settings import SystemClock
from supervision.tariffs import TariffService
from supervision.tariffs.models import TariffDraft
from supervision.users import PasswordCost, Passwords, PortalUser
from tests.cli.command_line import in_both_languages, run
from tests.cli.conftest import PASSWORD, Portal, write_ini


def test_init_makes_the_register_with_the_published_tariffs_and_again_changes_nothing(portal: Portal) -> None:
    with begin(portal.engine) as session:
        assert len(TariffService(session, SystemClock()).all()) == len(load_published())
        entries = Journal(session, SystemClock()).size()
    said = portal.program("init")
    assert said.code == 0, said.err
    assert "register ready" in said.out
    with begin(portal.engine) as session:
        assert Journal(session, SystemClock()).size() == entries


def test_a_password_of_the_database_is_never_printed(tmp_path: Path) -> None:
    ini = write_ini(tmp_path, "postgresql://portal:s3cret@127.0.0.1:1/none")
    said = run("--config", ini, "init")
    assert said.code == 2
    assert "s3cret" not in said.both


def test_the_first_administrator_types_the_password_twice_and_can_then_sign_in(portal: Portal) -> None:
    said = portal.run(
        "user", "add", "wang", "--role", "security_administrator", "--display-name", "王安全",
        typed=f"{PASSWORD}\n{PASSWORD}\n",
    )  # fmt: skip
    assert said.code == 0, said
    assert PASSWORD not in said.both
    with begin(portal.engine) as session:
        user = session.query(PortalUser).one()
        assert (user.name, user.display_name, user.role) == ("wang", "王安全", Role.SECURITY_ADMINISTRATOR)
        assert Passwords(PasswordCost()).matches(user.password_hash, PASSWORD)
        assert not user.is_password_one_time


def test_two_passwords_that_differ_are_asked_for_again(on_sqlite: Portal) -> None:
    typed = f"{PASSWORD}\nanother-{PASSWORD}\n{PASSWORD}\n{PASSWORD}\n"
    assert on_sqlite.run("user", "add", "wang", "--role", "officer", typed=typed).code == 0


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["W", "--role", "officer"], "登录名须为", "lower-case letters"),
        (["wang fang", "--role", "officer"], "登录名须为", "lower-case letters"),
        (["clerk", "--role", "officer"], "登录名已被使用", "taken"),
        (["wang", "--role", "officer", "--password", "short"], "密码至少 12", "at least 12"),
        (["wang", "--role", "officer", "--password", "password1234"], "密码过于常见", "easy to guess"),
        (["wang", "--role", "officer", "--password", "x" * 129], "密码不超过", "more than 128"),
        (["wang", "--role", "company_clerk"], "企业人员须用", "Company roles need"),
        (["wang", "--role", "officer", "--company", "songbei"], "企业人员须用", "Company roles need"),
        (
            ["wang", "--role", "company_clerk", "--company", "nobody"],
            "没有代码为 nobody",
            "No company has the code",
        ),
    ],
)
def test_a_person_who_cannot_be_added_is_refused_with_the_reason_in_both_languages(
    company_on_sqlite: Portal, arguments: list[str], zh: str, en: str
) -> None:
    password = [] if "--password" in arguments else ["--password", PASSWORD]
    said = company_on_sqlite.run("user", "add", *arguments, *password)
    assert said.code == 1
    assert zh in said.err
    assert en in said.err
    with begin(company_on_sqlite.engine) as session:
        assert session.query(PortalUser).count() == 2


def test_one_person_is_never_two_administrators(on_sqlite: Portal) -> None:
    first = [
        "user",
        "add",
        "audit",
        "--role",
        "audit_administrator",
        "--person",
        "007",
        "--password",
        PASSWORD,
    ]
    assert on_sqlite.run(*first).code == 0
    second = [
        "user",
        "add",
        "sec",
        "--role",
        "security_administrator",
        "--person",
        "007",
        "--password",
        PASSWORD,
    ]
    said = on_sqlite.run(*second)
    assert said.code == 1
    assert "must not be two of" in said.err


def test_a_role_that_there_is_not_is_answered_with_those_there_are(on_sqlite: Portal) -> None:
    said = on_sqlite.run("user", "add", "wang", "--role", "king", "--password", PASSWORD)
    assert said.code == 2
    assert "supervising_officer" in said.err


# -- tariffs --------------------------------------------------------------------------------------------------------


def own(path: Path, **changes: object) -> Path:
    record = tariff_to_dict(next(one for one in load_published() if one.id == "hrb-res-2008"))
    path.write_text(json.dumps([record | changes], ensure_ascii=False), encoding="utf-8")
    return path


def test_a_tariff_of_ones_own_becomes_a_draft_of_the_officer_named(portal: Portal, tmp_path: Path) -> None:
    file = own(
        tmp_path / "own.json", id="own-1", city="示范市", area_price={"value": "31.50", "per": "season"}
    )
    nobody = portal.run("tariff", "import", file)
    assert nobody.code == 1
    assert "--by" in nobody.err
    person = ("user", "add", "wang", "--role", "officer", "--display-name", "王", "--person", "P1")
    assert portal.run(*person, "--password", PASSWORD).code == 0
    said = portal.run("tariff", "import", file, "--by", "wang")
    assert (said.code, "drafts: 1" in said.out) == (0, True), said.err
    assert portal.run("tariff", "show", "own-1").code == 1, "nothing binds before its approval"
    with begin(portal.engine) as session:
        draft = session.query(TariffDraft).one()
        assert (draft.tariff_id, draft.drafted_by_person) == ("own-1", "P1")


def test_published_tariffs_stand_already_and_are_shown(portal: Portal, tmp_path: Path) -> None:
    said = portal.run("tariff", "import", own(tmp_path / "own.json"))
    assert (said.code, "stood already: 1" in said.out) == (0, True)
    exact = json.loads(portal.run("tariff", "show", "hrb-res-2008", "--json").out)
    assert exact[0]["area_price"]["value"] == "40.35"


def test_entered_tariffs_never_change_and_nothing_of_a_bad_file_is_entered(
    portal: Portal, tmp_path: Path
) -> None:
    said = portal.run(
        "tariff", "import", own(tmp_path / "t.json", area_price={"value": "1.00", "per": "season"})
    )
    assert said.code == 1
    assert "enter the correction under a new id" in said.err
    assert in_both_languages(said)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff\xfe", b"- a: [", b"- {id: x}", b"id: x\nid: y"]
)
def test_a_file_without_tariffs_is_refused_in_both_languages(
    on_sqlite: Portal, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "t.yaml"
    file.write_bytes(content)
    said = on_sqlite.run("tariff", "import", file)
    assert said.code == 1, said
    assert in_both_languages(said), said.err


def test_a_tariff_file_that_is_not_there_ends_with_2(on_sqlite: Portal, tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        said = on_sqlite.run("tariff", "import", path)
        assert said.code == 2
        assert in_both_languages(said)


def test_a_city_without_tariffs_ends_with_1_and_a_day_that_is_none_with_2(on_sqlite: Portal) -> None:
    said = on_sqlite.run("tariff", "show", "火星市")
    assert said.code == 1
    assert in_both_languages(said)
    assert on_sqlite.run("tariff", "show", "哈尔滨市", "--on", "2013-02-30").code == 2
    before = on_sqlite.run("tariff", "show", "哈尔滨市", "--on", "2013-10-20")
    assert "40.35" in before.out
    assert "38.32" not in before.out
