"""A real standalone server: broker, API, Celery workers and beat as processes."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

LOG = "io.kestra.plugin.core.log.Log"


def child_of(parent: int, name: str) -> int | None:
    """The process of a name that a supervisor has started."""
    for folder in Path("/proc").iterdir():
        try:
            found = (folder / "stat").read_text(encoding="utf-8")
        except OSError:
            continue
        pid, _, rest = found.partition(" (")
        if rest.startswith(f"{name})") and int(rest.rpartition(")")[2].split()[1]) == parent:
            return int(pid)
    return None


def test_a_flow_runs_on_celery_workers(server):
    server.flow(
        f"""
id: hello
namespace: e2e.hello
inputs: [{{id: name, type: STRING, defaults: World}}]
tasks:
  - {{id: say, type: {LOG}, message: "Hello {{{{ inputs.name }}}}"}}
  - id: fan
    type: io.kestra.plugin.core.flow.ForEach
    values: [1, 2, 3]
    concurrencyLimit: 0
    tasks: [{{id: each, type: {LOG}, message: "{{{{ taskrun.value }}}}"}}]
outputs: [{{id: out, type: STRING, value: "{{{{ inputs.name }}}}"}}]
"""
    )
    started = server.start("e2e.hello", "hello")
    done = server.wait(started["id"])
    lines = server.client.get(f"/logs/{started['id']}").json()

    assert done["state"]["current"] == "SUCCESS"
    assert done["outputs"] == {"out": "World"}
    assert sorted(line["message"] for line in lines) == ["1", "2", "3", "Hello World"]


def test_a_schedule_fires_on_a_real_beat(server):
    server.flow(
        f"""
id: tick
namespace: e2e.tick
tasks: [{{id: t, type: {LOG}, message: tick}}]
triggers:
  - id: often
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "* * * * * *"
    withSeconds: true
"""
    )
    ends = time.monotonic() + 30
    while True:
        query = {"namespace": "e2e.tick", "flowId": "tick"}
        found = server.client.get("/executions", params=query).json()
        if found["total"] >= 3 or time.monotonic() > ends:
            break
        time.sleep(0.2)
    server.client.delete("/flows/e2e.tick/tick")
    instants = [item["trigger"]["variables"]["date"] for item in found["results"]]

    assert found["total"] >= 3
    assert len(set(instants)) == len(instants)


def test_a_killed_pool_child_loses_nothing(server):
    server.flow(
        f"""
id: survive
namespace: e2e.survive
tasks:
  - {{id: first, type: {LOG}, message: first}}
  - {{id: wait, type: io.kestra.plugin.core.flow.Sleep, duration: PT2S}}
  - {{id: last, type: {LOG}, message: last}}
"""
    )
    started = [server.start("e2e.survive", "survive")["id"] for _ in range(5)]
    worker = child_of(server.process.pid, "trunkline-worke")  # what Linux keeps of the name
    pool = subprocess.run(["pgrep", "-P", str(worker)], capture_output=True, text=True, check=True)
    os.kill(int(pool.stdout.split()[0]), signal.SIGKILL)
    states = [server.wait(execution)["state"]["current"] for execution in started]

    assert states == ["SUCCESS"] * 5


def test_a_worker_that_was_stopped_is_forked_again_and_works(server):
    server.flow(f"id: w\nnamespace: e2e.again\ntasks: [{{id: a, type: {LOG}, message: a}}]\n")
    before = child_of(server.process.pid, "trunkline-worke")
    os.kill(before, signal.SIGTERM)  # as a drain ends it
    ends = time.monotonic() + 60
    while child_of(server.process.pid, "trunkline-worke") in (None, before):
        assert time.monotonic() < ends, "no worker came"
        time.sleep(0.1)

    assert server.wait(server.start("e2e.again", "w")["id"], 30)["state"]["current"] == "SUCCESS"


def test_a_killed_beat_is_forked_again(server):
    before = child_of(server.process.pid, "trunkline-beat")
    os.kill(before, signal.SIGKILL)
    ends = time.monotonic() + 30
    while child_of(server.process.pid, "trunkline-beat") in (None, before):
        assert time.monotonic() < ends, "no beat came"
        time.sleep(0.1)


def test_the_metrics_port_shows_what_all_processes_counted(server):
    server.flow(f"id: m\nnamespace: e2e.metrics\ntasks: [{{id: a, type: {LOG}, message: a}}]\n")
    server.wait(server.start("e2e.metrics", "m")["id"])
    text = httpx.get(f"http://127.0.0.1:{server.metrics_port}/metrics").text

    assert 'trunkline_steps_ended_total{state="SUCCESS"}' in text  # of a worker's pool
    assert "trunkline_http_request_seconds_count" in text  # of the API
    assert "trunkline_database_up 1.0" in text


def test_a_followed_execution_ends_its_stream(server):
    server.flow(f"id: f\nnamespace: e2e.follow\ntasks: [{{id: a, type: {LOG}, message: a}}]\n")
    started = server.start("e2e.follow", "f")
    frames = []
    with server.client.stream("GET", f"/executions/{started['id']}/follow") as stream:
        for line in stream.iter_lines():
            frames.append(line)

    last = json.loads([line for line in frames if line.startswith("data: ")][-1][6:])
    assert "id: end" in frames
    assert last["state"]["current"] == "SUCCESS"


@pytest.mark.parametrize("prefix", ["/api/v1", "/api/v1/main"])
def test_every_route_asks_for_credentials_with_and_without_the_tenant(server, prefix):
    for path in ("/flows/search", "/executions/search", "/logs/search", "/me", "/configs"):
        assert httpx.get(server.url + prefix + path).status_code == 401
    assert httpx.get(server.url + "/ping").text == "pong"
    assert httpx.get(server.url + "/health").json()["status"] == "UP"


def test_a_token_opens_the_door_until_it_is_revoked(server):
    made = server.client.post("/me/api-tokens", json={"name": "ci"}).json()
    headers = {"Authorization": f"Bearer {made['fullToken']}"}
    before = httpx.get(server.url + "/api/v1/me", headers=headers).status_code
    server.client.delete(f"/me/api-tokens/{made['id']}")
    after = httpx.get(server.url + "/api/v1/me", headers=headers).status_code

    assert (before, after) == (200, 401)


def test_an_idempotency_key_starts_one_execution(server):
    server.flow(f"id: once\nnamespace: e2e.once\ntasks: [{{id: a, type: {LOG}, message: a}}]\n")
    key = {"Idempotency-Key": "abc"}
    ids = {server.client.post("/executions/e2e.once/once", headers=key).json()["id"] for _ in "12"}

    assert len(ids) == 1


HOSTILE = [b"", b"\x00", b"\xff\xfe", b"[" * 5000, b"a: &a [*a]", b"null", b"[]", b'{"id": 1}',
           b"id: x\nid: y", b"x" * 1_100_000]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/flows"),
        ("PUT", "/flows/e2e.bad/flow"),
        ("POST", "/flows/e2e.bad"),
        ("POST", "/flows/disable/by-ids"),
        ("POST", "/executions/e2e.bad/none"),
        ("POST", "/executions/restart/by-ids"),
        ("POST", "/executions/0000000000000000000000/state"),
        ("PUT", "/namespaces/e2e.bad/kv/bad$key"),
        ("PUT", "/triggers/backfill/create"),
        ("POST", "/me/api-tokens"),
        ("POST", "/expressions/eval"),
    ],
)
def test_a_hostile_body_is_refused_and_changes_nothing(server, method, path, body):
    is_emptying = path == "/flows/e2e.bad" and body in (b"", b"\x00") and not body  # documented
    answer = server.client.request(method, path, content=body)

    did_nothing = is_emptying or answer.json().get("count") == 0
    assert answer.status_code in range(400, 500) or did_nothing
    assert server.client.get("/flows/e2e.bad").json() == []
    assert "Traceback" not in answer.text
