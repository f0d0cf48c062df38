"""What a task may ask of a Docker engine, and what every container gets unasked.

Whoever can start a privileged container, bind a folder of the machine or join its network owns the
machine, so each of these is refused unless the administrator allows it, for all namespaces or some.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from app.plugin.context import RunContext
from app.plugin.task import PolicyRefused, TaskFailed

PRIVILEGED, VOLUMES = "privileged", "volumes"
HOST_NETWORK, DEVICES = "host-network", "devices"
_SWITCHES = {PRIVILEGED: "docker_privileged_enabled", VOLUMES: "docker_volume_enabled"}
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "/dind/docker.sock")
#: of those that engines give by default: not needed to install packages or to switch user
_DROPPED = ["AUDIT_WRITE", "MKNOD", "NET_RAW", "SETFCAP", "SYS_CHROOT"]
_PART = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:[a-z0-9.-]+(?::\d+)?/)?{_PART}(?:/{_PART})*(?::\w[\w.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?",
    re.IGNORECASE,
)


def is_allowed(settings: Mapping[str, Any], option: str, namespace: str) -> bool:
    """Whether the server allows an option in a namespace.

    `docker_allow` lists options, each with a namespace (and all below it) or for every one:
    `privileged:company.infra,volumes`.
    """
    if settings.get(_SWITCHES.get(option, "")):
        return True
    for text in str(settings.get("docker_allow") or "").split(","):
        name, _, where = (part.strip() for part in text.partition(":"))
        if name == option and (not where or f"{namespace}.".startswith(f"{where}.")):
            return True
    return False


def check(ctx: RunContext, option: str, what: str) -> None:
    """Raises PolicyRefused that names the option and the setting."""
    if not is_allowed(ctx.settings, option, ctx.ids.namespace):
        raise PolicyRefused(
            f"{what} is not allowed in {ctx.ids.namespace}: the server's `docker_allow` does not "
            f"list `{option}`"
        )


def check_network(ctx: RunContext, mode: Any) -> None:
    """Neither the machine's network nor that of another container."""
    if str(mode or "").partition(":")[0] in ("host", "container"):
        check(ctx, HOST_NETWORK, f"`networkMode: {mode}`")


def check_bind(text: str) -> None:
    """Raises PolicyRefused for a bind that holds the engine's socket: no task gets it."""
    source = PurePosixPath("/" + text.partition(":")[0].strip("/"))
    for socket in map(PurePosixPath, _SOCKETS):
        if source == socket or source in socket.parents:
            raise PolicyRefused(f"{source} holds the engine's socket: no task gets it")


def check_image(image: str) -> None:
    """Raises TaskFailed for what is no image name."""
    if len(image) > 512 or not (
        _IMAGE.fullmatch(image) or re.fullmatch(r"sha256:\w{12,64}", image)
    ):
        raise TaskFailed(f"{image[:100]!r} is no image name", is_final=True)


def defaults(settings: Mapping[str, Any], *, is_privileged: bool) -> dict[str, Any]:
    """Arguments of every container: an init, a bound on its processes, no way to more rights."""
    found: dict[str, Any] = {
        "init": True,
        "pids_limit": int(settings.get("docker_pids_limit") or 0) or None,
    }
    if not is_privileged:
        found |= {"security_opt": ["no-new-privileges"], "cap_drop": list(_DROPPED)}
    return found
