"""The directory of a container's task that has no files: nothing is sent, everybody may write."""

import pytest

from tests.conftest import make_driver
from tests.support.docker import SHELL_IMAGE, engine, shell_image
from workers.runner import container as containers

FLOW = """
id: empty
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner:
      type: io.kestra.plugin.scripts.runner.docker.Docker
      pullPolicy: NEVER
      {more}
    containerImage: {image}
    {files}
    outputFiles: [made.txt]
    commands:
      - stat -c %a .
      - echo "$0 $#" > made.txt
"""


@pytest.fixture(scope="module")
def client():
    made = engine()
    shell_image(made)
    yield made
    made.close()


@pytest.fixture(scope="module")
def image_of_nobody(client):
    """An image whose own user is not root."""
    container = client.containers.create(SHELL_IMAGE, ["true"])
    made = container.commit("trunkline-test-nobody", "1", changes="USER 1234")
    container.remove()
    yield "trunkline-test-nobody:1"
    client.images.remove(made.id, force=True)


@pytest.fixture
def driver(client, tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    yield made
    made.process.stop()
    made.rt.database.close()


@pytest.fixture
def sent(monkeypatch):
    """The directories that were sent."""
    found, send = [], containers.send

    def record(container, directory, **options):
        found.append(directory)
        send(container, directory, **options)

    monkeypatch.setattr(containers, "send", record)
    return found


def run(driver, more="", files="", image=SHELL_IMAGE):
    """What the script's file holds; its directory was open to every user."""
    execution = driver.run(FLOW.format(more=more, files=files, image=image))
    assert driver.messages(execution) == ["777"]
    uri = driver.outputs(execution, "run")["outputFiles"]["made.txt"]
    return driver.rt.storage.open(uri).read()


def test_roots_shell_opens_it(driver, sent):
    assert run(driver) == b"/bin/sh 0\n"
    assert sent == []


@pytest.mark.parametrize(
    "given",
    [{"more": "user: '1234'"}, {"more": "entryPoint: [env]"}, {"files": "inputFiles: {a.txt: a}"}],
    ids=["another user", "an entry point", "a file"],
)
def test_it_is_sent_where_the_shell_could_not(driver, sent, given):
    assert run(driver, **given) == b"/bin/sh 0\n"
    assert len(sent) == 1


def test_it_is_sent_to_an_image_with_a_user_of_its_own(driver, sent, image_of_nobody):
    assert run(driver, image=image_of_nobody) == b"/bin/sh 0\n"
    assert len(sent) == 1
