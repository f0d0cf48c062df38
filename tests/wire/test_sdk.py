"""The released Python SDK, unmodified, against a real server: flows, executions, keys."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("sdk_script.py")


@pytest.mark.parametrize("release", ["kestrapy>=2,<3", "kestrapy>=1,<2"])
def test_the_sdk_works_unmodified(server, release):
    uv = Path(sys.executable).with_name("uv")
    uv = uv if uv.exists() else shutil.which("uv")
    command = [str(uv), "run", "-q", "--no-project", "--with", release, "python", "-W", "ignore"]

    done = subprocess.run(
        [*command, str(SCRIPT), server.url, "admin@example.org", "correct horse"],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
        check=False,
    )

    if "Failed to fetch" in done.stderr and not os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
        pytest.skip("the package registry cannot be reached")
    assert done.stdout.strip() == "done", done.stdout + done.stderr
