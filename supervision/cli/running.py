"""Starting the portal: web process, worker process, or both with the demonstration on a first start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from supervision.cli.ground import CANNOT_RUN, Ground, stop
from supervision.cli.refusals import stop_for
from supervision.settings import Environment

LISTEN = "127.0.0.1"
STARTED_BY = "SUPERVISION_STARTED_BY"  # process id of the `start` that a process belongs to
GRACE = 3  # seconds a job may still take when its worker is told to end
PATIENCE = 30  # seconds a process has to end by itself


WEB_LOG, WORKER_LOG = "web.log", "worker.log"
LAST_LINES = 20  # of each log, shown when a process ended unexpectedly


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=6543, show_default=True)
@click.option("--listen", default=LISTEN, show_default=True, help="Address to listen on.")
@click.pass_obj
def serve(ground: Ground, port: int, listen: str) -> None:
    """Serve the pages (web process only). Ctrl-C or SIGTERM ends it.

    Put a TLS proxy in front and run `supervision work` beside it (docs/operations.md). Settings come from app:main of
    the configuration; server:main is for other WSGI servers. Logs go to standard error, one JSON object a line.

    \b
    Exit codes: 0 ended when told to
                2 could not run (port in use, no register, unsafe setting)

    \b
    Example: supervision --config production.ini serve --port 6543
    """
    import waitress

    import supervision
    from supervision.jobs.beating import WEB, beating
    from supervision.web.server import time_requests

    def end(*_: Any) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    _end_with_parent()
    ground.must_be_current()
    application = supervision.main({}, **ground.values)
    try:
        server = waitress.create_server(
            application,
            host=listen,
            port=port,
            threads=8,
            asyncore_use_poll=True,
            ident="",
            max_request_body_size=ground.settings.max_upload_bytes + (1 << 20),
            **_behind(ground.settings.trusted_proxy),
            clear_untrusted_proxy_headers=True,
        )
    except (OSError, ValueError) as error:  # waitress says an address that is none with a ValueError
        stop_for(f"{listen}:{port}", error if isinstance(error, OSError) else OSError(str(error)))
    time_requests(server)
    try:
        with beating(ground.engine, ground.clock, WEB):
            server.run()
    except (SystemExit, KeyboardInterrupt):
        server.close()


def _behind(proxy: str) -> dict[str, Any]:
    """What waitress needs to believe the forwarded headers of ``proxy`` and of nobody else."""
    if not proxy:
        return {}
    return {
        "trusted_proxy": proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
    }


@click.command()
@click.option("--until-idle", is_flag=True, help="End when no job is waiting.")
@click.option(
    "--retry-parked", is_flag=True, help="First put the jobs that were given up back into the queue."
)
@click.pass_obj
def work(ground: Ground, until_idle: bool, retry_parked: bool) -> None:
    """Carry out waiting jobs (worker process): judging filings, checking bills, making documents.

    As many workers as there are processors may run beside each other, also on several machines that share the register
    and the evidence. Ctrl-C or SIGTERM ends it; the job at hand goes back to the queue. Logs go to standard error.

    \b
    Exit codes: 0 ended when told to, or nothing was waiting (--until-idle)
                2 could not run

    \b
    Example: supervision --config production.ini work
    """
    from supervision import jobs
    from supervision.channels.watching import watched
    from supervision.filings.guide_on_paper import ask_for_guides
    from supervision.jobs.beating import WORKER, beating
    from supervision.web import logs

    ending = _ending_on_signals(grace=GRACE)
    _end_with_parent()
    logs.configure()
    ground.must_be_current()
    _sweep(ground)
    if not until_idle:
        with ground.writing() as session:
            ask_for_guides(session, ground.settings, ground.clock)
    if retry_parked:
        with ground.writing() as session:
            for one in jobs.parked(session):
                jobs.retry(session, one.id)
                click.echo(f"重新排队 / queued again: {one.name} {one.id}")
    with (
        beating(ground.engine, ground.clock, WORKER),
        watched(ground.engine, ground.clock, ground.evidence, ground.settings),
    ):
        jobs.work(ground.engine, ground.settings, ending, until_idle=until_idle, keeps_rounds=True)


def _sweep(ground: Ground) -> None:
    """Half-written files of a day ago are gone, in the evidence and among the uploads; evidence is never touched."""
    import structlog

    from supervision.filings import intake

    now = ground.clock.now()
    for path in (*ground.evidence.sweep(now), *intake.sweep(ground.settings.incoming_root, now)):
        structlog.get_logger("supervision.cli").info("unfinished_file.removed", path=str(path))


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=6543, show_default=True)
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.")
@click.option(
    "--accounts", type=click.IntRange(600, 2_000_000), help="Size of the demonstration on a first start."
)
@click.pass_obj
def start(ground: Ground, port: int, data: Path | None, accounts: int | None) -> None:
    """Bring the register up to date, load the demonstration on a first start, then serve and work until Ctrl-C.

    Web and worker are two processes; when one ends, both end. Prints the address and, where the demonstration is
    loaded, who can sign in; what the processes say goes to the folder log of the data folder. In production no
    demonstration is loaded.

    \b
    Exit codes: 0 ended when told to (Ctrl-C or SIGTERM)
                2 could not run (port in use), or a process ended unexpectedly

    \b
    Example: supervision start --port 8080 --data /srv/heat
    """
    from supervision.cli.demo import is_loaded, load_with_progress
    from supervision.cli.register import bring_up_to_date, migrate

    if data is not None:
        ground = Ground(ground.ini, data)
    _port_must_be_free(port)
    os.environ.setdefault("SUPERVISION_PUBLIC_URL", f"http://localhost:{port}")
    migrate(ground)
    if ground.settings.environment is Environment.DEVELOPMENT and not is_loaded(ground):
        load_with_progress(
            ground, accounts
        )  # in an empty register, whose journal then begins on the first filing's day
    bring_up_to_date(ground)
    _run_both(ground, port, lambda: _welcome(ground, port))


def _port_must_be_free(port: int) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LISTEN, port))
        except OSError:
            stop(
                f"端口 {port} 已被占用；请换一个端口，例如：make run PORT={port + 1}",
                f"Port {port} is in use; choose another, such as: make run PORT={port + 1}",
            )


def _run_both(ground: Ground, port: int, when_ready: Callable[[], None]) -> None:
    """Web and worker as two processes; when one ends, or Ctrl-C is pressed, both end."""
    base = [
        sys.executable,
        "-m",
        "supervision.cli",
        "--config",
        str(ground.ini),
        "--data",
        str(ground.settings.data),
    ]
    ending = _ending_on_signals()
    environment = {**os.environ, STARTED_BY: str(os.getpid())}
    logs = ground.settings.data / "log"
    logs.mkdir(parents=True, exist_ok=True)
    # In sessions of their own: Ctrl-C reaches this process alone, which then ends both.
    children = [
        subprocess.Popen(
            [*base, *command], start_new_session=True, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        for command, log in (
            (["serve", "--port", str(port)], (logs / WEB_LOG).open("ab")),
            (["work"], (logs / WORKER_LOG).open("ab")),
        )
    ]
    failed = False
    try:
        if _answers(port, children, ending):
            when_ready()
        while not ending.wait(0.3):
            if any(child.poll() is not None for child in children):
                failed = True
                break
    finally:
        for child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in children:
            try:
                child.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
    if failed:
        for name in (WEB_LOG, WORKER_LOG):
            last = (logs / name).read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
            click.echo(f"--- {logs / name}", err=True)
            click.echo("\n".join(last), err=True)
        stop(
            "网页或后台进程意外结束，请查看上面的信息。",
            "The web or worker process ended unexpectedly; see above.",
        )
    click.echo("已停止 / stopped")


def _ending_on_signals(grace: float | None = None) -> threading.Event:
    """An event that SIGTERM and Ctrl-C set. What still runs ``grace`` seconds later is broken off by SystemExit: a
    worker then gives its job back, so that another one need not wait for the lease."""
    ending = threading.Event()

    def end(*_: Any) -> None:
        ending.set()
        if grace is not None:
            signal.setitimer(signal.ITIMER_REAL, grace)

    def break_off(*_: Any) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGALRM, break_off)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return ending


def _end_with_parent() -> None:
    """A process that `start` began ends with it, also where that was killed and could not say so."""
    parent = os.environ.get(STARTED_BY)
    if parent is None:
        return

    def watch() -> None:
        while str(os.getppid()) == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(PATIENCE)
        os._exit(CANNOT_RUN)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def _answers(port: int, children: list[subprocess.Popen[bytes]], ending: threading.Event) -> bool:
    import http.client

    for _ in range(600):
        if ending.is_set() or any(child.poll() is not None for child in children):
            return False
        try:
            connection = http.client.HTTPConnection(LISTEN, port, timeout=5)
            connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
            if connection.getresponse().status == 200:
                return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


def _welcome(ground: Ground, port: int) -> None:
    from supervision.cli.demo import sign_ins

    click.echo(f"\n  供热监督平台 / Heat supervision portal:  http://localhost:{port}\n")
    people = sign_ins(ground)
    if people:
        click.echo("  演示登录 / demonstration sign-ins:")
        for name, password, role in people:
            click.echo(f"    {name:<22} {password:<24} {role}")
    click.echo(f"\n  运行日志 / logs: {ground.settings.data / 'log'}\n  Ctrl-C 停止 / Ctrl-C stops\n")
