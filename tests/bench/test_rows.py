"""Every benchmark runs, with tiny sizes, and reports figures for its goals."""

import json
import math
import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from bench.run import ROWS
from bench.support.figures import Goal, Report, table
from tests.support.postgres import find_binaries

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_each_row_measures_and_writes_its_report(tmp_path):
    if find_binaries() is None and not os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
        pytest.skip("PostgreSQL is not installed")

    # a process of its own: the task types of the benchmarks are installed there alone
    command = [sys.executable, "bench/run.py", "--tiny", "--results", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=850)

    assert "| row | item |" in done.stdout, done.stdout + done.stderr
    reports = [json.loads(path.read_text("utf-8")) for path in tmp_path.glob("P*.json")]
    assert {report["row"] for report in reports} == set(ROWS)
    goals = [goal for report in reports for goal in report["goals"]]
    assert all(math.isfinite(goal["value"]) for goal in goals)
    # a difference may be less than nothing: a container may be there sooner than `docker run`'s
    assert all(goal["value"] >= 0 for goal in goals if goal["unit"] == "×")
    assert {goal["verdict"] for goal in goals} <= {"AIM", "PASS", "MISS"}


def test_the_rows_bring_no_task_type_into_a_process_that_imports_them():
    found = {found.metadata["Name"] for found in distributions()}

    assert "trunkline-bench" not in found


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.4, "AIM"), (0.5, "AIM"), (0.9, "PASS"), (1.01, "MISS")]
)
def test_a_goal_is_met_at_its_bound_and_missed_beyond_it(value, verdict):
    assert Goal("time", value, must=1.0, aim=0.5).verdict == verdict


def test_a_goal_may_be_a_minimum():
    assert Goal("rate", 3.1, must=1.5, aim=3, at_least=True).verdict == "AIM"
    assert Goal("rate", 1.4, must=1.5, aim=3, at_least=True).verdict == "MISS"


def test_the_table_shows_bound_and_verdict():
    text = table([Report("P2", "10 steps", [Goal("time over raw chain", 0.42, 1.0, 0.5)])])

    line = "| P2 | 10 steps | time over raw chain | 0.42 × | ≤ 1 | ≤ 0.5 | AIM |"
    assert text.splitlines()[2] == line
