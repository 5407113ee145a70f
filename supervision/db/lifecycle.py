"""Lifecycles as tables: (state, act) → step. One conditional UPDATE moves an object, or nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import InstrumentedAttribute, Session

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


class NotPossible(Exception):
    """The act is not possible from the state the object is in."""

    def __init__(self, state: str, act: str) -> None:
        super().__init__(f"{act} is not possible from {state}")
        self.state, self.act = state, act


class MovedMeanwhile(Exception):
    """Somebody else moved the object since it was read; reading it again shows its state now."""


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    to: S
    permission: str


class HasLifecycle(Protocol):
    id: Any
    state: Any
    version: Any


@dataclass(frozen=True)
class Lifecycle(Generic[S, A]):
    """All steps there are. ``move`` changes state and version in one UPDATE that names the state and version it
    was decided on and must hit exactly one row, so two racers never both succeed."""

    steps: Mapping[tuple[S, A], Step[S]]

    def step(self, state: S, act: A) -> Step[S]:
        try:
            return self.steps[(state, act)]
        except KeyError:
            raise NotPossible(str(state), str(act)) from None

    def acts(self, state: S) -> list[A]:
        return [act for (at, act) in self.steps if at == state]

    def permits(self, state: S, act: A, permissions: frozenset[str]) -> bool:
        found = self.steps.get((state, act))
        return found is not None and found.permission in permissions

    def move(self, session: Session, thing: HasLifecycle, act: A, **changes: Any) -> S:
        """Move ``thing`` by ``act`` and set ``changes`` with it. Raises NotPossible or MovedMeanwhile."""
        step = self.step(thing.state, act)
        model: Any = type(thing)
        state: InstrumentedAttribute[S] = model.state
        session.flush()
        result: CursorResult[Any] = session.execute(  # type: ignore[assignment]
            update(model)
            .where(model.id == thing.id, state == thing.state, model.version == thing.version)
            .values(state=step.to, version=model.version + 1, **changes)
            .execution_options(synchronize_session=False)
        )
        if result.rowcount != 1:
            raise MovedMeanwhile
        session.refresh(thing)
        return step.to


def diagram(lifecycle: Lifecycle[Any, Any]) -> str:
    """The table as a Mermaid state diagram: one arrow for each step, with its act and who may take it."""
    arrows = [
        f"    {state} --> {step.to}: {act} ({step.permission})"
        for (state, act), step in lifecycle.steps.items()
    ]
    return "\n".join(["stateDiagram-v2", *arrows])
