"""The provisions a decision can rest on: those of the catalogue of checks, each under a code that is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from checks import catalogue
from checks.recompute.text import Text
from supervision.companies.models import Company

# Law of one province → the province it binds in.
_PROVINCIAL = {"shandong": "山东"}


@cache
def provisions() -> Mapping[str, Text]:
    """Code → provision. The code is the name under which the catalogue of checks knows it, in lower case."""
    return {
        name.lower(): value
        for name, value in vars(catalogue).items()
        if name.isupper() and not name.startswith("_") and isinstance(value, Text)
    }


def applicable(company: Company) -> dict[str, Text]:
    """The provisions that bind this company: national ones, and those of its own province."""
    return {
        code: text
        for code, text in provisions().items()
        if all(
            company.province.startswith(province)
            for prefix, province in _PROVINCIAL.items()
            if code.startswith(prefix)
        )
    }


def basis_of(causes: Iterable[str], company: Company) -> Sequence[str]:
    """The codes of what the catalogue names for these causes, in its order, each once, without foreign provinces."""
    code_of = {text: code for code, text in applicable(company).items()}
    found: dict[str, None] = {}
    for cause in causes:
        for text in catalogue.legal_basis_of(cause):
            if text in code_of:
                found[code_of[text]] = None
    return list(found)
