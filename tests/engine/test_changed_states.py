"""A task run is given another end by a user, and the flow goes on from there."""

import pytest

from app.errors import Invalid
from app.model.state import State
from app.service import reopen
from app.service.search import whole

LOG = "io.kestra.plugin.core.log.Log"
FLOW = "io.kestra.plugin.core.flow"
FAIL = "io.kestra.plugin.core.execution.Fail"


def run_of(driver, execution, task_id):
    return next(run for run in whole(driver.rt, execution)[1] if run.task_id == task_id)


def change(driver, execution, task_id, state):
    """The given run, before and after all that follows has happened."""
    before = run_of(driver, execution, task_id)
    reopen.change_state(driver.rt, execution, before.id, state)
    driver.work()
    return before, run_of(driver, execution, task_id)


PLAIN = f"""
id: plain
namespace: company.team
tasks:
  - {{id: first, type: {LOG}, message: one}}
  - {{id: second, type: {LOG}, message: two}}
errors: [{{id: sorry, type: {LOG}, message: sorry}}]
finally: [{{id: always, type: {LOG}, message: always}}]
"""


@pytest.mark.parametrize("state", ["FAILED", "KILLED", "CANCELLED"])
def test_a_run_that_is_given_a_bad_end_keeps_it_and_does_not_run_again(driver, state):
    execution = driver.run(PLAIN)

    before, after = change(driver, execution, "first", State(state))

    assert (after.id, after.state, after.attempt) == (before.id, state, before.attempt)
    assert driver.state(execution) == state
    assert driver.messages(execution).count("one") == 1
    assert ("second", "SUCCESS") not in driver.runs(execution)


def test_a_given_failure_runs_the_errors_block_and_finally(driver):
    execution = driver.run(PLAIN)

    change(driver, execution, "second", State.FAILED)

    assert driver.runs(execution) == [
        ("first", "SUCCESS"), ("second", "FAILED"), ("sorry", "SUCCESS"), ("always", "SUCCESS"),
    ]  # fmt: skip
    assert driver.messages(execution) == ["one", "two", "always", "sorry", "always"]


def test_a_flowable_that_is_given_a_failure_keeps_it(driver):
    execution = driver.run(f"""
id: group
namespace: company.team
tasks:
  - id: group
    type: {FLOW}.Parallel
    tasks: [{{id: a, type: {LOG}, message: a}}, {{id: b, type: {LOG}, message: b}}]
  - {{id: then, type: {LOG}, message: then}}
""")

    change(driver, execution, "group", State.FAILED)

    assert driver.state(execution) == "FAILED"
    assert driver.runs(execution) == [("group", "FAILED"), ("a", "SUCCESS"), ("b", "SUCCESS")]
    assert driver.messages(execution) == ["a", "b", "then"]


def test_in_a_loop_a_given_failure_ends_its_iteration_only(driver):
    execution = driver.run(f"""
id: loop
namespace: company.team
tasks:
  - id: each
    type: {FLOW}.ForEach
    values: [x, y]
    concurrencyLimit: 0
    tasks: [{{id: one, type: {LOG}, message: "one {{{{ taskrun.value }}}}"}},
            {{id: two, type: {LOG}, message: "two {{{{ taskrun.value }}}}"}}]
""")

    change(driver, execution, "one", State.FAILED)

    lines = sorted(driver.messages(execution))
    assert driver.state(execution) == "FAILED"
    assert lines == ["one x", "one y", "two x", "two y"]


BLOCKS = f"""
id: blocks
namespace: company.team
tasks: [{{id: bad, type: {FAIL}}}]
errors: [{{id: sorry, type: {FAIL}}}, {{id: mail, type: {LOG}, message: mail}}]
finally: [{{id: always, type: {LOG}, message: always}}]
"""


def test_a_run_of_an_errors_block_is_given_an_end_and_what_had_failed_stays_so(driver):
    execution = driver.run(BLOCKS)

    before, after = change(driver, execution, "sorry", State.SUCCESS)

    assert after.id == before.id
    assert run_of(driver, execution, "bad").attempt == 1
    assert driver.state(execution) == "FAILED"
    assert driver.runs(execution) == [
        ("bad", "FAILED"), ("sorry", "SUCCESS"), ("mail", "SUCCESS"), ("always", "SUCCESS"),
    ]  # fmt: skip


@pytest.mark.parametrize(("type_", "ends"), [(LOG, "SUCCESS"), (FAIL, "FAILED")])
def test_a_run_of_a_finally_block_is_given_an_end_and_main_counts_as_before(driver, type_, ends):
    text = f"""
id: cleaned
namespace: company.team
tasks: [{{id: work, type: {type_}, message: x}}]
finally: [{{id: clean, type: {FAIL}}}, {{id: rest, type: {LOG}, message: rest}}]
"""
    execution = driver.run(text.replace(", message: x", "") if type_ == FAIL else text)
    failed = driver.state(execution)

    change(driver, execution, "clean", State.SUCCESS)

    assert failed == "FAILED"
    assert driver.state(execution) == ends
    assert run_of(driver, execution, "work").attempt == 1
    assert driver.runs(execution)[1:] == [("clean", "SUCCESS"), ("rest", "SUCCESS")]


def test_a_run_after_the_execution_is_given_an_end_and_the_execution_keeps_its_own(driver):
    execution = driver.run(f"""
id: afterwards
namespace: company.team
tasks: [{{id: work, type: {LOG}, message: work}}]
afterExecution: [{{id: tell, type: {FAIL}}}, {{id: mail, type: {LOG}, message: mail}}]
""")

    change(driver, execution, "tell", State.SUCCESS)

    assert driver.state(execution) == "SUCCESS"
    assert whole(driver.rt, execution)[0].gate == "ENDED"
    assert driver.runs(execution)[1:] == [("tell", "SUCCESS"), ("mail", "SUCCESS")]
    assert driver.messages(execution).count("work") == 1


def directory(one, two):
    return f"""
id: directory
namespace: company.team
tasks:
  - id: dir
    type: {FLOW}.WorkingDirectory
    tasks:
      - {{id: one, type: {one}}}
      - {{id: two, type: {two}}}
    finally: [{{id: swept, type: {LOG}, message: swept}}]
  - {{id: then, type: {LOG}, message: then}}
"""


SAYS_ONE, SAYS_TWO = f"{LOG}, message: one", f"{LOG}, message: two"


def test_a_directory_ends_as_its_child_was_given_to_end(driver):
    execution = driver.run(directory(SAYS_ONE, FAIL))

    _, two = change(driver, execution, "two", State.WARNING)

    assert (two.state, two.attempt) == ("WARNING", 1)
    assert driver.state(execution) == "WARNING"
    assert ("then", "SUCCESS") in driver.runs(execution)
    assert driver.messages(execution).count("one") == 1


def test_a_directory_whose_child_is_given_a_failure_fails_and_does_not_run_again(driver):
    execution = driver.run(directory(SAYS_ONE, SAYS_TWO))

    _, one = change(driver, execution, "one", State.FAILED)

    assert (one.state, one.attempt) == ("FAILED", 1)
    assert run_of(driver, execution, "dir").state == "FAILED"
    assert driver.state(execution) == "FAILED"
    assert driver.messages(execution).count("one") == 1


def test_a_directory_with_children_left_to_run_runs_whole_again(driver):
    flaky = f"{FAIL}, condition: '{{{{ taskrun.attemptsCount < 1 }}}}'"
    execution = driver.run(directory(flaky, SAYS_TWO))
    failed = driver.state(execution)

    _, one = change(driver, execution, "one", State.SUCCESS)

    assert failed == "FAILED"
    assert driver.state(execution) == "SUCCESS"
    assert one.attempt == 2  # the files that it had left for the others are gone
    assert driver.messages(execution).count("two") == 1


def test_a_state_that_is_no_end_is_refused_and_changes_nothing(driver):
    execution = driver.run(PLAIN)
    run = run_of(driver, execution, "first")
    before = whole(driver.rt, execution)

    for state in (State.RUNNING, State.CREATED, State.RETRYING, State.PAUSED):
        with pytest.raises(Invalid, match=f"{state} is no end state"):
            reopen.change_state(driver.rt, execution, run.id, state)

    assert whole(driver.rt, execution) == before
