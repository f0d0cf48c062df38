"""kill -9 of a worker whose container goes on, and its restart."""

import os
import signal

import pytest

from tests.faults.cluster import attempts, until
from tests.support.docker import SHELL_IMAGE, engine, shell_image
from workers.runner.container import PREFIX

pytestmark = pytest.mark.docker

FLOW = f"""
id: boxed
namespace: faults
tasks:
  - id: work
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {{type: io.kestra.plugin.scripts.runner.docker.Docker, pullPolicy: NEVER}}
    containerImage: {SHELL_IMAGE}
    commands: ["echo begun", "sleep 30", 'echo "::{{\\"outputs\\":{{\\"done\\":1}}}}::"']
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("database", "scope"), [("sqlite", "group"), ("sqlite", "child"), ("postgres", "group")]
)
def test_a_restarted_worker_goes_on_with_its_container(make_cluster, database, scope):
    client = engine()
    shell_image(client)
    cluster = make_cluster(database, LEASE_S="60", HEARTBEAT_S="1")
    cluster.start_all()
    docker = cluster.worker("docker", queues="docker")
    cluster.flow(FLOW)
    execution = cluster.start("boxed")
    label = {"label": f"{PREFIX}execution-id={execution}"}
    container = until(
        lambda: next(iter(client.containers.list(filters=label)), None), "no container"
    )
    until(lambda: b"begun" in container.logs(), "it did not begin")
    if scope == "group":
        docker.kill_group()
        docker.restart()
    else:
        os.kill(docker.children()[0], signal.SIGKILL)
    done = cluster.wait(execution)

    assert done["state"]["current"] == "SUCCESS"
    assert attempts(done) == [["SUCCESS"]]
    run = done["taskRunList"][0]["outputs"]
    assert (run["taskRunner"]["containerId"], run["vars"]) == (container.id, {"done": 1})
    assert client.containers.list(all=True, filters=label) == []
    client.close()
