"""What a compose file may hold and which arguments may follow it, where nothing more is allowed.

`docker compose` runs as the worker's own user, beside the engine's socket. So what is not known to
stay within the engine and the working directory is refused: both lists name what is allowed.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.runner import policy


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TOP = _names("version name services networks volumes secrets configs")
_SERVICE = _names("""attach cap_drop command configs container_name cpu_count cpu_percent cpu_period
    cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset depends_on deploy dns dns_opt
    dns_search domainname entrypoint environment expose extra_hosts group_add healthcheck hostname
    image init ipc labels links mac_address mem_limit mem_reservation mem_swappiness memswap_limit
    network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports profiles
    pull_policy read_only restart scale secrets shm_size stdin_open stop_grace_period stop_signal
    tmpfs tty ulimits user userns_mode uts cgroup volumes working_dir""")
_HOST_SPACES = ("pid", "ipc", "network_mode", "userns_mode", "uts", "cgroup")
_DEVICES = frozenset(("devices", "device_requests", "device_cgroup_rules", "gpus"))
_NETWORK = _names("attachable driver enable_ipv4 enable_ipv6 external internal ipam labels name")
#: global options by name, and whether a value follows
_OPTIONS = {
    "-p": True, "--project-name": True, "--profile": True, "--ansi": True, "--progress": True,
    "--parallel": True, "--log-level": True, "--compatibility": False, "--verbose": False,
    "--no-ansi": False, "--dry-run": False,
}  # fmt: skip
_COMMANDS = _names("""create down events images kill logs pause port ps pull push restart rm scale
    start stats stop top unpause up version wait""")
#: they run a command in a container; more options would give it folders and rights
_INSIDE = frozenset(("run", "exec"))
_INSIDE_OPTIONS = _names(
    "-T --no-TTY -d --detach --rm --no-deps -i --interactive --quiet-pull --remove-orphans"
)


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Arguments before the sub-command, and those from it on. Raises TaskFailed for another one."""
    n = 0
    while n < len(arguments) and arguments[n].startswith("-"):
        name, equals, _ = arguments[n].partition("=")
        if name not in _OPTIONS or (equals and not _OPTIONS[name]):
            raise TaskFailed(f"`composeArgs` must not hold {arguments[n]!r}", is_final=True)
        n += 2 if _OPTIONS[name] and not equals else 1
    rest = arguments[n:]
    if not rest or rest[0] not in _COMMANDS | _INSIDE:
        known = ", ".join(sorted(_COMMANDS | _INSIDE))
        shown = repr(rest[0]) if rest else "nothing"
        raise TaskFailed(f"`composeArgs`: {shown} is none of the commands {known}", is_final=True)
    if rest[0] in _INSIDE:
        for part in rest[1:]:
            if not part.startswith("-"):
                break  # the service: what follows is for its container
            if part not in _INSIDE_OPTIONS:
                raise TaskFailed(f"`composeArgs`: {rest[0]} must not hold {part!r}", is_final=True)
    return arguments[:n], rest


def check_keys(ctx: RunContext, data: Any) -> None:
    """What a file's keys would have read or run before anything is known of their values.

    Raises PolicyRefused, TaskFailed for what is no compose file.
    """
    for name in _map(data, "the compose file"):
        if name not in _TOP and not str(name).startswith("x-"):
            policy.check(ctx, policy.PRIVILEGED, f"`{name}`")
    for name, service in _map(data.get("services"), "`services`").items():
        for key in _map(service, f"the service {name!r}"):
            option = policy.DEVICES if key in _DEVICES else policy.PRIVILEGED
            if key not in _SERVICE and not str(key).startswith("x-"):
                policy.check(ctx, option, f"`{key}` of the service {name!r}")


def check_values(ctx: RunContext, data: Mapping[str, Any]) -> None:
    """What the files amount to, as the command has read them. Raises PolicyRefused, TaskFailed."""
    check_keys(ctx, data)
    for name, service in _map(data.get("services"), "`services`").items():
        _check_service(ctx, service, f"of the service {name!r}")
    for name, network in _map(data.get("networks"), "`networks`").items():
        _check_network(ctx, name, _map(network, f"the network {name!r}"))
    for name, volume in _map(data.get("volumes"), "`volumes`").items():
        if volume:
            policy.check(ctx, policy.VOLUMES, f"the volume {name!r}")
    for kind in ("secrets", "configs"):
        for name, entry in _map(data.get(kind), f"`{kind}`").items():
            given = _map(entry, f"{name!r} of `{kind}`")
            if given.get("environment"):  # the command has no environment of a task
                raise TaskFailed(f"`{kind}`: {name!r} must be a file or a content", is_final=True)
            file = str(given.get("file") or "")
            if file and not _is_inside(ctx, file):
                policy.check(ctx, policy.VOLUMES, f"the file of {name!r}")


def _check_service(ctx: RunContext, service: Mapping[str, Any], where: str) -> None:
    deploy = _map(service.get("deploy"), f"`deploy` {where}")
    reserved = _map(_map(deploy.get("resources"), where).get("reservations"), where)
    if reserved.get("devices"):
        policy.check(ctx, policy.DEVICES, f"a device {where}")
    for space in _HOST_SPACES:
        if str(service.get(space) or "").partition(":")[0] in ("host", "container"):
            policy.check(ctx, policy.HOST_NETWORK, f"`{space}` {where}")
    for bind in service.get("volumes") or []:
        _check_bind(ctx, bind, where)


def _check_network(ctx: RunContext, name: str, network: Mapping[str, Any]) -> None:
    """An engine takes the name of a network for the mode of a container."""
    external = network.get("external")
    names = [network.get("name"), external.get("name") if isinstance(external, dict) else None]
    is_host = any(str(one or "").partition(":")[0] in ("host", "container") for one in names)
    if is_host or network.get("driver") not in (None, "", "bridge") or set(network) - _NETWORK:
        policy.check(ctx, policy.HOST_NETWORK, f"the network {name!r}")


def _check_bind(ctx: RunContext, bind: Any, where: str) -> None:
    """A folder of the machine, but for those of the working directory; a volume with a name."""
    if isinstance(bind, Mapping):
        source = str(bind.get("source") or "")
        is_bind = bind.get("type") == "bind"
        if bind.get("type") not in ("bind", "volume", "tmpfs"):
            policy.check(ctx, policy.VOLUMES, f"the volume {json.dumps(bind)} {where}")
    else:
        head, colon, _ = str(bind).partition(":")
        source = head if colon else ""
        is_bind = source.startswith(("/", ".", "~"))
    if not source:
        return
    if is_bind:
        policy.check_bind(source)
    if not is_bind or not _is_inside(ctx, source):
        policy.check(ctx, policy.VOLUMES, f"the volume {json.dumps(source)} {where}")


def _is_inside(ctx: RunContext, path: str) -> bool:
    root = ctx.working_dir.resolve()
    return (root / Path(path)).resolve().is_relative_to(root)


def bounded(ctx: RunContext, data: Mapping[str, Any]) -> dict[str, Any]:
    """The file with what every container gets unasked."""
    is_free = policy.is_allowed(ctx.settings, policy.PRIVILEGED, ctx.ids.namespace)
    own = policy.defaults(ctx.settings, is_privileged=is_free)
    services = _map(data.get("services"), "`services`").items()
    return {**data, "services": {name: _with(own, service) for name, service in services}}


def _with(own: Mapping[str, Any], service: Mapping[str, Any]) -> dict[str, Any]:
    found = {**service, **{name: value for name, value in own.items() if value is not None}}
    for name in ("cap_drop", "security_opt"):
        if more := service.get(name):
            found[name] = [*dict.fromkeys([*own.get(name, ()), *more])]
    deploy = _map(service.get("deploy"), "`deploy`")
    if (_map(_map(deploy.get("resources"), "`deploy`").get("limits"), "`deploy`")).get("pids"):
        found.pop("pids_limit", None)  # it is bounded there, and compose takes one place only
    return found


def _map(value: Any, what: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TaskFailed(f"{what} must be a map", is_final=True)
    return value
