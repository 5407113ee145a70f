"""Browser files of others are exactly the published bytes, each with its licence and its reason."""

import csv
import hashlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "supervision/static/vendor", ROOT / "tests/browser/vendor"]
OWN_FILES = {"README.md", "digests.txt"}


def listed(folder: Path) -> list[dict[str, str]]:
    """The rows of the folder's list of digests."""
    with (folder / "digests.txt").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def changed_files(folder: Path) -> list[str]:
    """The listed files whose bytes are no longer the listed ones."""
    return [
        row["file"]
        for row in listed(folder)
        if hashlib.sha256((folder / row["file"]).read_bytes()).hexdigest() != row["sha256"]
    ]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_vendored_file_has_the_published_bytes(folder: Path) -> None:
    assert changed_files(folder) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_vendored_file_is_listed_and_every_listed_file_is_there(folder: Path) -> None:
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - OWN_FILES
    assert present == {row["file"] for row in listed(folder)}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_vendored_package_names_version_licence_and_reason(folder: Path) -> None:
    for row in listed(folder):
        assert row["licence"]
        assert row["why"]
        assert row["file"].startswith(f"{row['name']}-{row['version']}/")
    folders = {path for path in folder.iterdir() if path.is_dir()}
    assert all((path / "LICENSE").stat().st_size > 100 for path in folders)


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    source = FOLDERS[0] / "htmx-2.0.11"
    copy = tmp_path / "htmx-2.0.11"
    copy.mkdir()
    for path in source.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "htmx.min.js").write_bytes((source / "htmx.min.js").read_bytes() + b" ")
    header, *rows = (FOLDERS[0] / "digests.txt").read_text(encoding="utf-8").splitlines()
    kept = [header, *(row for row in rows if "\thtmx\t" in row)]
    (tmp_path / "digests.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert changed_files(tmp_path) == ["htmx-2.0.11/htmx.min.js"]
