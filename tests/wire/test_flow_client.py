"""The Flow client of the released package `kestra`, unmodified: each feature a named check."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("flow_client_script.py")
CHECKS = re.findall(r"^def check_(\w+)", SCRIPT.read_text(), re.MULTILINE)
RELEASES = ["kestra==0.21.0", "kestra==1.0.0", "kestra==2.0.0"]
FLOWS = """id: told
namespace: wire.flowclient
inputs:
  - {id: name, type: STRING, defaults: world}
  - {id: number, type: INT, required: false}
tasks: [{id: out, type: io.kestra.plugin.core.log.Log, message: "hello {{ inputs.name }}"}]
---
id: filed
namespace: wire.flowclient
inputs: [{id: doc, type: FILE}]
tasks: [{id: out, type: io.kestra.plugin.core.log.Log, message: "{{ read(inputs.doc) }}"}]
---
id: failing
namespace: wire.flowclient
tasks: [{id: out, type: io.kestra.plugin.core.execution.Fail}]
---
id: warning
namespace: wire.flowclient
tasks: [{id: out, type: io.kestra.plugin.core.execution.Fail, allowFailure: true}]
"""
_ran = {}


def outcome(server, package):
    """What the checks say of a release; they run once for all tests."""
    if package not in _ran:
        _ran[package] = run(server, package)
    return _ran[package]


def run(server, package):
    server.client.post(
        "/flows/bulk?delete=false", content=FLOWS, headers={"Content-Type": "application/x-yaml"}
    ).raise_for_status()
    token = server.client.post("/me/api-tokens", json={"name": package}).json()["fullToken"]
    uv = Path(sys.executable).with_name("uv")
    uv = uv if uv.exists() else shutil.which("uv")
    command = [str(uv), "run", "-q", "--no-project", "--isolated", "--with", package, "python"]
    done = subprocess.run(
        [*command, str(SCRIPT), server.url, "admin@example.org", "correct horse", token],
        capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
    )  # fmt: skip

    if "Failed to fetch" in done.stderr and not os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
        pytest.skip("the package registry cannot be reached")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("package", RELEASES)
@pytest.mark.parametrize("feature", CHECKS)
def test_the_flow_client_works_unmodified(server, package, feature):
    wrong = outcome(server, package)[f"check_{feature}"]

    assert wrong is None, wrong
