"""A backfill does not hold up what people wait for (decision 85): real workers, real brokers."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from tests.deploy import standins
from tests.faults.cluster import Broker, Cluster, until
from tests.support.docker import engine
from tests.support.postgres import free_port

INSTANTS = 40
PAST = """
id: past
namespace: faults
tasks:
  - id: t0
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["sleep 0.3"]
triggers:
  - {id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 * * * *",
     allowConcurrent: true}
"""
pytestmark = pytest.mark.slow


class RabbitContainer:
    """RabbitMQ 4, whose quorum queues know priorities; the package of Debian 12 is older."""

    def __init__(self) -> None:
        engine()
        standins.build(standins.RABBIT)
        self.port = free_port()
        self.url = f"amqp://trunkline:trunkline@127.0.0.1:{self.port}//"
        options = ["--hostname", "rabbit", "--publish", f"127.0.0.1:{self.port}:5672"]
        options += ["--env", "RABBITMQ_DEFAULT_USER=trunkline"]
        options += ["--env", "RABBITMQ_DEFAULT_PASS=trunkline"]
        self.name = self._docker("run", "--detach", *options, standins.RABBIT)
        until(self.answers, "RabbitMQ did not start", 180)

    def answers(self) -> bool:
        command = ["docker", "exec", self.name, "rabbitmq-diagnostics", "-q"]
        done = subprocess.run([*command, "check_port_connectivity"], capture_output=True)
        return done.returncode == 0

    def version(self) -> str:
        return self._docker("exec", self.name, "rabbitmqctl", "-q", "version")

    def kill(self) -> None:
        self._docker("rm", "--force", "--volumes", self.name)

    def _docker(self, *arguments: str) -> str:
        done = subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()


@pytest.fixture(params=["valkey", pytest.param("rabbitmq", marks=pytest.mark.docker)])
def cluster(request, tmp_path):
    is_valkey = request.param == "valkey"
    broker = Broker(tmp_path / "broker") if is_valkey else RabbitContainer()
    made = Cluster(tmp_path / "cluster", f"sqlite:///{tmp_path / 'trunkline.db'}", broker)
    with made.running():
        yield made


def backfill(cluster):
    cluster.flow(PAST)
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    start = end - timedelta(hours=INSTANTS - 1)
    wanted = {"start": start.isoformat(), "end": end.isoformat()}
    place = {"namespace": "faults", "flowId": "past", "triggerId": "hourly"}
    answer = cluster.client.put("/triggers/backfill/create", json={**place, "backfill": wanted})
    assert answer.status_code == 200, answer.text


def counted(cluster, *states):
    query = {"flowId": "past", "namespace": "faults", "state": list(states)}
    return cluster.client.get("/executions/search", params=query).json()["total"]


def test_what_people_start_passes_a_backfill_that_began_before(cluster):
    cluster.script_flow("asked", "echo $ID $TASK >> $EFFECTS", tasks=2)
    backfill(cluster)
    until(lambda: counted(cluster) == INSTANTS, "the backfill was not created", 120)
    before = counted(cluster, "CREATED")

    done = cluster.wait(cluster.start("asked"))
    after = counted(cluster, "CREATED")

    assert done["state"]["current"] == "SUCCESS"
    assert before > INSTANTS / 2, "the backfill was over too soon to hold up anything"
    assert after >= before - 8, f"{before - after} of the backfill went first"
    until(lambda: counted(cluster, "SUCCESS") == INSTANTS, "the backfill did not end", 180)
