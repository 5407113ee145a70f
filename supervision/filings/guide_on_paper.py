"""The guide of the standard as PDF: laid out once for what it says, by a worker, and handed out from its file."""

from __future__ import annotations

import os
import secrets
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from supervision.jobs import enqueue
from supervision.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reports.documents import Guide
    from reports.render import Language
    from supervision.settings import Clock

LANGUAGES: tuple[Language, ...] = ("zh", "en")
#: Some thirty pages of tables; a few seconds of an idle machine.
_SECONDS = 120
_LAYING_OUT = threading.Lock()


def guide_on_paper(settings: Settings, language: Language) -> bytes:
    """The PDF of the guide as this version says it; laid out here where no worker has done so yet."""
    path = place_of(settings, language)
    with _LAYING_OUT:
        if not path.exists():
            lay_out(settings, language)
        return path.read_bytes()


def ask_for_guides(session: Session, settings: Settings, clock: Clock) -> None:
    """A worker lays out what is missing, each once for what it says."""
    for language in LANGUAGES:
        path = place_of(settings, language)
        if not path.exists():
            key = f"lay_out_guide {path.stem}"
            enqueue(session, "lay_out_guide", key=key, enqueued_at=clock.now(), language=language)


def lay_out(settings: Settings, language: Language) -> None:
    """The PDF lies in its place, whole or not at all; what earlier versions said is gone."""
    from reports.render import render_pdf

    path = place_of(settings, language)
    if path.exists():
        return
    content = render_pdf(_document(settings), language=language, seconds_allowed=_SECONDS)
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    part = path.with_suffix(f".{secrets.token_hex(8)}.part")
    part.write_bytes(content)
    os.replace(part, path)
    for other in path.parent.glob("*.pdf"):
        if other.name not in {place_of(settings, one).name for one in LANGUAGES}:
            other.unlink(missing_ok=True)


def place_of(settings: Settings, language: Language) -> Path:
    """Named by the SHA-256 of what the guide says, so that another version never hands it out."""
    return settings.guides_root / f"{_document(settings).digest}-{language}.pdf"


def _document(settings: Settings) -> Guide:
    return _frozen(settings.authority_zh, settings.authority_en)


@lru_cache(maxsize=2)
def _frozen(authority_zh: str, authority_en: str) -> Guide:
    from supervision.filings.standard_guide import guide_document

    return guide_document(authority_zh, authority_en)
