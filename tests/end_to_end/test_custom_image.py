"""The example of an image with business logic: clone, build, run without a registry."""

from pathlib import Path

import pytest

from tests.conftest import make_driver
from tests.support.docker import PYTHON_IMAGE, engine, python_image
from tests.support.repository import Repository

pytestmark = pytest.mark.docker

EXAMPLE = Path(__file__).parents[2] / "examples" / "custom-image"


@pytest.fixture(scope="module")
def client():
    made = engine()
    python_image(made)
    yield made
    made.close()


@pytest.fixture
def driver(tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    settings = made.rt.settings.model_copy(update={"git_allow_file_protocol": True})
    object.__setattr__(made.rt, "settings", settings)
    yield made
    made.process.stop()
    made.rt.database.close()


@pytest.mark.slow
def test_a_flow_builds_an_image_of_a_repository_and_runs_in_it(client, driver, tmp_path):
    repository = Repository(tmp_path)
    repository.commit({name: (EXAMPLE / name).read_text() for name in ("Dockerfile", "pricing.py")})

    text = (EXAMPLE / "flows" / "custom-image.yaml").read_text()
    execution = driver.run(text, repository=repository.url, base=PYTHON_IMAGE, pieces=120)

    assert driver.state(execution) == "SUCCESS", driver.messages(execution)
    assert driver.outputs(execution, "quote")["vars"] == {"price": 1018.98}
    client.images.remove("company/pricing:latest", force=True)
