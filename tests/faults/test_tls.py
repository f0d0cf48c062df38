"""Broker and database with passwords and TLS by an authority of our own."""

import json
import os
import ssl
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from app.dispatch.celery_app import make_celery
from app.dispatch.publish import CeleryPublisher
from app.settings import Settings
from tests.faults.cluster import Broker, Cluster, attempts, until
from tests.faults.proxy import Proxy
from tests.support import rabbitmq
from tests.support.certificates import make_certificates
from tests.support.postgres import PostgresServer, find_binaries

PASSWORD = "correct-horse-battery"
pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
            pytest.fail("PostgreSQL is required here and is not installed")
        pytest.skip("PostgreSQL is not installed")
    folder = tmp_path_factory.mktemp("tls")
    ca, certificate, key = make_certificates(folder / "certificates")
    server = PostgresServer(binaries)
    plain = server.new_database()
    server.demand_tls(certificate, key, PASSWORD)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    broker = Broker(folder / "broker", password=PASSWORD)
    door = Proxy(broker.port, context)
    database_url = plain.replace("trunkline@", f"trunkline:{PASSWORD}@")
    database_url += f"?sslmode=verify-full&sslrootcert={ca}"
    broker_url = f"rediss://:{PASSWORD}@127.0.0.1:{door.port}/0"
    broker_url += f"?ssl_cert_reqs=required&ssl_ca_certs={ca}"
    cluster = Cluster(folder, database_url, broker, BROKER_URL=broker_url)
    with cluster.running():
        yield cluster, door, plain
    door.close()
    server.stop()


@pytest.fixture(scope="module")
def on_rabbitmq(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rabbitmq")
    tls = rabbitmq.Tls(*make_certificates(folder / "certificates"), PASSWORD)
    server = rabbitmq.started(folder / "node", tls)
    cluster = Cluster(folder / "cluster", f"sqlite:///{folder / 'trunkline.db'}", server)
    with cluster.running():
        yield cluster
    server.stop()


def inspected(cluster):
    """The queues of the one worker, told by Celery's own command."""
    command = [sys.executable, "-m", "celery", "-A", "workers.flower", "inspect", "active_queues"]
    told = {}

    def answered():
        done = subprocess.run(
            [*command, "--json", "--timeout", "5"],
            env=cluster.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            told.update(json.loads(done.stdout))
        return told

    until(answered, "no worker answered", 180)
    (queues,) = told.values()
    return {queue["name"] for queue in queues}


def test_a_flow_runs_on_rabbitmq_over_tls_with_a_password_and_celery_inspects_it(on_rabbitmq):
    cluster = on_rabbitmq
    cluster.script_flow("secured", "echo $ID ran >> $EFFECTS", tasks=2)
    done = cluster.wait(cluster.start("secured"))

    assert done["state"]["current"] == "SUCCESS"
    assert attempts(done) == [["SUCCESS"], ["SUCCESS"]]
    assert cluster.answers("/health")
    assert inspected(cluster) == {"engine", "default", "script"}


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace(PASSWORD, "wrong"),
        lambda url: url.partition("?")[0],  # by the authorities of the machine
        lambda url: url.replace("127.0.0.1", "127.0.0.2"),
        lambda url: url.replace("amqps", "amqp").partition("?")[0],
    ],
    ids=["password", "authority", "name", "plain"],
)
def test_rabbitmq_is_not_spoken_to_with_a_wrong_password_authority_name_or_without_tls(
    on_rabbitmq, change
):
    url = on_rabbitmq.broker.url
    right = CeleryPublisher(make_celery(Settings(broker_url=url)))
    wrong = CeleryPublisher(make_celery(Settings(broker_url=change(url))))

    assert right.answers()
    assert not wrong.answers()


def test_a_flow_runs_over_tls_with_passwords(parts):
    cluster, _, _ = parts
    cluster.script_flow("secured", "echo $ID ran >> $EFFECTS", tasks=2)
    execution = cluster.start("secured")
    done = cluster.wait(execution)

    assert done["state"]["current"] == "SUCCESS"
    assert attempts(done) == [["SUCCESS"], ["SUCCESS"]]
    assert cluster.answers("/health")


def test_without_tls_or_password_nobody_comes_in(parts):
    cluster, door, plain = parts
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=cluster.broker.port).ping()
    with pytest.raises(redis.RedisError):
        redis.Redis(port=door.port, password=PASSWORD, socket_timeout=5).ping()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain + "?sslmode=disable")


def test_celery_inspects_the_workers_over_tls_with_the_password(parts):
    cluster, _, _ = parts

    assert inspected(cluster) == {"engine", "default", "script"}


def test_passwords_are_in_no_command_line_and_no_log(parts):
    cluster, _, _ = parts
    lines = [Path(f"/proc/{proc.pid}/cmdline").read_text() for proc in cluster.standing]

    assert not any(PASSWORD in text for text in lines + [p.said() for p in cluster.standing])
