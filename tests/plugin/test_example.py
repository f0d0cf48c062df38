"""The example plug-in: installed as a distribution, found by its entry point, run in a flow."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOW = """
id: greeting
namespace: company.team
tasks:
  - {id: hello, type: com.acme.trunkline.Greet, name: "{{ 'Ada' }}", times: "{{ 1 + 1 }}"}
  - {id: old, type: com.acme.Hello, name: " "}
"""
AWAY = """
id: away
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: com.acme.trunkline.Elsewhere, zone: "{{ 'e' ~ 1 }}"}
    env: {WHO: Ada}
    inputFiles: {in.txt: "from here"}
    outputFiles: [out.txt]
    commands: ["cat in.txt > out.txt", "pwd", 'echo "::{\\"outputs\\":{\\"who\\":\\"$WHO\\"}}::"']
  - id: old
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: com.acme.trunkline.Elsewhere}
    commands: ["exit 7"]
"""
PROGRAM = """
import json, sys
from pathlib import Path
from app.language.parse import parse_flow
from app.plugin.registry import default_registry
from app.plugin.schema import type_schema
from tests.conftest import make_driver

folder, text = Path(sys.argv[1]), sys.argv[2]
driver = make_driver(f"sqlite:///{folder / 'test.db'}", folder)
execution = driver.run(text)
cls = default_registry().find("com.acme.trunkline.Greet")
print(json.dumps({
    "runs": driver.runs(execution),
    "outputs": driver.outputs(execution, "hello"),
    "messages": driver.messages(execution),
    "properties": sorted(type_schema(cls, default_registry())["properties"]["properties"]),
}))
driver.process.stop()
"""


@pytest.fixture
def installed(tmp_path):
    """A folder that holds the distribution as pip installs it, built without a network."""
    target = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--target", str(target), str(tmp_path / "plugin")]
    source = tmp_path / "plugin"
    source.mkdir()
    for path in (ROOT / "examples" / "plugin").rglob("*"):
        if path.suffix in (".py", ".toml"):
            place = source / path.relative_to(ROOT / "examples" / "plugin")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    subprocess.run(command, check=True, capture_output=True)
    return target


def run(installed, folder, flow):
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), flow],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_flow_runs_with_the_task_type_of_an_installed_plug_in(installed, tmp_path):
    found = run(installed, tmp_path, FLOW)

    assert found["runs"] == [["hello", "SUCCESS"], ["old", "FAILED"]]
    assert found["outputs"] == {"greeting": "Hello, Ada! Hello, Ada!"}
    assert "greeted Ada" in found["messages"]
    assert "`name` is blank" in found["messages"]
    assert {"name", "times", "id", "runIf"} <= set(found["properties"])


def test_a_script_task_runs_on_the_task_runner_of_an_installed_plug_in(installed, tmp_path):
    found = run(installed, tmp_path, AWAY)

    assert found["runs"] == [["hello", "SUCCESS"], ["old", "FAILED"]]
    assert found["outputs"]["vars"] == {"who": "Ada"}
    assert list(found["outputs"]["outputFiles"]) == ["out.txt"]
    assert any("/elsewhere-" in line for line in found["messages"])
    assert any("exit" in line and "7" in line for line in found["messages"])
