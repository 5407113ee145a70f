"""Why a bill is wrong: known mistakes are tried, one at a time and then two, until the billed total comes out to the fen.

A cause is a code of :data:`CAUSES`, or two of them joined by ``+`` where only both together reproduce the total:
``cause_text``, ``cause_explanation`` and ``cause_parts`` take either.
"""

from __future__ import annotations

from checks.causes.catalogue import CAUSES, Cause
from checks.causes.naming import cause_explanation, cause_parts, cause_rank, cause_text
from checks.causes.search import EXPLAINED_SCHEMA, causes_of_first, find_causes

__all__ = [
    "CAUSES",
    "EXPLAINED_SCHEMA",
    "Cause",
    "cause_explanation",
    "cause_parts",
    "cause_rank",
    "cause_text",
    "causes_of_first",
    "find_causes",
]
