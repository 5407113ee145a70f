"""JSON that two readers could read in two ways is read by none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.strict_json import strict_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES, st.sampled_from(["utf-8", "utf-8-sig"]))
def test_what_has_one_reading_is_read(value: object, encoding: str) -> None:
    assert strict_json(json.dumps(value, ensure_ascii=False).encode(encoding)) == value


@pytest.mark.parametrize(
    "content",
    [b'{"rows":1,"rows":2}', b'[{"a":{"b":1,"b":1}}]', b"1.5", b"[1e3]", b"NaN", b"[-Infinity]", b"{", b"\xff{}", b"",
     b"[" * 100_000],
    ids=["twice", "twice within", "fraction", "exponent", "nan", "infinity", "cut", "no utf-8", "empty", "deep"],
)  # fmt: skip
def test_everything_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        strict_json(content)


@given(st.binary(max_size=200))
def test_no_bytes_end_in_another_way(content: bytes) -> None:
    try:
        strict_json(content)
    except ValueError:
        return
