"""Real processes for the rows: PostgreSQL with fsync, Valkey, API, beat, workers, raw Celery."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import redis

from app.cli.standalone import _server_binary as valkey_binary
from app.database.migrate import migrate
from app.service.access.accounts import ensure_admin
from app.service.boot import make_runtime
from app.service.runtime import Runtime
from app.settings import load_settings
from bench.support import raw
from tests.support.postgres import PostgresServer, find_binaries, free_port

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "bench" / "plugin"
USER, PASSWORD = "bench@example.org", "measured twice"
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
QUEUES = "engine,default,git,script,docker"


class Missing(Exception):
    """Something that the benchmarks need is not installed."""


@dataclass
class Cluster:
    """Everything that runs, on ports of its own; `stop` ends it and removes its data."""

    processes: int = 2  #: pool processes of the worker, and of the raw one
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="trunkline-bench-")))
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self) -> None:
        """Starts the database and the broker, then all processes, and waits for each."""
        binaries = find_binaries()
        if binaries is None:
            raise Missing("PostgreSQL is not installed")
        self.postgres = PostgresServer(binaries, durable=True)
        self.broker_port, self.api_port = free_port(), free_port()
        self.broker = f"redis://127.0.0.1:{self.broker_port}"
        self._start_broker()
        self.environ = self.environment(self.postgres.new_database())
        self.rt = self.runtime(self.environ)
        self.migrate(self.rt)
        self.spawn("api", "api", "--port", str(self.api_port))
        self.spawn_worker("worker")
        self.spawn("beat", "beat")
        self._start_raw()
        self._wait_until_up()

    def environment(self, database_url: str, **more: str) -> dict[str, str]:
        """The environment of a process of ours."""
        paths = [str(ROOT), str(PLUGIN), os.environ.get("PYTHONPATH", "")]
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "TRUNKLINE_DATA_DIR": str(self.folder / "data"),
            "TRUNKLINE_DATABASE_URL": database_url,
            "TRUNKLINE_BROKER_URL": self.broker + "/0",
            "TRUNKLINE_ENCRYPTION_KEY": KEY,
            "TRUNKLINE_ADMIN_USERNAME": USER,
            "TRUNKLINE_ADMIN_PASSWORD": PASSWORD,
            "TRUNKLINE_TASK_EVENTS": "false",
            "TRUNKLINE_LOG_LEVEL": "WARNING",
            "TRUNKLINE_RUNNERS_PROCESS_SHARED_USER": "true",
            "BENCH_BROKER": self.broker + "/1",
            **more,
        }

    def runtime(self, environ: dict[str, str]) -> Runtime:
        """A runtime of this process on the cluster."""
        return make_runtime(load_settings(environ), environ)

    def migrate(self, rt: Runtime) -> None:
        """The tables and the first user of a database."""
        migrate(rt.database)
        ensure_admin(rt)

    def spawn(self, name: str, *arguments: str, environ: dict[str, str] | None = None) -> None:
        """Starts one command of `trunkline`."""
        self._popen(name, [sys.executable, "-m", "app.cli.main", *arguments], environ)

    def spawn_worker(self, name: str, environ: dict[str, str] | None = None) -> None:
        """Starts a worker of all queues."""
        arguments = ["--queues", QUEUES, "--concurrency", str(self.processes), "--name", name]
        self.spawn(name, "worker", *arguments, environ=environ)

    def _popen(self, name: str, command: list[str], environ: dict[str, str] | None = None) -> None:
        self.folder.mkdir(exist_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, env=environ or self.environ, stdout=log, stderr=log, cwd=self.folder
            )

    def _start_broker(self) -> None:
        command = [valkey_binary(), "--port", str(self.broker_port), "--bind", "127.0.0.1"]
        command += ["--dir", str(self.folder), "--appendonly", "yes", "--save", ""]
        self._popen("broker", command, dict(os.environ))
        client = redis.Redis.from_url(self.broker)
        wait_for(lambda: bool(client.ping()), 15, "the broker")

    def _start_raw(self) -> None:
        raw.connect(self.environ["BENCH_BROKER"])
        command = [sys.executable, "-m", "celery", "-A", "bench.support.raw", "worker"]
        command += ["-c", str(self.processes), "-l", "WARNING", "-Q", "raw", "-n", "raw@%h"]
        self._popen("raw", [*command, "--without-gossip", "--without-mingle"])

    def _wait_until_up(self) -> None:
        url = f"http://127.0.0.1:{self.api_port}/ping"
        wait_for(lambda: httpx.get(url).status_code == 200, 240, "the API")
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.api_port}/api/v1/main",
            auth=(USER, PASSWORD),
            timeout=120,
        )

    def pid(self, name: str) -> int:
        """The process id of one part; `postgres` is the server's."""
        if name == "postgres":
            path = self.postgres.folder / "data" / "postmaster.pid"
            return int(path.read_text(encoding="ascii").split()[0])
        return self.running[name].pid

    def end(self, name: str) -> None:
        """Stops one part."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop(self) -> None:
        """Stops everything."""
        for name in reversed(list(self.running)):
            self.end(name)
        if hasattr(self, "postgres"):
            self.rt.database.close()
            self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def wait_for(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Returns once `ready` answers true; raises TimeoutError."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            if ready():
                return
        except (httpx.HTTPError, redis.RedisError, OSError):
            pass
        time.sleep(0.02)
    raise TimeoutError(f"{what} did not come within {seconds} s")
