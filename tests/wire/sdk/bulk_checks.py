"""Executions in bulk, each act by ids and by query."""

import kestrapy
from ground import (
    T,
    count,
    executions,
    having,
    made_flow,
    of_flow,
    one,
    paused,
    ran,
    refused,
    rows,
    state,
    until,
)

WAIT = "{id: p, type: io.kestra.plugin.core.flow.Pause}"
FAIL = "{id: f, type: io.kestra.plugin.core.execution.Fail}"
SLEEP = "{id: s, type: io.kestra.plugin.core.flow.Sleep, duration: PT2S}"


def in_state(flow_id, name):
    return [*of_flow(flow_id), having("state", name)]


def queued(flow_id):
    """One execution that holds the only slot, and one that waits for it."""
    place = made_flow(flow_id, WAIT, "concurrency: {limit: 1}\n")
    holder = until(one(executions.create_execution(**place)).id, "PAUSED")
    waits = until(one(executions.create_execution(**place)).id, "QUEUED")
    return holder, waits


def check_bulk_kill():
    first, second = paused("kills"), paused("kills")
    assert count(executions.kill_executions_by_ids(T, [first])) == 1
    until(first, "KILLED")
    assert count(executions.kill_executions_by_query(T, filters=in_state("kills", "PAUSED"))) == 1
    until(second, "KILLED")
    refused(400, lambda: executions.kill_executions_by_ids(T, [first, "nothing"]))


def check_bulk_pause():
    place = made_flow("pauses", SLEEP)
    found = [until(one(executions.create_execution(**place)).id, "RUNNING") for _ in range(2)]
    assert count(executions.pause_executions_by_ids(T, found[:1])) == 1
    filters = in_state("pauses", "RUNNING")
    assert count(executions.pause_executions_by_query(T, filters=filters)) >= 1
    for each in found:
        until(each, "PAUSED")


def check_bulk_resume():
    first, second = paused("resumes"), paused("resumes")
    assert count(executions.resume_executions_by_ids(T, [first])) == 1
    until(first, "SUCCESS")
    filters = in_state("resumes", "PAUSED")
    assert count(executions.resume_executions_by_query(T, filters=filters)) == 1
    until(second, "SUCCESS")


def check_bulk_restart():
    found = ran("restarts", FAIL)
    assert count(executions.restart_executions_by_ids(T, [found])) == 1
    until(found, "FAILED")
    filters = in_state("restarts", "FAILED")
    assert count(executions.restart_executions_by_query(T, filters=filters)) == 1
    until(found, "FAILED")


def check_bulk_replay():
    found = ran("replays")
    assert count(executions.replay_executions_by_ids(T, [found])) == 1
    assert count(executions.replay_executions_by_query(T, filters=[having("id", found)])) == 1
    assert len(rows(executions.search_executions(T, filters=of_flow("replays")))) >= 2


def check_bulk_force_run_and_unqueue():
    _, waits = queued("first")
    assert count(executions.force_run_by_ids(T, [waits])) == 1
    until(waits, "PAUSED")
    _, waits = queued("second")
    filters = in_state("second", "QUEUED")
    assert count(executions.force_run_executions_by_query(T, filters=filters)) == 1
    until(waits, "PAUSED")
    cancelled = kestrapy.StateType.CANCELLED
    _, waits = queued("third")
    assert count(executions.unqueue_executions_by_ids(T, cancelled, [waits])) == 1
    until(waits, "CANCELLED")
    _, waits = queued("fourth")
    filters = in_state("fourth", "QUEUED")
    executions.unqueue_executions_by_query(T, new_state=cancelled, filters=filters)
    until(waits, "CANCELLED")


def check_bulk_status_and_labels():
    found = ran("changes")
    warning, failed = kestrapy.StateType.WARNING, kestrapy.StateType.FAILED
    assert count(executions.update_executions_status_by_ids(T, warning, [found])) == 1
    until(found, "WARNING")
    filters = of_flow("changes")
    assert count(executions.update_executions_status_by_query(T, failed, filters=filters)) >= 1
    until(found, "FAILED")
    one_label, other = kestrapy.Label(key="one", value="1"), kestrapy.Label(key="two", value="2")
    asked = kestrapy.ExecutionControllerSetLabelsByIdsRequest(
        executionsId=[found], executionLabels=[one_label]
    )
    assert count(executions.set_labels_on_terminated_executions_by_ids(T, asked)) == 1
    executions.set_labels_on_terminated_executions_by_query(T, [other], filters=filters)
    assert {"one", "two"} <= {label.key for label in executions.execution(found, T).labels}
    labelled = [having("labels", {"one": "1"})]
    assert found in str(executions.search_executions(T, filters=labelled))


def check_bulk_delete():
    found = [ran("deletes") for _ in range(3)]
    waits = paused("stays")
    refused(400, lambda: executions.delete_executions_by_ids(T, [waits]))
    assert count(executions.delete_executions_by_ids(T, found[:1])) == 1
    refused(404, lambda: executions.execution(found[0], T))
    assert count(executions.delete_executions_by_query(T, filters=of_flow("deletes"))) == 2
    assert rows(executions.search_executions(T, filters=of_flow("deletes"))) == []
    gone = executions.delete_executions_by_ids(T, [waits], include_non_terminated=True)
    assert count(gone) == 1
    assert state(ran("deletes")) == "SUCCESS"
