"""Pages of a list, with a size that a visitor cannot raise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pyramid.httpexceptions import HTTPBadRequest
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

T = TypeVar("T")
SIZE = 50
LAST = 100_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    number: int
    pages: int
    total: int


def page_number(request: Any) -> int:
    """The page asked for. Raises HTTPBadRequest where it is no page number."""
    text = request.GET.get("page", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LAST:
        raise HTTPBadRequest("页码无效。")
    return int(text)


def paged(session: Session, query: Select[Any], number: int, size: int = SIZE) -> Page[Any]:
    """One page of a query of whole objects (``select(Model)``), counted."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    items = session.scalars(query.limit(size).offset((number - 1) * size)).all()
    return Page(items, number, max(1, -(-total // size)), total)


def sliced(items: Sequence[T], number: int, size: int = SIZE) -> Page[T]:
    """One page of what is already at hand."""
    return Page(
        items[(number - 1) * size : number * size], number, max(1, -(-len(items) // size)), len(items)
    )
