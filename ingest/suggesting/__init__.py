"""A mapping profile suggested from a company's own file: which column each header may be, what its codes may mean."""

from __future__ import annotations

from ingest.suggesting.sample import Sample, look_at
from ingest.suggesting.suggestion import CodeGuess, HeaderGuess, Suggestion

__all__ = ["CodeGuess", "HeaderGuess", "Sample", "Suggestion", "look_at"]
