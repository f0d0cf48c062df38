"""Broker and database with passwords and TLS by an authority of our own."""

import os
import ssl
from pathlib import Path

import psycopg
import pytest
import redis

from tests.faults.cluster import Broker, Cluster, attempts
from tests.faults.proxy import Proxy
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


def test_passwords_are_in_no_command_line_and_no_log(parts):
    cluster, _, _ = parts
    lines = [Path(f"/proc/{proc.pid}/cmdline").read_text() for proc in cluster.standing]

    assert not any(PASSWORD in text for text in lines + [p.said() for p in cluster.standing])
