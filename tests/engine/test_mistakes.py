"""A mistake of the engine's own, which nobody foresaw: the task run fails and its log names it."""

import logging

import pytest

from app.errors import Unavailable
from app.service import batches, gathering, inside, loops, pausing, recovery, steps, subflows
from tests.engine.test_ahead import claim
from workers import ahead, attempt
from workers.attempt import run_step
from workers.context import AttemptContext

KINDS = {
    "each": ("{id: t, type: io.kestra.plugin.core.flow.ForEach, values: [1], tasks: [%s]}", None),
    "loop": ("{id: t, type: io.kestra.plugin.core.flow.Loop, values: [1], tasks: [%s]}",
             (gathering, "open_loop")),
    "pause": ("{id: t, type: io.kestra.plugin.core.flow.Pause}", (pausing, "plan_of")),
    "call": ("{id: t, type: io.kestra.plugin.core.flow.Subflow, namespace: company.team, "
             "flowId: none}", (subflows, "call")),
    "directory": ("{id: t, type: io.kestra.plugin.core.flow.WorkingDirectory, tasks: [%s]}",
                  (attempt, "run_directory")),
    "task": ("{id: t, type: io.kestra.plugin.core.log.Log, message: hello}", (attempt, "cached")),
}  # fmt: skip
SAID = "nobody foresaw s3cr3t-value"
FLOW = """
id: broken
namespace: company.team
tasks:
  - %s
  - {id: after, type: io.kestra.plugin.core.log.Log, message: never}
errors:
  - {id: told, type: io.kestra.plugin.core.log.Log, message: "told {{ error.taskId }}"}
"""
CHILD = "{id: child, type: io.kestra.plugin.core.log.Log, message: hello}"


def flow(task):
    return FLOW % task.replace("%s", CHILD)


def fails(monkeypatch, target, name, error=None, when=lambda *_args: True):
    known = getattr(target, name)

    def act(*args, **kwargs):
        if when(*args):
            raise error or KeyError(SAID)
        return known(*args, **kwargs)

    monkeypatch.setattr(target, name, act)


def is_first(ctx, _run):
    return ctx.step.task.id == "t"


def is_first_try(ctx, run):
    return is_first(ctx, run) and ctx.step.attempt == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_task_run_fails_at_once_and_its_log_names_the_mistake(
    driver, monkeypatch, caplog, kind
):
    task, where = KINDS[kind]
    target, name = where or (AttemptContext, "render_typed")
    fails(monkeypatch, target, name, when=is_first if name == "cached" else lambda *_: True)

    with caplog.at_level(logging.ERROR, logger="workers.mistake"):
        execution = driver.run(flow(task))

    assert driver.runs(execution)[0] == ("t", "FAILED")
    assert driver.state(execution) == "FAILED"
    said = "The engine failed in this attempt: KeyError: 'nobody foresaw s3cr3t-value'"
    assert said in driver.messages(execution)
    assert "told t" in driver.messages(execution)
    assert "never" not in driver.messages(execution)
    assert "in act" in caplog.text  # the traceback


def test_what_is_known_to_be_secret_is_masked_in_both_logs(driver, monkeypatch, caplog):
    fails(monkeypatch, pausing, "plan_of")

    with caplog.at_level(logging.ERROR, logger="workers.mistake"):
        execution = driver.run(flow(
            "{id: t, type: io.kestra.plugin.core.flow.Pause, "
            "description: x, delay: \"PT1S{{ secret('TOKEN') | length > 99 ? '' : '' }}\"}"
        ))  # fmt: skip

    said = "The engine failed in this attempt: KeyError: 'nobody foresaw ******'"
    assert said in driver.messages(execution)
    assert "nobody foresaw ******" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_an_attempt_that_cannot_even_begin_fails(driver, monkeypatch):
    fails(monkeypatch, AttemptContext, "__init__")

    execution = driver.run(flow(KINDS["task"][0]).split("errors:")[0])

    assert driver.runs(execution) == [("t", "FAILED")]
    said = "The engine failed in this attempt: KeyError: before it began"
    assert said in driver.messages(execution)
    assert "s3cr3t" not in str(driver.messages(execution))


def test_an_end_that_cannot_be_recorded_is_an_end_that_failed(driver, monkeypatch):
    fails(monkeypatch, steps, "end_run", when=lambda _mover, _step, end, *_: end.state == "SUCCESS")

    execution = driver.run(flow(KINDS["task"][0]).split("errors:")[0])

    assert driver.runs(execution) == [("t", "FAILED")]


def lose_leases(driver):
    """The lease that a process has let go of is over; what is due again runs."""
    now = [0.0]
    watch = recovery.LeaseWatch(monotonic=lambda: now[0])
    recovery.recover_leases(driver.rt, watch)
    now[0] = 1000.0
    driver.clock.advance(1000)
    recovery.recover_leases(driver.rt, watch)
    driver.work()


def test_what_can_never_be_recorded_is_set_aside_with_its_reason(driver, monkeypatch):
    fails(monkeypatch, steps, "end_run")
    driver.save(flow(KINDS["task"][0]))
    execution = driver.start("company.team", "broken")
    driver.work()
    lose_leases(driver)
    lose_leases(driver)
    first = driver.state(execution)
    driver.work_timers(60)

    assert first == "KILLING"
    assert driver.state(execution) == "FAILED"
    assert any("set aside after 3 tries: KeyError" in text for text in driver.messages(execution))


def test_a_step_that_is_evaluated_ahead_fails_by_itself(driver, monkeypatch):
    fails(monkeypatch, ahead, "perform", error=TypeError("oh"))
    fails(monkeypatch, attempt, "perform", error=TypeError("oh"),
          when=lambda ctx, _held: ctx.step.task.id == "b")  # fmt: skip
    execution = driver.run("""
id: two
namespace: company.team
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: one}
  - {id: b, type: io.kestra.plugin.core.debug.Return, format: two}
""")

    assert driver.runs(execution) == [("a", "SUCCESS"), ("b", "FAILED")]
    assert "The engine failed in this attempt: TypeError: oh" in driver.messages(execution)


@pytest.mark.parametrize("where", ["stand_in", "end_child"])
def test_a_child_of_a_directory_fails_by_itself(driver, monkeypatch, where):
    if where == "stand_in":
        monkeypatch.setattr("workers.directory.stand_in", _raise)
    else:
        fails(monkeypatch, inside, "end_child", when=lambda *args: args[3].state == "SUCCESS")

    execution = driver.run(flow(KINDS["directory"][0]).split("errors:")[0])

    assert driver.runs(execution) == [("t", "FAILED"), ("child", "FAILED")]
    assert any("The engine failed in this attempt: KeyError" in text
               for text in driver.messages(execution))  # fmt: skip


def _raise(*_args):
    raise KeyError("stand-in")


def test_a_retry_tries_again(driver, monkeypatch):
    fails(monkeypatch, attempt, "cached", when=is_first_try)
    driver.save(flow(
        "{id: t, type: io.kestra.plugin.core.log.Log, message: hello, "
        "retry: {type: constant, interval: PT1S, maxAttempts: 2}}"
    ))  # fmt: skip
    execution = driver.start("company.team", "broken")
    driver.work()
    driver.work_timers(5)

    assert driver.runs(execution) == [("t", "SUCCESS"), ("after", "SUCCESS")]


def test_a_storage_that_is_away_is_no_mistake(driver, monkeypatch):
    fails(monkeypatch, attempt, "cached", error=Unavailable("the storage is away"))
    execution, step = claim(driver, flow(KINDS["task"][0]), "broken")

    with pytest.raises(Unavailable):
        run_step(driver.process, step, fuse=True)

    assert driver.runs(execution) == [("t", "RUNNING")]


def test_a_loop_that_cannot_be_judged_fails(driver, monkeypatch):
    fails(monkeypatch, loops, "_weigh")
    execution = driver.run(flow(
        "{id: t, type: io.kestra.plugin.core.flow.LoopUntil, "
        "condition: \"{{ secret('TOKEN') == 'x' }}\", tasks: [%s]}"
    ))  # fmt: skip

    assert driver.runs(execution)[0] == ("t", "FAILED")
    assert "The engine failed: KeyError: 'nobody foresaw ******'" in driver.messages(execution)


def test_a_question_of_batches_fails_the_same_way(driver, monkeypatch):
    fails(monkeypatch, batches, "open_calls")
    execution = driver.run("""
id: items
namespace: company.team
tasks:
  - {id: write, type: io.kestra.plugin.core.storage.Write, content: "a"}
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: "{{ outputs.write.uri }}"
    namespace: company.team
    flowId: none
""")

    assert driver.state(execution) == "FAILED"
    assert any("The engine failed in this attempt: KeyError" in text
               for text in driver.messages(execution))  # fmt: skip
