"""The validator that companies take home says what the portal says: the same pack, verdict and bytes of report."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hostile_files import TEXT
from ingest_filings import bill, csv_bytes, workbook_bytes

from ingest.child import judge_in_child
from ingest.edits import PACK_DIGEST
from ingest.edits.report import Report, in_order, write_csv
from ingest.local import NEEDS
from ingest.profiles import Profile
from ingest.standalone import archive, main
from ingest.telling import as_object, lines_of

OWN_HEADS = csv_bytes([bill(1), bill(2, total="x")]).replace(b"account_no", "户号".encode(), 1)
PROFILE = Profile("bills", 3, {"户号": "account_no"})
FILES = {
    "good.csv": csv_bytes([bill(1), bill(2)]),
    "wrong.csv": csv_bytes([bill(1, total="1.00"), bill(2, due_on="2026-02-30"), bill(2)]),
    "titled.csv": "祥和供热\n\n".encode() + csv_bytes([bill(1, category="民用")]),
    "sheet.xlsx": workbook_bytes([bill(1), bill(2, total="2,148.00")]),
    "long.csv": csv_bytes([bill(1, service_from="2025-10-01", service_to="2026-05-31")]),
    "mixed.csv": TEXT["n05_mixed"].build(),
    "own.csv": OWN_HEADS,
}


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("validator") / "heat-validator.pyz"
    assert main([str(file)]) == 0
    return file


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that sees the packages which the validator says it needs, and none of the portal's code."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "lib" / version / "site-packages"
    ours = Path(sys.prefix) / "lib" / version / "site-packages"
    for found in ours.iterdir():
        if found.name.split("-")[0].split(".")[0].lower() in {
            *NEEDS,
            "numpy",
            "simplejson",
            "et_xmlfile",
            "crypto",
        }:
            (site / found.name).symlink_to(found)
    return folder / "bin" / "python"


def run(python: Path, validator: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(python), "-I", str(validator), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_fresh_process_without_the_portal_gives_the_portals_verdict_and_bytes(
    name: str, python: Path, validator: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    (tmp_path / "profile.json").write_text(PROFILE.text(), encoding="utf-8")
    profile = PROFILE if name == "own.csv" else None
    more = ["--profile", "profile.json"] if profile else []
    arguments = ["bills", name, "--period", "2025-12", "--report", "theirs.csv", "--json", *more]
    said = run(python, validator, *arguments, folder=tmp_path)
    ours = judge_in_child(tmp_path / name, feed="bills", period="2025-12", filename=name, profile=profile)
    assert said.returncode == (1 if ours.verdict == "rejected" else 0), said.stderr
    answer: dict[str, Any] = json.loads(said.stdout)
    assert answer == as_object(ours, Path(name), Path("theirs.csv"))
    assert [one["id"] for one in answer["shadow"]] == (["QUA06"] if name == "long.csv" else [])
    assert answer["pack_digest"] == PACK_DIGEST
    digest = hashlib.sha256(FILES[name]).hexdigest()
    report = Report(in_order(ours.edits), digest, offset=ours.row_offset, profile=ours.profile)
    write_csv(report, tmp_path / "ours.csv")
    assert (tmp_path / "theirs.csv").read_bytes() == (tmp_path / "ours.csv").read_bytes()


@pytest.mark.parametrize("name", ["long.csv", "wrong.csv"])
def test_for_people_it_says_what_the_portals_command_says(
    name: str, python: Path, validator: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    said = run(python, validator, "bills", name, "--period", "2025-12", folder=tmp_path)
    ours = judge_in_child(tmp_path / name, feed="bills", period="2025-12", filename=name)
    assert said.stdout.splitlines() == list(lines_of(ours))
    assert ("试行 / in shadow: QUA06" in said.stdout) == (name == "long.csv")


def test_the_same_version_is_the_same_file_and_holds_nothing_of_the_portal(validator: Path) -> None:
    assert hashlib.sha256(validator.read_bytes()).digest() == hashlib.sha256(archive()).digest()
    with zipfile.ZipFile(validator) as packed:
        names = packed.namelist()
    assert {name.split("/")[0] for name in names} == {"ingest", "__main__.py"}
    assert not [name for name in names if not name.endswith((".py", ".toml"))]


def test_where_a_package_is_missing_it_says_which(validator: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    venv.create(folder, with_pip=False, symlinks=True)
    (tmp_path / "good.csv").write_bytes(FILES["good.csv"])
    said = run(
        folder / "bin" / "python", validator, "bills", "good.csv", "--period", "2025-12", folder=tmp_path
    )
    assert said.returncode == 2
    assert "pip install numpy pyarrow" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bills", "absent.csv", "--period", "2025-12"], "absent.csv"),
        (["nothing", "good.csv", "--period", "2025-12"], "There is no feed"),
        (["bills", "good.csv", "--period", "2025-12-03"], "2025-12-03"),
        (["bills", "good.csv", "--period", "2025-12", "--profile", "good.csv"], "no JSON"),
        (["bills", "good.csv", "--period", "2025-12", "--report", "edits.doc"], "a report is written as"),
        (["bills", "good.csv", "--period", "2025-12", "--report", "gone/edits.csv"], "gone/edits.csv"),
        (
            ["bills", "good.csv", "--period", "2025-12", "--report", "good.csv"],
            "must not be the file that is judged",
        ),
        (
            ["bills", "good.csv", "--period", "2025-12", "--standard", "good.csv"],
            "must not be the file that is judged",
        ),
    ],
    ids=[
        "no_file",
        "no_feed",
        "no_period",
        "no_profile",
        "no_kind",
        "no_folder",
        "report_over_it",
        "standard_over_it",
    ],
)
def test_what_cannot_be_run_is_said_and_told_apart_from_a_rejection(
    arguments: list[str], words: str, python: Path, validator: Path, tmp_path: Path
) -> None:
    (tmp_path / "good.csv").write_bytes(FILES["good.csv"])
    said = run(python, validator, *arguments, folder=tmp_path)
    assert said.returncode == 2
    assert words in said.stderr
    assert "Traceback" not in said.stderr
    assert (tmp_path / "good.csv").read_bytes() == FILES["good.csv"]
