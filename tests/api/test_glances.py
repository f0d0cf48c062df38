"""What Home and the list of flows show at a glance."""

from datetime import timedelta

import pytest

from app.service import glances

FAIL = "{id: f, type: io.kestra.plugin.core.execution.Fail, errorMessage: the disk is full}"
SWITCHED = (
    '{id: s, type: io.kestra.plugin.core.flow.If, condition: "{{ inputs.bad }}", '
    f"then: [{FAIL}]}}"
)
INPUT = "inputs: [{id: bad, type: BOOLEAN, defaults: true}]"
PLACES = [{"namespace": "team.a", "id": "good"}, {"namespace": "team.a", "id": "none"}]


def form(bad):
    return {"data": {"bad": bad}, "content_type": "multipart/form-data"}


def start(lite, bad):
    answer = lite.call("POST", "/executions/team.a/some", **form(bad))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    lite.driver.work()
    lite.driver.clock.advance(60)
    return answer.get_json()["id"]


def test_a_strip_holds_the_last_runs_newest_first(lite):
    lite.flow("good")
    ids = [lite.run("good") for _ in range(3)]

    both = lite.send("POST", "/executions/strips", PLACES)
    two = lite.send("POST", "/executions/strips", PLACES, runs=2)

    assert [run["id"] for run in both[0]["runs"]] == ids[::-1]
    assert {run["state"] for run in both[0]["runs"]} == {"SUCCESS"}
    assert all(run["seconds"] >= 0 for run in both[0]["runs"])
    assert (len(two[0]["runs"]), both[1]["runs"]) == (2, [])


def test_a_failing_flow_tells_since_when_and_why(lite):
    lite.flow("some", INPUT, tasks=SWITCHED)
    start(lite, "true")
    start(lite, "false")
    first = start(lite, "true")
    last = start(lite, "true")

    (found,) = lite.get("/executions/failing")

    assert found["execution"]["id"] == last
    assert found["failures"] == 2
    assert found["since"][:19] == lite.get(f"/executions/{first}")["state"]["startDate"][:19]
    assert "the disk is full" in found["error"]


def test_a_flow_that_ended_well_since_is_not_failing(lite):
    lite.flow("some", INPUT, tasks=SWITCHED)
    start(lite, "true")
    assert len(lite.get("/executions/failing")) == 1
    start(lite, "false")

    assert lite.get("/executions/failing") == []


def test_an_old_failure_is_out_of_the_range(lite):
    lite.flow("some", INPUT, tasks=SWITCHED)
    start(lite, "true")
    after = (lite.driver.rt.clock() + timedelta(minutes=1)).isoformat()

    assert lite.get("/executions/failing", startDate=after) == []
    lite.send("GET", "/executions/failing", status=422, startDate="soon")


def test_durations_are_told_beside_those_of_the_time_before(lite):
    lite.flow("good")
    lite.run("good")
    lite.driver.clock.advance(7200)
    since = (lite.driver.rt.clock() - timedelta(minutes=30)).isoformat()
    lite.run("good")
    lite.run("good")

    found = lite.send("POST", "/stats/executions/durations", {"startDate": since})

    assert found["current"]["count"] == 2
    assert found["current"]["p50"] <= found["current"]["p95"]
    assert found["previous"] == {"count": 0}


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.95, 4), (0.25, 1)])
def test_a_rank_is_a_value_that_was_there(share, value):
    assert glances._rank([1, 2, 3, 4], share) == value


def test_buckets_are_as_fine_as_asked(lite):
    found = lite.send("POST", "/stats/executions/daily", {"groupBy": "week"})

    assert {bucket["groupBy"] for bucket in found} == {"week"}
    lite.send("POST", "/stats/executions/daily", {"groupBy": "second"}, status=422)
