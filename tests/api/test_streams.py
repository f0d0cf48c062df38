"""Event streams: what they tell, when they close, how many there may be."""

import json

import pytest

from app.api.app import create_app
from tests.api.conftest import Api


def frames(answer, most=None):
    """(name, data) of the frames of a stream, as they come."""
    found, name = [], ""
    for part in answer.iter_encoded():
        for line in part.decode().splitlines():
            if line.startswith("id: "):
                name = line[4:]
            elif line.startswith("data: "):
                found.append((name, json.loads(line[6:])))
        if most is not None and len(found) >= most:
            break
    return found


def test_an_ended_execution_is_told_once_and_the_stream_closes(lite):
    lite.flow("one")
    execution = lite.run("one")

    answer = lite.call("GET", f"/executions/{execution}/follow")
    told = frames(answer)

    assert answer.mimetype == "text/event-stream"
    assert [(name, data["state"]["current"]) for name, data in told] == [("end", "SUCCESS")]


def test_a_running_execution_is_told_at_once_and_at_its_end(lite):
    lite.flow("one")
    execution = lite.send("POST", "/executions/team.a/one")["id"]
    answer = lite.call("GET", f"/executions/{execution}/follow")

    first = frames(answer, most=1)
    lite.driver.work()
    rest = frames(answer)

    assert [(name, data["state"]["current"]) for name, data in first] == [("progress", "CREATED")]
    assert [(name, data["state"]["current"]) for name, data in rest] == [("end", "SUCCESS")]


def test_each_line_of_a_log_is_told_once(lite):
    two = "{id: b, type: io.kestra.plugin.core.log.Log, message: careful, level: WARN}"
    lite.flow("one", tasks="{id: log, type: io.kestra.plugin.core.log.Log, message: hello}, " + two)
    execution = lite.run("one")

    everything = frames(lite.call("GET", f"/logs/{execution}/follow"))
    loud = frames(lite.call("GET", f"/logs/{execution}/follow?minLevel=WARN"))

    assert [data["message"] for _, data in everything] == ["hello", "careful"]
    assert [data["message"] for _, data in loud] == ["careful"]
    assert {name for name, _ in everything} == {"progress"}


def test_linked_executions_are_told_until_all_have_ended(lite):
    lite.flow("child")
    sub = (
        "{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: team.a, flowId: child, "
        "wait: true}"
    )
    lite.flow("parent", tasks=sub)
    execution = lite.run("parent")

    told = frames(lite.call("GET", f"/executions/{execution}/follow-dependencies"))

    assert {data["flowId"] for _, data in told} == {"parent", "child"}
    assert {data["state"]["current"] for _, data in told} == {"SUCCESS"}


def test_an_unknown_execution_has_no_stream(lite):
    for path in ("/executions/nothing/follow", "/logs/nothing/follow"):
        assert lite.call("GET", path).status_code == 404, path


@pytest.mark.parametrize("topics", ["", "weather", "execution:x", ",".join(["git"] * 51)])
def test_topics_that_are_none_are_refused(lite, topics):
    assert lite.call("GET", "/events", query_string={"topics": topics}).status_code in (400, 422)


def test_there_are_so_many_streams_and_no_more(lite):
    rt = lite.driver.rt
    object.__setattr__(rt, "settings", rt.settings.model_copy(update={"api_streams_each": 2}))
    api = Api(lite.driver, create_app(rt).test_client())
    opened = [api.call("GET", "/events?topics=git") for _ in range(2)]

    codes = [answer.status_code for answer in opened]
    refused = api.call("GET", "/events?topics=git")
    opened.pop().close()
    again = api.call("GET", "/events?topics=git")

    assert codes == [200, 200]
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert again.status_code == 200
    again.close()
    opened[0].close()


def test_who_waits_for_an_end_has_so_many_places_and_starts_nothing_without_one(lite):
    """Each holds a thread of the server for up to ten minutes."""
    hook = "triggers: [{id: h, type: io.kestra.plugin.core.trigger.Webhook, key: k3y, wait: true}]"
    lite.flow("one", hook)
    unit = "type: io.kestra.core.tests.flow.UnitTest"
    case = f'{{id: c, {unit}, assertions: [{{value: "1", equalTo: "1"}}]}}'
    suite = f"id: s\nnamespace: team.a\nflowId: one\ntestCases: [{case}]\n"
    assert lite.call("POST", "/tests", data=suite).status_code == 200
    rt = lite.driver.rt
    object.__setattr__(rt, "settings", rt.settings.model_copy(update={"api_streams_each": 0}))
    api = Api(lite.driver, create_app(rt).test_client())

    refused = api.call("POST", "/executions/team.a/one?wait=true")
    tested = api.call("POST", "/tests/team.a/s/run")

    assert (refused.status_code, tested.status_code) == (429, 429)
    assert int(refused.headers["Retry-After"]) > 0
    assert api.get("/executions/search")["total"] == 0
    assert api.call("POST", "/executions/webhook/team.a/one/k3y").json["state"]["current"]
    assert api.get("/executions/search")["total"] == 1
