"""A Trunkline of real processes, each started and killed alone by the project's own commands.

Times are short by settings, so that recovery is quick; nothing here sleeps where it can wait. What
scripts did is read from an append-only file that they write, never from the product's tables.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import redis

from app.cli.standalone import _server_binary
from app.database.migrate import migrate
from app.database.session import Database
from app.failpoints import POINTS
from app.settings import load_settings
from tests.support.postgres import free_port

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
QUEUES = "engine,default,script"
LEASE_S = 4.0
QUICK = {
    "HEARTBEAT_S": "0.5",
    "LEASE_S": str(LEASE_S),
    "RECOVERY_INTERVAL_S": "0.5",
    "REPUBLISH_S": "2",
    "SOFT_SHUTDOWN_S": "3",
    "DEAF_S": "8",
}


def until(ready: Callable[[], Any], message: str, seconds: float = 120) -> Any:
    """What `ready` gives once it is true; fails with the message after so many seconds."""
    ends = time.monotonic() + seconds
    while True:
        found = ready()
        if found:
            return found
        assert time.monotonic() < ends, message
        time.sleep(0.05)


class Proc:
    """One process of the product, in a group of its own."""

    def __init__(
        self, arguments: list[str], environ: dict[str, str], log: Path, host: tuple[str, ...] = ()
    ) -> None:
        self.arguments, self.environ, self.log = arguments, environ, log
        self.host = host  # a command that starts it elsewhere
        self._start()

    def _start(self) -> None:
        command = [*self.host, sys.executable, "-m", "app.cli.main", *self.arguments]
        with self.log.open("ab") as out:
            self.popen = subprocess.Popen(
                command, env=self.environ, stdout=out, stderr=out, start_new_session=True
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def children(self) -> list[int]:
        """The processes that it started itself: of a worker, its pool."""
        with contextlib.suppress(FileNotFoundError):
            text = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
            return [int(pid) for pid in text.split()]
        return []

    def kill(self) -> None:
        """kill -9 of this process alone."""
        self.popen.kill()
        self.popen.wait(60)

    def kill_group(self) -> None:
        """kill -9 of the whole group at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(60)

    def signal_group(self, number: int) -> None:
        os.killpg(self.pid, number)

    def term(self) -> None:
        self.popen.terminate()

    def wait_end(self, seconds: float = 120) -> int:
        return self.popen.wait(seconds)

    def restart(self, **environ: str) -> None:
        """Starts it again, with other failpoints or settings."""
        self.environ = {**self.environ, **environ}
        self._start()

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


class Broker:
    """A Valkey of our own on loopback, with its data or without."""

    def __init__(self, folder: Path, *, keeps: bool = False, password: str | None = None) -> None:
        self.folder, self.keeps, self.password = folder, keeps, password
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    def start(self) -> None:
        command = [_server_binary(), "--port", str(self.port), "--bind", "127.0.0.1",
                   "--dir", str(self.folder), "--save", "",
                   "--appendonly", "yes" if self.keeps else "no"]  # fmt: skip
        command += ["--requirepass", self.password] if self.password else []
        self.popen = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(self.answers, "the broker did not start")

    def client(self) -> Any:
        return redis.Redis(port=self.port, password=self.password, socket_timeout=5)

    def answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait(60)


class Cluster:
    """Broker, database, and as many processes as a test starts."""

    def __init__(self, folder: Path, database_url: str, broker: Broker, **environ: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.broker = folder, broker
        self.effects_file = folder / "effects"
        self.effects_file.touch()
        self.procs: list[Proc] = []
        self.standing: list[Proc] = []
        self.port = free_port()
        ours = {
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": database_url,
            "BROKER_URL": broker.url,
            "STORAGE_URL": f"file://{folder / 'storage'}",
            "ENCRYPTION_KEY": KEY,
            "AUTH_ENABLED": "false",
            "OUTGOING_ALLOW_PRIVATE": "true",
            "GIT_ALLOW_FILE_PROTOCOL": "true",
            "RUNNERS_PROCESS_SHARED_USER": "true",
            "RUNNERS_PROCESS_WARM": "false",
            **QUICK,
            **environ,
        }
        (folder / "armed").mkdir()
        points = (f"{point}=crash:{folder / 'armed' / point}" for point in POINTS)
        ours["FAILPOINTS"] = ",".join(points)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TRUNKLINE_")}
        self.environ = {**kept, **{f"TRUNKLINE_{k}": v for k, v in ours.items()}}
        self.settings = load_settings(self.environ)
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.database = Database(self.settings.database_url)
        migrate(self.database)
        base = f"http://127.0.0.1:{self.port}/api/v1/main"
        self.client = httpx.Client(base_url=base, timeout=30)

    # -- processes

    def _process(
        self, name: str, arguments: list[str], host: tuple[str, ...] = (), **environ: str
    ) -> Proc:
        settings = {f"TRUNKLINE_{k.upper()}": v for k, v in environ.items()}
        log = self.folder / f"{name}.log"
        made = Proc(arguments, {**self.environ, **settings}, log, host)
        self.procs.append(made)
        return made

    def api(self, **environ: str) -> Proc:
        made = self._process("api", ["api", "--port", str(self.port)], **environ)
        self.wait_api()
        return made

    def wait_api(self) -> None:
        until(lambda: self.answers("/ping"), "the API did not start", 240)

    def answers(self, path: str) -> bool:
        try:
            url = f"http://127.0.0.1:{self.port}{path}"
            return httpx.get(url, timeout=5, verify=False).status_code == 200
        except httpx.HTTPError:
            return False

    def worker(
        self,
        name: str = "w1",
        queues: str = QUEUES,
        concurrency: int = 1,
        host: tuple[str, ...] = (),
        **environ: str,
    ) -> Proc:
        arguments = ["worker", "--queues", queues, "--concurrency", str(concurrency)]
        return self._process(name, [*arguments, "--name", name], host, **environ)

    def beat(self, name: str = "b1", host: tuple[str, ...] = (), **environ: str) -> Proc:
        return self._process(name, ["beat"], host, **environ)

    def arm(self, point: str) -> Path:
        """The next process that comes by this failpoint dies there; the file that goes with it."""
        path = self.folder / "armed" / point
        path.touch()
        return path

    @contextlib.contextmanager
    def running(self) -> Iterator["Cluster"]:
        """One of each within the block; whatever fails, nothing is left of them."""
        try:
            self.start_all()
            yield self
        finally:
            self.stop()

    def start_all(self) -> None:
        """One of each: what `revive` brings back."""
        self.beat()
        self.worker()
        self.api()
        self.standing = list(self.procs)

    def revive(self) -> None:
        """Whatever a test did: one of each runs again, and nothing else."""
        for path in (self.folder / "armed").iterdir():
            path.unlink()
        if not self.broker.answers():
            self.broker.kill()
            self.broker.start()
        for proc in self.procs:
            if proc not in self.standing and proc.is_alive:
                proc.kill_group()
        self.procs = list(self.standing)
        for proc in self.procs:
            if not proc.is_alive:
                proc.kill_group()
                proc.restart()
        self.wait_api()

    def clear(self) -> None:
        """Kills what a test that failed left running: it would hold the worker."""
        with self.database.reading() as tx:
            live = tx.exec_driver_sql("select id from executions where gate <> 'ENDED'").all()
        for row in live:
            self.client.delete(f"/executions/{row[0]}/kill")

    def proc(self, kind: str) -> Proc:
        """The standing api, worker or beat."""
        return next(proc for proc in self.standing if proc.arguments[0] == kind)

    def stop(self) -> None:
        """Kills whatever a test left."""
        self.client.close()
        for proc in self.procs:
            if proc.is_alive:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(proc.pid, signal.SIGCONT)
                proc.kill_group()
            for child in self.scripts():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        self.database.close()
        with contextlib.suppress(ProcessLookupError):
            self.broker.kill()

    def scripts(self) -> list[int]:
        """Processes of scripts that live: their environment names this cluster's effects file."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with contextlib.suppress(OSError):
                    environ = (folder / "environ").read_bytes()
                    if f"EFFECTS={self.effects_file}\0".encode() in environ:
                        found.append(int(folder.name))
        return found

    # -- flows

    def flow(self, text: str) -> None:
        """Saves a flow, or the next revision of it."""
        answer = self.client.post("/flows/bulk?delete=false", content=text.encode())
        assert answer.status_code == 200, answer.text

    def script_flow(self, name: str, commands: str, tasks: int = 1, **more: Any) -> None:
        """A flow of shell tasks; `commands` may use $EFFECTS, $ID and $ATTEMPT."""
        lines = [f"id: {name}", "namespace: faults"]
        lines += [f"{key}: {value}" for key, value in more.items()]
        lines.append("tasks:")
        for n in range(tasks):
            lines += [
                f"  - id: t{n}",
                "    type: io.kestra.plugin.scripts.shell.Commands",
                "    taskRunner: {type: io.kestra.plugin.core.runner.Process}",
                "    env:",
                f"      EFFECTS: '{self.effects_file}'",
                "      ID: '{{ execution.id }}'",
                f"      TASK: 't{n}'",
                "      ATTEMPT: '{{ taskrun.attemptsCount }}'",
                "    commands:",
                f"      - {commands!r}",
            ]
        self.flow("\n".join(lines) + "\n")

    def start(self, flow_id: str, key: str | None = None) -> str:
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.client.post(f"/executions/faults/{flow_id}", headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def start_surely(self, flow_id: str, key: str) -> str:
        """As a client does that knows of faults: the same key until there is an answer."""

        def answered() -> str | None:
            try:
                return self.start(flow_id, key)
            except (httpx.HTTPError, AssertionError):
                return None

        return str(until(answered, "the execution was never accepted", 60))

    def get(self, execution_id: str) -> dict[str, Any]:
        """The execution, from an API that may be away for a while."""

        def answered() -> dict[str, Any] | None:
            try:
                answer = self.client.get(f"/executions/{execution_id}")
            except httpx.HTTPError:
                return None
            return dict(answer.json()) if answer.status_code == 200 else None

        return dict(until(answered, "the API does not answer", 60))

    def state(self, execution_id: str) -> str:
        return str(self.get(execution_id)["state"]["current"])

    def wait(self, execution_id: str, seconds: float = 180) -> dict[str, Any]:
        """The execution once it has ended."""

        def ended() -> dict[str, Any] | None:
            found = self.get(execution_id)
            return found if "endDate" in found["state"] else None

        return dict(until(ended, f"{execution_id} did not end in {seconds} s", seconds))

    def states(self, ids: Iterable[str], seconds: float = 180) -> Counter[str]:
        """How many executions ended in which state."""
        return Counter(self.wait(one, seconds)["state"]["current"] for one in ids)

    def wait_state(self, execution_id: str, state: str, seconds: float = 120) -> None:
        until(lambda: self.state(execution_id) == state, f"never {state}", seconds)

    # -- what scripts did

    def effects(self) -> list[list[str]]:
        """The lines that scripts wrote, as words."""
        return [line.split() for line in self.effects_file.read_text().splitlines()]

    def effects_of(self, execution_id: str) -> list[list[str]]:
        return [words[1:] for words in self.effects() if words[0] == execution_id]

    def wait_effect(self, execution_id: str, seconds: float = 180) -> list[list[str]]:
        found = until(lambda: self.effects_of(execution_id), "no effect was seen", seconds)
        return list(found)


def attempts(execution: dict[str, Any]) -> list[list[str]]:
    """The states of the attempts of each task run."""
    return [
        [attempt["state"]["current"] for attempt in run.get("attempts") or []]
        for run in execution.get("taskRunList") or []
    ]
