"""setup.cfg, the locks, the environment, the floors and the page that explains them say the same."""

from __future__ import annotations

import configparser
import re
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
LOCKS = ["runtime", "scale", "test", "lock"]


def text_of(lock: str) -> str:
    return (REQUIREMENTS / f"{lock}.txt").read_text(encoding="utf-8")


def entries(lock_text: str) -> list[tuple[Requirement, list[str]]]:
    """Each requirement of a lock with its digests."""
    found = []
    for entry in lock_text.replace("\\\n", " ").splitlines():
        requirement, *hashes = entry.split("--hash=")
        found.append((Requirement(requirement.strip()), [digest.strip() for digest in hashes]))
    return found


def versions(lock_text: str) -> dict[str, str]:
    """Package → locked version, as far as this interpreter's markers hold."""
    return {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for requirement, _ in entries(lock_text)
        if requirement.marker is None or requirement.marker.evaluate()
    }


def floors() -> list[Requirement]:
    lines = text_of("floors").splitlines()
    return [Requirement(line.split("#")[0].strip()) for line in lines if not line.startswith("#")]


def below_floor(locked: dict[str, str]) -> list[str]:
    """The locked packages that are older than their floor."""
    return [
        f"{floor.name} {locked[canonicalize_name(floor.name)]} is below {floor.specifier}"
        for floor in floors()
        if canonicalize_name(floor.name) in locked
        and not floor.specifier.contains(locked[canonicalize_name(floor.name)], prereleases=True)
    ]


def declared(option: str) -> set[str]:
    """What setup.cfg names for running (``install_requires``) or for an extra."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    section = "options" if option == "install_requires" else "options.extras_require"
    return {canonicalize_name(Requirement(line).name) for line in setup[section][option].split()}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_one_version_and_its_digests(lock: str) -> None:
    assert len(entries(text_of(lock))) >= 1
    for requirement, hashes in entries(text_of(lock)):
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_no_path(lock: str) -> None:
    assert [line for line in text_of(lock).splitlines() if re.search(r"://|/|--(?!hash=)", line)] == []


def test_the_three_locks_agree_on_every_version() -> None:
    runtime, scale, test = (versions(text_of(lock)) for lock in ("runtime", "scale", "test"))
    assert runtime.items() <= scale.items()
    assert runtime.items() <= test.items()
    assert {
        name: (scale[name], test[name]) for name in scale.keys() & test if scale[name] != test[name]
    } == {}


def test_everything_setup_cfg_names_is_locked() -> None:
    assert declared("install_requires") <= versions(text_of("runtime")).keys()
    assert declared("scale") <= versions(text_of("scale")).keys()
    assert declared("test") <= versions(text_of("test")).keys()


def test_the_environment_holds_exactly_the_locked_versions() -> None:
    locked = versions(text_of("scale")) | versions(text_of("test")) | versions(text_of("lock"))
    # Only what pip installed: setuptools puts copies of its own on the path once pkg_resources is imported.
    places = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    installed = {
        canonicalize_name(found.name): found.version for found in metadata.distributions(path=places)
    }
    for name, version in versions(text_of("test")).items():
        assert installed.get(name) == version, name
    strangers = installed.keys() - locked.keys() - {"pip", "heat-supervision"}
    assert strangers == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_no_locked_version_is_below_the_floor_of_its_advisories(lock: str) -> None:
    assert below_floor(versions(text_of(lock))) == []


def test_the_gate_fails_on_waitress_2_1_0() -> None:
    text = re.sub(r"(?m)^waitress==\S+", "waitress==2.1.0", text_of("runtime"))
    assert below_floor(versions(text)) == ["waitress 2.1.0 is below >=3.0.2"]


def test_every_floor_has_a_reason_and_almost_all_are_of_use() -> None:
    lines = [line for line in text_of("floors").splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+>=\S+ +# \S.{5,}", line) for line in lines)
    locked = versions(text_of("test"))
    assert {floor.name for floor in floors() if floor.name not in locked} <= {"lxml"}


def test_the_page_explains_every_direct_dependency_and_no_other() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    tables = re.split(r"(?m)^## (?=Running|Scale|Tests|Measured)", page)
    for option, table in (("install_requires", tables[1]), ("scale", tables[2]), ("test", tables[3])):
        rows = re.findall(r"(?m)^\| ([a-z0-9.-]+) \| (.+) \|$", table)
        explained = {canonicalize_name(name) for name, _ in rows}
        assert explained == declared(option)
        assert all(len(cell.strip()) > 0 for _, row in rows for cell in row.split("|"))


def test_the_sqlite_of_the_register_is_sound_for_several_writers() -> None:
    import pysqlite3.dbapi2 as sqlite

    assert sqlite.sqlite_version_info >= (3, 51, 3)


def test_no_product_code_reads_a_workbook_with_openpyxl() -> None:
    found = [
        path
        for package in ("ingest", "checks", "reports", "supervision")
        for path in (ROOT / package).rglob("*.py")
        if "load_workbook" in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_no_product_code_opens_the_register_with_a_second_sqlite() -> None:
    found = [
        path
        for path in (ROOT / "supervision").rglob("*.py")
        if re.search(r"(?m)^\s*(import|from) sqlite3\b", path.read_text(encoding="utf-8"))
    ]
    assert found == []
