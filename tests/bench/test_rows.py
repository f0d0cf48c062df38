"""Every benchmark runs, with tiny sizes, and reports figures for its goals."""

import json
import math
import os

import pytest

from bench.run import ROWS, run
from bench.support.cluster import Missing
from bench.support.figures import Goal, Report, table


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_each_row_measures_and_writes_its_report(tmp_path):
    try:
        reports = run(list(ROWS), tiny=True, results=tmp_path)
    except Missing as reason:
        if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
            raise
        pytest.skip(str(reason))

    assert [report.row for report in reports] == list(ROWS)
    assert all(goal.value > 0 and math.isfinite(goal.value) for r in reports for goal in r.goals)
    saved = json.loads((tmp_path / "P1.json").read_text("utf-8"))
    assert {goal["verdict"] for goal in saved["goals"]} <= {"AIM", "PASS", "MISS"}


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
