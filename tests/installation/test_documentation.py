"""Whatever the documentation points at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "supervision/static").rglob("*.md")]
)
PACKAGES = "ingest|checks|reports|supervision|docs|tests|tools|requirements|alembic|bench"


def anchors(page: Path) -> set[str]:
    """The names headings get on the usual code hosts: lower case, blanks to hyphens, punctuation gone."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    """Links of the page to files or headings that are not there."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    return broken


def missing_paths(page: Path) -> list[str]:
    """Files of this repository that the page names in code type and that are not there."""
    named = re.findall(rf"`((?:{PACKAGES})/[\w./-]*)`", page.read_text(encoding="utf-8"))
    return [path for path in named if not (ROOT / path).exists()]


def unknown_targets(page: Path) -> list[str]:
    """`make` targets the page names and the Makefile does not have."""
    known = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    return [
        name for name in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")) if name not in known
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_file_and_target_a_page_names_is_there(page: Path) -> None:
    assert broken_links(page) == []
    assert missing_paths(page) == []
    assert unknown_targets(page) == []


def test_a_broken_link_a_missing_file_and_an_unknown_target_are_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One thing\n[a](gone.md) [b](#one-thing) [c](#another) `docs/gone.md` `make nothing`\n",
        encoding="utf-8",
    )
    assert broken_links(page) == ["gone.md", "#another"]
    assert missing_paths(page) == ["docs/gone.md"]
    assert unknown_targets(page) == ["nothing"]
