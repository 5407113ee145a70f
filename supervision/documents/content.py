"""From the frozen content of a document back to the document: the same fields, the same digest."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from reports.documents import Document


class ContentAltered(ValueError):
    """The content is not what was frozen, or no document this release knows."""


def thawed(content: Mapping[str, Any], digest: str) -> Document:
    """The document of a frozen ``content``. Raises ContentAltered where its digest is not ``digest`` or its layout of
    fields is not one of this release."""
    from reports import documents

    known = {
        kind.kind: kind
        for kind in (documents.Notice, documents.Receipt, documents.RatingCard, documents.Worksheet)
    }
    kind: Any = known.get(str(content.get("document")))
    if kind is None or content.get("version") != kind.version:
        raise ContentAltered(f"no layout for {content.get('document')!r} version {content.get('version')!r}")
    given = {name: value for name, value in content.items() if name not in ("document", "version")}
    try:
        found: Document = thaw(kind, given)
    except (KeyError, TypeError, ValueError) as error:
        raise ContentAltered(f"{content['document']}: {error!r}") from error
    if found.digest != digest:
        raise ContentAltered(f"the digest is {found.digest}, {digest} was frozen")
    return found


def thaw(kind: Any, value: Any) -> Any:
    """``value`` as the annotated ``kind``: what ``Document.as_dict`` made of it, undone."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        (kind,) = [each for each in get_args(kind) if each is not type(None)]
        return thaw(kind, value)
    if origin is tuple:
        return tuple(thaw(get_args(kind)[0], each) for each in value)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        if set(value) != {each.name for each in fields(kind)}:
            raise ValueError(f"{kind} has other fields than {sorted(value)}")
        built: Any = kind
        return built(**{each.name: thaw(hints[each.name], value[each.name]) for each in fields(kind)})
    if issubclass(kind, Enum):
        return kind(value)
    if issubclass(kind, dt.datetime):
        return dt.datetime.fromisoformat(value)
    if issubclass(kind, dt.date):
        return dt.date.fromisoformat(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r:.80} is no {kind.__name__}")
    return value
