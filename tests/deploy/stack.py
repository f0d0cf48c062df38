"""The project's own compose file on a real engine, under a name of its own."""

import json
import os
import subprocess
import time
from pathlib import Path

import httpx

from tests.support.git_servers import PASSWORD
from tests.support.postgres import free_port
from tests.support.repository import Repository, flow

ROOT = Path(__file__).parents[2]
SECRETS = ROOT / "deploy/docker/secrets"
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
HEALTH = (
    '{{index .Config.Labels "com.docker.compose.service"}} '
    "{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}"
)


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
            "TRUNKLINE_OUTGOING_ALLOWED": "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16",
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
        try:
            self.compose("--profile", "rabbitmq", "down", "-v", "--remove-orphans")
        except AssertionError as error:
            # an engine can count the endpoint of a container that is gone, until it restarts
            if "has active endpoints" not in str(error):
                raise
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
