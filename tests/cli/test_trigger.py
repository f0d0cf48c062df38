"""Backfills on the command line."""

import pytest

from app.service import schedules, search
from app.service.search import Wanted

NIGHTLY = """\
id: nightly
namespace: team.a
inputs: [{id: region, type: STRING, defaults: all}]
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: "region {{ inputs.region }}"}
triggers:
  - {id: night, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 1 * * *"}
"""
PLACE = ("team.a", "nightly", "night")
SPAN = ("--start", "2026-01-01", "--end", "2026-01-20")


@pytest.fixture
def nightly(run, served, tmp_path):
    (tmp_path / "nightly.yaml").write_text(NIGHTLY, encoding="utf-8")
    assert run("flow", "deploy", str(tmp_path)).code == 0
    return served


def test_a_backfill_is_paused_continued_and_cancelled(run, nightly):
    begun = run("trigger", "backfill", *PLACE, *SPAN)
    paused = run("trigger", "pause-backfill", *PLACE)
    listed = run("trigger", "list")
    going = run("trigger", "continue-backfill", *PLACE)
    ended = run("trigger", "cancel-backfill", *PLACE)

    assert [one.code for one in (begun, paused, going, ended)] == [0] * 4
    assert "2026-01-01" in begun.out
    assert paused.out.startswith("backfill paused at 2026-01-01T01:00:00")
    assert "backfill paused" in listed.out
    assert going.out.startswith("backfill at 2026-01-01T01:00:00")
    assert ended.out == "cancelled\n"
    assert run("trigger", "cancel-backfill", *PLACE).code == 1


def test_a_backfill_has_inputs_and_labels_of_its_own(run, nightly):
    begun = run(
        "trigger", "backfill", *PLACE, *SPAN, "--input", "region=north", "--label", "by:hand"
    )
    schedules.fire_due(nightly.rt)
    (row, *_), _ = search.list_executions(nightly.rt, Wanted(flow_id="nightly"), page=1, size=9)

    assert begun.code == 0
    assert row.inputs == {"region": "north"}
    assert row.labels["by"] == "hand"


def test_a_backfill_goes_back_in_time_a_few_runs_at_once(run, nightly):
    begun = run("trigger", "backfill", *PLACE, *SPAN, "--newest-first", "--concurrency-limit", "3")

    assert begun.code == 0
    assert begun.out.startswith("backfill at 2026-01-19T01:00:00Z of ")
    assert begun.out.endswith(", newest first, at most 3 at once\n")


def test_a_backfill_with_an_input_that_is_not_there_begins_nothing(run, nightly):
    found = run("trigger", "backfill", *PLACE, *SPAN, "--input", "regoin=north")

    assert found.code == 1
    assert "there is no input 'regoin'; there are: region" in found.err
    assert "backfill" not in run("trigger", "list").out
