"""Why a bill is wrong: known mistakes are tried one at a time until one reproduces the billed total to the fen."""

from __future__ import annotations

from checks.causes.catalogue import CAUSES, Cause
from checks.causes.search import EXPLAINED_SCHEMA, causes_of_first, find_causes

__all__ = ["CAUSES", "EXPLAINED_SCHEMA", "Cause", "causes_of_first", "find_causes"]
