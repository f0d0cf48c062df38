"""A real process crashes at every named point; after a restart the guarantees hold."""

import ast
import re
from pathlib import Path

import httpx
import pytest

from app.failpoints import POINTS
from tests.faults.cluster import attempts, until
from tests.support.repository import Repository, flow

ROOT = Path(__file__).parents[2]
EVERY_SECOND = """
id: {flow_id}
namespace: faults
tasks: [{{id: t, type: io.kestra.plugin.core.log.Log, message: tick}}]
triggers:
  - id: often
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "* * * * * *"
    withSeconds: true
"""
WRITE = "echo $ID $TASK $ATTEMPT >> $EFFECTS"


def points_in_the_code():
    found = set()
    for folder in ("app", "workers", "beat"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("failpoints.hit"):
                    found.add(ast.literal_eval(node.args[0]))
    return found


def points_in_tests():
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {point for point in POINTS if re.search(rf"\b{point}\b", text)}


def test_every_point_of_the_code_is_named_and_has_a_test():
    assert points_in_the_code() == set(POINTS)
    assert points_in_tests() == set(POINTS)


WORKER_POINTS = {
    # the point, and how often the script of the first task may run
    "after_claim": {1},
    "before_record": {2},
    "after_record": {1},
    "after_commit_before_publish": {1},
    "before_ack": {1},
}


FAST = {"after_claim", "after_record"}


@pytest.mark.parametrize(
    "point",
    [p if p in FAST else pytest.param(p, marks=pytest.mark.slow) for p in WORKER_POINTS],
)
def test_a_worker_that_crashes_there_loses_and_doubles_nothing(cluster, point):
    cluster.script_flow("two", WRITE, tasks=2)
    armed = cluster.arm(point)
    execution = cluster.start_surely("two", key=point)
    done = cluster.wait(execution)
    until(lambda: not armed.exists(), "no worker crashed", 180)  # the end may come first
    wrote = cluster.effects_of(execution)
    ran = [sum(words[0] == task for words in wrote) for task in ("t0", "t1")]

    assert done["state"]["current"] == "SUCCESS"
    assert [states[-1] for states in attempts(done)] == ["SUCCESS", "SUCCESS"]
    assert ran[0] in WORKER_POINTS[point]
    assert ran[1] == 1
    assert len({tuple(words) for words in wrote}) == len(wrote)  # each attempt's script once


def test_an_api_that_crashes_after_the_commit_has_accepted_once(cluster):
    cluster.script_flow("accepted", WRITE)
    cluster.arm("api_after_commit")
    with pytest.raises(httpx.HTTPError):
        cluster.start("accepted", key="one")
    cluster.wait_api()
    execution = cluster.start("accepted", key="one")
    done = cluster.wait(execution)
    found = cluster.client.get(
        "/executions", params={"namespace": "faults", "flowId": "accepted"}
    ).json()

    assert done["state"]["current"] == "SUCCESS"
    assert found["total"] == 1
    assert len(cluster.effects_of(execution)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("point", ["beat_after_insert", "beat_before_timer"])
def test_a_beat_that_crashes_there_fires_each_instant_once(cluster, point):
    flow_id = point.replace("_", "-")
    cluster.beat("b2")
    cluster.flow(EVERY_SECOND.format(flow_id=flow_id))

    def fired():
        query = {"namespace": "faults", "flowId": flow_id, "size": 100}
        found = cluster.client.get("/executions", params=query).json()
        return [item["trigger"]["variables"]["date"] for item in found["results"]]

    until(lambda: len(fired()) >= 1, "nothing fired", 180)
    armed = cluster.arm(point)
    until(lambda: not armed.exists(), "no beat crashed", 180)
    before = len(fired())
    until(lambda: len(fired()) >= before + 2, "the other beat does not go on", 180)
    cluster.client.delete(f"/flows/faults/{flow_id}")
    instants = fired()

    assert len(set(instants)) == len(instants)


@pytest.mark.slow
@pytest.mark.parametrize(
    "point", ["git_after_fetch", "git_before_apply", "git_in_apply", "git_after_apply"]
)
def test_a_worker_that_crashes_in_a_sync_applies_the_commit_once(cluster, tmp_path, point):
    name = point.replace("_", "-")
    repository = Repository(tmp_path)
    repository.commit({"a.yaml": flow("a", f"git.{name}")})
    cluster.worker("git", queues="git")
    armed = cluster.arm(point)
    body = {"name": name, "url": repository.url, "binding": {"namespace": f"git.{name}"}}
    cluster.client.post("/gitops/sources", json=body).raise_for_status()

    def revisions():
        return cluster.client.get(f"/flows/git.{name}/a/revisions").json()

    until(lambda: not armed.exists(), "no worker crashed", 180)
    until(lambda: isinstance(revisions(), list) and revisions(), "never applied", 180)

    assert [found["revision"] for found in revisions()] == [1]
