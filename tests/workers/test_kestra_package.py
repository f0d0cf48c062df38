"""The `kestra` package from PyPI: what it sends arrives, wherever the script runs."""

import pytest
from sqlalchemy import select

from app.database import schema
from app.service import search
from tests.conftest import make_driver
from tests.support.docker import PYTHON_IMAGE, engine, python_image

pytestmark = pytest.mark.docker

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


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One folder for all, so that packages are fetched once."""
    return tmp_path_factory.mktemp("packages")


@pytest.mark.slow
@pytest.mark.parametrize("where", list(RUNNERS))
def test_outputs_metrics_and_logs_of_the_package_arrive(folder, tmp_path, where, monkeypatch):
    if where == "container":
        client = engine()
        python_image(client)
        client.close()
    monkeypatch.setenv("UV_CACHE_DIR", str(folder / "cache"))
    driver = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)

    execution = driver.run(FLOW.replace("RUNNER", RUNNERS[where]))
    messages = driver.messages(execution)
    levels = {r.message: r.level for r in search.list_logs(driver.rt, {"execution_id": execution})}
    with driver.rt.database.reading() as tx:
        metrics = {row.name: row for row in tx.execute(select(schema.metrics))}
    driver.process.stop()
    driver.rt.database.close()

    assert driver.state(execution) == "SUCCESS", messages
    expected = {"number": 2, "nothing": None, "text": "Ünï", "list": [1.5, True]}
    assert driver.outputs(execution, "run")["vars"] == expected
    assert (metrics["count"].value, metrics["count"].tags) == (3, {"who": "me"})
    assert (metrics["took"].value, metrics["level"].value) == (2120, 0.5)
    assert set(metrics) >= {"plain", "called"}
    assert any("package of Ada" in text for text in levels)
    assert any("from the logger" in text and level == 3 for text, level in levels.items())
