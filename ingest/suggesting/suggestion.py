"""What a file's headers and codes may mean, said with how sure that is; nothing is settled by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from ingest.profiles import Profile
from ingest.readers.header import Naming, meaning
from ingest.readers.layout import SEARCHED_ROWS, depth_of, names_of, unit_row_of
from ingest.readers.units import without_unit
from ingest.standard import Column, Feed, Kind, is_personal
from ingest.suggesting.beginning import Beginning
from ingest.suggesting.likeness import LEAST, codes_like, columns_like
from ingest.values.columns import convert
from ingest.values.words import code_reader, read_code

#: Codes of one column and headers for which something is suggested, and letters of one: what a profile may hold.
MOST_WORDS = 100
LONGEST = 100
#: Rows whose values are held against what a column may hold, and values shown of each.
_JUDGED_ROWS = 200
_SHOWN_VALUES, _SHOWN_LETTERS = 3, 24
_MOST_LINES = 3
_SURE = 100


@dataclass(frozen=True, slots=True)
class HeaderGuess:
    """A header of the file. ``how``: ``standard`` (the standard knows it), ``profile`` (the profile before said it),
    ``left_out`` (that one leaves it out), ``words``, ``alike``, ``personal`` or ``none``; ``sure`` in hundredths. ``values``
    are some that stand under it."""

    name: str
    code: str | None
    how: str
    sure: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeGuess:
    """A word that stands ``count`` times in a column of codes and is none of the standard; ``how`` as for headers."""

    column: str
    word: str
    code: str | None
    how: str
    sure: int
    count: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``header_row`` is the last row of the header, 0 for the first of the file. ``missing`` are required columns that no
    header is and the profile before does not say either."""

    header_row: int
    headers: tuple[HeaderGuess, ...]
    codes: tuple[CodeGuess, ...]
    missing: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def has_personal(self) -> bool:
        return any(one.how == "personal" for one in self.headers)

    def profile(self, feed: str, version: int, base: Profile | None) -> Profile:
        """The profile that the suggestion makes, with all that the one before it says besides and that still fits."""
        said = {one.name: one for one in self.headers}
        headers: dict[str, str | None] = {
            one.name: one.code
            for one in self.headers
            if one.how in ("profile", "left_out", "words", "alike") and len(one.name) <= LONGEST
        }
        taken = {one.code for one in self.headers if one.code is not None}
        for name, code in (base.headers if base else {}).items():
            if name not in said and (code is None or code not in taken):
                headers[name] = code
        codes = {column: dict(words) for column, words in (base.codes if base else {}).items()}
        for guess in self.codes:
            if guess.code is not None:
                codes.setdefault(guess.column, {})[guess.word] = guess.code
        given = taken | {code for code in headers.values() if code is not None}
        constants = base.constants if base else {}
        return Profile(
            feed,
            version,
            headers,
            codes,
            {code: text for code, text in constants.items() if code not in given},
        )


def suggest(beginning: Beginning, feed: Feed, base: Profile | None) -> Suggestion:
    """What the beginning of a file suggests. The header is the run of rows that is most like one; of equals that of fewest
    lines, then the first."""
    naming = Naming(feed, base)
    names, bottom = _header_of(beginning, naming)
    rows = [row for row in beginning.rows[bottom + 1 :] if any(cell.strip() for cell in row)]
    guesses = _assigned(names, rows, naming)
    codes = tuple(one for place, guess in enumerate(guesses) for one in _codes_of(guess, place, rows, naming))
    return Suggestion(
        bottom,
        tuple(guesses),
        codes,
        _missing(guesses, naming),
        tuple(tuple(cell[:LONGEST] for cell in row[: len(names)]) for row in rows[:5]),
    )


def _header_of(beginning: Beginning, naming: Naming) -> tuple[list[str], int]:
    if beginning.header is not None:
        return list(beginning.rows[beginning.header]), beginning.header
    table = beginning.rows[:SEARCHED_ROWS]
    best: tuple[float, list[str], int] = (-1.0, list(table[0]) if table else [], 0)
    for lines in range(1, _MOST_LINES + 1):
        for top in range(len(table) - lines + 1):
            if lines < depth_of(beginning.merges, top):
                continue
            names = names_of(table, top, lines, beginning.merges, naming)
            score = float(sum(one.sure for one in _by_name(names, naming)))
            if score > best[0]:
                units = unit_row_of(table, top + lines, len(names))
                best = (score, names, top + lines - 1 + bool(units))
    return best[1], best[2]


def _by_name(names: Sequence[str], naming: Naming) -> list[HeaderGuess]:
    return [_likeliest(name, naming) for name in names]


def _likeliest(name: str, naming: Naming) -> HeaderGuess:
    """What the name alone suggests."""
    known = meaning(name, naming)
    if known is not None:
        is_standard = meaning(name, Naming(naming.feed)) == known
        how = "standard" if is_standard else "profile" if known else "left_out"
        return HeaderGuess(name, known or None, how, _SURE, ())
    if is_personal(name):
        return HeaderGuess(name, None, "personal", 0, ())
    like = columns_like(naming.feed.code, name) if len(name) <= LONGEST else ()
    if not like:
        return HeaderGuess(name, None, "none", 0, ())
    return HeaderGuess(name, like[0].code, like[0].how, like[0].sure, ())


def _assigned(names: Sequence[str], rows: Sequence[Sequence[str]], naming: Naming) -> list[HeaderGuess]:
    """One column for one header: what is known first, then the surest, values considered."""
    guesses = [
        replace(one, values=_shown(_cells(rows, place))) for place, one in enumerate(_by_name(names, naming))
    ]
    taken = {one.code for one in guesses if one.sure == _SURE}
    offers = sorted(
        (
            (-sure, place, like.code, like.how)
            for place, one in enumerate(guesses)
            if one.how in ("words", "alike")
            for like in columns_like(naming.feed.code, one.name)
            if (sure := _with_values(like.sure, naming.feed.column(like.code), _cells(rows, place))) >= LEAST
        ),
    )
    settled: set[int] = set()
    for minus, place, code, how in offers:
        if place not in settled and code not in taken:
            guesses[place] = replace(guesses[place], code=code, how=how, sure=-minus)
            settled.add(place)
            taken.add(code)
    return [
        replace(one, code=None, how="none", sure=0)
        if one.how in ("words", "alike") and place not in settled
        else one
        for place, one in enumerate(guesses)
    ]


def _with_values(sure: int, column: Column, values: Sequence[str]) -> int:
    """The likeness of the name, less where values under it cannot be read as the column's: all unreadable halve it."""
    filled = [value for value in values[:_JUDGED_ROWS] if value.strip()]
    if not filled or column.kind in (Kind.CODE, Kind.TEXT):
        return sure
    cells = convert(column, pa.array(filled, pa.string()))
    bad = {int(place) for problem in cells.problems for place in problem.positions}
    return sure - sure * len(bad) // (2 * len(filled))


def _codes_of(
    guess: HeaderGuess, place: int, rows: Sequence[Sequence[str]], naming: Naming
) -> Iterator[CodeGuess]:
    """The words under a header that are no codes of its column, the most frequent first."""
    if guess.code is None or naming.feed.column(guess.code).kind is not Kind.CODE:
        return
    column = naming.feed.column(guess.code)
    own = naming.profile.codes.get(column.code, {}) if naming.profile else {}
    known = code_reader(column, {})
    counted = Counter(cell.strip() for cell in _cells(rows, place) if cell.strip())
    words = [word for word in counted if read_code(word, known).edit and len(word) <= LONGEST]
    for word in sorted(words, key=lambda word: (-counted[word], word))[:MOST_WORDS]:
        if word in own:
            yield CodeGuess(column.code, word, own[word], "profile", _SURE, counted[word])
            continue
        like = codes_like(naming.feed.code, column, word)
        first = like[0] if like else None
        yield CodeGuess(
            column.code,
            word,
            first.code if first else None,
            first.how if first else "none",
            first.sure if first else 0,
            counted[word],
        )


def _missing(guesses: Sequence[HeaderGuess], naming: Naming) -> tuple[str, ...]:
    given = {one.code for one in guesses if one.code}
    for one in guesses:
        unit_column = naming.feed.column(one.code).unit_column if one.code else None
        if unit_column is not None and without_unit(one.name)[1]:
            given.add(unit_column)
    given |= set(naming.profile.constants) if naming.profile else set()
    return tuple(
        column.code for column in naming.feed.columns if column.required and column.code not in given
    )


def _cells(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place] for row in rows if place < len(row)]


def _shown(values: Sequence[str]) -> tuple[str, ...]:
    filled = dict.fromkeys(value.strip()[:_SHOWN_LETTERS] for value in values if value.strip())
    return tuple(filled)[:_SHOWN_VALUES]
