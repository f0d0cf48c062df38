"""A flow's limit is that of its newest revision, and whoever waits for a slot begins when one is
free: on SQLite and on PostgreSQL."""

from sqlalchemy import text

from app.model.state import State
from app.service import operations, recovery, resuming

WAITS = """
id: waits
namespace: company.team
tasks:
  - id: ask
    type: io.kestra.plugin.core.flow.Pause
    onResume: [{id: reason, type: STRING, required: false}]
"""


def limited(limit):
    return f"{WAITS}concurrency: {{limit: {limit}}}\n"


def start(driver, count):
    ids = []
    for _ in range(count):
        driver.clock.advance(1)  # the order of the queue
        ids.append(driver.start("company.team", "waits"))
    driver.work()
    return ids


def end(driver, execution):
    resuming.resume_with_inputs(driver.rt, execution, {})
    driver.work()


def look_after(driver):
    """What beat does every two seconds."""
    recovery.admit_queued(driver.rt)
    driver.work()


def states(driver, ids):
    return [driver.state(execution) for execution in ids]


def test_a_limit_that_was_set_while_an_execution_ran_leaves_nobody_queued(driver):
    driver.save(WAITS)
    [first] = start(driver, 1)
    driver.save(limited(1))
    second, third = start(driver, 2)
    before = states(driver, [first, second, third])
    end(driver, first)
    look_after(driver)
    after = states(driver, [first, second, third])
    end(driver, second)

    assert before == ["PAUSED", "QUEUED", "QUEUED"]
    assert after == ["SUCCESS", "PAUSED", "QUEUED"]
    assert driver.state(third) == "PAUSED"


def test_a_deleted_execution_of_a_revision_without_limit_leaves_its_slot(driver):
    driver.save(WAITS)
    [first] = start(driver, 1)
    driver.save(limited(1))
    [second] = start(driver, 1)
    operations.delete(driver.rt, first, is_forced=True)
    driver.work()

    assert driver.state(second) == "PAUSED"


def test_a_raised_limit_admits_as_many_as_there_is_room_for(driver):
    driver.save(limited(1))
    ids = start(driver, 8)
    driver.save(limited(4))
    look_after(driver)
    admitted = states(driver, ids)
    end(driver, ids[0])

    assert admitted == ["PAUSED"] * 4 + ["QUEUED"] * 4
    assert states(driver, ids) == ["SUCCESS"] + ["PAUSED"] * 4 + ["QUEUED"] * 3


def test_an_end_after_the_limit_was_raised_fills_all_slots(driver):
    driver.save(limited(1))
    ids = start(driver, 6)
    driver.save(limited(3))
    end(driver, ids[0])

    assert states(driver, ids) == ["SUCCESS"] + ["PAUSED"] * 3 + ["QUEUED"] * 2


def test_a_limit_that_was_taken_away_lets_all_begin(driver):
    driver.save(limited(1))
    ids = start(driver, 4)
    driver.save(WAITS)
    look_after(driver)

    assert states(driver, ids) == ["PAUSED"] * 4


def test_a_slot_whose_note_was_lost_is_found_again(driver):
    driver.save(limited(1))
    first, second = start(driver, 2)
    with driver.rt.database.transaction() as tx:
        tx.execute(
            text("update executions set gate = 'ENDED', state = 'SUCCESS' where id = :id"),
            {"id": first},
        )
    look_after(driver)

    assert driver.state(second) == "PAUSED"


def test_one_that_cannot_begin_does_not_hold_up_the_queue(driver):
    """Its revision has become unreadable; the third try sets it aside."""
    driver.save(limited(1))
    first, broken = start(driver, 2)
    driver.save(limited(1) + "description: another revision\n")
    [third] = start(driver, 1)
    with driver.rt.database.transaction() as tx:
        tx.execute(text("update executions set revision = 99 where id = :id"), {"id": broken})
    end(driver, first)
    for _ in range(3):
        look_after(driver)

    assert driver.state(third) == "PAUSED"
    with driver.rt.database.reading() as tx:
        found = tx.execute(text("select state, gate from executions where revision = 99")).one()
    assert tuple(found) == (State.FAILED, "ENDED")
