"""Compose: services of a compose file, by the command of the worker."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Any, ClassVar

import yaml

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Queue, TaskFailed
from workers import files
from workers.core.process_runner import Process
from workers.runner import engine, policy, process
from workers.runner.command import Command, CommandRunner, OnLine, Ran
from workers.runner.confine import environ
from workers.script.base import ScriptTask

#: these would put another file in the place of the one that was checked
_FILE_FLAGS = (
    "-f",
    "--file",
    "--project-directory",
    "--env-file",
    "-H",
    "--host",
    "-c",
    "--context",
)
_HOST_SPACES = ("pid", "ipc", "network_mode", "userns_mode", "uts", "cgroup_parent", "cgroup")


class _Compose(CommandRunner):
    """Runs the command with the engine's address in its environment, as the worker's user."""

    host: Dynamic[str] | None = None

    def execute(self, ctx: RunContext, command: Command, on_line: OnLine) -> Ran:
        """The exit code of the command."""
        address = {"DOCKER_HOST": engine.host_of(ctx, ctx.render(self.host))}
        env = environ(ctx.settings, {**command.env, **address})
        argv, directory = command.argv, command.directory
        return Ran(process.run(argv, directory, env, on_line, ctx.lease, cut=ctx.safe_cut))


class Compose(ScriptTask):
    """Run `docker compose` with a compose file."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.cli.Compose"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.docker.Compose",)
    queue: ClassVar[Queue] = Queue.DOCKER
    image: ClassVar[str] = "docker:27.5.1-cli"

    host: Dynamic[str] | None = None
    """The address of the engine."""
    config: Dynamic[dict[str, Any]] | None = None
    """Docker's own configuration with credentials of registries."""
    credentials: Dynamic[dict[str, Any]] | None = None
    """Of one registry: `registry`, `username`, `password`."""
    compose_file: Dynamic[str] | None = None
    """The file's text, its path in the working directory, or its URI."""
    compose_files: Dynamic[list[str]] | None = None
    """As `composeFile`, several: later ones add to earlier ones."""
    compose_args: Dynamic[list[str]]
    """Arguments of `docker compose`: `[up, --detach]`."""

    def runner_of(self) -> CommandRunner:
        """The worker's own command, whatever task runner is named: no container gets the socket."""
        return _Compose(type=Process.type_name, host=self.host)

    def queue_of(self) -> Queue:
        """Where an engine is."""
        return Queue.DOCKER

    def lines(self, ctx: RunContext, runner: CommandRunner, extra: Any) -> list[str]:
        """One command; its files have been checked against the server's policy."""
        given = ctx.read(self.compose_files, list) or []
        if self.compose_file is not None:
            given = [ctx.render(self.compose_file, extra), *given]
        if not given:
            raise TaskFailed("`composeFile` or `composeFiles` must be given", is_final=True)
        names = [_file(ctx, str(text), n) for n, text in enumerate(given)]
        arguments = [str(part) for part in ctx.render(self.compose_args, extra)]
        for part in arguments:
            if part.partition("=")[0] in _FILE_FLAGS:
                raise TaskFailed(f"`composeArgs` must not hold {part!r}", is_final=True)
        argv = [*_command(), *(part for name in names for part in ("-f", name))]
        self._check(ctx, runner, argv)
        return [shlex.join([*argv, *arguments])]

    def _check(self, ctx: RunContext, runner: CommandRunner, argv: list[str]) -> None:
        """What the files amount to, as the command itself reads them, must be allowed."""
        shown: list[str] = []
        command = Command(argv=[*argv, "config"], directory=ctx.working_dir, env={})
        ran = runner.execute(ctx, command, lambda _stream, line: shown.append(line))
        if ran.exit_code != 0:
            raise TaskFailed(f"the compose file is not valid: {' '.join(shown)[:1000]}")
        _check_services(ctx, "\n".join(shown))


def _command() -> list[str]:
    plugins = Path("/usr/libexec/docker/cli-plugins"), Path("/usr/lib/docker/cli-plugins")
    if any((folder / "docker-compose").exists() for folder in plugins):
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise TaskFailed("neither `docker compose` nor `docker-compose` is installed", is_final=True)


def _file(ctx: RunContext, text: str, number: int) -> str:
    """The name of a compose file in the working directory; a text or stored file is written."""
    plain = text.strip()
    if "\n" not in plain and (ctx.working_dir / plain).is_file():
        return plain
    name = f"compose-{number}.yml"
    with files.create(ctx.working_dir, name) as file:
        if "\n" not in plain and plain.startswith("kestra://"):
            with ctx.open_uri(plain) as stream:
                shutil.copyfileobj(stream, file, 1 << 20)
        else:
            file.write(text.encode())
    return name


def _check_services(ctx: RunContext, text: str) -> None:
    start = next((n for n, line in enumerate(text.split("\n")) if line and line[0].isalpha()), 0)
    found = yaml.safe_load("\n".join(text.split("\n")[start:])) or {}
    for name, service in (found.get("services") or {}).items():
        where = f"of the service {name!r}"
        if service.get("privileged") or service.get("cap_add") or service.get("security_opt"):
            policy.check(ctx, policy.PRIVILEGED, f"more rights {where}")
        if (
            service.get("devices")
            or service.get("device_requests")
            or service.get("deploy", {}).get("resources", {}).get("reservations", {}).get("devices")
        ):
            policy.check(ctx, policy.DEVICES, f"a device {where}")
        for space in _HOST_SPACES:
            if str(service.get(space) or "").partition(":")[0] in ("host", "container"):
                policy.check(ctx, policy.HOST_NETWORK, f"`{space}` {where}")
        for bind in service.get("volumes") or []:
            _check_bind(ctx, bind, where)
    for name, volume in (found.get("volumes") or {}).items():
        if (volume or {}).get("driver_opts"):
            policy.check(ctx, policy.VOLUMES, f"the options of the volume {name!r}")
    for kind in ("secrets", "configs"):
        for name, entry in (found.get(kind) or {}).items():
            file = str((entry or {}).get("file") or "")
            if file and not Path(file).resolve().is_relative_to(ctx.working_dir.resolve()):
                policy.check(ctx, policy.VOLUMES, f"the file of {name!r}")


def _check_bind(ctx: RunContext, bind: Any, where: str) -> None:
    """A folder of the machine, but for those of the working directory."""
    if isinstance(bind, dict):
        source = str(bind.get("source") or "") if bind.get("type") == "bind" else ""
    else:
        source = str(bind).partition(":")[0]
    if not source.startswith(("/", ".", "~")):
        return  # a named volume
    policy.check_bind(source)
    inside = (ctx.working_dir / source).resolve()
    if not inside.is_relative_to(ctx.working_dir.resolve()):
        policy.check(ctx, policy.VOLUMES, f"the bind {json.dumps(source)} {where}")
