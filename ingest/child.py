"""The judgement in a child process with limits on memory, time and disk: a hostile file ends the child, not the portal.

``python -m ingest.child`` (by :mod:`ingest.starting`) takes one JSON request on standard input and answers on standard output, one JSON object a
line: ``{"progress": [stage, done, total]}`` and, last, ``{"answer": {...}}``. Tables travel as Parquet in a folder. What
is asked for is the judgement of a filing, the explanations in a filled-in report, or a look at a sample for a profile.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.correcting import judge_correction
from ingest.edits.comparing import Filed
from ingest.edits.explanations import Problem, given_table
from ingest.edits.explanations_read import Explanations, read_explanations
from ingest.edits.log import NotEvaluated
from ingest.judge import Judgement, Progress, judge, not_judged
from ingest.leaving import leave
from ingest.memory import return_what_is_freed
from ingest.profiles import Profile
from ingest.readers.block import Finding, Limits
from ingest.readers.manifest import Manifest, manifest_of
from ingest.readers.opening import ReadPart
from ingest.standard import Period
from ingest.standard import feed as feed_of

_FILES = ("table", "edits", "coercions", "shadow")
#: Bytes of an error message of the child that are kept for the operator's log.
_SHOWN = 2000
_MEMORY_EXIT, _DISK_EXIT = 66, 67


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """Limits of the child: address space, size of any file it writes (bytes), processor time and time by the clock (s)."""

    memory_bytes: int = 2 << 30
    file_bytes: int = 4 << 30
    processor_seconds: int = 600
    clock_seconds: float = 900.0


class ChildFailed(RuntimeError):
    """The child ended for a reason that lies with the program, not with the file or its limits."""


def judge_in_child(
    path: Path,
    *,
    feed: str,
    period: str,
    filename: str,
    roster: pa.Table | Path | None = None,
    beside: Mapping[str, Sequence[Path]] | None = None,
    declared: Manifest | None = None,
    base: Path | None = None,
    whole: Path | None = None,
    on_progress: Progress | None = None,
    limits: Limits | None = None,
    child_limits: ChildLimits | None = None,
    folder: Path | None = None,
    profile: Profile | None = None,
    withdrawn: frozenset[str] = frozenset(),
) -> Judgement:
    """The same judgement as :func:`ingest.judge.judge`, made in a child process. A child that exceeds its memory, its time or
    its disk, or is killed, gives a rejected judgement with the edit T12; it never gives a partial one. ``roster`` may be the
    path of a Parquet file; with ``base``, the Parquet file of the rows in force, the file is a partial correction of them (see
    :func:`ingest.correcting.judge_correction`) and the filing that results lies in ``whole``; ``beside`` names for each other feed the Parquet files that are its rows. ``folder`` holds the tables meanwhile and is left empty. KeyError and ValueError as there;
    ChildFailed when the program itself failed."""
    Period.parse(period, feed_of(feed).periods)
    bounds = child_limits or ChildLimits()
    with tempfile.TemporaryDirectory(prefix="judge-", dir=folder) as work:
        request = {
            "path": str(path),
            "feed": feed,
            "period": period,
            "filename": filename,
            "roster": _roster_file(roster, Path(work)),
            "beside": {code: [str(file) for file in files] for code, files in (beside or {}).items()},
            "base": None if base is None else str(base),
            "whole": None if whole is None else str(whole.resolve()),
            "declared": None if declared is None else declared.as_data(),
            "limits": asdict(limits or Limits()),
            "withdrawn": sorted(withdrawn),
            "child_limits": asdict(bounds),
            "folder": work,
            "profile": None if profile is None else profile.text(),
        }
        answer = ask(request, bounds, on_progress)
        if isinstance(answer, str):
            return _stopped(answer, feed, period, filename)
        return _read(answer, Path(work))


def _roster_file(roster: pa.Table | Path | None, work: Path) -> str | None:
    if roster is None:
        return None
    if isinstance(roster, Path):
        return str(roster)
    file = work / "roster.parquet"
    pq.write_table(roster, file)
    return str(file)


def ask(request: dict[str, Any], bounds: ChildLimits, on_progress: Progress | None) -> dict[str, Any] | str:
    """The child's answer, or in a word why it was stopped."""
    environment = {
        **os.environ,
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "ingest.starting", "ingest.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            cwd=Path(__file__).resolve().parent.parent,
            start_new_session=True,
        )
        with _killed_after(child, bounds.clock_seconds) as late:
            answer = _converse(child, request, on_progress)
        errors.seek(0)
        said = errors.read()[-_SHOWN:].decode("utf-8", "replace")
    if answer is not None and child.returncode == 0:
        return answer
    return _reason(child.returncode, late.is_set(), said)


@contextmanager
def _killed_after(child: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """Kills the child when it has not ended in time; the event then is set. The child has ended on leaving."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(seconds, kill)
    timer.start()
    try:
        yield late
    except BaseException:
        child.kill()
        raise
    finally:
        child.wait()
        timer.cancel()
        timer.join()


def _converse(
    child: subprocess.Popen[bytes], request: dict[str, Any], on_progress: Progress | None
) -> dict[str, Any] | None:
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin as asked, child.stdout as said:
        try:
            asked.write(json.dumps(request).encode() + b"\n")
            asked.close()
        except BrokenPipeError:
            return None
        return _listen(said, on_progress)


def _listen(said: IO[bytes], on_progress: Progress | None) -> dict[str, Any] | None:
    for line in said:
        if not line.endswith(b"\n"):
            return None
        message = json.loads(line)
        if "answer" in message:
            answer: dict[str, Any] = message["answer"]
            return answer
        if on_progress is not None:
            stage, done, total = message["progress"]
            on_progress(stage, done, total)
    return None


def _reason(code: int, late: bool, said: str) -> str:
    """Why the child stopped: ``clock``, ``processor``, ``memory``, ``disk`` or ``killed``. ChildFailed for anything else."""
    if late:
        return "clock"
    if code == _MEMORY_EXIT or "MemoryError" in said or "bad_alloc" in said or "memory allocation" in said:
        return "memory"
    reasons = {
        _DISK_EXIT: "disk",
        -24: "processor",
        -25: "disk",
        -9: "killed",
        -11: "killed",
        -6: "killed",
        -7: "killed",
    }
    if code in reasons:
        return reasons[code]
    raise ChildFailed(f"审核进程异常退出（{code}） / the judging process failed ({code}): {said}")


_REASONS = {
    "clock": ("超过时间上限", "it took longer than allowed"),
    "processor": ("超过处理器时间上限", "it used more processor time than allowed"),
    "memory": ("超过内存上限", "it needed more memory than allowed"),
    "disk": ("超过磁盘上限", "it wrote more than allowed"),
    "killed": ("读取进程被终止", "the reading process was killed"),
}


def _stopped(reason: str, feed: str, period: str, filename: str) -> Judgement:
    return not_judged(feed, period, filename, Finding("T12", *_REASONS[reason], value=reason))


def _read(answer: dict[str, Any], work: Path) -> Judgement:
    tables = {
        name: pq.read_table(file) if (file := work / f"{name}.parquet").exists() else None for name in _FILES
    }
    skipped = tuple(
        NotEvaluated(one["edit_id"], tuple(one["because"]), one["rows"]) for one in answer["not_evaluated"]
    )
    parts = tuple(ReadPart(**one) for one in answer["parts"])
    columns = tuple(answer["columns"])
    return Judgement(**{**answer, **tables, "columns": columns, "not_evaluated": skipped, "parts": parts})


def explanations_in_child(
    path: Path,
    *,
    filename: str,
    file_digest: str,
    child_limits: ChildLimits | None = None,
    folder: Path | None = None,
) -> Explanations:
    """The same as :func:`ingest.edits.explanations_read.read_explanations`, read in a child process. One that exceeds its
    limits gives nothing but a problem that says so. ChildFailed when the program itself failed."""
    bounds = child_limits or ChildLimits(processor_seconds=120, clock_seconds=180.0)
    with tempfile.TemporaryDirectory(prefix="explanations-", dir=folder) as work:
        request = {
            "path": str(path),
            "filename": filename,
            "file_digest": file_digest,
            "child_limits": asdict(bounds),
            "folder": work,
            "explanations": True,
        }
        answer = ask(request, bounds, None)
        if isinstance(answer, str):
            zh, en = _REASONS[answer]
            return Explanations(
                given_table([]),
                (Problem(1, f"审核报告没有读完：{zh}。", f"It was not read to its end: {en}."),),
            )
        problems = tuple(Problem(**one) for one in answer["problems"])
        return Explanations(pq.read_table(Path(work) / "given.parquet"), problems)


def main() -> int:
    """Answers the request on standard input; 0 when an answer was given."""
    request = json.loads(sys.stdin.readline())
    bounds = ChildLimits(**request["child_limits"])
    _restrain(bounds)
    return_what_is_freed()
    if request.get("sample"):
        return _sample_answered(request)
    answer = _explanations_answered if request.get("explanations") else _judgement_answered
    return answer(request)


def _sample_answered(request: dict[str, Any]) -> int:
    from ingest.suggesting.in_child import as_data
    from ingest.suggesting.sample import look_at

    try:
        base, draft = (
            None if request[name] is None else Profile.parse(request[name]) for name in ("base", "draft")
        )
        given = {name: request[name] for name in ("feed", "period", "filename", "version")}
        sample = look_at(Path(request["path"]), base=base, draft=draft, **given)
    except (MemoryError, pa.ArrowMemoryError):
        return _MEMORY_EXIT
    _say({"answer": as_data(sample)})
    return 0


def _explanations_answered(request: dict[str, Any]) -> int:
    try:
        read = read_explanations(
            Path(request["path"]), filename=request["filename"], file_digest=request["file_digest"]
        )
    except (MemoryError, pa.ArrowMemoryError):
        return _MEMORY_EXIT
    pq.write_table(read.given, Path(request["folder"]) / "given.parquet")
    _say({"answer": {"problems": [asdict(one) for one in read.problems]}})
    return 0


def _judgement_answered(request: dict[str, Any]) -> int:
    try:
        judgement = _judged(request)
        work = Path(request["folder"])
        for name in _FILES:
            if (table := getattr(judgement, name)) is not None:
                pq.write_table(
                    table,
                    work / f"{name}.parquet",
                    compression="lz4",
                    use_dictionary=_repeating(table.schema),
                )
    except (MemoryError, pa.ArrowMemoryError):
        return _MEMORY_EXIT
    except OSError as error:
        if error.errno == errno.EFBIG:
            return _DISK_EXIT
        raise
    plain = {one.name: getattr(judgement, one.name) for one in fields(judgement) if one.name not in _FILES}
    plain["parts"] = [asdict(one) for one in judgement.parts]
    plain["not_evaluated"] = [asdict(one) for one in judgement.not_evaluated]
    _say({"answer": plain})
    return 0


def _repeating(schema: pa.Schema) -> list[str]:
    """Columns worth a dictionary: texts; decimals and dates are written faster without."""
    return [
        field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_dictionary(field.type)
    ]


def _restrain(bounds: ChildLimits) -> None:
    for what, limit in (
        (resource.RLIMIT_AS, bounds.memory_bytes),
        (resource.RLIMIT_FSIZE, bounds.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    # The hard limit ends a process with SIGKILL, the soft one with SIGXCPU, which names the cause.
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.processor_seconds, bounds.processor_seconds + 5))


def _judged(request: dict[str, Any]) -> Judgement:
    given: dict[str, Any] = {
        "feed": request["feed"],
        "period": request["period"],
        "filename": request["filename"],
        "roster": None if request["roster"] is None else pq.read_table(request["roster"]),
        "beside": {
            code: Filed(tuple(map(Path, files))) for code, files in request["beside"].items() if files
        },
        "declared": _declared(request),
        "on_progress": lambda stage, done, total: _say({"progress": [stage, done, total]}),
        "limits": Limits(**request["limits"]),
        "withdrawn": frozenset(request.get("withdrawn", ())),
    }
    path = Path(request["path"])
    if request.get("base") is None:
        profile = None if request.get("profile") is None else Profile.parse(request["profile"])
        return judge(path, profile=profile, **given)
    return judge_correction(path, base=pq.read_table(request["base"]), whole=Path(request["whole"]), **given)


def _declared(request: dict[str, Any]) -> Manifest | None:
    return (
        None
        if request.get("declared") is None
        else manifest_of(request["declared"], feed_of(request["feed"]))
    )


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=True) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    leave(main())
