"""The task runner that starts commands in a Docker container."""

import json
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

from docker.errors import APIError
from docker.types import DeviceRequest
from pydantic import Field

from app.model.property import Duration, Dynamic, WireModel
from app.plugin.context import RunContext
from app.plugin.task import Queue, TaskFailed
from workers.runner import container as containers
from workers.runner import engine
from workers.runner.command import Command, CommandRunner, OnLine, Ran


class PullPolicy(StrEnum):
    """When an image is pulled."""

    IF_NOT_PRESENT = "IF_NOT_PRESENT"
    ALWAYS = "ALWAYS"
    NEVER = "NEVER"


class Cpu(WireModel):
    """How much of the processors."""

    cpus: Dynamic[float] | None = None


class Memory(WireModel):
    """How much memory; sizes as `512MB`."""

    memory: Dynamic[str] | None = None
    memory_swap: Dynamic[str] | None = None
    memory_swappiness: Dynamic[int] | None = None
    memory_reservation: Dynamic[str] | None = None
    kernel_memory: Dynamic[str] | None = None
    oom_kill_disable: Dynamic[bool] | None = None


class ContainerOptions(WireModel):
    """What can be said of a container; the runner and the Run task share it."""

    host: Dynamic[str] | None = None
    """The engine's address; the worker's own engine when absent."""
    config: Dynamic[dict[str, Any]] | None = None
    """A Docker `config.json`: its `auths` are used."""
    credentials: Dynamic[dict[str, Any]] | None = None
    """`registry`, `username`, `password`, `registryToken`, `identityToken`, `auth`."""
    user: Dynamic[str] | None = None
    entry_point: Dynamic[list[str]] | None = None
    extra_hosts: Dynamic[list[str]] | None = None
    network_mode: Dynamic[str] | None = None
    port_bindings: Dynamic[list[str]] | None = None
    volumes: Dynamic[list[str]] | None = None
    """`source:target[:ro]`; only where the server allows it (`docker_volume_enabled`)."""
    pull_policy: Dynamic[PullPolicy] = PullPolicy.IF_NOT_PRESENT
    device_requests: list[dict[str, Any]] | None = None
    cpu: Cpu | None = None
    memory: Memory | None = None
    shm_size: Dynamic[str] | None = None
    privileged: Dynamic[bool] | None = None
    wait: Dynamic[bool] = True
    """False: the container is started and left to itself."""
    delete: Dynamic[bool] = True
    kill_grace_period: Dynamic[Duration] = timedelta(0)


class Docker(ContainerOptions, CommandRunner):
    """Run commands in a Docker container."""

    type_name: ClassVar[str] = "io.kestra.plugin.scripts.runner.docker.Docker"
    aliases: ClassVar[tuple[str, ...]] = (
        "io.kestra.plugin.scripts.runner.docker.DockerTaskRunner",
        "io.kestra.core.tasks.scripts.runners.DockerScriptRunner",
    )
    queue: ClassVar[Queue] = Queue.DOCKER

    file_handling_strategy: str = Field("VOLUME", pattern="VOLUME|MOUNT")
    """VOLUME copies the working directory in and out, MOUNT binds it."""
    resume: Dynamic[bool] | None = None
    """Accepted; an attempt of ours is never taken up by another worker."""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "Docker":
        """The runner of the older `docker:` property."""
        kept = {key: value for key, value in options.items() if key != "image"}
        return cls.model_validate({"type": cls.type_name, **kept})

    def execute(self, ctx: RunContext, command: Command, on_line: OnLine) -> Ran:
        """See CommandRunner."""
        if self.entry_point is None:
            # the image's own entry point would swallow the interpreter
            return run_container(ctx, self, command, on_line, entry_point=[""])
        return run_container(ctx, self, command, on_line)


def run_container(
    ctx: RunContext,
    options: ContainerOptions,
    command: Command,
    on_line: OnLine,
    entry_point: list[str] | None = None,
) -> Ran:
    """Runs a command in a container of its own and reads its files back. Raises TaskFailed."""
    if not command.image:
        raise TaskFailed("This task runner needs the `containerImage` property to be set")
    credentials = _credentials(ctx, options)
    image = engine.full_name(command.image, credentials)
    is_bound = getattr(options, "file_handling_strategy", "VOLUME") == "MOUNT"
    waits = bool(ctx.read(options.wait, bool))
    with engine.connected(ctx, ctx.render(options.host)) as client:
        containers.remove_earlier(client, ctx.ids)
        policy = str(ctx.render(options.pull_policy))
        engine.ensure_image(ctx, client, image, policy, credentials)
        arguments = _arguments(ctx, options, command, is_bound=is_bound)
        if entry_point is not None:
            arguments["entrypoint"] = entry_point
        container = client.containers.create(image, list(command.argv), **arguments)
        details = {"containerId": container.id}
        try:
            if not is_bound:
                containers.send(container, command.directory)
            followed = containers.Followed(client, container, on_line)
            followed.start()
            if not waits:
                return Ran(0, details)
            grace = ctx.read(options.kill_grace_period, timedelta) or timedelta(0)
            code = followed.wait(ctx, grace.total_seconds())
            if not is_bound and not ctx.lease.cancelled.is_set():
                _fetch(ctx, container, command)
            return Ran(code, details)
        finally:
            if waits and ctx.read(options.delete, bool):
                containers.remove(container)


def _fetch(ctx: RunContext, container: Any, command: Command) -> None:
    leave = [p.name for p in command.directory.glob(".dependencies-*")]
    try:
        containers.fetch(container, command.directory, leave=leave)
    except (APIError, OSError) as error:
        if command.needs_files:
            raise TaskFailed(f"the container's files could not be read: {error}") from None
        ctx.log.warning("the container's files could not be read: %s", error)


def _credentials(ctx: RunContext, options: ContainerOptions) -> dict[str, Any] | None:
    given = ctx.read(options.credentials, dict)
    for name in ("password", "registryToken", "identityToken", "auth"):
        if given and given.get(name):
            ctx.mask(str(given[name]))
    if given:
        return given
    config = ctx.render(options.config)
    if isinstance(config, str):
        try:
            config = json.loads(config)
        except ValueError:
            raise TaskFailed("`config` is no JSON", is_final=True) from None
    auths = (config or {}).get("auths") or {}
    for registry, entry in auths.items():
        return {"registry": registry, **entry}
    return None


def _arguments(
    ctx: RunContext, options: ContainerOptions, command: Command, *, is_bound: bool
) -> dict[str, Any]:
    """The arguments of the engine's client."""
    privileged = ctx.read(options.privileged, bool)
    if privileged and not ctx.settings.get("docker_privileged_enabled", True):
        raise TaskFailed("privileged containers are not allowed here", is_final=True)
    binds = _volumes(ctx, options)
    if is_bound:
        binds.append(f"{command.directory}:{command.directory}")
    hosts = ctx.render(options.extra_hosts)
    memory, cpu = options.memory or Memory(), options.cpu or Cpu()
    cpus = ctx.read(cpu.cpus, float)
    found = {
        "environment": dict(command.env),
        "working_dir": str(command.directory),
        "labels": containers.labels_of(ctx.ids),
        "user": ctx.render(options.user),
        "entrypoint": ctx.render(options.entry_point),
        "extra_hosts": dict(text.split(":", 1) for text in hosts) if hosts else None,
        "network_mode": ctx.render(options.network_mode),
        "ports": _ports(ctx.render(options.port_bindings)),
        "volumes": binds or None,
        "device_requests": _devices(options.device_requests),
        "nano_cpus": int(cpus * 1e9) if cpus else None,
        "mem_swappiness": ctx.read(memory.memory_swappiness, int),
        "oom_kill_disable": ctx.read(memory.oom_kill_disable, bool),
        "shm_size": _size(ctx, options.shm_size),
        "privileged": privileged,
        "mem_limit": _size(ctx, memory.memory),
        "memswap_limit": _size(ctx, memory.memory_swap),
        "mem_reservation": _size(ctx, memory.memory_reservation),
        "kernel_memory": _size(ctx, memory.kernel_memory),
    }
    return containers.options_without_none(found)


def _size(ctx: RunContext, value: Any) -> int | None:
    text = ctx.render(value)
    return None if text in (None, "") else engine.size_of(text)


def _volumes(ctx: RunContext, options: ContainerOptions) -> list[str]:
    given = ctx.render(options.volumes) or []
    if given and not ctx.settings.get("docker_volume_enabled"):
        ctx.log.warning("`volumes` are not allowed here and are left out (docker_volume_enabled)")
        return []
    return [str(text) for text in given]


def _ports(bindings: Any) -> dict[str, Any] | None:
    """`[ip:]host:container[/protocol]` as the client takes it."""
    found: dict[str, Any] = {}
    for text in bindings or []:
        head, _, protocol = str(text).partition("/")
        *where, inside = head.split(":")
        outside: Any = int(where[-1]) if where and where[-1] else None
        if len(where) == 2:
            outside = (where[0], outside)
        found[f"{inside}/{protocol or 'tcp'}"] = outside
    return found or None


def _devices(requests: list[dict[str, Any]] | None) -> list[Any] | None:
    if not requests:
        return None
    names = {
        "driver": "driver",
        "count": "count",
        "deviceIds": "device_ids",
        "capabilities": "capabilities",
        "options": "options",
    }
    return [
        DeviceRequest(**{ours: given[name] for name, ours in names.items() if name in given})
        for given in requests
    ]
