"""The task runner that starts commands in a Docker container."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import PurePath
from typing import Any, ClassVar

from docker.errors import APIError
from docker.types import DeviceRequest
from pydantic import Field

from app.model.property import Duration, Dynamic, WireModel
from app.plugin.context import RunContext
from app.plugin.task import Queue, TaskFailed
from workers.files import DEPENDENCIES
from workers.runner import container as containers
from workers.runner import engine, logins, policy, reuse
from workers.runner.command import SHELLS, Command, CommandRunner, OnLine, Ran

_KILLED = 137
_OPENED = 'chmod 777 . 2> /dev/null; exec "$0" "$@"'


class PullPolicy(StrEnum):
    """When an image is pulled."""

    IF_NOT_PRESENT = "IF_NOT_PRESENT"
    ALWAYS = "ALWAYS"
    NEVER = "NEVER"


class Cpu(WireModel):
    """How much of the processors."""

    cpus: Dynamic[float] | None = None
    """How many processors, as 0.5."""


class Memory(WireModel):
    """How much memory; sizes as `512MB`."""

    memory: Dynamic[str] | None = None
    """The most memory, as `512MB`."""
    memory_swap: Dynamic[str] | None = None
    """The most memory and swap together."""
    memory_swappiness: Dynamic[int] | None = None
    """0 to 100: how readily it is swapped out."""
    memory_reservation: Dynamic[str] | None = None
    """What it is held to when memory is short."""
    kernel_memory: Dynamic[str] | None = None
    """The most memory of the kernel."""
    oom_kill_disable: Dynamic[bool] | None = None
    """Whether it lives on when memory runs out."""


class ContainerOptions(WireModel):
    """What can be said of a container; the runner and the Run task share it."""

    host: Dynamic[str] | None = None
    """The engine's address; the worker's own engine when absent."""
    config: Dynamic[dict[str, Any]] | None = None
    """A Docker `config.json`: its `auths` are used."""
    credentials: Dynamic[dict[str, Any]] | None = None
    """`registry`, `username`, `password`, `registryToken`, `identityToken`, `auth`."""
    user: Dynamic[str] | None = None
    """The user inside of the container."""
    entry_point: Dynamic[list[str]] | None = None
    """The entry point; the image's own if none."""
    extra_hosts: Dynamic[list[str]] | None = None
    """Lines for its hosts file, as `name:address`."""
    network_mode: Dynamic[str] | None = None
    """The network: `bridge`, `none`, the name of one."""
    port_bindings: Dynamic[list[str]] | None = None
    """Ports that are shown outside, as `8080:80`."""
    volumes: Dynamic[list[str]] | None = None
    """`source:target[:ro]`; only where the server allows it (`docker_volume_enabled`)."""
    pull_policy: Dynamic[PullPolicy] = PullPolicy.IF_NOT_PRESENT
    """When the image is pulled."""
    device_requests: list[dict[str, Any]] | None = None
    """Devices such as GPUs, in the words of Docker."""
    cpu: Cpu | None = None
    """Limits of processors."""
    memory: Memory | None = None
    """Limits of memory."""
    shm_size: Dynamic[str] | None = None
    """The size of `/dev/shm`, as `64MB`."""
    privileged: Dynamic[bool] | None = None
    """Whether it may do what the host may, where that is allowed."""
    wait: Dynamic[bool] = True
    """False: the container is started and left to itself."""
    delete: Dynamic[bool] = True
    """Whether it is removed at its end."""
    kill_grace_period: Dynamic[Duration] = timedelta(0)
    """How long it has to end by itself when it is stopped."""


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
    reuse: Dynamic[bool] = False
    """Extension: the tasks of one execution share a container with the same image and options; each
    is a command in it. It is removed once the execution has ended. The image must hold a shell."""
    resume: Dynamic[bool] = True
    """Whether a worker that is started again goes on with the container of the same attempt. Not
    with `MOUNT`, `reuse` or in a WorkingDirectory: there the attempt is lost and begins anew."""

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
    """Runs a command in a container and reads its files back. Raises TaskFailed."""
    if not command.image:
        raise TaskFailed("This task runner needs the `containerImage` property to be set")
    policy.check_image(command.image)
    credentials = logins.of_image(ctx, options.credentials, options.config, command.image)
    image = engine.full_name(command.image, credentials)
    is_bound = getattr(options, "file_handling_strategy", "VOLUME") == "MOUNT"
    arguments = _arguments(ctx, options, command, is_bound=is_bound)
    if entry_point is not None:
        arguments["entrypoint"] = entry_point
    reuses = isinstance(options, Docker) and ctx.read(options.reuse, bool) and not is_bound
    with engine.connected(ctx, ctx.render(options.host)) as client:
        if ctx.container:
            return _go_on(ctx, client, options, command, on_line)
        containers.remove_earlier(client, ctx.ids)
        pull = partial(
            engine.ensure_image,
            ctx,
            client,
            image,
            str(ctx.render(options.pull_policy)),
            credentials,
        )
        if reuses:
            kept, code = reuse.run(ctx, client, (image, pull), command, arguments, on_line)
            _fetch(ctx, kept, command)
            return Ran(code, {"containerId": kept.id})
        made_of = (image, pull(), arguments)
        return _run_own(ctx, client, options, command, on_line, made_of, is_bound)


def _run_own(
    ctx: RunContext,
    client: Any,
    options: ContainerOptions,
    command: Command,
    on_line: OnLine,
    made_of: tuple[str, Any, dict[str, Any]],
    is_bound: bool,
) -> Ran:
    """Runs a command in a container of its own, removed afterwards unless it is to be left.

    `made_of`: the image's name, what the engine says of it if it was asked, and the options.
    """
    image, known, arguments = made_of
    waits, deletes = bool(ctx.read(options.wait, bool)), bool(ctx.read(options.delete, bool))
    marks = {} if waits and deletes else {"kept": "true"}
    if not (marks or is_bound or ctx.shares_directory) and _resumes(ctx, options):
        marks = {"resume": "true"}
    labels = containers.owned_labels(ctx, **marks)
    opens = not is_bound and _may_open(known, command, arguments)
    argv = [command.argv[0], "-c", _OPENED, *command.argv] if opens else list(command.argv)
    container = client.containers.create(image, argv, labels=labels, **arguments)
    try:
        if not (is_bound or opens):
            containers.send(container, command.directory)
        followed = containers.Followed(client, container, on_line, ctx.safe_cut)
        followed.start()
        if not waits:
            return Ran(0, {"containerId": container.id})
        code = _wait(ctx, options, followed)
        if not is_bound:
            _fetch(ctx, container, command)
        return Ran(code, {"containerId": container.id})
    finally:
        if waits and deletes:
            containers.remove(container)


def _may_open(known: Any, command: Command, arguments: Mapping[str, Any]) -> bool:
    """Whether the command's own shell can open its empty directory to every user.

    An archive that does it takes the engine as long as a fifth of the container's whole life.
    """
    if known is None or arguments.get("entrypoint") != [""] or any(command.directory.iterdir()):
        return False
    user = str(arguments.get("user") or known.attrs.get("Config", {}).get("User") or "root")
    is_root = user.partition(":")[0] in ("root", "0")
    return is_root and bool(command.argv) and PurePath(command.argv[0]).name in SHELLS


def _resumes(ctx: RunContext, options: ContainerOptions) -> bool:
    return not isinstance(options, Docker) or bool(ctx.read(options.resume, bool))


def _go_on(
    ctx: RunContext, client: Any, options: ContainerOptions, command: Command, on_line: OnLine
) -> Ran:
    """As `_run_own`, with a container that an earlier process of this attempt has started."""
    container = client.containers.get(ctx.container)
    try:
        followed = containers.Followed(client, container, on_line, ctx.safe_cut, again=True)
        followed.follow()
        code = _wait(ctx, options, followed)
        _fetch(ctx, container, command)
        return Ran(code, {"containerId": container.id})
    finally:
        containers.remove(container)


def _wait(ctx: RunContext, options: ContainerOptions, followed: containers.Followed) -> int:
    socket = engine.socket_of(ctx, ctx.render(options.host))
    grace = ctx.read(options.kill_grace_period, timedelta) or timedelta(0)
    code = followed.wait(ctx, grace.total_seconds(), socket)
    if code == _KILLED and not ctx.lease.cancelled.is_set() and (why := followed.why_killed()):
        ctx.log.error("the container was killed: %s", why)
    return code


def _fetch(ctx: RunContext, container: Any, command: Command) -> None:
    if not command.needs_files or ctx.lease.cancelled.is_set():
        return
    leave = [p.name for p in command.directory.glob(f"{DEPENDENCIES}*")]
    try:
        containers.fetch(container, command.directory, leave=leave)
    except (APIError, OSError) as error:
        raise TaskFailed(f"the container's files could not be read: {error}") from None


def _arguments(
    ctx: RunContext, options: ContainerOptions, command: Command, *, is_bound: bool
) -> dict[str, Any]:
    """The arguments of the engine's client."""
    privileged = bool(ctx.read(options.privileged, bool))
    network = ctx.render(options.network_mode)
    if privileged:
        policy.check(ctx, policy.PRIVILEGED, "`privileged`")
    if options.device_requests:
        policy.check(ctx, policy.DEVICES, "`deviceRequests`")
    policy.check_network(ctx, network)
    binds = _volumes(ctx, options)
    if is_bound:
        binds.append(f"{command.directory}:{command.directory}")
    hosts = ctx.render(options.extra_hosts)
    memory, cpu = options.memory or Memory(), options.cpu or Cpu()
    cpus = ctx.read(cpu.cpus, float)
    found = {
        "environment": dict(command.env),
        "working_dir": str(command.directory),
        "user": ctx.render(options.user),
        "entrypoint": ctx.render(options.entry_point),
        "extra_hosts": dict(text.split(":", 1) for text in hosts) if hosts else None,
        "network_mode": network,
        "ports": _ports(ctx.render(options.port_bindings)),
        "volumes": binds or None,
        "device_requests": _devices(options.device_requests),
        "nano_cpus": int(cpus * 1e9) if cpus else None,
        "mem_swappiness": ctx.read(memory.memory_swappiness, int),
        "oom_kill_disable": ctx.read(memory.oom_kill_disable, bool),
        "shm_size": _size(ctx, options.shm_size),
        "privileged": privileged or None,
        "mem_limit": _size(ctx, memory.memory),
        "memswap_limit": _size(ctx, memory.memory_swap),
        "mem_reservation": _size(ctx, memory.memory_reservation),
        "kernel_memory": _size(ctx, memory.kernel_memory),
        **policy.defaults(ctx.settings, is_privileged=privileged),
    }
    return containers.options_without_none(found)


def _size(ctx: RunContext, value: Any) -> int | None:
    text = ctx.render(value)
    return None if text in (None, "") else engine.size_of(text)


def _volumes(ctx: RunContext, options: ContainerOptions) -> list[str]:
    given = ctx.render(options.volumes) or []
    if given and not policy.is_allowed(ctx.settings, policy.VOLUMES, ctx.ids.namespace):
        ctx.log.warning("`volumes` are not allowed here and are left out (docker_volume_enabled)")
        return []
    for text in given:
        policy.check_bind(str(text))
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
