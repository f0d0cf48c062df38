"""A container that outlives its worker is taken over by the next one, as the same attempt."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.database import standing
from app.service import search
from tests.conftest import make_driver
from tests.support.docker import SHELL_IMAGE, engine, shell_image
from workers.docker import adopt
from workers.runner.container import PREFIX

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
FLOW = """
id: long
namespace: company.team
tasks:
  - id: work
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.scripts.runner.docker.Docker, pullPolicy: NEVER%s}
    containerImage: %s
    %s
    outputFiles: [out.txt]
    commands:
      - "echo begun; test -e go.txt || true; sleep %s"
      - "echo made > out.txt"
      - 'echo "::{\\"outputs\\":{\\"answer\\":42}}::"'
      - "echo ended 1>&2"
  - {id: after, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.work.vars.answer }}"}
"""
FIRST = """
import sys
from pathlib import Path
from tests.conftest import make_driver
driver = make_driver(sys.argv[1], Path(sys.argv[2]))
driver.run(Path(sys.argv[3]).read_text())
"""


@pytest.fixture
def client():
    client = engine()
    shell_image(client)
    yield client
    client.close()


class Left:
    """What a worker leaves that was killed while its container ran."""

    def __init__(self, client, folder, runner="", more="", seconds=4):
        self.client = client
        self.url = f"sqlite:///{folder / 'test.db'}"
        (folder / "flow.yaml").write_text(
            FLOW % (runner, SHELL_IMAGE, more, seconds), encoding="utf-8"
        )
        command = [sys.executable, "-c", FIRST, self.url, str(folder), str(folder / "flow.yaml")]
        self.driver = make_driver(self.url, folder)
        worker = subprocess.Popen(command, cwd=ROOT)
        try:
            self.container = self._container()
            self.wait_line("begun")
        finally:
            worker.kill()
            worker.wait(10)
        (self.execution,) = search.list_ids(self.driver.rt, search.Wanted(flow_id="long"))

    def _container(self):
        def found():
            every = self.client.containers.list(filters={"label": PREFIX + "flow-id=long"})
            return next(iter(every), None)

        return self._until(found)

    def wait_line(self, text):
        self._until(lambda: text.encode() in self.container.logs())

    def _until(self, ready):
        ends = time.monotonic() + 60
        while not (found := ready()):
            assert time.monotonic() < ends, "it did not come"
            time.sleep(0.05)
        return found

    def adopt(self):
        """How many attempts the next worker takes over; returns once they have ended."""
        threads = adopt.adopt_all(self.driver.process, self.client)
        for thread in threads:
            thread.join(60)
        self.driver.work()
        return len(threads)

    def attempts(self):
        run = search.whole(self.driver.rt, self.execution)[1][0]
        with self.driver.rt.database.reading() as tx:
            return run.attempt, dict(standing.running(tx, [run.id]))


def remove(client):
    for container in client.containers.list(all=True, filters={"label": PREFIX + "flow-id=long"}):
        container.remove(force=True)


@pytest.fixture
def left(client, tmp_path):
    yield lambda **more: Left(client, tmp_path, **more)
    remove(client)


def test_the_next_worker_goes_on_with_the_container(left, client):
    found = left()

    count = found.adopt()

    outputs = found.driver.outputs(found.execution, "work")
    assert count == 1
    assert found.driver.state(found.execution) == "SUCCESS"
    assert outputs["taskRunner"] == {"containerId": found.container.id}
    assert (outputs["vars"], outputs["exitCode"]) == ({"answer": 42}, 0)
    assert found.driver.rt.storage.open(outputs["outputFiles"]["out.txt"]).read() == b"made\n"
    assert found.driver.messages(found.execution)[:2] == ["begun", "ended"]
    assert found.attempts() == (1, {})
    assert found.driver.outputs(found.execution, "after") == {"value": "42"}
    assert not client.containers.list(all=True, filters={"id": found.container.id})


@pytest.mark.slow
def test_a_container_that_has_ended_meanwhile_gives_its_results(left):
    found = left(seconds=1)
    found.container.wait()

    assert found.adopt() == 1
    assert found.driver.state(found.execution) == "SUCCESS"
    assert found.driver.messages(found.execution)[:2] == ["begun", "ended"]


@pytest.mark.slow
def test_a_timeout_counts_from_the_attempts_beginning(left):
    found = left(more="timeout: PT8S", seconds=60)
    found.driver.clock.advance(6)  # the time that nobody watched

    began = time.monotonic()
    assert found.adopt() == 1
    assert time.monotonic() - began < 6
    assert found.driver.state(found.execution) == "FAILED"


@pytest.mark.slow
def test_only_one_worker_gets_it_and_no_second_time(left):
    found = left()
    threads = adopt.adopt_all(found.driver.process, found.client)
    other = make_driver(found.url, found.driver.rt.settings.data_dir.parent)

    assert adopt.adopt_all(other.process, found.client) == []
    for thread in threads:
        thread.join(60)
    assert found.driver.runs(found.execution)[0] == ("work", "SUCCESS")


@pytest.mark.slow
@pytest.mark.parametrize(
    "made", [{"runner": ", resume: false"}, {"runner": ", fileHandlingStrategy: MOUNT"}]
)
def test_what_may_not_be_resumed_is_left_to_be_lost(left, made):
    found = left(**made)

    assert found.adopt() == 0
    assert found.attempts()[0] == 1


@pytest.mark.slow
def test_a_lost_attempt_is_not_taken_over(left):
    found = left(seconds=20)
    with found.driver.rt.database.transaction() as tx:
        tx.exec_driver_sql("update task_runs set attempt = 2 where task_id = 'work'")

    assert found.adopt() == 0
