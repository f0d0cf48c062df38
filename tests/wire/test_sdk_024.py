"""The released Python SDK 0.24, unmodified, against a real server: each feature is a named check.

Its package `kestrapy` cannot be imported, since it lacks a module of its own; the same distribution
holds the client under the name `kestra_api_client`, which can. What of it works is in docs/api.md.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("sdk_024_script.py")
CHECKS = re.findall(r"^def check_(\w+)", SCRIPT.read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def outcomes(server):
    """What went wrong in each check of the script, or None; it runs once for all of them."""
    uv = Path(sys.executable).with_name("uv")
    uv = uv if uv.exists() else shutil.which("uv")
    command = [str(uv), "run", "-q", "--no-project", "--with", "kestrapy==0.24.1"]
    command += ["python", "-W", "ignore", str(SCRIPT)]

    done = subprocess.run(
        [*command, server.url, "admin@example.org", "correct horse"],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
        check=False,
    )

    if "Failed to fetch" in done.stderr and not os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
        pytest.skip("the package registry cannot be reached")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("feature", CHECKS)
def test_the_old_sdk_works_unmodified(outcomes, feature):
    assert outcomes[f"check_{feature}"] is None, outcomes[f"check_{feature}"]
