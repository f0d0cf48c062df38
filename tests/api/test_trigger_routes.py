"""Triggers: found, switched, backfilled, unlocked, removed."""

import pytest

HOURLY = "triggers: [{id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 * * * *'}]"
PLACE = {"namespace": "team.a", "flowId": "one", "triggerId": "hourly"}
PATH = "/triggers/team.a/one"
BACKFILL = {"start": "2026-04-30T00:00:00Z", "end": "2026-04-30T03:00:00Z"}


@pytest.fixture
def planned(lite):
    lite.flow("one", HOURLY)
    return lite


def state(api):
    return api.get(PATH)["results"][0]


def test_a_trigger_is_found_in_both_shapes(planned):
    found = planned.get("/triggers/search", q="one")["results"][0]
    csv = planned.send("GET", "/triggers/export/by-query/csv")

    assert found["trigger"]["id"] == found["abstractTrigger"]["id"] == "hourly"
    assert found["state"]["triggerId"] == found["triggerContext"]["triggerId"] == "hourly"
    assert b"hourly" in csv
    assert planned.get("/triggers/search", q="nothing")["total"] == 0


def test_a_trigger_is_switched_off_and_on(planned):
    off = planned.send("PUT", "/triggers/set-disabled", {**PLACE, "disabled": True})
    listed = state(planned)
    on = planned.send("PUT", "/triggers/set-disabled", {**PLACE, "disabled": False})

    assert off["disabled"] is listed["disabled"] is True
    assert not on.get("disabled")


def test_triggers_are_switched_in_bulk(planned):
    by_ids = planned.send(
        "POST", "/triggers/set-disabled/by-triggers", {"triggers": [PLACE], "disabled": True}
    )
    by_query = planned.send(
        "POST",
        "/triggers/set-disabled/by-query",
        **{"filters[flowId][EQUALS]": "one", "disabled": "false"},
    )

    assert by_ids["totalItems"] == by_ids["count"] == 1
    assert by_query["totalItems"] == 1
    assert not state(planned).get("disabled")
    planned.send("POST", "/triggers/set-disabled/by-query", status=400, flowId="one")


def test_a_backfill_is_made_paused_and_removed(planned):
    before = state(planned)["nextExecutionDate"]
    made = planned.send("PUT", "/triggers/backfill/create", {**PLACE, "backfill": BACKFILL})
    twice = planned.call("PUT", "/triggers/backfill/create", json={**PLACE, "backfill": BACKFILL})
    paused = planned.send("PUT", "/triggers/backfill/pause", PLACE)
    resumed = planned.send("PUT", "/triggers/backfill/unpause", PLACE)
    removed = planned.send("POST", "/triggers/backfill/delete", PLACE)

    assert made["backfill"]["start"].startswith("2026-04-30T00:00")
    assert twice.status_code == 409
    assert paused["backfill"]["paused"] is True
    assert not resumed["backfill"].get("paused")
    assert "backfill" not in removed
    assert state(planned)["nextExecutionDate"] == before


def test_backfills_are_found_and_held_by_a_filter(planned):
    planned.flow("two", HOURLY)
    planned.send("PUT", "/triggers/backfill/create", {**PLACE, "backfill": BACKFILL})
    wanted = {"filters[backfill][EQUALS]": "true"}

    found = planned.get("/triggers/search", **wanted)
    others = planned.get("/triggers/search", **{"filters[backfill][EQUALS]": "false"})
    held = planned.send("POST", "/triggers/backfill/pause/by-query", **wanted)
    ended = planned.send("POST", "/triggers/backfill/delete/by-query", **wanted)

    assert [row["state"]["flowId"] for row in found["results"]] == ["one"]
    assert [row["state"]["flowId"] for row in others["results"]] == ["two"]
    assert held["count"] == ended["count"] == 1
    assert planned.get("/triggers/search", **wanted)["total"] == 0


def test_what_a_trigger_does_next_is_told(planned):
    found = planned.get(f"{PATH}/hourly/next", limit=2)

    assert "2026-05-01T13:00:00Z" in str(found)
    assert "2026-05-01T14:00:00Z" in str(found)


def test_a_trigger_that_is_not_locked_or_still_there_stays_as_it_is(planned):
    assert planned.call("POST", f"{PATH}/hourly/unlock").status_code == 409
    assert planned.call("DELETE", f"{PATH}/hourly").status_code == 409
    assert planned.call("POST", f"{PATH}/none/unlock").status_code == 404
    assert planned.call("POST", f"{PATH}/none/restart").status_code == 404


@pytest.mark.parametrize(
    "body", [{}, [], {**PLACE, "triggerId": 7}, {"namespace": "team.a"}, "text"]
)
def test_a_wrong_body_is_refused_by_name(planned, body):
    for method, path in (("PUT", "/triggers/set-disabled"), ("PUT", "/triggers/backfill/pause")):
        answer = planned.call(method, path, json=body)

        assert answer.status_code == 422, path
        assert answer.get_json()["message"]
