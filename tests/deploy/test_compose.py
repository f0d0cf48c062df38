"""The compose stack on a real engine: it comes up, runs a flow on each queue, survives, goes."""

import os
import sys

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy import idle
from tests.deploy.stack import FLOW, PROJECT, SLOW, run
from tests.support.git_servers import USER

#: to the process below the container's init
SIGNAL = "signal() { kill $1 $(cat /proc/1/task/1/children); }; signal"
SHAPE = (
    '{{index .Config.Labels "com.docker.compose.service"}} {{.Config.User}} '
    "{{.HostConfig.ReadonlyRootfs}} {{range .Mounts}}{{.Source}},{{end}}"
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.docker,
    pytest.mark.timeout(1500),
]


def test_a_flow_runs_on_every_queue_and_shares_its_files(stack):
    stack.client.post("/flows", content=FLOW.encode()).raise_for_status()

    execution = stack.ended(stack.start("all-queues"))

    states = {run["taskId"]: run["state"]["current"] for run in execution["taskRunList"]}
    logs = stack.client.get(f"/logs/{execution['id']}").json()
    tasks = ("inline", "write", "clone", "shell", "container")
    messages = [line["message"] for line in logs]
    assert states == dict.fromkeys(tasks, "SUCCESS"), "\n".join(messages)
    assert "kept" in messages
    assert "from a container" in messages


def test_the_git_worker_follows_a_repository_of_a_host_in_the_network(stack):
    binding = {"name": "told", "namespace": "company.git", "layout": "declared"}
    auth = {"kind": "token", "username": USER, "passwordSecret": "GIT_TOKEN"}
    url = "http://githost:8000/remote.git"
    new = {"name": "told", "url": url, "auth": auth, "binding": binding}
    stack.client.post("/gitops/sources", json=new).raise_for_status()

    def is_saved() -> bool:
        return stack.client.get("/flows/company.git/told").status_code == 200

    stack.wait(is_saved, 90)
    saved = stack.client.get("/flows/company.git/told?source=true").json()
    assert "message: hello" in saved["source"]


def test_scripts_do_not_run_as_the_worker(stack):
    stack.client.post("/flows", content=FLOW.encode())
    execution = stack.ended(stack.start("all-queues"))

    logs = stack.client.get(f"/logs/{execution['id']}", params={"taskId": "shell"}).json()

    assert int(logs[-1]["message"]) >= 61000


def test_flower_asks_for_its_password_and_knows_the_workers(stack):
    address = f"http://127.0.0.1:{stack.flower}/api/workers"
    user, _, password = (stack.secrets / "flower_basic_auth").read_text().partition(":")

    assert httpx.get(address).status_code == 401
    queues: dict[str, set[str]] = {}

    def are_known() -> bool:
        found = httpx.get(address, params={"refresh": "true"}, auth=(user, password), timeout=60)
        for name, worker in found.json().items():
            served = {queue["name"] for queue in worker.get("active_queues") or []}
            queues.setdefault(name.partition("@")[0], set()).update(served)
        return all(queues.get(name) for name in ("engine", "git", "script", "docker"))

    stack.wait(are_known, 60)
    alone = {name: {name} for name in ("git", "script", "docker")}
    assert queues == {"engine": {"engine", "default"}, **alone}
    told = stack.client.get("/configs").json()["flowerUrl"]
    assert httpx.get(told + "/api/tasks", auth=(user, password), timeout=60).is_success


def test_flower_lists_the_tasks_of_an_execution_by_name_and_queue(stack):
    stack.client.post("/flows", content=FLOW.encode())
    execution = stack.ended(stack.start("all-queues"))["id"]
    address = f"http://127.0.0.1:{stack.flower}/api/tasks"
    auth = tuple((stack.secrets / "flower_basic_auth").read_text().split(":", 1))
    queues: dict[str, str] = {}

    def are_listed() -> bool:
        for task in httpx.get(address, auth=auth, timeout=60).json().values():
            if execution in (task["kwargs"] or ""):
                queues[task["name"].rpartition(".")[2]] = task["routing_key"]
        return len(queues) >= 5

    stack.wait(are_listed, 60)
    wanted = {"clone": "git", "shell": "script", "container": "docker", "write": "default"}
    assert queues == {"inline": "engine", **wanted}


def test_every_process_tells_its_figures_within_the_network_of_the_stack(stack):
    ask = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())"
    told = {}
    for name in ("api", "beat", "worker-engine", "worker-git", "worker-script", "worker-docker"):
        command = ("python", "-c", ask, f"http://{name}:9102/metrics")
        text = run("docker", "exec", f"{PROJECT}_worker-git_1", *command)
        families = text_string_to_metric_families(text)
        told[name] = {family.name for family in families if family.samples}
    known = {"trunkline_database_up", "trunkline_broker_up", "trunkline_task_runs_runnable"}

    assert known <= told["api"]
    assert known <= told["beat"]
    assert all("trunkline_claim_seconds" in told[name] for name in told if "worker" in name)


def test_killed_and_restarted_workers_lose_nothing(stack):
    stack.client.post("/flows", content=SLOW.encode()).raise_for_status()
    stack.compose("up", "-d", "--no-build", "--scale", "worker-script=2", "worker-script")
    started = [stack.start("slow") for _ in range(6)]
    stack.wait(lambda: stack.client.get("/executions/search", params={"state": "RUNNING"})
               .json()["total"] > 0, 60)  # fmt: skip

    run("docker", "kill", f"{PROJECT}_worker-script_1")
    stack.compose("up", "-d", "--no-build", "--scale", "worker-script=2", "worker-script")
    stack.compose("restart", "-t", "40", "beat", "worker-engine")

    assert {stack.ended(one)["state"]["current"] for one in started} == {"SUCCESS"}


def test_only_the_docker_worker_holds_the_socket_and_nothing_runs_as_root_but_script(stack):
    ids = stack.compose("ps", "-q").split()
    with_socket, as_root = set(), set()
    for one in ids:
        shown = run("docker", "inspect", one, "--format", SHAPE)
        service, user, *rest = shown.split()
        if service in ("database", "broker", "githost"):
            continue
        assert rest[0] == "true", f"{service} can write to its root"
        if "/var/run/docker.sock" in shown:
            with_socket.add(service)
        if user.startswith(("0", "root")):
            as_root.add(service)

    assert with_socket == {"worker-docker"}
    assert as_root == {"worker-script"}


def test_a_stack_that_has_nothing_to_do_does_next_to_nothing(stack):
    uses = idle.measure(PROJECT, float(os.environ.get("TRUNKLINE_IDLE_S", "30")))

    ours = {name: use for name, use in uses.items() if "githost" not in name}
    sys.stdout.write(idle.table(ours))  # `pytest -rP` shows it
    assert sum(use.cpu for use in ours.values()) < 15, uses  # of one core
    assert all(use.memory_mb < 350 for use in ours.values()), uses


def test_every_process_becomes_healthy_and_one_that_stands_still_does_not(stack):
    asked = ("api", "beat", "flower", "worker-engine", "worker-git", "worker-script")
    stack.wait(lambda: all(stack.health()[name] == {"healthy"} for name in asked), 120)
    beat = f"{PROJECT}_beat_2"

    run("docker", "exec", beat, "sh", "-c", f"{SIGNAL} -STOP; touch -d -2min /tmp/alive")
    stood_still = stack.probe(beat)
    run("docker", "exec", beat, "sh", "-c", f"{SIGNAL} -CONT")

    assert not stood_still
    stack.wait(lambda: stack.probe(beat), 30)
