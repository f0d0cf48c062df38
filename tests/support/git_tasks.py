"""One Git server for the tests of Git tasks, a repository of its own for each of them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.service import namespace_files
from tests.support.driver import Driver
from tests.support.git_servers import PASSWORD, USER, GitHttp
from tests.support.repository import Repository, run

NAMESPACE = "acme.ops"


@dataclass
class GitWorld:
    """A server of flows, a Git server, a repository."""

    driver: Driver
    http: GitHttp
    folder: Path

    def __post_init__(self) -> None:
        self.name = uuid4().hex
        place = self.http.folder / self.name
        place.mkdir()
        self.repository = Repository(place)
        self.count = 0

    @property
    def url(self) -> str:
        return self.http.url(f"{self.name}/remote.git")

    def task(self, kind: str, of: str = NAMESPACE, **properties: Any) -> "Ran":
        """Runs one task in a flow of its own."""
        task = {
            "id": "git",
            "type": f"io.kestra.plugin.git.{kind}",
            "url": self.url,
            "username": USER,
            "password": "{{ secret('GIT') }}",
            **properties,
        }
        task = {key: value for key, value in task.items() if value is not None}
        return self.tasks([task], of)

    def tasks(self, tasks: list[Any], namespace: str = NAMESPACE) -> "Ran":
        text = json.dumps({"id": "runner", "namespace": namespace, "tasks": tasks})
        execution = self.driver.run(text)
        return Ran(self.driver, execution)

    def file(self, namespace: str, path: str, data: bytes) -> None:
        with (self.folder / "given").open("wb") as file:
            file.write(data)
        with (self.folder / "given").open("rb") as stream:
            namespace_files.write(self.driver.rt, namespace, path, stream)

    def files(self, namespace: str) -> dict[str, bytes]:
        found = {}
        known = namespace_files.entries(self.driver.rt, namespace)
        for path, entry in known.items():
            if not entry.is_folder:
                with namespace_files.read(self.driver.rt, namespace, path) as stream:
                    found[path] = stream.read()
        return found

    def git(self, *arguments: str) -> str:
        return run("git", f"--git-dir={self.repository.bare}", *arguments)

    def pushed(self, branch: str = "main") -> dict[str, str]:
        """What a branch of the remote holds: path to text."""
        names = self.git("ls-tree", "-r", "--name-only", branch).split()
        return {name: self.git("show", f"{branch}:{name}") for name in names}


@dataclass
class Ran:
    """What came of a run."""

    driver: Driver
    execution: str

    @property
    def state(self) -> str:
        return self.driver.state(self.execution)

    @property
    def log(self) -> str:
        return "\n".join(self.driver.messages(self.execution))

    @property
    def outputs(self) -> Any:
        return self.driver.outputs(self.execution, "git")

    def text(self, output: str) -> str:
        with self.driver.rt.storage.open(self.outputs[output]) as stream:
            return stream.read().decode()

    def rows(self, output: str) -> list[Any]:
        """The rows of an output file."""
        return [json.loads(line) for line in self.text(output).splitlines()]

    def ok(self) -> "Ran":
        assert self.state == "SUCCESS", self.log
        assert PASSWORD not in self.log
        return self
