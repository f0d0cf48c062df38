"""S26: no dependency that we pin has a published weakness."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def known_weaknesses(audited):
    """Of each pinned dependency its published weaknesses; None when nobody could be asked."""
    asked = [one for one in audited["dependencies"] if "skip_reason" not in one]
    if not asked:
        return None
    return {one["name"]: [w["id"] for w in one["vulns"]] for one in asked if one["vulns"]}


@pytest.mark.slow
@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_no_dependency_that_is_pinned_has_a_known_weakness(lock):
    done = subprocess.run(
        [str(Path(sys.executable).with_name("pip-audit")), "--require-hashes", "--disable-pip",
         "--progress-spinner", "off", "--format", "json", "-r", lock],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
        env={**os.environ, "PIP_AUDIT_DESC": "off"},
    )  # fmt: skip
    found = known_weaknesses(json.loads(done.stdout)) if done.stdout else None
    if found is None:
        pytest.skip("no list of weaknesses can be reached")

    assert found == {}


def test_a_weakness_is_told_and_nobody_to_ask_is_no_all_clear():
    weak = {"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}
    well = {"name": "b", "version": "1", "vulns": []}
    skipped = {"name": "c", "skip_reason": "not found"}

    assert known_weaknesses({"dependencies": [weak, well, skipped]}) == {"a": ["CVE-1"]}
    assert known_weaknesses({"dependencies": [well]}) == {}
    assert known_weaknesses({"dependencies": [skipped]}) is None
