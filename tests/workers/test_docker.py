"""Scripts in containers, and the Docker tasks, on a real engine with images made here."""

import threading
import time

import pytest

from app.service import operations, secrets
from tests.conftest import make_driver
from tests.support.docker import engine, shell_image

RUNNER = "io.kestra.plugin.scripts.runner.docker.Docker"
FLOW = """
id: boxed
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.{type}
{body}
"""


@pytest.fixture(scope="module")
def client():
    made = engine()
    shell_image(made)
    yield made
    made.close()


@pytest.fixture
def driver(client, tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    yield made
    made.process.stop()
    made.rt.database.close()


def allow(driver, **settings):
    object.__setattr__(driver.rt, "settings", driver.rt.settings.model_copy(update=settings))


def shell(driver, body, more="", image="trunkline-test-shell:1", runner=""):
    lines = [
        f"taskRunner: {{type: {RUNNER}, pullPolicy: NEVER{runner}}}",
        f"containerImage: {image}",
        *more.splitlines(),
        "commands:",
        *(f"  - {line}" for line in body),
    ]
    text = "\n".join("    " + line for line in lines)
    return driver.run(FLOW.format(type="scripts.shell.Commands", body=text))


def left(client, execution):
    label = f"kestra.io/execution-id={execution}"
    return client.containers.list(all=True, filters={"label": label}, ignore_removed=True)


def test_a_script_runs_in_a_container_that_is_gone_after_it(driver, client):
    execution = shell(
        driver, ["echo one", "echo two >&2", '\'echo "::{\\"outputs\\":{\\"n\\":1}}::"\'']
    )

    outputs = driver.outputs(execution, "run")
    assert driver.state(execution) == "SUCCESS"
    assert outputs["vars"] == {"n": 1}
    assert outputs["exitCode"] == 0
    assert len(outputs["taskRunner"]["containerId"]) == 64
    assert sorted(driver.messages(execution)) == ["one", "two"]
    assert left(client, execution) == []


def test_files_go_in_and_come_out_with_their_modes(driver):
    more = """inputFiles: {in/a.txt: hello, run.sh: "echo from-run"}
outputFiles: ["out/*", "made.sh"]"""
    body = [
        "cat in/a.txt",
        "mkdir out",
        "cat in/a.txt > out/b.txt",
        "echo x > made.sh && chmod 750 made.sh",
        "sh run.sh",
    ]

    execution = shell(driver, body, more)

    found = driver.outputs(execution, "run")["outputFiles"]
    assert set(found) == {"out/b.txt", "made.sh"}
    assert driver.rt.storage.open(found["out/b.txt"]).read() == b"hello"
    assert driver.messages(execution) == ["hellofrom-run"]


def test_a_failing_container_keeps_what_it_said(driver):
    execution = shell(driver, ['\'echo "::{\\"outputs\\":{\\"n\\":null}}::"\'', "exit 66"])

    assert driver.state(execution) == "FAILED"
    assert driver.outputs(execution, "run")["exitCode"] == 66
    assert driver.outputs(execution, "run")["vars"] == {"n": None}


def test_no_image_is_pulled_where_that_is_forbidden(driver):
    began = time.monotonic()
    execution = shell(driver, ["echo no"], image="no-such-image-here:7")

    assert driver.state(execution) == "FAILED"
    assert time.monotonic() - began < 5
    assert "no-such-image-here:7 not found" in " ".join(driver.messages(execution))


def test_limits_and_labels_reach_the_container(driver, client):
    limits = ", cpu: {cpus: 0.5}, memory: {memory: 64MB}, user: '1234', wait: false"
    execution = shell(driver, ["id", "sleep 30"], runner=limits)

    found = left(client, execution)
    try:
        info = found[0].attrs
        assert info["HostConfig"]["NanoCpus"] == 500_000_000
        assert info["HostConfig"]["Memory"] == 64 << 20
        assert info["Config"]["User"] == "1234"
        assert info["Config"]["Labels"]["kestra.io/flow-id"] == "boxed"
    finally:
        for container in found:
            container.remove(force=True)


@pytest.mark.parametrize("is_allowed", [False, True])
def test_folders_are_bound_only_where_the_server_allows_it(driver, tmp_path, is_allowed):
    (tmp_path / "bound").mkdir()
    (tmp_path / "bound" / "file").write_text("seen")
    allow(driver, docker_volume_enabled=is_allowed)

    execution = shell(driver, ["cat /b/file"], runner=f", volumes: ['{tmp_path}/bound:/b:ro']")

    assert driver.state(execution) == ("SUCCESS" if is_allowed else "FAILED")
    assert ("seen" in driver.messages(execution)) is is_allowed


def test_a_privileged_container_is_refused_by_default(driver):
    execution = shell(driver, ["echo hi"], runner=", privileged: true")

    assert driver.state(execution) == "FAILED"
    assert "not allowed" in " ".join(driver.messages(execution))


def test_an_engine_that_is_away_is_named(driver):
    execution = shell(driver, ["echo hi"], runner=", host: 'unix:///no/such.sock'")

    text = " ".join(driver.messages(execution))
    assert driver.state(execution) == "FAILED"
    assert "unix:///no/such.sock" in text
    assert "runner.Process" in text


def test_a_timeout_removes_the_container(driver, client):
    began = time.monotonic()
    execution = shell(driver, ["sleep 60"], more="timeout: PT1S")

    assert driver.state(execution) == "FAILED"
    assert time.monotonic() - began < 20
    assert left(client, execution) == []


def test_a_kill_removes_the_container(driver, client):
    text = FLOW.format(
        type="scripts.shell.Commands",
        body=f"    taskRunner: {{type: {RUNNER}, pullPolicy: NEVER}}\n"
        "    containerImage: trunkline-test-shell:1\n    commands: [sleep 60]",
    )
    driver.save(text)
    execution = driver.start("company.team", "boxed")
    worker = threading.Thread(target=driver.work)
    worker.start()
    ends = time.monotonic() + 20
    while not left(client, execution) and time.monotonic() < ends:
        time.sleep(0.05)

    operations.kill(driver.rt, execution)
    driver.process.kill(execution)
    worker.join(20)
    driver.work()

    assert driver.state(execution) == "KILLED"
    assert left(client, execution) == []


def test_thousands_of_lines_arrive_in_order(driver):
    execution = shell(driver, ["seq 1 2000"])

    assert driver.messages(execution) == [str(n) for n in range(1, 2001)]


def test_run_gives_its_commands_to_the_image(driver):
    body = """    containerImage: trunkline-test-shell:1
    pullPolicy: NEVER
    env: {NAME: "Ünïcode"}
    commands: ["sh", "-c", "echo $NAME > out.txt"]
    outputFiles: ["out.txt"]"""

    execution = driver.run(FLOW.format(type="docker.Run", body=body))

    found = driver.outputs(execution, "run")
    assert driver.state(execution) == "SUCCESS"
    assert driver.rt.storage.open(found["outputFiles"]["out.txt"]).read().decode() == "Ünïcode\n"


BUILD = """
id: building
namespace: company.team
tasks:
  - id: build
    type: io.kestra.plugin.docker.Build
    dockerfile: |
      FROM trunkline-test-shell:1 AS base
      ARG WHO
      RUN ["/bin/sh", "-c", "echo built for $WHO > /made"]
      FROM base AS last
      LABEL stage=last
    buildArgs: {WHO: '{{ flow.id }}'}
    labels: {made-by: trunkline-test}
    tags: ["trunkline-test-built:1", "trunkline-test-built:2"]
    pull: false
    target: base
  - id: use
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: %s, pullPolicy: NEVER}
    containerImage: trunkline-test-built:2
    commands: [cat /made]
  - id: list
    type: io.kestra.plugin.docker.ImageLs
    imageNameFilter: trunkline-test-built
    labelFilter: {made-by: trunkline-test}
  - id: tag
    type: io.kestra.plugin.docker.Tag
    sourceImage: trunkline-test-built:1
    targetImage: localhost:5999/trunkline-test-tagged
  - id: remove
    type: io.kestra.plugin.docker.Rm
    imageIds:
      - trunkline-test-built:1
      - trunkline-test-built:2
      - localhost:5999/trunkline-test-tagged:latest
    force: true
"""


def test_an_image_is_built_used_listed_tagged_and_removed(driver, client):
    execution = driver.run(BUILD % RUNNER)

    assert driver.state(execution) == "SUCCESS", driver.messages(execution)
    assert "built for building" in driver.messages(execution)
    assert driver.outputs(execution, "build")["imageId"].startswith("sha256:")
    assert driver.outputs(execution, "list")["count"] == 1
    assert client.images.list("trunkline-test-built") == []


def test_a_build_that_fails_says_why(driver):
    body = """    dockerfile: |
      FROM trunkline-test-shell:1
      RUN ["/bin/sh", "-c", "exit 9"]
    pull: false
    tags: [trunkline-test-bad]"""

    execution = driver.run(FLOW.format(type="docker.Build", body=body))

    assert driver.state(execution) == "FAILED"
    assert "9" in " ".join(driver.messages(execution))


def test_a_detached_container_is_stopped_by_its_id(driver, client):
    text = """
id: detached
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.docker.Run
    containerImage: trunkline-test-shell:1
    pullPolicy: NEVER
    wait: false
    commands: [sleep, "60"]
  - id: stop
    type: io.kestra.plugin.docker.Stop
    containerId: "{{ outputs.run.taskRunner.containerId }}"
    kill: true
  - id: again
    type: io.kestra.plugin.docker.Stop
    containerId: "{{ outputs.run.taskRunner.containerId }}"
"""
    execution = driver.run(text)

    assert [state for _, state in driver.runs(execution)] == ["SUCCESS", "SUCCESS", "FAILED"]
    assert "no container" in " ".join(driver.messages(execution))


def test_a_secret_that_a_container_prints_is_neither_in_its_log_nor_its_outputs(driver, client):
    secrets.put(driver.rt, "company.team", "CANARY", "a-canary-value")
    execution = shell(
        driver,
        [
            "echo \"plain {{ secret('CANARY') }}\"",
            '\'echo "::{\\"outputs\\":{\\"got\\":\\"$NAMED\\"}}::"\'',
        ],
        more="env: {NAMED: \"{{ secret('CANARY') }}\"}",
    )

    assert driver.state(execution) == "SUCCESS", driver.messages(execution)
    assert "plain ******" in driver.messages(execution)
    assert "a-canary-value" not in str(driver.outputs(execution, "run"))
    assert set(driver.outputs(execution, "run")["vars"]["got"]) == {"type", "value"}
