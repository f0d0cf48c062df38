"""Schedules: each instant once, zones, missed instants, the lock."""

import threading
from datetime import UTC, datetime

import pytest

from app.database import triggers
from app.service import executions, namespaces, operations, schedules, search, trigger_state
from app.service.search import Wanted

FLOW = """
id: clock
namespace: company.team
tasks: [{{id: t, type: io.kestra.plugin.core.debug.Return, format: "{{{{ trigger.date }}}}"}}]
triggers: [{{id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 * * * *"{more}}}]
"""


def fired(driver):
    rows, _ = search.list_executions(
        driver.rt, Wanted(flow_id="clock"), page=1, size=100, sort=[("state.startDate", False)]
    )
    return [row.trigger["variables"]["date"] for row in rows]


def fire(driver):
    schedules.fire_due(driver.rt)
    driver.work()


def test_an_instant_fires_once_however_often_beat_looks(driver):
    driver.save(FLOW.format(more=""))
    driver.clock.advance(3600)
    fire(driver)
    fire(driver)

    assert fired(driver) == ["2026-05-01T13:00:00Z"]


def test_all_missed_instants_fire_by_default(driver):
    driver.save(FLOW.format(more=""))
    driver.clock.advance(3 * 3600)
    for _ in range(5):
        fire(driver)

    assert len(fired(driver)) == 3


@pytest.mark.parametrize(("recover", "count"), [("LAST", 1), ("NONE", 0)])
def test_missed_instants_follow_the_rule_of_the_trigger(driver, recover, count):
    driver.save(FLOW.format(more=f", recoverMissedSchedules: {recover}"))
    driver.clock.advance(3 * 3600 + 1800)
    for _ in range(5):
        fire(driver)

    assert len(fired(driver)) == count


def test_a_running_execution_locks_its_trigger(driver):
    driver.save(FLOW.format(more=""))
    driver.clock.advance(3600)
    schedules.fire_due(driver.rt)
    driver.clock.advance(3600)
    schedules.fire_due(driver.rt)
    locked = len(fired(driver))
    driver.work()
    driver.clock.advance(2)
    fire(driver)

    assert locked == 1
    assert fired(driver) == ["2026-05-01T13:00:00Z", "2026-05-01T14:00:00Z"]


def test_a_backfill_runs_the_past_and_gives_the_schedule_back(driver):
    driver.save(FLOW.format(more=""))
    before = trigger_state.list_of_flow(driver.rt, "company.team", "clock")[0].next_at
    wanted = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T02:00:00Z"}
    trigger_state.backfill(driver.rt, "company.team", "clock", "hourly", wanted)
    for _ in range(6):
        fire(driver)
        driver.clock.advance(2)
    after = trigger_state.list_of_flow(driver.rt, "company.team", "clock")[0]

    assert fired(driver) == [f"2026-01-01T0{n}:00:00Z" for n in range(3)]
    assert after.next_at == before
    assert after.backfill is None


def test_a_backfill_and_all_that_it_starts_is_background_work(driver):
    subflow = "io.kestra.plugin.core.flow.Subflow"
    call = f"{{id: call, type: {subflow}, namespace: company.team, flowId: called}}"
    task = "{id: t, type: io.kestra.plugin.core.log.Log, message: hi}"
    driver.save(f"id: called\nnamespace: company.team\ntasks: [{task}]")
    driver.save(FLOW.format(more="").replace("tasks: [", f"tasks: [{call}, "))
    wanted = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}
    trigger_state.backfill(driver.rt, "company.team", "clock", "hourly", wanted)
    jobs = []

    schedules.fire_due(driver.rt)
    while driver.publisher.jobs:
        jobs.append(driver.publisher.jobs.pop(0))
        driver.work_one(jobs[-1])
    executions.start(driver.rt, "company.team", "called")

    assert {job.flow for job in jobs} == {"company.team.clock", "company.team.called"}
    assert all(job.is_background for job in jobs)
    assert not any(job.is_background for job in driver.publisher.jobs)


def test_a_flow_started_by_hand_needs_no_trigger(driver):
    driver.save(FLOW.format(more=""))
    execution = executions.start(driver.rt, "company.team", "clock")

    assert executions.get(driver.rt, execution).trigger is None


def state_of(driver):
    return trigger_state.list_of_flow(driver.rt, "company.team", "clock")[0]


def test_conditions_choose_among_the_instants(driver):
    driver.save(
        FLOW.replace("hourly", "daily")
        .replace("0 * * * *", "0 9 * * *")
        .format(
            more=", conditions: [{type: io.kestra.plugin.core.condition.DayWeek,"
            " dayOfWeek: MONDAY}]"
        )
    )
    first = state_of(driver).next_at
    driver.clock.advance((first - driver.rt.clock()).total_seconds() + 1)
    fire(driver)
    rows, _ = search.list_executions(driver.rt, Wanted(flow_id="clock"), page=1, size=9)

    assert first == datetime(2026, 5, 4, 9, tzinfo=UTC)
    assert rows[0].trigger["variables"] == {
        "date": "2026-05-04T09:00:00Z",
        "next": "2026-05-11T09:00:00Z",
        "previous": "2026-04-27T09:00:00Z",
    }


def test_when_chooses_too(driver):
    driver.save(FLOW.format(more=", when: \"{{ trigger.date | date('HH') == '15' }}\""))

    assert state_of(driver).next_at == datetime(2026, 5, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "more",
    [', when: "{{ nothing.here }}"', ', inputs: {n: "{{ nothing.here }}"}'],
)
def test_an_expression_that_fails_makes_a_failed_execution_and_goes_on(driver, more):
    driver.save(FLOW.format(more=more))
    driver.clock.advance(3600)
    fire(driver)
    rows, _ = search.list_executions(driver.rt, Wanted(flow_id="clock"), page=1, size=9)
    after = state_of(driver)

    assert [row.state for row in rows] == ["FAILED"]
    assert any("nothing" in message for message in driver.messages(rows[0].id))
    assert after.next_at == datetime(2026, 5, 1, 14, tzinfo=UTC)
    assert after.execution_id is None


def test_labels_and_inputs_are_rendered(driver):
    more = ', labels: {day: "{{ trigger.date | date(\'yyyy\') }}"}, inputs: {n: "{{ 1 + 1 }}"}'
    driver.save(FLOW.format(more=more).replace("tasks:", "inputs: [{id: n, type: INT}]\ntasks:"))
    driver.clock.advance(3600)
    fire(driver)
    rows, _ = search.list_executions(driver.rt, Wanted(flow_id="clock"), page=1, size=9)

    assert rows[0].labels["day"] == "2026"
    assert rows[0].inputs == {"n": 2}


def test_late_instants_are_left_out(driver):
    driver.save(FLOW.format(more=", lateMaximumDelay: PT20M"))
    driver.clock.advance(3 * 3600 + 60)
    for _ in range(4):
        fire(driver)

    assert fired(driver) == ["2026-05-01T15:00:00Z"]


def test_a_trigger_stops_after_a_state(driver):
    driver.save(FLOW.format(more=", stopAfter: [SUCCESS]"))
    for _ in range(3):
        driver.clock.advance(3600)
        fire(driver)
        driver.work_timers(1)

    assert len(fired(driver)) == 1
    assert state_of(driver).disabled is True


def test_saving_a_flow_again_keeps_the_cursor_and_a_changed_cron_begins_now(driver):
    driver.save(FLOW.format(more=""))
    driver.clock.advance(2 * 3600)
    driver.save(FLOW.format(more="") + "description: other\n")
    kept = state_of(driver).next_at
    driver.save(FLOW.format(more="").replace("0 * * * *", "*/5 * * * *"))

    assert kept == datetime(2026, 5, 1, 13, tzinfo=UTC)
    assert state_of(driver).next_at == datetime(2026, 5, 1, 14, 5, tzinfo=UTC)


def test_a_trigger_that_is_switched_on_again_owes_nothing(driver):
    driver.save(FLOW.format(more=""))
    driver.save(FLOW.format(more=", disabled: true"))
    off = state_of(driver).next_at
    driver.clock.advance(48 * 3600)
    driver.save(FLOW.format(more=""))

    assert off is None
    assert state_of(driver).next_at > driver.rt.clock()


def test_an_unlocked_trigger_fires_what_waited(driver):
    driver.save(FLOW.format(more=""))
    driver.clock.advance(3600)
    schedules.fire_due(driver.rt)
    driver.clock.advance(3600)
    schedules.fire_due(driver.rt)
    waiting = state_of(driver)
    trigger_state.unlock(driver.rt, "company.team", "clock", "hourly")
    schedules.fire_due(driver.rt)

    assert (waiting.next_at, waiting.waiting_at.hour) == (None, 14)
    assert fired(driver) == ["2026-05-01T13:00:00Z", "2026-05-01T14:00:00Z"]


def test_a_lock_whose_execution_is_gone_is_freed(driver):
    driver.save(FLOW.format(more=""))
    driver.clock.advance(3600)
    schedules.fire_due(driver.rt)
    operations.delete(driver.rt, state_of(driver).execution_id, is_forced=True)
    schedules.tidy(driver.rt)

    assert state_of(driver).execution_id is None


def test_a_backfill_is_paused_and_goes_on_with_its_labels_and_inputs(driver):
    text = FLOW.format(more=", inputs: {n: 1}")
    driver.save(text.replace("tasks:", "inputs: [{id: n, type: INT}]\ntasks:"))
    wanted = {
        "start": "2026-01-01T00:00:00Z",
        "end": "2026-01-01T02:00:00Z",
        "labels": [{"key": "why", "value": "again"}],
        "inputs": {"n": 7},
    }
    place = (driver.rt, "company.team", "clock", "hourly")
    trigger_state.backfill(*place, wanted)
    fire(driver)
    driver.work_timers(1)
    trigger_state.pause_backfill(*place, paused=True)
    fire(driver)
    held = len(fired(driver))
    trigger_state.pause_backfill(*place, paused=False)
    for _ in range(4):
        fire(driver)
        driver.work_timers(1)
    rows, _ = search.list_executions(driver.rt, Wanted(flow_id="clock"), page=1, size=9)

    assert held == 1
    assert len(rows) == 3
    assert {row.inputs["n"] for row in rows} == {7}
    assert {row.labels["why"] for row in rows} == {"again"}


def test_dates_of_a_list_fire_once_with_their_schedule_date(driver):
    driver.save("""
id: clock
namespace: company.team
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]
triggers:
  - id: dates
    type: io.kestra.plugin.core.trigger.ScheduleOnDates
    dates: ["2026-04-01T00:00:00Z", "2026-05-01T13:00:00Z"]
""")
    driver.clock.advance(3601)
    fire(driver)
    driver.clock.advance(24 * 3600)
    fire(driver)
    rows, total = search.list_executions(driver.rt, Wanted(flow_id="clock"), page=1, size=9)

    assert total == 1
    assert rows[0].schedule_date == datetime(2026, 5, 1, 13, tzinfo=UTC)
    assert state_of(driver).next_at is None


def test_a_clock_that_steps_back_fires_nothing_twice(driver):
    driver.save(FLOW.format(more=""))
    driver.clock.advance(3600)
    fire(driver)
    driver.work_timers(1)
    driver.clock.advance(-1800)
    fire(driver)
    driver.clock.advance(1800)
    fire(driver)

    assert fired(driver) == ["2026-05-01T13:00:00Z"]


def test_an_instant_that_has_fired_does_not_fire_again_when_its_cursor_is_set_back(driver):
    driver.save(FLOW.format(more=""))
    driver.clock.advance(3600)
    fire(driver)
    driver.work_timers(1)
    instant = datetime(2026, 5, 1, 13, tzinfo=UTC)
    with driver.rt.database.transaction() as tx:
        triggers.write(tx, triggers.at("company.team", "clock", "hourly"), next_at=instant)
    fire(driver)

    assert len(fired(driver)) == 1
    assert state_of(driver).next_at > instant


def test_many_beats_at_once_fire_each_instant_once(driver):
    count = 12
    for n in range(count):
        driver.save(FLOW.format(more=", allowConcurrent: true").replace("clock", f"clock{n}"))
    driver.clock.advance(2 * 3600)
    failures = []

    def beat():
        try:
            for _ in range(6):
                schedules.fire_due(driver.rt)
        except Exception as error:
            failures.append(error)

    beats = [threading.Thread(target=beat) for _ in range(4)]
    for one in beats:
        one.start()
    for one in beats:
        one.join()
    rows, total = search.list_executions(
        driver.rt, Wanted(exact_namespace="company.team"), page=1, size=100
    )

    assert failures == []
    assert total == 2 * count
    assert len({(row.flow_id, row.trigger["variables"]["date"]) for row in rows}) == 2 * count


EVERYWHERE = "{{ vars.a }} {{ envs.place }} {{ namespace.n }} {{ flow.revision }} {{ inputs.d }}"


def test_a_schedule_sees_what_every_expression_sees_before_there_is_an_execution(driver):
    namespaces.create(driver.rt, {"id": "company.team", "variables": {"n": "of-team"}})
    driver.save(f"""
id: sees
namespace: company.team
variables: {{a: var}}
inputs: [{{id: d, type: STRING, defaults: given}}, {{id: x, type: STRING}}]
tasks: [{{id: say, type: io.kestra.plugin.core.debug.Return, format: "{{{{ inputs.x }}}}"}}]
triggers:
  - id: hourly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 * * * *"
    inputs: {{x: "{EVERYWHERE} {{{{ trigger.id }}}} {{{{ trigger.date == schedule.date }}}}"}}
""")
    driver.clock.advance(3_700)
    driver.poll()

    (execution,) = search.list_ids(driver.rt, search.Wanted(flow_id="sees"))
    assert driver.outputs(execution, "say") == {"value": "var here of-team 1 given hourly true"}
