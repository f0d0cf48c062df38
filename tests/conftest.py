"""Fixtures: runtimes on SQLite and PostgreSQL, a driver for flows, a real standalone server."""

import os
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import settings as hypothesis_settings

sys.path.insert(0, str(Path(__file__).parents[1]))

from app.database.migrate import migrate
from app.database.session import Database
from app.service.runtime import Runtime
from app.settings import load_settings
from app.storage.storage import open_storage
from tests.support.driver import Clock, Driver, ListPublisher
from tests.support.git_servers import PASSWORD
from tests.support.postgres import PostgresServer, find_binaries, free_port
from tests.support.s3 import service as s3_service
from tests.support.spread import Spread

# what CI says of a commit depends on the commit; elsewhere each run tries something new
hypothesis_settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis_settings.load_profile("ci")

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
            pytest.fail("PostgreSQL is required here and is not installed")
        pytest.skip("PostgreSQL is not installed")
    server = PostgresServer(binaries)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 service; one for all, since its clients are kept in this process."""
    yield from s3_service()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, to be copied: migrating anew costs more than most tests."""
    path = tmp_path_factory.mktemp("template") / "test.db"
    migrate_and_close(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    url = postgres.new_database()
    migrate_and_close(url)
    return url


def migrate_and_close(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database(request.getfixturevalue("postgres_template"))


def make_driver(
    url: str,
    folder: Path,
    *,
    migrated: bool = False,
    kind: type[Database] = Database,
    **environ: str,
) -> Driver:
    settings = load_settings(
        {
            "TRUNKLINE_DATA_DIR": str(folder),
            "TRUNKLINE_DATABASE_URL": url,
            "TRUNKLINE_ENCRYPTION_KEY": KEY,
            "TRUNKLINE_RUNNERS_PROCESS_SHARED_USER": "true",
        }
    )
    clock = Clock(datetime(2026, 5, 1, 12, tzinfo=UTC))
    database = kind(settings.database_url, clock=clock)
    if not migrated:
        migrate(database)
    publisher = ListPublisher()
    storage = open_storage(settings.storage_url)
    rt = Runtime(
        settings=settings,
        database=database,
        storage=storage,
        publisher=publisher,
        environ=environ,
        clock=clock,
    )
    return Driver(rt, publisher, clock)


@pytest.fixture
def driver(database_url: str, tmp_path: Path) -> Iterator[Driver]:
    environ = {"SECRET_TOKEN": "czNjcjN0LXZhbHVl", "ENV_PLACE": "here"}
    made = make_driver(database_url, tmp_path, migrated=True, **environ)
    yield made
    made.process.stop()
    made.rt.database.close()


@dataclass
class Server:
    """A standalone server of this test session, with a client that is logged in."""

    url: str
    process: "subprocess.Popen[bytes]"
    data_dir: Path
    client: httpx.Client
    metrics_port: int

    def flow(self, text: str) -> Any:
        return self.client.post("/flows", content=text.encode()).raise_for_status().json()

    def start(self, namespace: str, flow_id: str, **query: Any) -> Any:
        answer = self.client.post(f"/executions/{namespace}/{flow_id}", params=query)
        return answer.raise_for_status().json()

    def wait(self, execution_id: str, seconds: float = 180) -> Any:
        ends = time.monotonic() + seconds
        while True:
            found = self.client.get(f"/executions/{execution_id}").raise_for_status().json()
            if "endDate" in found["state"] or time.monotonic() > ends:
                return found
            time.sleep(0.05)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("standalone")
    port, metrics_port = free_port(), free_port()
    environ = {
        **os.environ,
        "TRUNKLINE_METRICS_PORT": str(metrics_port),
        "TRUNKLINE_ADMIN_USERNAME": "admin@example.org",
        "TRUNKLINE_ADMIN_PASSWORD": "correct horse",
        "TRUNKLINE_GIT_ALLOW_FILE_PROTOCOL": "true",
        "SECRET_GIT_TOKEN": b64encode(PASSWORD.encode()).decode(),
    }
    command = [sys.executable, "-m", "app.cli.main", "standalone", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--data-dir", str(data_dir)], env=environ, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    auth = ("admin@example.org", "correct horse")
    client = httpx.Client(base_url=url + "/api/v1/main", auth=auth, timeout=60)
    ends = time.monotonic() + 240
    try:
        while True:
            try:
                if client.get(url + "/health").status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            assert process.poll() is None, "the server ended while it started"
            assert time.monotonic() < ends, "the server did not start"
            time.sleep(0.2)
        yield Server(url, process, data_dir, client, metrics_port)
    finally:
        client.close()
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread | None:
    """By groups where a run is spread by file; else as xdist does it."""
    return Spread(config, log) if config.getvalue("dist") == "loadfile" else None
