"""What can be refused about ratings, told in both languages."""

from __future__ import annotations


class RatingRefused(ValueError):
    """The act is refused; ``zh`` and ``en`` say what is in the way and how to mend it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


class NoSuchRelease(LookupError):
    """No release has this season or identifier, or it is not published: told apart by nobody outside."""


class NoSuchRating(LookupError):
    """The release has no rating of this company."""
