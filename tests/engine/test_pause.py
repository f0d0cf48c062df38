"""Pauses: what runs at their begin, how they end, and what follows a failure inside of them."""

import pytest

from app.service import reopen, resuming

LOG = "io.kestra.plugin.core.log.Log"
FAIL = "io.kestra.plugin.core.execution.Fail"
PAUSE = "io.kestra.plugin.core.flow.Pause"
LAST = f"{{id: last, type: {LOG}, message: last}}"


def _flow(*more):
    lines = "\n".join(f"    {line}" for line in more)
    return f"""
id: paused
namespace: company.team
tasks:
  - id: pause
    type: {PAUSE}
{lines}
  - {LAST}
"""


def test_the_task_of_on_pause_runs_before_the_wait(driver):
    execution = driver.run(_flow(f"onPause: {{id: ask, type: {LOG}, message: please}}"))
    before = (driver.state(execution), driver.runs(execution))

    resuming.resume_with_inputs(driver.rt, execution, {})
    driver.work()

    assert before == ("PAUSED", [("pause", "PAUSED"), ("ask", "SUCCESS")])
    assert driver.state(execution) == "SUCCESS"
    assert driver.messages(execution) == ["please", "last"]


def test_a_pause_goes_on_by_itself_after_its_on_pause(driver):
    on_pause = f"onPause: {{id: ask, type: {LOG}, message: please}}"
    execution = driver.run(_flow(on_pause, "pauseDuration: PT10S"))
    before = driver.state(execution)

    driver.work_timers(11)

    assert before == "PAUSED"
    assert driver.state(execution) == "SUCCESS"


def test_a_failed_on_pause_fails_the_pause(driver):
    bad = f"onPause: {{id: ask, type: {FAIL}}}"
    execution = driver.run(_flow(bad, f"errors: [{{id: told, type: {LOG}, message: no}}]"))

    assert driver.state(execution) == "FAILED"
    assert driver.runs(execution) == [("pause", "FAILED"), ("ask", "FAILED"), ("told", "SUCCESS")]


def test_a_pause_that_nobody_resumed_runs_its_own_errors_and_finally(driver):
    errors = f"errors: [{{id: told, type: {LOG}, message: no}}]"
    finally_ = f"finally: [{{id: clean, type: {LOG}, message: clean}}]"
    execution = driver.run(_flow("timeout: PT10S", errors, finally_))

    driver.work_timers(11)

    assert driver.state(execution) == "FAILED"
    runs = [("pause", "FAILED"), ("told", "SUCCESS"), ("clean", "SUCCESS")]
    assert driver.runs(execution) == runs


@pytest.mark.parametrize(
    ("behavior", "state", "pause"),
    [
        ("RESUME", "SUCCESS", "SUCCESS"),
        ("WARN", "WARNING", "WARNING"),
        ("FAIL", "FAILED", "FAILED"),
        ("CANCEL", "CANCELLED", "KILLED"),
    ],
)
def test_a_pause_ends_as_its_behavior_says(driver, behavior, state, pause):
    execution = driver.run(_flow("pauseDuration: PT10S", f"behavior: {behavior}"))

    driver.work_timers(11)

    assert driver.state(execution) == state
    assert driver.runs(execution)[0] == ("pause", pause)


def test_a_pause_that_may_fail_ends_as_a_warning(driver):
    execution = driver.run(_flow("pauseDuration: PT10S", "behavior: FAIL", "allowFailure: true"))

    driver.work_timers(11)

    assert driver.state(execution) == "WARNING"
    assert driver.runs(execution) == [("pause", "WARNING"), ("last", "SUCCESS")]


def test_a_restart_does_not_pause_again_for_a_task_that_failed_after_the_resume(driver):
    once = "{{ taskrun.attemptsCount == 1 ? 'ok' : ko }}"
    tasks = (
        f'tasks: [{{id: c, type: {LOG}, message: "{once}"}}, {{id: d, type: {LOG}, message: d}}]'
    )
    execution = driver.run(_flow("delay: PT1S", tasks))
    driver.work_timers(2)
    first = driver.state(execution)

    reopen.restart(driver.rt, execution)
    driver.work()

    assert first == "FAILED"
    assert driver.state(execution) == "SUCCESS"
    assert [run[0] for run in driver.runs(execution)] == ["pause", "c", "d", "last"]


def test_a_restart_of_a_paused_execution_shows_that_it_still_waits(driver):
    execution = driver.run(_flow())

    reopen.restart(driver.rt, execution)
    driver.work()

    assert driver.state(execution) == "PAUSED"


def test_a_pause_after_the_end_holds_nothing_up(driver):
    execution = driver.run(
        """
id: late
namespace: a
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: hi}]
afterExecution:
  - {id: wait, type: io.kestra.plugin.core.flow.Pause}
  - {id: told, type: io.kestra.plugin.core.log.Log, message: after}
"""
    )

    assert driver.state(execution) == "SUCCESS"
    assert driver.runs(execution) == [("say", "SUCCESS"), ("wait", "SUCCESS"), ("told", "SUCCESS")]
