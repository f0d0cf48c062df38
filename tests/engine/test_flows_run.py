"""Whole flows through claim, run and record, on SQLite and on PostgreSQL."""

LOG = "io.kestra.plugin.core.log.Log"
RETURN = "io.kestra.plugin.core.debug.Return"
FAIL = "io.kestra.plugin.core.execution.Fail"
FLOW = "io.kestra.plugin.core.flow"


def test_a_flow_renders_its_inputs_and_gives_outputs(driver):
    execution = driver.run(
        f"""
id: hello
namespace: company.team
inputs: [{{id: name, type: STRING, defaults: World}}]
tasks: [{{id: greet, type: {RETURN}, format: "Hello {{{{ inputs.name }}}}"}}]
outputs: [{{id: text, type: STRING, value: "{{{{ outputs.greet.value }}}}!"}}]
""",
        name="Ada",
    )

    assert driver.state(execution) == "SUCCESS"
    assert driver.outputs(execution, "greet") == {"value": "Hello Ada"}


def test_a_failure_runs_errors_then_finally_and_the_flow_fails(driver):
    execution = driver.run(
        f"""
id: failing
namespace: company.team
tasks:
  - {{id: bad, type: {FAIL}, errorMessage: broken}}
  - {{id: never, type: {LOG}, message: no}}
errors: [{{id: alert, type: {LOG}, message: alerted}}]
finally: [{{id: clean, type: {LOG}, message: cleaned}}]
"""
    )

    assert driver.state(execution) == "FAILED"
    assert driver.runs(execution) == [("bad", "FAILED"), ("alert", "SUCCESS"), ("clean", "SUCCESS")]
    assert driver.messages(execution) == ["broken", "alerted", "cleaned"]


def test_parallel_branches_join_once_and_the_next_task_runs(driver):
    execution = driver.run(
        f"""
id: fan
namespace: company.team
tasks:
  - id: fan
    type: {FLOW}.Parallel
    tasks:
      - {{id: a, type: {RETURN}, format: a}}
      - {{id: b, type: {RETURN}, format: b}}
      - {{id: c, type: {RETURN}, format: c}}
  - {{id: last, type: {RETURN}, format: "{{{{ outputs.a.value }}}}{{{{ outputs.c.value }}}}"}}
"""
    )

    assert driver.state(execution) == "SUCCESS"
    assert sorted(driver.runs(execution)) == [
        ("a", "SUCCESS"), ("b", "SUCCESS"), ("c", "SUCCESS"), ("fan", "SUCCESS"),
        ("last", "SUCCESS"),
    ]  # fmt: skip
    assert driver.outputs(execution, "last") == {"value": "ac"}


def test_a_loop_runs_once_for_each_distinct_value(driver):
    execution = driver.run(
        f"""
id: loop
namespace: company.team
tasks:
  - id: each
    type: {FLOW}.ForEach
    values: '["x", "y", "x"]'
    concurrencyLimit: 0
    tasks:
      - {{id: say, type: {RETURN}, format: "{{{{ taskrun.value }}}}{{{{ taskrun.iteration }}}}"}}
  - id: all
    type: {RETURN}
    format: "{{{{ outputs.say.x.value }}}} {{{{ outputs.say.y.value }}}}"
"""
    )

    assert driver.outputs(execution, "all") == {"value": "x0 y1"}


def test_no_more_iterations_are_under_way_than_the_limit_lets(driver):
    execution = driver.run(
        f"""
id: limited
namespace: company.team
tasks:
  - id: each
    type: {FLOW}.ForEach
    values: [a, b, c]
    concurrencyLimit: 2
    tasks: [{{id: nap, type: {FLOW}.Sleep, duration: PT1H}}]
"""
    )
    begun = driver.runs(execution)
    driver.work_timers(3601)
    then = driver.runs(execution)
    driver.work_timers(3601)

    assert begun == [("each", "RUNNING"), ("nap", "RUNNING"), ("nap", "RUNNING")]
    assert then == [
        ("each", "RUNNING"), ("nap", "SUCCESS"), ("nap", "SUCCESS"), ("nap", "RUNNING"),
    ]  # fmt: skip
    assert driver.state(execution) == "SUCCESS"


def test_if_and_switch_take_one_branch(driver):
    execution = driver.run(
        f"""
id: choice
namespace: company.team
tasks:
  - id: maybe
    type: {FLOW}.If
    condition: "{{{{ 1 > 2 }}}}"
    then: [{{id: "yes", type: {LOG}, message: "yes"}}]
    else: [{{id: "no", type: {LOG}, message: "no"}}]
  - id: which
    type: {FLOW}.Switch
    value: b
    cases:
      a: [{{id: case_a, type: {LOG}, message: a}}]
      b: [{{id: case_b, type: {LOG}, message: b}}]
"""
    )

    assert [task for task, _ in driver.runs(execution)] == ["maybe", "no", "which", "case_b"]


def test_a_skipped_task_does_not_run_and_does_not_fail(driver):
    execution = driver.run(
        f"""
id: skip
namespace: company.team
tasks:
  - {{id: skipped, type: {FAIL}, runIf: "{{{{ false }}}}"}}
  - {{id: disabled, type: {FAIL}, disabled: true}}
  - {{id: done, type: {LOG}, message: done}}
"""
    )

    assert driver.runs(execution) == [("skipped", "SKIPPED"), ("done", "SUCCESS")]


def test_a_retry_waits_for_its_timer_and_then_succeeds(driver):
    execution = driver.run(
        f"""
id: retry
namespace: company.team
tasks:
  - id: flaky
    type: {FAIL}
    condition: "{{{{ taskrun.attemptsCount < 2 }}}}"
    retry: {{type: constant, maxAttempts: 3, interval: PT10S}}
"""
    )
    before = driver.runs(execution)
    driver.work_timers(11)
    driver.work_timers(11)

    assert before == [("flaky", "RETRYING")]
    assert driver.runs(execution) == [("flaky", "SUCCESS")]


def test_allow_failure_turns_a_failure_into_a_warning(driver):
    execution = driver.run(
        f"""
id: allowed
namespace: company.team
tasks:
  - {{id: bad, type: {FAIL}, allowFailure: true}}
  - {{id: on, type: {LOG}, message: goes on}}
"""
    )

    assert driver.state(execution) == "WARNING"
    assert driver.runs(execution) == [("bad", "WARNING"), ("on", "SUCCESS")]


def test_a_subflow_gives_its_outputs_to_the_caller(driver):
    driver.save(
        f"""
id: child
namespace: company.team
inputs: [{{id: n, type: INT}}]
tasks: [{{id: t, type: {RETURN}, format: "{{{{ inputs.n * 2 }}}}"}}]
outputs: [{{id: double, type: INT, value: "{{{{ outputs.t.value }}}}"}}]
"""
    )
    execution = driver.run(
        f"""
id: parent
namespace: company.team
tasks:
  - {{id: call, type: {FLOW}.Subflow, namespace: company.team, flowId: child, inputs: {{n: 21}}}}
  - {{id: show, type: {RETURN}, format: "{{{{ outputs.call.outputs.double }}}}"}}
"""
    )

    assert driver.state(execution) == "SUCCESS"
    assert driver.outputs(execution, "show") == {"value": "42"}


def test_sleep_holds_no_worker(driver):
    execution = driver.run(
        f"""
id: sleep
namespace: company.team
tasks:
  - {{id: wait, type: {FLOW}.Sleep, duration: PT1M}}
  - {{id: after, type: {LOG}, message: awake}}
"""
    )
    held = dict(driver.process.held)
    driver.work_timers(61)

    assert held == {}
    assert driver.state(execution) == "SUCCESS"


def test_a_wait_that_outlasts_its_timeout_is_tried_again(driver):
    execution = driver.run(
        f"""
id: slow
namespace: company.team
tasks:
  - id: wait
    type: {FLOW}.Sleep
    duration: PT1M
    timeout: PT1S
    retry: {{type: constant, interval: PT5S, maxAttempts: 2}}
"""
    )
    driver.work_timers(2)
    waiting = driver.runs(execution)
    driver.work_timers(6)
    driver.work_timers(2)

    assert waiting == [("wait", "RETRYING")]
    assert driver.state(execution) == "FAILED"
    assert driver.messages(execution).count("Timeout after PT1S") == 2


def test_after_execution_sees_the_final_state_and_does_not_change_it(driver):
    execution = driver.run(
        f"""
id: after
namespace: company.team
tasks: [{{id: bad, type: {FAIL}}}]
afterExecution: [{{id: tell, type: {LOG}, message: "it is {{{{ execution.state }}}}"}}]
"""
    )

    assert driver.state(execution) == "FAILED"
    assert "it is FAILED" in driver.messages(execution)


def test_a_working_directory_runs_its_children_in_order_on_one_worker(driver):
    execution = driver.run(
        f"""
id: directory
namespace: company.team
tasks:
  - id: dir
    type: {FLOW}.WorkingDirectory
    tasks:
      - {{id: one, type: {RETURN}, format: "1"}}
      - {{id: two, type: {RETURN}, format: "{{{{ outputs.one.value }}}}2"}}
"""
    )

    assert driver.runs(execution) == [("dir", "SUCCESS"), ("one", "SUCCESS"), ("two", "SUCCESS")]
    assert driver.outputs(execution, "two") == {"value": "12"}


def test_a_secret_is_masked_in_the_log(driver):
    execution = driver.run(
        f"""
id: secret
namespace: company.team
tasks: [{{id: say, type: {LOG}, message: "it is {{{{ secret('TOKEN') }}}}"}}]
"""
    )

    assert driver.messages(execution) == ["it is ******"]


def test_states_of_tasks_are_seen_by_later_ones(driver):
    execution = driver.run(
        f"""
id: states
namespace: company.team
tasks:
  - {{id: bad, type: {FAIL}, allowFailure: true}}
  - id: each
    type: {FLOW}.ForEach
    values: [a, b]
    tasks: [{{id: one, type: {LOG}, message: "{{{{ tasks.bad.state }}}}"}}]
  - id: found
    type: {RETURN}
    format: "{{{{ tasks.one.b.state }}}} {{{{ tasksWithState('SUCCESS') | length }}}}"
"""
    )

    assert driver.outputs(execution, "found") == {"value": "SUCCESS 3"}
