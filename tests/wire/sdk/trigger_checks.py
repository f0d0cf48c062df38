"""Triggers and their backfills, logs of executions and of triggers."""

import kestrapy
from ground import (
    NS,
    T,
    client,
    count,
    get,
    having,
    made_flow,
    newer,
    of_flow,
    ran,
    refused,
    rows,
)

triggers, logs = client.triggers, client.logs
# every minute of one day of a year: no backfill of some years ends while it is looked at
SCHEDULE = """triggers:
  - {{id: {}, type: io.kestra.plugin.core.trigger.Schedule, cron: '* * 1 1 *'}}
"""
FILTERS = [having("namespace", NS), having("flowId", "timed")]


def timed():
    made_flow("timed", more=SCHEDULE.format("daily"))
    return {"namespace": NS, "flowId": "timed", "triggerId": "daily"}


def of(name):
    """What the list of the flow's triggers says of this one."""
    found = rows(triggers.search_triggers_for_flow(T, NS, "timed", q=name))
    assert [one["triggerId"] for one in found] == [name]
    return found[0]


def check_trigger_search_and_export():
    timed()
    [found] = rows(triggers.search_triggers(T, page=1, size=10, filters=FILTERS))
    assert found["trigger"]["id"] == found["abstractTrigger"]["id"] == "daily"
    assert found["state"]["nextEvaluationDate"] == found["triggerContext"]["nextExecutionDate"]
    assert of("daily")["flowId"] == "timed"
    assert "daily" in triggers.export_triggers(T, filters=FILTERS).splitlines()[1]


def check_trigger_disabling():
    place = timed()
    request = {"triggers": [place], "disabled": True}
    assert count(triggers.disabled_triggers_by_ids(T, request)) == 1
    assert of("daily")["disabled"] is True
    assert count(triggers.disabled_triggers_by_query(T, disabled=False, filters=FILTERS)) == 1
    assert of("daily")["disabled"] is False
    if newer:
        assert triggers.disable_trigger_by_id(T, {**place, "disabled": True})["disabled"] is True
        triggers.disable_trigger_by_id(T, {**place, "disabled": False})


def check_trigger_unlock_and_restart():
    place = timed()
    refused(409, lambda: triggers.unlock_trigger(T, NS, "timed", "daily"))
    refused(404, lambda: triggers.unlock_trigger(T, NS, "timed", "nothing"))
    assert count(triggers.unlock_triggers_by_ids(T, [place])) == 0
    assert count(triggers.unlock_triggers_by_query(T, filters=FILTERS)) == 0
    assert triggers.restart_trigger(T, NS, "timed", "daily")["triggerId"] == "daily"
    refused(404, lambda: triggers.restart_trigger(T, NS, "timed", "nothing"))


def check_trigger_delete():
    place = timed()
    refused(409, lambda: triggers.delete_trigger(T, NS, "timed", "daily"))
    made_flow("timed", more=SCHEDULE.format("other"))
    # the state of a trigger goes with the trigger: nothing is left to be deleted
    refused(404, lambda: triggers.delete_trigger(T, NS, "timed", "daily"))
    refused(404, lambda: triggers.delete_triggers_by_ids(T, [place]))
    assert count(triggers.delete_triggers_by_ids(T, [{**place, "triggerId": "other"}])) == 0
    query = kestrapy.DeleteTriggersByQueryRequest(filters=FILTERS)
    assert count(triggers.delete_triggers_by_query(T, query)) == 0
    listed = [one["triggerId"] for one in rows(triggers.search_triggers_for_flow(T, NS, "timed"))]
    assert listed == ["other"]


def backfill(place):
    asked = {"start": "2020-01-01T00:00:00Z", "end": "2024-06-01T00:00:00Z", "inputs": {}}
    return triggers.create_backfill(T, {**place, "backfill": asked})


def check_backfill():
    place = timed()
    if newer:
        assert backfill(place)["backfill"]["start"].startswith("2020")
        refused(409, lambda: backfill(place))
    for act in (triggers.pause_backfill, triggers.unpause_backfill, triggers.delete_backfill):
        if newer:
            assert act(T, place)["triggerId"] == "daily"
        else:  # it cannot make one; an act without one is told so
            refused(409, lambda act=act: act(T, place))


def check_backfill_in_bulk():
    place = timed()
    by_ids = (
        triggers.pause_backfill_by_ids, triggers.unpause_backfill_by_ids,
        triggers.delete_backfill_by_ids,
    )  # fmt: skip
    by_query = (
        triggers.pause_backfill_by_query, triggers.unpause_backfill_by_query,
        triggers.delete_backfill_by_query,
    )  # fmt: skip
    if newer:
        backfill(place)
    for act in by_ids:
        assert count(act(T, [place])) == int(newer)
    if newer:
        backfill(place)
    for act in by_query:
        assert count(act(T, filters=FILTERS)) == int(newer)


def check_logs_read_and_delete():
    found = ran("told")
    [line] = logs.list_logs_from_execution(found, T)
    assert (get(line, "message"), str(get(line, "level")).split(".")[-1]) == ("hello", "INFO")
    assert logs.list_logs_from_execution(found, T, min_level="ERROR") == []
    page = rows(logs.search_logs(T, page=1, size=10, filters=of_flow("told")))
    assert get(page[0], "message") == "hello"
    text = logs.download_logs_from_execution(found, T)
    assert "INFO hello" in (text if isinstance(text, str) else text.decode())
    logs.delete_logs_from_execution(found, T)
    assert logs.list_logs_from_execution(found, T) == []
    made_flow("timed", more=SCHEDULE.format("daily"))
    logs.delete_logs_from_flow(NS, "timed", "daily", T)


def check_logs_follow():
    found = ran("told")
    lines = list(logs.follow_logs_from_execution(found, T, min_level="DEBUG"))
    assert "hello" in [get(line, "message") for line in lines]
