"""Causes by their code: one known mistake, or two on the same bill joined by ``+``."""

from __future__ import annotations

from checks.causes.catalogue import CAUSES
from checks.recompute.text import Text

#: Stands between the two causes of a pair: ``old_price+rounded_up``.
CAUSES_JOIN = "+"

_PLACES = {code: place for place, code in enumerate(CAUSES)}


def cause_parts(code: str) -> tuple[str, ...]:
    """The single causes of a code: one, or two of a pair."""
    return tuple(code.split(CAUSES_JOIN))


def cause_rank(code: str) -> tuple[int, ...]:
    """Where the code stands in the catalogue's order; single causes before pairs. KeyError for a code that is none."""
    parts = cause_parts(code)
    return (len(parts), *(_PLACES[part] for part in parts))


def cause_text(code: str) -> Text:
    """The name of a cause or of a pair; the code itself where the catalogue does not know it."""
    parts = cause_parts(code)
    if not all(part in CAUSES for part in parts):
        return Text(code, code)
    names = [CAUSES[part] for part in parts]
    return Text(" + ".join(one.zh for one in names), " + ".join(one.en for one in names))


def cause_explanation(code: str) -> Text:
    """What a cause means; of a pair both, after the sentence that only the two together give the billed total."""
    parts = cause_parts(code)
    if not all(part in CAUSES for part in parts):
        return Text(code, code)
    texts = [CAUSES[part].explanation for part in parts]
    if len(texts) == 1:
        return texts[0]
    return Text(
        "单独一个原因不能还原账单金额，以下两个原因合在一起能精确到分还原："
        + "".join(text.zh for text in texts),
        "No single cause gives the billed total; these two together give it to the fen: "
        + " ".join(text.en for text in texts),
    )
