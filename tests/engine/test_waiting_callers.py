"""A task that waits for an execution always hears of its end, whatever became of that execution.

On SQLite and on PostgreSQL.
"""

import io
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.database import executions as rows
from app.database import timers
from app.errors import NoRoom, Unavailable
from app.model.state import State
from app.service import operations, poison, recovery, search
from app.service.settle import settle
from app.storage.storage import LocalStorage

FLOW = "io.kestra.plugin.core.flow"
CHILD = """
id: child
namespace: company.team
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}
"""
WAITING_CHILD = f"""
id: child
namespace: company.team
tasks:
  - {{id: ask, type: {FLOW}.Pause}}
"""
PARENT = f"""
id: parent
namespace: company.team
tasks:
  - id: call
    type: {FLOW}.Subflow
    namespace: company.team
    flowId: child
"""
ITEMS = f"""
id: parent
namespace: company.team
tasks:
  - {{id: file, type: io.kestra.plugin.core.storage.Write, content: "one\\ntwo\\n"}}
  - id: each
    type: {FLOW}.ForEachItem
    items: "{{{{ outputs.file.uri }}}}"
    batch: {{rows: 1}}
    namespace: company.team
    flowId: child
"""
LIMIT = "concurrency: {limit: 1}\n"
LISTENER = """
id: listener
namespace: company.team
triggers:
  - id: heard
    type: io.kestra.plugin.core.trigger.Flow
    states: [SUCCESS, FAILED, CANCELLED]
    conditions:
      - type: io.kestra.plugin.core.condition.ExecutionFlow
        namespace: company.team
        flowId: child
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: heard}
"""


def children(driver, parent):
    with driver.rt.database.reading() as tx:
        found = tx.execute(
            text("select id from executions where caller_id = :id order by created_at"),
            {"id": parent},
        )
        return list(found.scalars())


def count(driver, flow_id):
    with driver.rt.database.reading() as tx:
        where = text("select count(*) from executions where flow_id = :id")
        return tx.execute(where, {"id": flow_id}).scalar_one()


def timers_left(driver):
    with driver.rt.database.reading() as tx:
        return tx.execute(text("select count(*) from timers")).scalar_one()


@pytest.mark.parametrize(
    "wrong", ['outputs: {x: "{{ outputs.nope.value }}"}', 'transmitFailed: "{{ outputs.nope }}"']
)
def test_a_subflow_whose_outputs_cannot_be_rendered_fails_and_says_why(driver, wrong):
    driver.save(CHILD)
    parent = driver.run(f"{PARENT}    {wrong}\n")

    assert driver.state(parent) == "FAILED"
    assert driver.runs(parent) == [("call", "FAILED")]
    [line] = driver.messages(parent)
    assert line.startswith("Failed to extract outputs with the error: 'Unable to find `nope`")
    assert timers_left(driver) == 0


def test_a_subflow_that_fails_so_is_tried_again(driver):
    driver.save(CHILD)
    wrong = '    outputs: {x: "{{ outputs.nope.value }}"}\n'
    retry = "    retry: {type: constant, interval: PT1S, maxAttempts: 2}\n"
    parent = driver.run(PARENT + wrong + retry)
    driver.work_timers(2)

    assert len(children(driver, parent)) == 2
    assert driver.state(parent) == "FAILED"


def end_by_hand(driver, child, **spoiled):
    """An execution has ended, and its note waits for beat."""
    with driver.rt.database.transaction() as tx:
        rows.write(tx, child, gate="ENDED", state="SUCCESS", **spoiled)
        timers.add(tx, "ended", child, 1, driver.rt.clock())


def spoil(driver, execution):
    with driver.rt.database.transaction() as tx:
        rows.write(tx, execution, revision=99)


@pytest.fixture
def awaited(driver):
    """A parent that waits for a child, another execution that waits for the child's slot, and a
    flow that waits for the child's end: the parent, the child, the other one."""
    driver.save(WAITING_CHILD + LIMIT)
    driver.save(LISTENER)
    parent = driver.run(PARENT)
    [child] = children(driver, parent)
    queued = driver.start("company.team", "child")
    assert driver.state(queued) == "QUEUED"
    return parent, child, queued


def test_a_caller_that_cannot_be_told_keeps_no_other_from_hearing_and_is_set_aside(driver, awaited):
    parent, child, queued = awaited
    spoil(driver, parent)
    end_by_hand(driver, child)
    driver.work_timers(1)
    at_once = (driver.state(parent), driver.state(queued), count(driver, "listener"))
    for _ in range(3):
        driver.work_timers(60)

    assert at_once == ("RUNNING", "PAUSED", 1)
    assert driver.state(parent) == "FAILED"
    assert "set aside after 3 tries" in driver.messages(parent)[-1]
    assert timers_left(driver) == 0


def test_a_trigger_that_cannot_be_told_keeps_no_other_from_hearing_and_is_given_up(driver, awaited):
    parent, child, queued = awaited
    end_by_hand(driver, child, revision=99, trigger_id="gone")
    driver.work_timers(1)
    at_once = (driver.state(parent), driver.state(queued), timers_left(driver))
    for _ in range(3):
        driver.work_timers(60)

    assert at_once == ("SUCCESS", "PAUSED", 1)
    assert timers_left(driver) == 0


def test_a_trigger_whose_row_is_spoiled_keeps_no_other_trigger_from_hearing(driver, awaited):
    _, child, _ = awaited
    driver.save(LISTENER.replace("id: listener", "id: another"))
    with driver.rt.database.transaction() as tx:
        tx.execute(text("update flow_revisions set git = '5' where id = 'listener'"))
    end_by_hand(driver, child)
    for _ in range(4):
        driver.work_timers(60)

    assert (count(driver, "listener"), count(driver, "another")) == (0, 1)
    assert timers_left(driver) == 0


class StorageAway:
    """A storage that cannot be reached."""

    def open(self, _uri):
        raise Unavailable("the storage is away")


def lose_outputs(driver, child):
    """The child has ended, and its outputs lie in a storage that is away: how the world is then."""
    end_by_hand(driver, child, outputs="kestra:///company/team/large.json")
    return replace(driver.rt, storage=StorageAway())


def test_a_caller_waits_for_a_storage_that_is_away(driver, awaited):
    parent, child, _ = awaited
    away = lose_outputs(driver, child)
    for _ in range(5):
        driver.clock.advance(60)
        recovery.work_timers(away)
    before = driver.state(parent)
    driver.rt.storage.put("company/team/large.json", io.BytesIO(b"{}"))
    driver.work_timers(300)

    assert before == "RUNNING"
    assert driver.state(parent) == "SUCCESS"


def test_a_caller_whose_childs_outputs_cannot_be_had_for_an_hour_is_told_so(driver, awaited):
    parent, child, _ = awaited
    away = lose_outputs(driver, child)
    seen = []
    for _ in range(poison.MOST_WAITS):
        driver.clock.advance(301)
        recovery.work_timers(away)
        seen.append(driver.state(parent))

    assert seen == ["RUNNING"] * (poison.MOST_WAITS - 1) + ["FAILED"]
    assert driver.messages(parent)[-1].endswith("Unavailable: the storage is away")
    assert driver.runs(parent) == [("call", "FAILED")]


def test_a_note_of_no_execution_is_given_up_after_three_tries(driver, caplog):
    execution = driver.run(WAITING_CHILD)
    with driver.rt.database.transaction() as tx:
        timers.add(tx, "slot", "no place", 0, driver.rt.clock())
    for _ in range(4):
        driver.work_timers(60)

    assert timers_left(driver) == 0
    assert "timer slot of no place was given up" in caplog.text
    assert driver.state(execution) == "PAUSED"


@pytest.mark.parametrize("end", [State.CANCELLED, State.FAILED, State.SUCCESS])
def test_a_queued_child_that_is_taken_out_of_the_queue_ends_its_caller(driver, end):
    driver.save(WAITING_CHILD + LIMIT)
    driver.save(LISTENER)
    driver.start("company.team", "child")
    driver.work()
    parent = driver.run(PARENT)
    [child] = children(driver, parent)
    before = driver.state(child)
    operations.unqueue(driver.rt, child, end)
    driver.work()

    assert before == "QUEUED"
    assert driver.state(child) == end
    assert driver.state(parent) == ("SUCCESS" if end is State.SUCCESS else "FAILED")
    assert count(driver, "listener") == 1


def test_a_child_that_is_deleted_fails_its_caller(driver):
    driver.save(WAITING_CHILD)
    parent = driver.run(PARENT)
    [child] = children(driver, parent)
    operations.delete(driver.rt, child, is_forced=True)
    driver.work()

    assert driver.state(parent) == "FAILED"
    assert driver.messages(parent) == [f"The execution {child} that it waited for was deleted"]
    assert timers_left(driver) == 0


def test_the_child_of_a_batch_that_is_deleted_counts_as_failed(driver):
    driver.save(WAITING_CHILD)
    parent = driver.run(ITEMS)
    first, second = children(driver, parent)
    for child in (first, second):
        operations.delete(driver.rt, child, is_forced=True)
    driver.work()
    each = next(run for run in search.whole(driver.rt, parent)[1] if run.task_id == "each_items")

    assert driver.state(parent) == "FAILED"
    assert each.outputs["iterations"]["FAILED"] == 2
    assert timers_left(driver) == 0


def test_a_child_deleted_after_its_end_was_told_changes_nothing(driver):
    driver.save(CHILD)
    parent = driver.run(PARENT + f"  - {{id: ask, type: {FLOW}.Pause}}\n")
    [child] = children(driver, parent)
    operations.delete(driver.rt, child)
    driver.work()

    assert driver.state(parent) == "PAUSED"
    assert driver.messages(parent) == []
    assert driver.runs(parent) == [("call", "SUCCESS"), ("ask", "PAUSED")]


def test_a_caller_whose_child_is_gone_is_named_as_stranded(driver):
    """No fault is known that does it, so a hand in the database does."""
    driver.save(WAITING_CHILD)
    parent = driver.run(PARENT)
    [child] = children(driver, parent)
    before = recovery.list_stranded(driver.rt)
    with driver.rt.database.transaction() as tx:
        rows.write(tx, child, caller_id=None)
    named = recovery.list_stranded(driver.rt)

    assert before == []
    assert named == [parent]


AFTER = f"afterExecution: [{{id: nap, type: {FLOW}.Sleep, duration: PT1H}}]\n"


def test_an_end_that_was_told_stays_when_what_runs_after_it_is_set_aside(driver):
    driver.save(CHILD + AFTER)
    parent = driver.run(PARENT)
    [child] = children(driver, parent)
    before = driver.state(child), driver.state(parent)
    settle(driver.rt, poison.set_aside(driver.rt, child, ValueError("spoiled")))

    assert before == ("SUCCESS", "SUCCESS")
    assert driver.state(child) == "SUCCESS"
    assert driver.runs(child)[-1] == ("nap", "FAILED")
    assert timers_left(driver) == 0


class Full(LocalStorage):
    """A storage whose disk has no room."""

    def put(self, _path, _stream):
        raise NoRoom("the storage is full")


def test_an_end_that_cannot_be_written_stops_nothing_else_and_is_tried_again(driver):
    large = "inputs: [{id: i, type: STRING}]\n"
    large += 'outputs: [{id: o, type: STRING, value: "{{ inputs.i }}"}]\n'
    driver.save(WAITING_CHILD + large)
    execution = driver.start("company.team", "child", i="x" * 300_000)
    driver.work()
    full = replace(driver.rt, storage=Full(driver.rt.storage.root))
    operations.resume(full, execution)  # it was accepted: the caller hears of no error
    before = driver.state(execution)
    driver.work_timers(6)

    assert before == "RUNNING"
    assert driver.state(execution) == "SUCCESS"
