"""The `kestra` package from PyPI in a script: each feature is a named check, in each place."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from app.database import schema
from app.service import search
from tests.conftest import make_driver
from tests.support.docker import PYTHON_IMAGE, engine, python_image

pytestmark = [pytest.mark.docker, pytest.mark.slow]

RUNNERS = {
    "cold": "{type: io.kestra.plugin.core.runner.Process, warm: false}",
    "warm": "{type: io.kestra.plugin.core.runner.Process}",
    "container": "{type: io.kestra.plugin.scripts.runner.docker.Docker, pullPolicy: NEVER}",
}
FLOW = f"""
id: package
namespace: company.team
inputs: [{{id: name, type: STRING, defaults: Ada}}]
tasks:
  - id: run
    type: io.kestra.plugin.scripts.python.Script
    containerImage: {PYTHON_IMAGE}
    pythonVersion: "3.11"
    dependencies: [kestra]
    taskRunner: RUNNER
    script: |
      import time
      from kestra import Kestra, context
      Kestra.logger().info(f"{{context.flow.id}} of {{context.inputs.name}}")
      Kestra.outputs({{"number": 1, "nothing": null, "text": "Ünï", "list": [1.5, true]}})
      Kestra.counter("count", 3, {{"who": "me"}})
      Kestra.counter("plain", 2)
      Kestra.timer("took", 2.12)
      Kestra.timer("called", lambda: time.sleep(0.01))
      Kestra.gauge("level", 0.5)
      Kestra.logger().warning("from the logger")
      Kestra.outputs({{"number": 2}})
"""


@dataclass
class Ran:
    """What is left of one execution of the flow."""

    outputs: dict
    metrics: dict  #: name to row
    levels: dict  #: message to level


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One folder for all, so that packages are fetched once."""
    return tmp_path_factory.mktemp("packages") / "cache"


@pytest.fixture(scope="module", params=list(RUNNERS))
def ran(request, cache, tmp_path_factory):
    """The flow, run once in each place."""
    if request.param == "container":
        client = engine()
        python_image(client)
        client.close()
    folder = tmp_path_factory.mktemp("ran")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_CACHE_DIR", str(cache))
        driver = make_driver(f"sqlite:///{folder / 'test.db'}", folder)
        execution = driver.run(FLOW.replace("RUNNER", RUNNERS[request.param]))
    lines = search.list_logs(driver.rt, {"execution_id": execution})
    with driver.rt.database.reading() as tx:
        metrics = {row.name: row for row in tx.execute(select(schema.metrics))}
    state, outputs = driver.state(execution), driver.outputs(execution, "run")
    driver.process.stop()
    driver.rt.database.close()
    assert state == "SUCCESS", [line.message for line in lines]
    return Ran(outputs["vars"], metrics, {line.message: line.level for line in lines})


def test_outputs_keep_their_types_and_the_last_of_a_name_counts(ran):
    assert ran.outputs == {"number": 2, "nothing": None, "text": "Ünï", "list": [1.5, True]}


def test_a_counter_has_its_value_and_tags(ran):
    assert (ran.metrics["count"].value, ran.metrics["count"].tags) == (3, {"who": "me"})
    assert ran.metrics["plain"].value == 2


def test_a_timer_counts_seconds_and_is_kept_in_milliseconds(ran):
    assert ran.metrics["took"].value == 2120


def test_a_timer_takes_a_call(ran):
    assert ran.metrics["called"].value >= 10


def test_a_gauge_has_its_value(ran):
    assert ran.metrics["level"].value == 0.5


def test_its_logger_writes_with_levels(ran):
    assert any("from the logger" in text and level == 3 for text, level in ran.levels.items())


def test_its_context_tells_flow_and_inputs(ran):
    assert any("package of Ada" in text for text in ran.levels)
