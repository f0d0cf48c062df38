"""ForEachItem: batches of a file, one execution for each, their outputs joined."""

import io

import pytest
from sqlalchemy import select

from app.database.schema import executions
from app.service import claiming, kv, operations, reopen, steps
from app.service.inputs import Upload
from app.service.settle import settle
from workers.storage.batches import dealt, in_turn

CHILD = """
id: child
namespace: company.team
inputs: [{id: items, type: STRING}, {id: n, type: INT, defaults: 0}]
tasks:
  - id: check
    type: io.kestra.plugin.core.execution.Fail
    condition: "{{ read(inputs.items) contains 'bad' }}"
outputs:
  - {id: text, type: STRING, value: "{{ inputs.n ~ ':' ~ (read(inputs.items) | trim) }}"}
"""
SLEEPER = """
id: child
namespace: company.team
inputs: [{id: items, type: STRING}, {id: n, type: INT}]
tasks: [{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}]
"""
PARENT = """
id: parent
namespace: company.team
inputs: [{{id: file, type: FILE}}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: "{{{{ inputs.file }}}}"
    batch: {{{batch}}}
    namespace: company.team
    flowId: child
    inputs: {{items: "{{{{ taskrun.items }}}}", n: "{{{{ taskrun.iteration }}}}"}}
    {more}
  - {{id: last, type: io.kestra.plugin.core.log.Log, message: done}}
"""


@pytest.fixture
def run(driver):
    def start(rows, batch="rows: 2", more="", child=CHILD):
        driver.save(child)
        data = "".join(f"{row}\n" for row in rows).encode()
        file = Upload("rows.txt", io.BytesIO(data))
        return driver.run(PARENT.format(batch=batch, more=more), file=file)

    return start


def read(driver, uri):
    with driver.rt.storage.open(uri) as stream:
        return stream.read().decode()


def test_each_batch_is_an_execution_and_outputs_are_merged(driver, run):
    execution = run("abcde")

    items = driver.outputs(execution, "each_items")
    merged = read(driver, driver.outputs(execution, "each_merge")["subflowOutputs"])
    assert driver.runs(execution) == [
        ("each", "SUCCESS"),
        ("each_split", "SUCCESS"),
        ("each_items", "SUCCESS"),
        ("each_merge", "SUCCESS"),
        ("last", "SUCCESS"),
    ]
    assert items["numberOfBatches"] == 3
    assert items["iterations"] == {"CREATED": 0, "RUNNING": 0, "SUCCESS": 3}
    assert merged.splitlines() == ['{"text": "0:a\\nb"}', '{"text": "1:c\\nd"}', '{"text": "2:e"}']


def test_an_empty_file_starts_nothing(driver, run):
    execution = run("")

    assert driver.state(execution) == "SUCCESS"
    assert driver.outputs(execution, "each_items") is None
    assert len(driver.runs(execution)) == 5


def test_more_batches_than_start_at_once_are_all_run(driver, run):
    execution = run(range(95), "rows: 1")

    assert driver.outputs(execution, "each_items")["iterations"]["SUCCESS"] == 95


@pytest.mark.parametrize(
    ("more", "state", "last"),
    [
        ("", "FAILED", "each_items"),
        ("allowFailure: true", "WARNING", "last"),
        ("transmitFailed: false", "SUCCESS", "last"),
    ],
)
def test_failures_of_executions_are_passed_on(driver, run, more, state, last):
    execution = run(["good", "bad"], "rows: 1", more)

    counts = driver.outputs(execution, "each_items")["iterations"]
    assert driver.state(execution) == state
    assert driver.runs(execution)[-1][0] == last
    assert counts == {"CREATED": 0, "RUNNING": 0, "SUCCESS": 1, "FAILED": 1}


def test_without_wait_the_step_ends_once_all_have_been_started(driver, run):
    execution = run("abcd", more="wait: false")

    items = driver.outputs(execution, "each_items")
    assert items["iterations"] == {"CREATED": 0, "RUNNING": 0, "SUCCESS": 2}


def test_a_missing_flow_fails_the_step_and_names_the_flow(driver, run):
    execution = run("ab", more="revision: 7")

    assert driver.state(execution) == "FAILED"
    told = " ".join(driver.messages(execution))
    assert "Unable to find flow" in told
    assert "with revision '7'" in told


def test_a_text_that_is_no_stored_file_is_refused(driver):
    driver.save(CHILD)

    text = PARENT.format(batch="rows: 1", more="").replace("type: FILE", "type: STRING")
    execution = driver.run(text, file="/etc/passwd")

    assert driver.state(execution) == "FAILED"
    assert any("not an internal storage URI" in message for message in driver.messages(execution))


def test_a_kill_reaches_every_execution(driver, run):
    driver.save(SLEEPER)
    file = Upload("rows.txt", io.BytesIO(b"a\nb\nc\n"))
    execution = driver.run(PARENT.format(batch="rows: 1", more=""), file=file)

    operations.kill(driver.rt, execution)
    driver.work_timers(20)

    with driver.rt.database.reading() as tx:
        wanted = select(executions.c.state).where(executions.c.flow_id == "child")
        states = list(tx.execute(wanted).scalars())
    assert driver.state(execution) == "KILLED"
    assert states == ["KILLED"] * 3


@pytest.mark.parametrize(
    ("limits", "parts"),
    [
        ({"most_rows": 2}, [b"aaa\nb\n", b"cc\nd\n"]),
        ({"most_bytes": 5}, [b"aaa\nb\n", b"cc\nd\n"]),
        ({"most_bytes": 4}, [b"aaa\n", b"b\ncc\n", b"d\n"]),
    ],
)
def test_files_are_cut_after_whole_rows(tmp_path, limits, parts):
    rows = [b"aaa\n", b"b\n", b"cc\n", b"d\n"]

    assert [path.read_bytes() for path in in_turn(rows, tmp_path, **limits)] == parts


def test_partitions_get_rows_in_turn(tmp_path):
    rows = [b"a\n", b"b\n", b"c\n"]

    assert [p.read_bytes() for p in dealt(rows, tmp_path, 2)] == [b"a\nc\n", b"b\n"]
    assert [p.read_bytes() for p in dealt(rows, tmp_path / "..", 5)] == [b"a\n", b"b\n", b"c\n"]


def name_wrong(driver, value):
    """Batches whose rows contain it fail."""
    kv.put(driver.rt, {"namespace": "company.team", "key": "wrong", "value": value})


def children(driver):
    """(id, state) of the executions of batches, the oldest first."""
    wanted = select(executions.c.id, executions.c.state).where(executions.c.flow_id == "child")
    with driver.rt.database.reading() as tx:
        return [tuple(row) for row in tx.execute(wanted.order_by(executions.c.created_at))]


PICKY = CHILD.replace("contains 'bad'", "contains kv('wrong')")


@pytest.mark.parametrize(("behavior", "started"), [("RETRY_FAILED", 3), ("NEW_EXECUTION", 6)])
def test_a_restart_goes_on_with_the_batches_that_failed(driver, run, behavior, started):
    name_wrong(driver, "bad")
    execution = run(["a", "bad", "c"], "rows: 1", f"restartBehavior: {behavior}", PICKY)
    failed = driver.outputs(execution, "each_items")["iterations"]
    name_wrong(driver, "worse")
    reopen.restart(driver.rt, execution)
    driver.work()

    merged = read(driver, driver.outputs(execution, "each_merge")["subflowOutputs"])
    assert failed["FAILED"] == 1
    assert driver.state(execution) == "SUCCESS"
    assert len(children(driver)) == started
    assert driver.outputs(execution, "each_items")["iterations"]["SUCCESS"] == 3
    assert merged.splitlines() == ['{"text": "0:a"}', '{"text": "1:bad"}', '{"text": "2:c"}']


def test_a_restart_that_its_worker_gave_back_starts_no_batch_twice(driver, run):
    name_wrong(driver, "bad")
    execution = run(["a", "bad", "c"], "rows: 1", child=PICKY)
    name_wrong(driver, "worse")
    reopen.restart(driver.rt, execution)
    job = driver.publisher.jobs.pop()
    place = (job.execution_id, job.sequence, job.pos, job.attempt)
    claim = claiming.claim(driver.rt, *place, driver.process.owner)
    settle(driver.rt, claim.progress)
    settle(driver.rt, steps.give_back(driver.rt, claim.step))
    driver.work()

    assert driver.state(execution) == "SUCCESS"
    assert [state for _, state in children(driver)] == ["SUCCESS"] * 3


def test_of_batches_that_were_started_anew_a_restart_meets_the_last_executions(driver, run):
    name_wrong(driver, "bad")
    execution = run(["a", "bad", "c"], "rows: 1", child=PICKY)
    purged = next(child for child, state in children(driver) if state == "SUCCESS")
    operations.delete(driver.rt, purged)
    reopen.restart(driver.rt, execution)  # nobody knows how its batch ended: all start anew
    driver.work()
    anew = [state for _, state in children(driver)]
    name_wrong(driver, "worse")
    reopen.restart(driver.rt, execution)
    driver.work()

    assert sorted(anew) == ["FAILED", "FAILED", "SUCCESS", "SUCCESS", "SUCCESS"]
    assert driver.state(execution) == "SUCCESS"
    assert sorted(state for _, state in children(driver)) == ["FAILED"] + ["SUCCESS"] * 4
    assert driver.outputs(execution, "each_items")["iterations"]["SUCCESS"] == 3


def test_a_restart_waits_for_a_batch_that_was_restarted_by_hand(driver, run):
    name_wrong(driver, "bad")
    nap = "\n  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}\noutputs:"
    execution = run(["a", "bad"], "rows: 1", child=PICKY.replace("\noutputs:", nap))
    driver.work_timers(3700)
    ended = driver.state(execution)
    name_wrong(driver, "worse")
    child = next(child for child, state in children(driver) if state == "FAILED")
    reopen.restart(driver.rt, child)
    reopen.restart(driver.rt, execution)
    driver.work()
    waiting = driver.outputs(execution, "each_items")["iterations"]
    driver.work_timers(3700)

    assert ended == "FAILED"
    assert waiting == {"CREATED": 0, "RUNNING": 1, "SUCCESS": 1}
    assert driver.state(execution) == "SUCCESS"
    assert [state for _, state in children(driver)] == ["SUCCESS"] * 2


def test_a_batch_counts_once_whatever_executions_replace_its_first(driver, run):
    retry = "retry: {type: constant, interval: PT10S, maxAttempts: 2, "
    retry += "behavior: CREATE_NEW_EXECUTION}\n"
    parent = run(["good", "bad"], batch="rows: 1", child=CHILD + retry)
    meanwhile = driver.state(parent)
    driver.work_timers(11)

    assert meanwhile == "RUNNING"
    assert driver.state(parent) == "FAILED"
    with driver.rt.database.reading() as tx:
        ended = tx.execute(select(executions.c.state).where(executions.c.flow_id == "child"))
        assert sorted(ended.scalars()) == ["FAILED", "RETRIED", "SUCCESS"]


def test_batches_begin_after_the_end_of_their_execution_too(driver):
    driver.save(CHILD)
    file = Upload("rows.txt", io.BytesIO(b"one\ntwo\n"))
    text = PARENT.format(batch="rows: 1", more="").replace("  - {id: last", "  - {id: gone")
    before, after = text.split("tasks:\n")
    each, last = after.split("  - {id: gone")
    parent = driver.run(f"{before}tasks:\n  - {{id: gone{last}afterExecution:\n{each}", file=file)
    with driver.rt.database.reading() as tx:
        row = tx.execute(select(executions).where(executions.c.id == parent)).one()

    assert (row.state, row.gate) == ("SUCCESS", "ENDED")
    assert driver.outputs(parent, "each_items")["iterations"]["SUCCESS"] == 2
