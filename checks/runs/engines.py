"""Where the parts of a run are judged: on the processors of this machine, or on workers of a Dask cluster."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

from checks.runs.parts import Basis, Judged, Part, judge_part

_ADDRESS = re.compile(r"(tcp|tls)://[^/:\s]+:[0-9]{1,5}|(tcp|tls)://\[[0-9a-fA-F:]+\]:[0-9]{1,5}")


class Engine(Protocol):
    """Judges parts; ``is_elsewhere`` says that the parts' files must lie where other machines see them."""

    is_elsewhere: bool

    def judge(self, parts: Iterable[Part], basis: Basis) -> Iterator[Judged]:
        """The parts judged, in the order given."""
        ...


class InProcess:
    """Threads of this process: the rules run compiled and the files are read without the interpreter's lock. At most
    one part a thread and one that waits is in memory."""

    is_elsewhere = False

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or len(os.sched_getaffinity(0))

    def judge(self, parts: Iterable[Part], basis: Basis) -> Iterator[Judged]:
        """The parts judged, in the order given."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="part") as pool:
            yield from _in_turn(lambda part: pool.submit(judge_part, part, basis), parts, self.threads)


class Cluster:
    """Workers of the Dask scheduler at ``address`` (``tcp://host:port``). A part whose worker dies is judged by another.

    Raises ClusterUnreachable when nobody answers there or Dask is not installed."""

    is_elsewhere = True
    #: A part that took so many workers with it is not tried again.
    TRIES = 3

    def __init__(self, address: str) -> None:
        self.address = address

    def judge(self, parts: Iterable[Part], basis: Basis) -> Iterator[Judged]:
        """The parts judged, in the order given."""
        try:
            from distributed import Client
        except ImportError as error:
            raise ClusterUnreachable(
                self.address,
                "未安装集群组件，请执行 pip install -r requirements/scale.txt",
                "Dask is not installed; install requirements/scale.txt",
            ) from error
        try:
            client: Any = Client(self.address, timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise ClusterUnreachable(
                self.address, "没有调度程序应答", "no scheduler answers there"
            ) from error
        with client:
            processors = sum(client.nthreads().values())
            if not processors:
                raise ClusterUnreachable(self.address, "没有计算节点", "it has no workers")

            def submit(part: Part) -> Any:
                return client.submit(judge_part, part, basis, pure=False, retries=self.TRIES)

            yield from _in_turn(submit, parts, 2 * processors)


class ClusterUnreachable(Exception):
    """The cluster cannot be used; ``zh`` and ``en`` say why."""

    def __init__(self, address: str, zh: str, en: str) -> None:
        self.zh = f"无法使用计算集群 {address}：{zh}。"
        self.en = f"The cluster at {address} cannot be used: {en}."
        super().__init__(f"{self.zh} / {self.en}")


def _in_turn(
    submit: Callable[[Part], Future[Judged]], parts: Iterable[Part], at_once: int
) -> Iterator[Judged]:
    """Results in the order of the parts, never more than ``at_once`` and one beyond what was taken."""
    waiting: deque[Future[Judged]] = deque()
    try:
        for part in parts:
            waiting.append(submit(part))
            if len(waiting) > at_once:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def engine_at(address: str | None) -> Engine:
    """The engine that is asked for: None, ``local`` or ``threads`` is this process. Raises ValueError for what is no address."""
    if address in (None, "", "local", "threads"):
        return InProcess()
    if not _ADDRESS.fullmatch(str(address)):
        raise ValueError(
            f"{address} 不是计算集群的地址，应为 tcp://主机:端口。 / "
            f"{address} is no address of a cluster: expected tcp://host:port."
        )
    return Cluster(str(address))
