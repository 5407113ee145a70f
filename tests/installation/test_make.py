"""The Makefile and the scripts behind it, as a person on a new machine meets them."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = [ROOT / ".ci/run", *sorted((ROOT / "tools").iterdir())]


def make(*arguments: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=clean, capture_output=True, text=True, check=True
    ).stdout


def bash(script: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Runs a script after the system package functions; they arrive as text, so any user can read them."""
    functions = (ROOT / "tools/system-packages.sh").read_text(encoding="utf-8")
    say = 'say() { printf \'%s\\n\' "$*" >&2; }\nfail() { say "$@"; exit 1; }\n'
    return subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", say + functions + script],
        cwd="/",
        capture_output=True,
        text=True,
        **settings,  # type: ignore[call-overload]
    )


def test_make_alone_lists_every_target_with_what_it_does() -> None:
    listed = dict(re.findall(r"(?m)^  ([a-z-]+) +(\S.+)$", make()))
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"(?m)^\.PHONY: (.+)$", text)
    assert phony is not None
    assert listed.keys() == set(phony[1].split())


def test_make_run_hands_on_the_port_and_the_data_folder() -> None:
    (start,) = [
        line for line in make("-n", "run", "PORT=7001", "DATA=/srv/heat data").splitlines() if "start" in line
    ]
    assert start.endswith('.venv/bin/supervision start --port "7001" --data "/srv/heat data"')


def test_make_test_checks_style_types_and_contracts_before_it_runs_the_suite() -> None:
    steps = re.findall(r"\.venv/bin/(ruff|mypy|lint-imports|pytest)", make("-n", "test"))
    assert steps == ["ruff", "ruff", "mypy", "lint-imports", "pytest"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_every_script_is_sound_bash(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True)
    is_program = script.read_text(encoding="utf-8").startswith("#!/bin/bash\n")
    assert is_program == bool(script.stat().st_mode & stat.S_IXUSR)


def test_the_build_server_runs_the_tests_and_nothing_else() -> None:
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert lines == ["#!/bin/bash", "set -euo pipefail", 'cd "$(dirname "$0")/.."', "make test </dev/null"]


def test_a_program_that_only_tells_how_to_install_a_browser_is_no_browser(tmp_path: Path) -> None:
    stub = tmp_path / "chromium-browser"
    stub.write_text("#!/bin/sh\necho 'requires the chromium snap to be installed' >&2\nexit 1\n")
    stub.chmod(0o755)
    (tmp_path / "grep").symlink_to("/bin/grep")
    path = {"PATH": str(tmp_path)}
    assert bash("find_browser", env=path).returncode == 1
    browser = tmp_path / "google-chrome"
    browser.write_text("#!/bin/sh\necho 'Google Chrome 156.0'\n")
    browser.chmod(0o755)
    assert bash("find_browser", env=path).stdout.strip() == str(browser)


@pytest.mark.skipif(not Path("/usr/bin/dpkg-query").exists(), reason="needs Debian or Ubuntu")
def test_whoever_may_not_install_is_told_what_to_ask_for_and_goes_on() -> None:
    who = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory() as name:  # unlike tmp_path, open to others
        programs = Path(name)
        programs.chmod(0o755)
        for program in ("id", "dpkg-query", "apt-get", "apt-cache", "grep"):  # no sudo among them
            (programs / program).symlink_to(f"/usr/bin/{program}")
        answer = bash(
            "runtime_packages='libpango-1.0-0-of-another-age'; install_system_packages runtime; echo went on",
            env={"PATH": name},
            **who,
        )
    assert answer.stdout == "went on\n"
    assert (
        "Ask for them:  apt-get install --no-install-recommends libpango-1.0-0-of-another-age"
        in answer.stderr
    )


def test_without_a_fitting_python_the_message_says_which_to_install(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    answer = bash("need_python", env={"PATH": str(tmp_path)})
    assert answer.returncode == 1
    assert "Python 3.11 or newer" in answer.stderr
    assert "Ubuntu 22.04: python3.11 python3.11-venv" in answer.stderr
