"""Containers that the tasks of one execution share (`reuse: true`): started once, entered for each.

The first task that needs an image with some options starts it; the reaper removes it once the
execution has ended. A task that is cancelled takes the container with it: nothing else ends what
runs inside. What a script leaves in the background goes on until then.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from docker.errors import APIError, NotFound
from requests.exceptions import ConnectionError as Unreachable
from requests.exceptions import ReadTimeout

from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.runner import container as containers
from workers.runner.command import Command, OnLine
from workers.runner.lines import Lines

_WAITING = "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"
_MADE = 'mkdir -m 777 "$0" && cd "$0" && exec "$@"'  #: its parent is open to every user
_KILLED = 137
_ENDED = (404, 409)  #: what the engine answers for a container that is gone, or not running


def run(
    ctx: RunContext,
    client: Any,
    made_of: tuple[str, Callable[[], None]],
    command: Command,
    arguments: Mapping[str, Any],
    on_line: OnLine,
) -> tuple[Any, int]:
    """Runs a command in the execution's container; that and the exit code. Raises APIError.

    `made_of`: the image, and what pulls it, for the task that starts the container.
    """
    image, pull = made_of
    own = ("environment", "working_dir", "entrypoint")
    shared = {name: value for name, value in arguments.items() if name not in own}
    known = _Known(client, ctx.ids.execution_id, _key(image, shared))
    container = known.container()
    entered = _enter_known(client, container, command, arguments)
    if entered is None:
        container = _find(ctx, client, image, shared)
        if container is None:
            pull()
            container = _start(ctx, client, image, shared)
        containers.send(container, command.directory, is_made=False, opens_parent=True)
        known.remember(container)
        entered = _enter(client, container, command, arguments)
    stream = client.api.exec_start(entered, stream=True, demux=True)
    reader = threading.Thread(target=_read, args=(ctx, stream, on_line), daemon=True)
    reader.start()
    while reader.is_alive():
        if ctx.lease.cancelled.wait(0.005):
            containers.remove(container)
            return container, _KILLED
        reader.join(0.05)
    code = client.api.exec_inspect(entered)["ExitCode"]
    return container, _KILLED if code is None else int(code)


class _Known:
    """The container that this process used last for an execution and some options.

    The engine is not asked for it again: what is gone by now says so when it is entered.
    """

    _ids: ClassVar[OrderedDict[tuple[str, ...], str]] = OrderedDict()
    _most: ClassVar[int] = 256

    def __init__(self, client: Any, execution_id: str, key: str) -> None:
        self._client, self._place = client, (client.api.base_url, execution_id, key)

    def container(self) -> Any:
        """The container, of which nothing but its id is known; None when there is none."""
        found = self._ids.get(self._place)
        return self._client.containers.prepare_model({"Id": found}) if found is not None else None

    def remember(self, container: Any) -> None:
        """The next task finds this one."""
        self._ids[self._place] = container.id
        while len(self._ids) > self._most:
            self._ids.popitem(last=False)


def _enter_known(
    client: Any, container: Any, command: Command, arguments: Mapping[str, Any]
) -> str | None:
    """Sends what is in the directory, then as `_enter`.

    None when there is no container, or it has ended meanwhile.
    """
    if container is None:
        return None
    try:
        if any(command.directory.iterdir()):
            containers.send(container, command.directory, is_made=False)
            return _enter(client, container, command, arguments)
        return _enter(client, container, command, arguments, makes_directory=True)
    except APIError as error:
        if error.response is not None and error.response.status_code in _ENDED:
            return None
        raise


def _enter(
    client: Any,
    container: Any,
    command: Command,
    arguments: Mapping[str, Any],
    *,
    makes_directory: bool = False,
) -> str:
    """Prepares the command in its directory; the id of that. Raises APIError.

    `makes_directory`: an empty one costs the engine more to receive than all the rest.
    """
    entry, directory = [part for part in arguments.get("entrypoint") or [] if part], "/"
    if makes_directory:
        entry = ["/bin/sh", "-c", _MADE, str(command.directory), *entry]
    else:
        directory = str(command.directory)
    made = client.api.exec_create(
        container.id,
        [*entry, *command.argv],
        environment=dict(command.env),
        workdir=directory,
        user=arguments.get("user") or "",
    )
    return str(made["Id"])


def _key(image: str, arguments: Mapping[str, Any]) -> str:
    text = json.dumps([image, arguments], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _labels(ctx: RunContext, image: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    return {
        containers.INSTANCE: containers.instance_of(ctx.settings),
        containers.REUSED: ctx.ids.execution_id,
        "trunkline.io/options": _key(image, arguments),
    }


def _find(ctx: RunContext, client: Any, image: str, arguments: Mapping[str, Any]) -> Any:
    labels = [f"{name}={value}" for name, value in _labels(ctx, image, arguments).items()]
    wanted = {"label": labels, "status": "running"}
    return next(iter(client.containers.list(filters=wanted, sparse=True)), None)


def _start(ctx: RunContext, client: Any, image: str, arguments: Mapping[str, Any]) -> Any:
    ids = containers.labels_of(ctx.ids)
    named = {
        name: ids[containers.PREFIX + name] for name in ("namespace", "flow-id", "execution-id")
    }
    labels = {containers.PREFIX + name: value for name, value in named.items()}
    container = client.containers.create(
        image,
        [_WAITING],
        entrypoint=["/bin/sh", "-c"],
        labels={**labels, **_labels(ctx, image, arguments)},
        **arguments,
    )
    try:
        container.start()
    except APIError as error:
        containers.remove(container)
        raise TaskFailed(f"`reuse` needs a shell in the image: {error.explanation}") from None
    return container


def _read(ctx: RunContext, stream: Any, on_line: OnLine) -> None:
    streams: Sequence[Lines] = [Lines(n, on_line, cut=ctx.safe_cut) for n in ("stdout", "stderr")]
    try:
        for pieces in stream:
            for lines, data in zip(streams, pieces, strict=True):
                if data:
                    lines.feed(data)
    except (Unreachable, ReadTimeout, NotFound, OSError, ValueError):
        pass  # the container is gone
    for lines in streams:
        lines.end()
