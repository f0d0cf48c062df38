"""Routes that remove an execution and log lines, and webhooks by each of their methods."""

import pytest

HOOK = "triggers: [{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: abcdef%s}]"
CRON = "triggers: [{id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 0 1 1 *'}]"
TWO = (
    "{id: a, type: io.kestra.plugin.core.log.Log, message: low},"
    "{id: b, type: io.kestra.plugin.core.log.Log, message: high, level: ERROR}"
)


def test_an_execution_goes_with_its_lines_or_without(lite):
    lite.flow("f")
    gone, kept = lite.run("f"), lite.run("f")

    lite.send("DELETE", f"/executions/{gone}", status=204)
    lite.send("DELETE", f"/executions/{kept}", status=204, deleteLogs="false")

    for execution in (gone, kept):
        lite.send("GET", f"/executions/{execution}", status=404)
    left = {line["executionId"] for line in lite.get("/logs/search", size=50)["results"]}
    assert left == {kept}
    lite.send("DELETE", f"/executions/{gone}", status=404)


def test_lines_of_an_execution_go_as_far_as_they_are_named(lite):
    lite.flow("f", tasks=TWO)
    execution = lite.run("f")

    lite.send("DELETE", f"/logs/{execution}", minLevel="ERROR")
    assert [line["message"] for line in lite.get(f"/logs/{execution}")] == ["low"]
    lite.send("DELETE", f"/logs/{execution}")
    assert lite.get(f"/logs/{execution}") == []


def test_lines_of_a_trigger_go_and_no_others(lite):
    lite.flow("f", CRON)
    execution = lite.run("f")

    lite.send("DELETE", "/logs/team.a/f", status=400)
    lite.send("DELETE", "/logs/team.a/f", triggerId="daily")

    assert len(lite.get(f"/logs/{execution}")) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("more", ["", "/there"])
def test_a_webhook_starts_its_flow_by_each_method(lite, method, more):
    lite.flow("f", HOOK % (", path: there" if more else ""))

    path = f"/executions/webhook/team.a/f/abcdef{more}"
    started = lite.send(method, path, {"a": 1} if method != "GET" else None, b="2")
    lite.send(method, path.replace("abcdef", "wrong1"), status=404)
    lite.driver.work()

    seen = lite.get(f"/executions/{started['id']}")
    assert seen["state"]["current"] == "SUCCESS"
    assert seen["trigger"]["variables"]["parameters"] == {"b": ["2"]}
    assert seen["trigger"]["variables"].get("body") == ({"a": 1} if method != "GET" else None)
