"""What an execution waits for; reasons of changes; labels that are replaced."""

import pytest

from app.service.presence import Presence

FAIL = "{id: f, type: io.kestra.plugin.core.execution.Fail}"
PAUSE = "{id: p, type: io.kestra.plugin.core.flow.Pause}"


def waiting(api, execution):
    return api.get(f"/executions/{execution}/waiting")


def test_a_task_that_no_worker_took_waits_for_its_queue(lite):
    lite.flow("one")
    execution = lite.send("POST", "/executions/team.a/one")["id"]

    unserved = waiting(lite, execution)
    clock = lite.driver.clock
    Presence(lite.driver.rt, "worker", "w", clock(), queues=(unserved["queue"],)).show()
    served = waiting(lite, execution)
    lite.driver.work()

    assert (unserved["cause"], unserved["taskId"]) == ("WORKER", "log")
    assert (unserved["served"], served["served"]) == (False, True)
    assert waiting(lite, execution) == {}


def test_a_queued_execution_waits_for_a_slot(lite):
    lite.flow("few", more="concurrency: {limit: 1, behavior: QUEUE}", tasks=PAUSE)
    first, second = lite.run("few"), lite.run("few")

    found = waiting(lite, second)

    assert (found["cause"], found["limit"], found["running"]) == ("SLOT", 1, 1)
    assert found["since"] == lite.get(f"/executions/{second}")["state"]["histories"][-1]["date"]
    assert (waiting(lite, first)["cause"], waiting(lite, first)["taskId"]) == ("PAUSE", "p")


def test_an_execution_with_a_date_waits_for_it(lite):
    lite.flow("one")
    date = "2039-05-01T10:00:00Z"

    execution = lite.send("POST", "/executions/team.a/one", scheduleDate=date)["id"]

    found = waiting(lite, execution)
    assert (found["cause"], found["until"][:16]) == ("DATE", "2039-05-01T10:00")


def test_what_a_person_paused_waits_and_an_unknown_execution_is_not_found(lite):
    lite.flow("two", tasks=f"{PAUSE}, {FAIL}")
    execution = lite.run("two")

    assert waiting(lite, execution)["cause"] == "PAUSE"
    assert lite.call("GET", f"/executions/{'0' * 22}/waiting").status_code == 404


def acts(api, execution):
    return api.get("/auditlogs/search", target=execution, size=50)["results"]


@pytest.mark.parametrize("act", ["change-status", "state"])
def test_the_reason_of_a_changed_state_is_in_the_audit_log(lite, act):
    lite.flow("bad", tasks=FAIL)
    execution = lite.run("bad")
    run = lite.get(f"/executions/{execution}")["taskRunList"][0]["id"]
    body = {"taskRunId": run, "state": "SUCCESS"} if act == "state" else None

    path = f"/executions/{execution}/{act}"
    asked = {"query_string": {"status": "WARNING", "reason": " checked by hand "}}
    done = lite.call("POST", path, json=body, **asked)
    long = lite.call("POST", f"{path}?status=WARNING&reason={'x' * 501}", json=body)

    told = [line.get("detail", {}).get("reason") for line in acts(lite, execution)]
    assert done.status_code == 200
    assert [reason for reason in told if reason] == ["checked by hand"]
    assert (long.status_code, "500 characters" in long.get_json()["message"]) == (422, True)


def test_labels_are_replaced_but_for_those_of_the_system(lite):
    lite.flow("one")
    execution = lite.run("one", labels="team:a")
    new = [{"key": "owner", "value": "ana"}]

    answer = lite.send("POST", f"/executions/{execution}/labels", new, replace="true")

    keys = {item["key"] for item in answer["labels"]}
    assert keys == {"owner", "system.correlationId"}
    by_old = lite.get("/executions/search", **{"filters[labels][EQUALS][team]": "a"})
    assert by_old["total"] == 0
