"""A kill ends every state, nothing happens after it, its slot is free."""

import pytest

from tests.faults.cluster import until

SOON = 45  #: shorter than a script that nobody ends
SCRIPT = """type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    env: {{EFFECTS: "{effects}"}}
    commands: ['echo {{{{ execution.id }}}} ran >> {effects}; {command}']
"""
CORE = "io.kestra.plugin.core"
FLOWS = {
    "RUNNING": SCRIPT.replace("{command}", "sleep 60"),
    "PAUSED": f"type: {CORE}.flow.Pause\n",
    "RETRYING": SCRIPT.replace("{command}", "exit 1")
    + "    retry: {{type: constant, interval: PT5M, maxAttempts: 3}}\n",
    "SUBFLOW": f"type: {CORE}.flow.Subflow\n    namespace: faults\n    flowId: kill-running\n"
    "    wait: true\n",
    "SLEEPING": f"type: {CORE}.flow.Sleep\n    duration: PT5M\n",
}


def flow(cluster, kind):
    body = FLOWS[kind].format(effects=cluster.effects_file)
    text = f"id: kill-{kind.lower()}\nnamespace: faults\nconcurrency: {{limit: 1}}\ntasks:\n"
    cluster.flow(
        text + f"  - id: first\n    {body}  - {{id: never, type: {CORE}.log.Log, message: never}}\n"
    )
    return f"kill-{kind.lower()}"


def is_there(cluster, execution, kind):
    found = cluster.get(execution)
    runs = [run["state"]["current"] for run in found.get("taskRunList") or []]
    if kind == "RUNNING":
        return cluster.effects_of(execution)
    if kind == "SUBFLOW":
        return runs == ["RUNNING"] and cluster.scripts()
    if kind == "SLEEPING":
        return runs == ["RUNNING"]
    return kind in runs


@pytest.mark.parametrize("kind", ["RUNNING", *(pytest.param(kind, marks=pytest.mark.slow)
                                  for kind in FLOWS if kind != "RUNNING")])  # fmt: skip
def test_a_kill_ends_it_wherever_it_stands(cluster, kind):
    flow(cluster, "RUNNING")
    name = flow(cluster, kind)
    execution = cluster.start(name)
    until(lambda: is_there(cluster, execution, kind), f"never {kind}", 180)
    queued = cluster.start(name)
    queued_state = cluster.state(queued)
    cluster.client.delete(f"/executions/{execution}/kill").raise_for_status()
    done = cluster.wait(execution, SOON)
    wrote = len(cluster.effects_of(execution))
    until(lambda: is_there(cluster, queued, kind), "its slot was not freed", 180)
    cluster.client.delete(f"/executions/{queued}/kill").raise_for_status()
    cluster.wait(queued, SOON)
    until(lambda: not cluster.scripts(), "a script outlived its kill", SOON)

    assert queued_state == "QUEUED"
    assert done["state"]["current"] == "KILLED"
    assert [run["taskId"] for run in done["taskRunList"]] == ["first"]
    assert len(cluster.effects_of(execution)) == wrote


@pytest.mark.slow
def test_a_kill_ends_what_is_queued_and_what_no_worker_has_taken(cluster):
    name = flow(cluster, "RUNNING")
    cluster.proc("worker").kill_group()
    created, queued = cluster.start(name), cluster.start(name)
    for execution in (queued, created):
        cluster.client.delete(f"/executions/{execution}/kill").raise_for_status()

    assert cluster.wait(queued, SOON)["state"]["current"] == "KILLED"
    assert cluster.wait(created, SOON)["state"]["current"] == "KILLED"
    cluster.revive()
    again = cluster.start(name)
    assert cluster.wait_effect(again)
    assert cluster.effects_of(created) == cluster.effects_of(queued) == []
    cluster.client.delete(f"/executions/{again}/kill")
    cluster.wait(again, SOON)
