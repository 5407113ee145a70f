"""What the tests of the documents share: PDFs rendered once, and poppler to read them with."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import document_specimens as specimens
import pytest

from reports.render import Language, render_pdf

ReadPdf = Callable[..., str]


@pytest.fixture
def poppler(tmp_path: Path) -> ReadPdf:
    """poppler("pdftotext", pdf, "-layout") is what the tool says of the bytes ``pdf``."""

    def run(tool: str, pdf: bytes, *options: str) -> str:
        path = tmp_path / "document.pdf"
        path.write_bytes(pdf)
        output = ["-"] if tool == "pdftotext" else []
        return subprocess.run(
            [tool, *options, str(path), *output], check=True, capture_output=True, text=True
        ).stdout

    return run


@pytest.fixture(scope="session")
def rendered() -> Callable[[str, Language], bytes]:
    """rendered("notice", "zh") is the specimen's PDF; each is laid out once a session."""
    done: dict[tuple[str, Language], bytes] = {}

    def render(kind: str, language: Language) -> bytes:
        if (kind, language) not in done:
            done[kind, language] = render_pdf(specimens.ALL[kind](), language=language)
        return done[kind, language]

    return render
