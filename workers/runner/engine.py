"""The Docker engine: connected to, images pulled, credentials handed over with each call."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from docker.utils import parse_repository_tag
from requests.exceptions import ConnectionError as Unreachable
from requests.exceptions import ReadTimeout

from app.plugin.context import RunContext
from app.plugin.task import TaskFailed

HOSTS = ("/var/run/docker.sock", "/dind/docker.sock")
CALL_TIMEOUT_S = 60
_ADDRESSES = ("unix://", "tcp://", "http://", "https://")
_HUB = {"", "registry-1.docker.io", "index.docker.io", "docker.io"}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*", re.IGNORECASE)
_PULLS, _FIRST_PAUSE_S, _LONGEST_PAUSE_S = 5, 5.0, 120.0
_MOST_IDLE = 4
_idle: list[tuple[int, str, Any]] = []  #: clients by process and address
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def size_of(text: Any) -> int:
    """Bytes of `512MB`, `0.5GB`, `6m`. Raises TaskFailed."""
    match = _SIZE.fullmatch(str(text))
    if match is None:
        raise TaskFailed(f"Invalid size with value '{text}'", is_final=True)
    return int(float(match.group(1)) * _UNITS[match.group(2).lower()])


def registry_host(registry: str | None) -> str:
    """Host and port of a registry's address; empty for Docker Hub."""
    text = (registry or "").strip()
    host = urlsplit(text if "://" in text else "//" + text).netloc
    return "" if host in _HUB else host


def full_name(image: str, credentials: Mapping[str, Any] | None) -> str:
    """An image's name with the registry of its credentials before it."""
    host = registry_host((credentials or {}).get("registry"))
    return image if not host or image.startswith(host + "/") else f"{host}/{image}"


def auth_of(credentials: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Credentials as the engine takes them with a call; they are never written to a file."""
    if not credentials:
        return None
    names = {"username": "username", "password": "password", "identityToken": "identitytoken",
             "registryToken": "registrytoken", "auth": "auth"}  # fmt: skip
    found = {ours: str(credentials[name]) for name, ours in names.items() if credentials.get(name)}
    if host := registry_host(credentials.get("registry")):
        found["serveraddress"] = host
    return found or None


def host_of(ctx: RunContext, given: str | None) -> str:
    """The engine's address: the task's, the server's, else the usual sockets.

    Raises TaskFailed for a task's own address of another kind: `ssh://` would start a program.
    """
    if given and not given.startswith(_ADDRESSES):
        kinds = ", ".join(_ADDRESSES)
        raise TaskFailed(f"`host` must begin with one of {kinds}", is_final=True)
    if given or ctx.settings.get("docker_host"):
        return str(given or ctx.settings["docker_host"])
    return socket_at(HOSTS) or f"unix://{HOSTS[0]}"


def socket_at(paths: Sequence[str]) -> str | None:
    """The address of the first socket that is there."""
    return next((f"unix://{path}" for path in paths if Path(path).exists()), None)


def socket_of(ctx: RunContext, given: str | None) -> str | None:
    """The path of the engine's socket on this machine, if it is reached by one."""
    host = host_of(ctx, given)
    return host.removeprefix("unix://") if host.startswith("unix://") else None


@contextmanager
def connected(ctx: RunContext, given: str | None) -> Iterator[Any]:
    """A client of the engine. Raises TaskFailed that names the address that was tried.

    A process keeps a few: to connect and to agree on a version takes as long as a container does
    to be made.
    """
    host = host_of(ctx, given)
    client = _kept(host) or _new(host)
    is_good = False
    try:
        yield client
        is_good = True
    except APIError as error:
        raise TaskFailed(f"Docker: {error.explanation or error}") from None
    except (DockerException, Unreachable, ReadTimeout) as error:
        raise TaskFailed(f"Docker at {host}: {error}") from None
    finally:
        if is_good and len(_idle) < _MOST_IDLE:
            _idle.append((os.getpid(), host, client))
        else:
            client.close()


def _kept(host: str) -> Any:
    """A client that is free, and whose engine still answers; None when there is none."""
    for place in list(_idle):
        pid, at, client = place
        if pid != os.getpid() or at != host:
            continue
        try:
            _idle.remove(place)
        except ValueError:
            continue  # another thread was quicker
        try:
            client.ping()
        except (DockerException, Unreachable, ReadTimeout):
            client.close()
        else:
            return client
    return None


def _new(host: str) -> Any:
    try:
        # it asks for the engine's version at once
        return docker.DockerClient(base_url=host, timeout=CALL_TIMEOUT_S)
    except (DockerException, Unreachable, ReadTimeout, ValueError) as error:
        raise TaskFailed(
            f"no Docker engine answers at {host} ({type(error).__name__}): mount its socket, set "
            "`host`, or use the task runner io.kestra.plugin.core.runner.Process"
        ) from None


def ensure_image(
    ctx: RunContext,
    client: Any,
    image: str,
    policy: str,
    credentials: Mapping[str, Any] | None,
) -> Any:
    """Pulls an image as its policy says; the image, None if it was pulled. Raises TaskFailed."""
    if policy != "ALWAYS":
        try:
            return client.images.get(image)
        except ImageNotFound:
            if policy == "NEVER":
                raise TaskFailed(f"image {image} not found, and pullPolicy is NEVER") from None
    pull(ctx, client, image, credentials)
    return None


def pull(ctx: RunContext, client: Any, image: str, credentials: Mapping[str, Any] | None) -> None:
    """Pulls; tries again when the engine or the connection fails. Raises TaskFailed."""
    repository, tag = parse_repository_tag(image)
    auth = auth_of(credentials)
    ctx.log.debug("pulling %s", image)
    pause = _FIRST_PAUSE_S
    for left in reversed(range(_PULLS)):
        try:
            stream = client.api.pull(
                repository, tag=tag or "latest", stream=True, decode=True, auth_config=auth
            )
            for event in stream:
                if event.get("error"):
                    raise TaskFailed(f"image {image}: {event['error']}")
            return
        except APIError as error:
            reason = str(error.explanation or error)
            status = error.response.status_code if error.response is not None else 500
            if status == 404 or "not found" in reason or "manifest unknown" in reason:
                raise TaskFailed(f"image {image} not found: {reason}") from None
            if status < 500 or "unauthorized" in reason or "denied" in reason or not left:
                raise TaskFailed(f"image {image} could not be pulled: {reason}") from None
        except (Unreachable, ReadTimeout) as error:
            if not left:
                raise TaskFailed(f"image {image} could not be pulled: {error}") from None
        if ctx.lease.cancelled.wait(pause):
            raise TaskFailed(f"pulling {image} was cancelled")
        pause = min(pause * 2, _LONGEST_PAUSE_S)
