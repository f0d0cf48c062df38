"""The behaviour suite that lies beside the checkout, where there is one.

It stays outside the project: without it these tests are skipped. Every case and every expression
has to hold, but for those listed here; one that holds again must leave the list.
"""

import json
import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path

import httpx
import pytest

from tests.support import rabbitmq
from tests.support.postgres import free_port

SUITE = Path(__file__).parents[3] / "shared" / "conformance" / "run.py"
ADMIN = ("admin@example.org", "correct horse")
#: what the cases ask for with `--have secrets,envs,globals`
ENVIRON = {
    "SECRET_MY_SECRET": b64encode(b'{"secretKey":"secretValue"}').decode(),
    "SECRET_WEBHOOK_KEY": b64encode(b"secretKey").decode(),
    "SECRET_NEW_LINE": b64encode(b"passwordveryveryveyrlong" * 5).decode(),
    "ENV_TEST1": "true",
    "ENV_TEST2": "Pass by env",
}
GLOBALS = "globals: {string: string, int: 1, bool: true, nested: {int: 2}}\n"
#: name of a case: why it does not hold yet
NOT_YET: dict[str, str] = {}

pytestmark = pytest.mark.skipif(
    not SUITE.exists(), reason="the conformance suite does not lie beside this checkout"
)


@pytest.fixture
def rabbit(tmp_path):
    """A RabbitMQ that outlives the server which uses it."""
    made = rabbitmq.started(tmp_path / "rabbitmq")
    yield made
    made.stop()


@pytest.fixture
def serve(tmp_path):
    """Starts a standalone server on a database; gives its address."""
    processes = []

    def start(database_url="", broker_url=""):
        (tmp_path / "config.yaml").write_text(GLOBALS)
        port = free_port()
        environ = {
            **os.environ,
            **ENVIRON,
            "TRUNKLINE_CONFIG": str(tmp_path / "config.yaml"),
            "TRUNKLINE_ADMIN_USERNAME": ADMIN[0],
            "TRUNKLINE_ADMIN_PASSWORD": ADMIN[1],
            **({"TRUNKLINE_DATABASE_URL": database_url} if database_url else {}),
            **({"TRUNKLINE_BROKER_URL": broker_url} if broker_url else {}),
        }
        command = [sys.executable, "-m", "app.cli.main", "standalone", "--port", str(port)]
        command += ["--data-dir", str(tmp_path / "data")]
        processes.append(subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL))
        url, ends = f"http://127.0.0.1:{port}", time.monotonic() + 240
        while True:
            try:
                if httpx.get(url + "/health", verify=False).status_code == 200:
                    return url
            except httpx.HTTPError:
                pass
            assert time.monotonic() < ends, "the server did not start"
            time.sleep(0.5)

    yield start
    for process in processes:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def failures(url, folder):
    """Cases and expressions that do not hold, with the reason."""
    command = [sys.executable, str(SUITE), "--base-url", url, "--auth", ":".join(ADMIN)]
    command += ["--jobs", "8", "--have", "secrets,envs,globals", "--time-factor", "3"]
    command += ["--results", str(folder / "results"), "--quiet", "*-*", "--expressions"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    told, written = done.stdout[-2000:] + done.stderr[-2000:], folder / "results"
    assert written.exists(), told
    results = [json.loads(line) for line in written.read_text().splitlines()]
    assert len(results) > 400, told
    return {item["name"]: item["reason"] for item in results if not item["passed"]}


def check(found):
    assert {k: v for k, v in found.items() if k not in NOT_YET} == {}
    assert sorted(set(NOT_YET) - set(found)) == [], "these hold: take them off the list"


@pytest.mark.timeout(900)
def test_every_case_and_expression_holds_on_sqlite(serve, tmp_path):
    check(failures(serve(), tmp_path))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_case_and_expression_holds_on_postgresql(serve, postgres, tmp_path):
    check(failures(serve(postgres.new_database()), tmp_path))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_case_and_expression_holds_on_postgresql_and_rabbitmq(
    rabbit, serve, postgres, tmp_path
):
    check(failures(serve(postgres.new_database(), rabbit.url), tmp_path))
