"""The compose stack on a real engine: it comes up, runs a flow on each queue, survives, goes."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.dispatch.celery_app import QUEUES
from tests.deploy import idle, standins
from tests.support.docker import engine
from tests.support.git_servers import PASSWORD, USER
from tests.support.postgres import free_port
from tests.support.repository import Repository, flow

ROOT = Path(__file__).parents[2]
PROJECT = f"trunklinetest{os.getpid()}"  # a run beside this one has a stack of its own
FILES = ("-f", "docker-compose.yml", "-f", "tests/deploy/git-server.yml")
FLOW = """
id: all-queues
namespace: company.deploy
tasks:
  - {id: inline, type: io.kestra.plugin.core.log.Log, message: hi}
  - {id: write, type: io.kestra.plugin.core.storage.Write, content: kept}
  - id: clone
    type: io.kestra.plugin.git.Clone
    url: http://githost:8000/remote.git
    username: hook
    password: "{{ secret('GIT_TOKEN') }}"
  - id: shell
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    inputFiles: {in.txt: "{{ outputs.write.uri }}"}
    commands: ["cat in.txt; echo", "id -u"]
  - id: container
    type: io.kestra.plugin.docker.Run
    containerImage: "python:3.11-slim"
    pullPolicy: NEVER
    commands: [echo, from a container]
"""
SLOW = """
id: slow
namespace: company.deploy
tasks:
  - id: shell
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["sleep 4"]
"""

LIST_QUEUES = ("rabbitmqctl", "-q", "list_queues", "--no-table-headers", "name", "type")
#: to the process below the container's init
SIGNAL = "signal() { kill $1 $(cat /proc/1/task/1/children); }; signal"
HEALTH = (
    '{{index .Config.Labels "com.docker.compose.service"}} '
    "{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}"
)
SHAPE = (
    '{{index .Config.Labels "com.docker.compose.service"}} {{.Config.User}} '
    "{{.HostConfig.ReadonlyRootfs}} {{range .Mounts}}{{.Source}},{{end}}"
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.docker,
    pytest.mark.timeout(1500),
]


def run(*command: str, **more) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


class Stack:
    """The project's own compose file under a name of its own."""

    def __init__(self, folder: Path, repositories: Path) -> None:
        self.port, self.flower = free_port(), free_port()
        self.repository = Repository(repositories)
        self.repository.commit({"flows/told.yaml": flow("told", "company.git")})
        self.environ = {
            **os.environ,
            "TRUNKLINE_IMAGE": "trunkline:test",
            "TRUNKLINE_PORT": str(self.port),
            "FLOWER_PORT": str(self.flower),
            "TRUNKLINE_FLOWER_URL": f"http://127.0.0.1:{self.flower}",
            "GIT_REPOSITORIES": str(repositories),
            "DOCKER_GID": str(Path("/var/run/docker.sock").stat().st_gid),
        }
        self.secrets = folder
        password = (folder / "admin_password").read_text()
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/v1/main",
            auth=("admin@trunkline.local", password),
            timeout=120,
        )

    def compose(self, *arguments: str) -> str:
        return run("docker-compose", "-p", PROJECT, *FILES, *arguments, env=self.environ)

    def up(self, *arguments: str) -> None:
        self.compose("up", "-d", "--no-build", *arguments)
        self.wait(self.is_ready, 180)

    def move_to_rabbitmq(self) -> None:
        """As docs/deployment.md says, on a stack that runs."""
        self.environ["TRUNKLINE_BROKER"] = "rabbitmq"
        arguments = ("up", "-d", "--no-build", "--scale", "broker=0")
        self.compose("--profile", "rabbitmq", *arguments)
        self.wait(self.is_ready, 180)

    def remove(self) -> None:
        """All of it; also volumes without a name, which Compose 1.29 forgets once it recreated."""
        ids = self.compose("--profile", "rabbitmq", "ps", "-q").split()
        form = '{{range .Mounts}}{{if eq .Type "volume"}}{{println .Name}}{{end}}{{end}}'
        held = set(run("docker", "inspect", *ids, "--format", form).split()) if ids else set()
        self.compose("--profile", "rabbitmq", "down", "-v", "--remove-orphans")
        if left := held & set(run("docker", "volume", "ls", "-q").split()):
            run("docker", "volume", "rm", *left)

    def health(self) -> dict[str, set[str]]:
        """What the engine says of the containers of each service that has a health check."""
        found: dict[str, set[str]] = {}
        for one in self.compose("--profile", "rabbitmq", "ps", "-q").split():
            service, status = run("docker", "inspect", one, "--format", HEALTH).split()
            found.setdefault(service, set()).add(status)
        return found

    def probe(self, container: str) -> bool:
        """Whether a container's health check, asked now, is content."""
        form = "{{json .Config.Healthcheck.Test}}"
        kind, text = json.loads(run("docker", "inspect", container, "--format", form))
        assert kind == "CMD-SHELL"
        done = subprocess.run(["docker", "exec", container, "sh", "-c", text], check=False)
        return done.returncode == 0

    def keep_token(self) -> None:
        """The password of the Git host, as a secret of the namespace and of sources."""
        for namespace in ("company.deploy", "system"):
            answer = self.client.put(
                f"/namespaces/{namespace}/secrets", json={"key": "GIT_TOKEN", "value": PASSWORD}
            )
            answer.raise_for_status()

    def is_ready(self) -> bool:
        try:
            return (
                httpx.get(f"http://127.0.0.1:{self.port}/health", verify=False).status_code == 200
            )
        except httpx.HTTPError:
            return False

    def wait(self, ready, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < ends, self.compose("logs", "--tail", "20")
            time.sleep(0.5)

    def start(self, flow: str) -> str:
        answer = self.client.post(f"/executions/company.deploy/{flow}", files={"x": (None, "")})
        return answer.raise_for_status().json()["id"]

    def ended(self, execution: str, seconds: float = 180) -> dict:
        found: dict = {}

        def is_over() -> bool:
            found.update(self.client.get(f"/executions/{execution}").raise_for_status().json())
            return "endDate" in found["state"]

        self.wait(is_over, seconds)
        return found


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    engine()
    for tool in ("docker-compose", "debootstrap"):
        if shutil.which(tool) is None:
            if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
                pytest.fail(f"{tool} is required here and is not installed")
            pytest.skip(f"{tool} is not installed")
    standins.build()
    standins.fill_wheels(ROOT / "wheels")
    run("docker", "build", "-q", "-f", "deploy/docker/Dockerfile", "-t", "trunkline:test", ".")
    run("python3", "deploy/docker/make_secrets.py")
    made = Stack(ROOT / "deploy/docker/secrets", tmp_path_factory.mktemp("repositories"))
    try:
        made.up()
        made.keep_token()
        yield made
    finally:
        made.remove()
    for kind in (("ps", "-a"), ("volume", "ls"), ("network", "ls")):
        label = f"label=com.docker.compose.project={PROJECT}"
        assert run("docker", *kind, "-q", "--filter", label) == "", kind


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
    saved = stack.client.get("/flows/company.git/told").json()
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
        command = ("exec", "-T", "worker-git", "python", "-c", ask, f"http://{name}:9102/metrics")
        families = text_string_to_metric_families(stack.compose(*command))
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


def test_it_moves_to_rabbitmq_with_all_that_was_accepted(stack):
    for text in (FLOW, SLOW):
        stack.client.post("/flows", content=text.encode())
    started = [stack.start("slow") for _ in range(4)]

    stack.move_to_rabbitmq()
    started.append(stack.start("all-queues"))

    assert [stack.ended(one)["state"]["current"] for one in started] == ["SUCCESS"] * 5
    stack.wait(lambda: stack.health()["rabbitmq"] == {"healthy"}, 60)
    assert "broker" not in stack.health()
    listed = run("docker", "exec", f"{PROJECT}_rabbitmq_1", *LIST_QUEUES)
    kinds = dict(line.split() for line in listed.splitlines())
    assert {kinds[queue] for queue in QUEUES} == {"quorum"}
