"""Sentences the checks speak: always in both languages, because they end up in evidence and documents."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """One sentence in Chinese and in English, saying the same."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The English sentence for ``en`` and any of its regions, the Chinese one for every other language."""
        return self.en if language.lower().startswith("en") else self.zh


def counted(number: object, noun: str) -> str:
    """``1 day``, ``2 days``, ``1.5 days``: the English of a number and a noun whose plural adds an s."""
    return f"{number} {noun}" if str(number) == "1" else f"{number} {noun}s"
