"""A sample looked at in the child process that judges filings, under the same kind of limits."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingest.child import ChildLimits, ask
from ingest.profiles import Profile
from ingest.suggesting.sample import Sample
from ingest.suggesting.suggestion import CodeGuess, HeaderGuess, Suggestion

#: A sample is looked at while somebody waits for the page.
LIMITS = ChildLimits(processor_seconds=60, clock_seconds=90.0)


def look_in_child(
    path: Path,
    *,
    feed: str,
    period: str,
    filename: str,
    version: int,
    base: Profile | None = None,
    draft: Profile | None = None,
    child_limits: ChildLimits | None = None,
) -> Sample:
    """The same as :func:`ingest.suggesting.look_at`, in a child. One that exceeds its limits suggests nothing. ChildFailed when
    the program itself failed."""
    bounds = child_limits or LIMITS
    with tempfile.TemporaryDirectory(prefix="sample-") as folder:
        request = {
            "sample": True,
            "path": str(path),
            "feed": feed,
            "period": period,
            "filename": filename,
            "version": version,
            "base": base and base.text(),
            "draft": draft and draft.text(),
            "child_limits": asdict(bounds),
            "folder": folder,
        }
        answer = ask(request, bounds, None)
    if isinstance(answer, str):
        return Sample(None, draft or base or Profile(feed, version))
    return sample_of(answer)


def as_data(sample: Sample) -> dict[str, Any]:
    """The sample as JSON says it."""
    found = sample.suggestion
    return {
        "suggestion": None if found is None else json.loads(json.dumps(asdict(found))),
        "profile": sample.profile.text(),
        "columns": list(sample.columns),
        "rows": [list(row) for row in sample.rows],
    }


def sample_of(said: dict[str, Any]) -> Sample:
    """The sample that :func:`as_data` wrote."""
    return Sample(
        suggestion_of(said["suggestion"]),
        Profile.parse(said["profile"]),
        tuple(said["columns"]),
        tuple(tuple(row) for row in said["rows"]),
    )


def suggestion_of(said: dict[str, Any] | None) -> Suggestion | None:
    """The suggestion of its JSON object."""
    if said is None:
        return None
    return Suggestion(
        said["header_row"],
        tuple(HeaderGuess(**{**one, "values": tuple(one["values"])}) for one in said["headers"]),
        tuple(CodeGuess(**one) for one in said["codes"]),
        tuple(said["missing"]),
        tuple(tuple(row) for row in said["rows"]),
    )
