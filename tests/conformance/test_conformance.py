"""The behaviour suite that lies beside the checkout, where there is one.

It stays outside the project: without it these tests are skipped. Expressions have to hold wholly.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).parents[3] / "shared" / "conformance" / "run.py"

pytestmark = pytest.mark.skipif(
    not SUITE.exists(), reason="the conformance suite does not lie beside this checkout"
)


def run(server, folder, *arguments):
    command = [sys.executable, str(SUITE), "--base-url", server.url]
    command += ["--auth", "admin@example.org:correct horse", "--jobs", "6"]
    command += ["--results", str(folder / "results"), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    lines = (folder / "results").read_text().splitlines()
    return done, [json.loads(line) for line in lines]


@pytest.mark.timeout(600)
def test_every_expression_gives_what_the_reference_gives(server, tmp_path):
    done, results = run(server, tmp_path, "--expressions")

    assert len(results) > 200, done.stdout[-2000:] + done.stderr[-2000:]
    assert [item["name"] for item in results if not item["passed"]] == []
