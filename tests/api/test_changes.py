"""What of an execution changed since a moment."""

LOG = "{id: %s, type: io.kestra.plugin.core.log.Log, message: m}"
PAUSE = "{id: p, type: io.kestra.plugin.core.flow.Pause}"
FAIL = "{id: f, type: io.kestra.plugin.core.execution.Fail}"


def whole(api, execution):
    return api.get(f"/executions/{execution}")


def mark_of(found):
    """The latest moment that an execution tells, as a client finds it."""
    states = [found["state"], *(run["state"] for run in found.get("taskRunList", []))]
    return max(state["histories"][-1]["date"] for state in states)


def changes(api, found):
    return api.get(f"/executions/{found['id']}/changes", since=mark_of(found))


def patched(found, news):
    """The execution as a client has it then."""
    runs = {run["id"]: run for run in found.get("taskRunList", [])}
    runs |= {run["id"]: run for run in news["taskRuns"]}
    return {**news["execution"], **({"taskRunList": list(runs.values())} if runs else {})}


def counts(found):
    states = [run["state"]["current"] for run in found.get("taskRunList", [])]
    return {state: states.count(state) for state in states}


def test_what_changed_is_told_and_makes_the_execution_that_it_is_now(lite):
    tasks = f"{LOG % 'a'}, {PAUSE}, {LOG % 'b'}"
    lite.flow("some", tasks=tasks, more="outputs: [{id: o, type: STRING, value: v}]")
    execution = lite.send("POST", "/executions/team.a/some")["id"]
    waiting = whole(lite, execution)
    unbegun = changes(lite, waiting)
    lite.driver.work()
    paused = changes(lite, waiting)
    at_pause = patched(waiting, paused)
    lite.driver.clock.advance(60)
    still = lite.get(f"/executions/{execution}/changes", since=lite.driver.clock().isoformat())
    lite.call("POST", f"/executions/{execution}/resume")
    lite.driver.work()
    ended = changes(lite, at_pause | {"state": lite.get(f"/executions/{execution}")["state"]})
    now = whole(lite, execution)

    assert (unbegun["taskRuns"], unbegun["counts"]) == ([], {})
    assert [run["taskId"] for run in paused["taskRuns"]] == ["a", "p"]
    assert paused["counts"] == {"SUCCESS": 1, "PAUSED": 1}
    assert [run["taskId"] for run in still["taskRuns"]] == ["p"]  # it has begun and goes on
    assert [run["taskId"] for run in ended["taskRuns"]] == ["p", "b"]  # `a` is known for a minute
    assert patched(at_pause, ended) == now
    assert ended["counts"] == counts(now)
    assert now["outputs"] == {"o": "v"}


def test_runs_that_only_wait_are_told_once(lite):
    waits = "{id: t%s, type: io.kestra.plugin.scripts.shell.Commands, commands: [a]}"
    branches = ", ".join(waits % n for n in range(3))
    wide = f"{{id: w, type: io.kestra.plugin.core.flow.Parallel, tasks: [{branches}]}}"
    lite.flow("wide", tasks=f"{LOG % 'a'}, {wide}")
    execution = lite.send("POST", "/executions/team.a/wide")["id"]
    before = whole(lite, execution)
    lite.driver.work_one(lite.driver.publisher.jobs.pop(0))  # not those of the branches
    first = changes(lite, before)
    lite.driver.clock.advance(60)
    found = patched(before, first)
    later = lite.get(f"/executions/{execution}/changes", since=lite.driver.clock().isoformat())

    assert [run["taskId"] for run in first["taskRuns"]] == ["a", "w", "t0", "t1", "t2"]
    assert later["taskRuns"] == []
    assert later["counts"] == counts(found) == {"SUCCESS": 1, "RUNNING": 1, "CREATED": 3}


def test_runs_that_are_gone_are_missing_in_the_counts(lite):
    lite.flow(
        "bad", tasks=f"{{id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{FAIL}]}}"
    )
    execution = lite.run("bad")
    before = whole(lite, execution)
    lite.driver.clock.advance(60)
    lite.call("POST", f"/executions/{execution}/restart")

    found = changes(lite, before)

    assert found["counts"] == counts(whole(lite, execution))


def test_a_moment_that_is_none_and_an_unknown_execution_are_refused(lite):
    lite.flow("one")
    execution = lite.run("one")
    path = f"/executions/{execution}/changes"

    assert lite.call("GET", path).status_code == 400
    assert lite.call("GET", path + "?since=yesterday").status_code == 422
    unknown = f"/executions/{'0' * 22}/changes?since=2026-01-01T00:00:00Z"
    assert lite.call("GET", unknown).status_code == 404
