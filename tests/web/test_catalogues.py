"""Chinese first, English beside it: no text a visitor may read is without its English."""

from __future__ import annotations

import re
from collections import defaultdict

from catalogue_sources import (
    CHINESE,
    ROOT,
    chinese_outside_of_translation,
    english,
    said_in_python,
    said_in_templates,
)

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


def test_every_chinese_text_has_its_english() -> None:
    known = {message.id for _, message in english() if message.string and not message.fuzzy}
    missing = [str(said) for said in (*said_in_templates(), *said_in_python()) if said.text not in known]
    assert not missing, "no English for:\n" + "\n".join(missing)


def test_no_template_holds_chinese_outside_of_translation() -> None:
    found = [str(said) for said in chinese_outside_of_translation()]
    assert not found, "write {{ _('…') }} around:\n" + "\n".join(found)


def test_english_keeps_the_values_of_the_chinese() -> None:
    for file, message in english():
        wanted, found = (sorted(PLACEHOLDER.findall(text)) for text in (message.id, message.string))
        assert wanted == found, f"{file.relative_to(ROOT)}: {message.id!r} → {message.string!r}"


def test_english_holds_no_chinese_and_chinese_punctuation() -> None:
    for file, message in english():
        told = f"{file.relative_to(ROOT)}: {message.string!r}"
        assert not CHINESE.search(message.string.replace("中文", "")), told
        assert not re.search(r"[\uff0c\u3002\uff1b\uff1a\uff1f\uff01\uff08\uff09\u3001]", message.string), (
            told
        )


def test_a_text_has_one_english_in_the_whole_portal() -> None:
    """Catalogues are merged: of two Englishes of one text only one would ever be shown."""
    translations: dict[str, dict[str, str]] = defaultdict(dict)
    for file, message in english():
        translations[message.id].setdefault(message.string, file.relative_to(ROOT).parts[0])
    twice = {text: found for text, found in translations.items() if len(found) > 1}
    assert not twice, "\n".join(f"{text}: {found}" for text, found in twice.items())


# Numbers that are never one: limits that a rule sets.
NEVER_ONE = {
    "The file is too large; at most %(n)s bytes are taken.",
    "A password has at least %(shortest)s characters.",
    "A password has at most %(longest)s characters.",
    "at least %(n)s cases",
}


def test_no_english_puts_a_plural_behind_a_number_that_may_be_one() -> None:
    """Chinese has no plural and its catalogue none either: the English says it so that any number fits."""
    plural = re.compile(
        r"%\((?:n|bills|count|minutes|days|shortest|longest)\)s (?:[a-z]+ )?(?:people|(?!is\b|as\b)[a-z]+[^s\W]s)\b"
    )
    found = [
        message.string
        for _, message in english()
        if plural.search(message.string) and message.string not in NEVER_ONE
    ]
    assert not found, "1 must fit too:\n" + "\n".join(found)
