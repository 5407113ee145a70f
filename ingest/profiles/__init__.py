"""Mapping profiles: a company's own headers and codes, said once, versioned and signed, and applied when a file is read."""

from __future__ import annotations

from ingest.profiles.profile import Profile, ProfileError

__all__ = ["Profile", "ProfileError"]
