"""LoopUntil: rounds, their interval, what ends it."""

import pytest

from app.service import operations, reopen

LOOP = """
id: again
namespace: company.team
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.{kind}
    condition: "{{{{ outputs.count.values.n == '{until}' }}}}"
    {more}
    tasks:
      - id: count
        type: io.kestra.plugin.core.output.OutputValues
        values: {{n: "{{{{ outputs.loop.iterationCount }}}}"}}
"""


def loop(until, more="", kind="LoopUntil"):
    return LOOP.format(until=until, more=more, kind=kind)


@pytest.mark.parametrize("kind", ["LoopUntil", "WaitFor"])
def test_rounds_follow_each_other_after_the_interval(driver, kind):
    execution = driver.run(loop(3, "checkFrequency: {interval: PT10S}", kind))
    waiting = driver.runs(execution)
    driver.work_timers(9)
    early = driver.outputs(execution, "loop")
    driver.work_timers(2)
    driver.work_timers(10.5)

    assert waiting == [("loop", "RUNNING"), ("count", "SUCCESS")]
    assert early == {"iterationCount": 1}
    assert driver.state(execution) == "SUCCESS"
    assert driver.outputs(execution, "loop") == {"iterationCount": 3}
    assert driver.runs(execution) == [("loop", "SUCCESS"), ("count", "SUCCESS")]


@pytest.mark.parametrize(("fails", "state"), [("false", "SUCCESS"), ("true", "FAILED")])
def test_the_most_rounds_are_kept(driver, fails, state):
    more = f"failOnMaxReached: {fails}\n    checkFrequency: {{interval: PT0S, maxIterations: 4}}"

    execution = driver.run(loop(99, more))

    assert driver.state(execution) == state
    assert driver.outputs(execution, "loop") == {"iterationCount": 4}


def test_the_longest_duration_is_kept(driver):
    more = "failOnMaxReached: true\n    checkFrequency: {interval: PT10S, maxDuration: PT25S}"

    execution = driver.run(loop(99, more))
    for _ in range(5):
        driver.work_timers(10)

    assert driver.state(execution) == "FAILED"
    assert driver.outputs(execution, "loop") == {"iterationCount": 3}


def test_a_condition_that_cannot_be_rendered_fails_the_loop(driver):
    execution = driver.run(loop(1).replace("outputs.count", "outputs.nothing"))

    assert driver.state(execution) == "FAILED"
    assert any("nothing" in message for message in driver.messages(execution))


def test_a_child_that_fails_ends_the_loop(driver):
    text = loop(9, "checkFrequency: {interval: PT0S}")
    text += "      - {id: no, type: io.kestra.plugin.core.execution.Fail}\n"

    execution = driver.run(text)

    assert driver.runs(execution) == [("loop", "FAILED"), ("count", "SUCCESS"), ("no", "FAILED")]


def test_a_kill_between_two_rounds_ends_the_loop(driver):
    execution = driver.run(loop(9))

    operations.kill(driver.rt, execution)
    driver.work_timers(120)

    assert driver.runs(execution) == [("loop", "KILLED"), ("count", "SUCCESS")]


def test_a_restarted_loop_gets_all_its_rounds_again(driver):
    more = "failOnMaxReached: true\n    checkFrequency: {interval: PT0S, maxIterations: 2}"
    execution = driver.run(loop(99, more))

    reopen.restart(driver.rt, execution)
    driver.work()

    assert driver.state(execution) == "FAILED"
    assert driver.outputs(execution, "loop") == {"iterationCount": 2}


def test_a_loop_inside_a_foreach_sees_its_value(driver):
    execution = driver.run("""
id: nested
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a, b]
    tasks:
      - id: loop
        type: io.kestra.plugin.core.flow.LoopUntil
        condition: "{{ taskrun.value == 'a' or outputs.loop[taskrun.value].iterationCount == 2 }}"
        checkFrequency: {interval: PT0S}
        tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: x}]
""")

    assert driver.state(execution) == "SUCCESS"
    assert driver.outputs(execution, "loop") == {"iterationCount": 2}
