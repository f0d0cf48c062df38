"""Images of a private registry: pushed and pulled with credentials that nobody else sees."""

import base64

import pytest

from app.service import secrets
from tests.conftest import make_driver
from tests.support.docker import engine, shell_image
from tests.support.registry import PASSWORD, USER, Registry

pytestmark = [pytest.mark.slow, pytest.mark.docker]

RUNNER = "io.kestra.plugin.scripts.runner.docker.Docker"
LOGIN = "{registry: '%s', username: carrier, password: \"{{ secret('REGISTRY') }}\"}"
FLOW = """
id: carried
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.{type}
{body}
"""


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    made = Registry(tmp_path_factory.mktemp("registry"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def client():
    made = engine()
    shell_image(made)
    yield made
    made.close()


@pytest.fixture
def image(client, registry, request):
    """A name within the registry that this test has alone; gone from the engine afterwards."""
    name = request.node.name.replace("_", "-")[:60].strip("-")
    yield f"{registry.host}/{name}"
    for found in client.images.list(f"{registry.host}/{name}"):
        client.images.remove(found.id, force=True)


@pytest.fixture
def driver(client, tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    secrets.put(made.rt, "company.team", "REGISTRY", PASSWORD)
    yield made
    made.process.stop()
    made.rt.database.close()


def run(driver, kind, *lines):
    body = "\n".join("    " + line for line in lines)
    execution = driver.run(FLOW.format(type=kind, body=body))
    return driver.state(execution), "\n".join(driver.messages(execution))


def build(driver, registry, image, login=None):
    return run(
        driver,
        "docker.Build",
        "dockerfile: |",
        "  FROM trunkline-test-shell:1",
        f'  RUN ["/bin/sh", "-c", "echo {image} > /made"]',
        f"tags: ['{image}:1']",
        "pull: false",
        "push: true",
        *([f"credentials: {login}"] if login else []),
    )


def pushed(client, driver, registry, image):
    """The image is in the registry and not on the engine."""
    state, said = build(driver, registry, image, LOGIN % registry.host)
    assert state == "SUCCESS", said
    client.images.remove(f"{image}:1", force=True)
    return said


def script(driver, image, policy, *runner):
    return run(
        driver,
        "scripts.shell.Commands",
        "taskRunner:",
        f"  type: {RUNNER}",
        f"  pullPolicy: {policy}",
        *(f"  {line}" for line in runner),
        f"containerImage: '{image}:1'",
        "commands: [cat /made, ls -a, env]",
    )


def name_of(image):
    return image.partition("/")[2]


def test_an_image_is_built_and_pushed_with_its_credentials(client, driver, registry, image):
    said = pushed(client, driver, registry, image)

    assert registry.tags(name_of(image)) == ["1"]
    assert PASSWORD not in said
    assert base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode() not in said


def test_a_script_runs_in_an_image_that_its_runner_pulls(client, driver, registry, image):
    pushed(client, driver, registry, image)
    state, said = script(driver, image, "IF_NOT_PRESENT", f"credentials: {LOGIN % registry.host}")

    assert state == "SUCCESS", said
    assert image in said
    assert PASSWORD not in said
    assert ".docker" not in said
    assert "config.json" not in said


def test_the_credentials_of_a_config_pull_as_well(client, driver, registry, image):
    pushed(client, driver, registry, image)
    auth = "{username: carrier, password: \"{{ secret('REGISTRY') }}\"}"
    config = f"config: {{auths: {{'{registry.host}': {auth}}}}}"

    state, said = run(driver, "docker.Pull", f"image: '{image}:1'", config)

    assert state == "SUCCESS", said
    assert client.images.get(f"{image}:1")


def test_a_registry_that_refuses_fails_the_task_with_its_reason(client, driver, registry, image):
    pushed(client, driver, registry, image)
    wrong = f"{{registry: '{registry.host}', username: carrier, password: guessed-wrong}}"
    without = run(driver, "docker.Pull", f"image: '{image}:1'")
    guessed = run(driver, "docker.Pull", f"image: '{image}:1'", f"credentials: {wrong}")
    kept = build(driver, registry, image)

    assert [state for state, _ in (without, guessed, kept)] == ["FAILED"] * 3
    assert "no basic auth credentials" in without[1]
    assert "unauthorized" in guessed[1]
    assert "no basic auth credentials" in kept[1]
    assert "guessed-wrong" not in guessed[1]


def test_a_policy_of_never_asks_no_registry(client, driver, registry, image):
    pushed(client, driver, registry, image)
    before = registry.asked_for(name_of(image))
    state, said = script(driver, image, "NEVER", f"credentials: {LOGIN % registry.host}")

    assert state == "FAILED"
    assert "pullPolicy is NEVER" in said
    assert registry.asked_for(name_of(image)) == before > 0


def test_a_policy_of_always_takes_what_the_registry_has_now(client, driver, registry, image):
    pushed(client, driver, registry, image)
    client.images.get("trunkline-test-shell:1").tag(image, "1")
    state, said = script(driver, image, "ALWAYS", f"credentials: {LOGIN % registry.host}")

    assert state == "SUCCESS", said
    assert image in said
