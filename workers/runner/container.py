"""One container of one attempt: made, fed with files, followed, read back, removed."""

import hashlib
import io
import os
import shutil
import socket
import struct
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound
from requests.exceptions import ConnectionError as Unreachable
from requests.exceptions import ReadTimeout

from app.plugin.context import RunContext, RunIds
from app.plugin.task import TaskFailed
from app.storage import beneath
from workers.runner import launch
from workers.runner.command import OnLine
from workers.runner.lines import Cut, Lines

PREFIX = "kestra.io/"
INSTANCE = "trunkline.io/instance"
REUSED = "trunkline.io/reused"  #: the execution whose tasks share a container
_LOST_EXIT = 137
_OOM_KNOWN_S = 1.0  #: how long after its end an engine may learn why it was killed
_IN_MEMORY = 4 << 20
_FRAME = struct.Struct(">BxxxL")  #: 1 for standard output, 2 for errors; bytes that follow
Said = Iterator[tuple[bytes | None, bytes | None]]  #: pieces of standard output and of errors


def labels_of(ids: RunIds) -> dict[str, str]:
    """Who a container belongs to; values are cut as the engine and its tools want them."""
    values = {
        "namespace": ids.namespace,
        "flow-id": ids.flow_id,
        "task-id": ids.task_id,
        "execution-id": ids.execution_id,
        "taskrun-id": ids.task_run_id,
        "taskrun-attempt": str(ids.attempt),
    }
    return {PREFIX + name: value[:63].rstrip("-._") for name, value in values.items()}


def owned_labels(ctx: RunContext, **more: str) -> dict[str, str]:
    """The labels of an attempt's container, with this installation and what is to become of it."""
    own = {INSTANCE: instance_of(ctx.settings), "trunkline.io/worker": socket.gethostname()}
    marks = {f"trunkline.io/{name.replace('_', '-')}": value for name, value in more.items()}
    return {**labels_of(ctx.ids), **own, **marks}


def instance_of(settings: Mapping[str, Any]) -> str:
    """Tells the containers of this installation from those of another on the same engine."""
    return hashlib.sha256(str(settings.get("database_url")).encode()).hexdigest()[:16]


def remove_earlier(client: Any, ids: RunIds) -> None:
    """Removes what an earlier attempt of this task run left: two must never run at once."""
    if ids.attempt == 1:
        return  # the engine need not be asked
    label = f"{PREFIX}taskrun-id={labels_of(ids)[PREFIX + 'taskrun-id']}"
    for old in client.containers.list(all=True, filters={"label": label}, ignore_removed=True):
        remove(old)


def remove(container: Any) -> None:
    """Kills and removes a container with its volumes; one that is gone is fine."""
    try:
        container.remove(force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        if error.response is None or error.response.status_code != 409:  # being removed already
            raise


class Followed:
    """A container: its lines are read from before its start, or all of them again."""

    def __init__(
        self, client: Any, container: Any, on_line: OnLine, cut: Cut, *, again: bool = False
    ) -> None:
        """`again`: it has been started, and followed, by another process."""
        self.client, self.container = client, container
        self._streams = tuple(Lines(name, on_line, cut=cut) for name in ("stdout", "stderr"))
        self._said = _logged(client, container) if again else _attached(client, container)
        self._reader = threading.Thread(target=self._read, daemon=True, name="docker-logs")
        self._waiter = threading.Thread(target=self._await, daemon=True, name="docker-wait")
        self.exit_code: int | None = None

    def start(self) -> None:
        """Starts it. Raises APIError."""
        self.container.start()
        self.follow()

    def follow(self) -> None:
        """Reads what it says, from its start on, and waits for its end."""
        self._reader.start()
        self._waiter.start()

    def wait(self, ctx: RunContext, grace_s: float, engine: str | None) -> int:
        """The exit code; a cancelled attempt stops the container first.

        `engine`: the path of its socket, for the launcher that kills at the lease's end.
        """
        known = ctx.lease.deadline
        watch = launch.watch_container(self.container.id, engine, known) if engine else None
        try:
            while self._waiter.is_alive():
                if time.monotonic() >= ctx.lease.deadline:
                    self._stop(0)
                    break
                if watch is not None and ctx.lease.deadline != known:
                    known = ctx.lease.deadline
                    watch.renew(known)
                if ctx.lease.cancelled.is_set():
                    self._stop(grace_s)
                    break
                self._waiter.join(0.05)
            self._waiter.join(30)
            self._reader.join(60)
        finally:
            if watch is not None:
                watch.done()
        return _LOST_EXIT if self.exit_code is None else self.exit_code

    def why_killed(self) -> str | None:
        """Why the engine killed it, for people: for lack of memory, or None.

        The engine may learn it after the end, and of several that end at once it misses some.
        """
        ends = time.monotonic() + _OOM_KNOWN_S
        while True:
            try:
                self.container.reload()
            except (APIError, Unreachable, ReadTimeout):
                return None
            if self.container.attrs.get("State", {}).get("OOMKilled"):
                return "it needed more memory than it may have"
            if time.monotonic() > ends:
                has_limit = self.container.attrs.get("HostConfig", {}).get("Memory")
                return "it seems to have needed more memory than it may have" if has_limit else None
            time.sleep(0.1)

    def _stop(self, grace_s: float) -> None:
        try:
            if grace_s > 0:
                self.container.stop(timeout=int(grace_s))
            else:
                self.container.kill()
        except APIError:
            return  # it has ended by itself

    def _read(self) -> None:
        try:
            for out, err in self._said:
                for lines, data in zip(self._streams, (out, err), strict=True):
                    if data:
                        lines.feed(data)
        except (Unreachable, ReadTimeout, OSError, ValueError):
            pass  # the engine went away: what came is kept
        for lines in self._streams:
            lines.end()

    def _await(self) -> None:
        while True:
            try:
                self.exit_code = int(self.container.wait(timeout=3600)["StatusCode"])
            except (ReadTimeout, Unreachable):
                try:
                    self.container.reload()
                except (APIError, Unreachable, ReadTimeout):
                    return
                continue
            except APIError:
                return
            return


def _attached(client: Any, container: Any) -> Said:
    """What a container that has not been started will say.

    The engine is attached before it answers. Without `logs`: what a fast one said meanwhile would
    come from them and from the stream, twice.
    """
    found: Said = client.api.attach(container.id, stdout=True, stderr=True, stream=True, demux=True)
    return found


def _logged(client: Any, container: Any) -> Said:
    """What a container has said and says until its end, in the frames of the engine's API."""
    url = client.api._url("/containers/{0}/logs", container.id)
    wanted = {"stdout": 1, "stderr": 1, "follow": 1}
    answer = client.api._get(url, params=wanted, stream=True, timeout=None)
    source = _Stream(answer.iter_content(None))
    while len(head := source.read(_FRAME.size)) == _FRAME.size:
        stream, size = _FRAME.unpack(head)
        data = source.read(size)
        yield (data, None) if stream == 1 else (None, data)


# -- files


def send(
    container: Any, directory: Path, *, is_made: bool = True, opens_parent: bool = False
) -> None:
    """Copies a directory into the container, at the same path, with its modes.

    `is_made`: the engine has made the folder, because it is the container's working directory.
    `opens_parent`: every user of the container may make folders beside this one from now on.
    The archive goes through a file when it is large: it may hold any amount of data.
    """
    # an engine leaves the mode of the folder alone into which it unpacks: its parent is named
    at = directory.name if is_made else str(directory).lstrip("/")
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as buffer:
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            folders = [(at, 0o777)]  # the container's user may be any
            if opens_parent:
                folders.insert(0, (str(directory.parent).lstrip("/"), 0o1777))
            for name, mode in folders:
                folder = tarfile.TarInfo(name)
                folder.type, folder.mode = tarfile.DIRTYPE, mode
                archive.addfile(folder)
            for path in sorted(directory.rglob("*")):
                name = f"{at}/{path.relative_to(directory).as_posix()}"
                archive.add(path, name, recursive=False)
        buffer.seek(0)
        container.put_archive(str(directory.parent) if is_made else "/", buffer)


def fetch(container: Any, directory: Path, *, leave: Sequence[str] = ()) -> None:
    """Copies the directory back. Raises TaskFailed for an entry that would leave it."""
    stream, _ = container.get_archive(str(directory))
    with tarfile.open(fileobj=_Stream(stream), mode="r|") as archive:
        for entry in archive:
            name = entry.name.partition("/")[2]
            if not name or name.partition("/")[0] in leave:
                continue
            _extract(archive, entry, name, directory)


def _extract(archive: tarfile.TarFile, entry: tarfile.TarInfo, name: str, root: Path) -> None:
    if ".." in Path(name).parts:
        raise TaskFailed(f"the container gave back a file outside of its directory: {name[:200]}")
    if entry.isdir():
        if not (root / name).is_symlink():
            (root / name).mkdir(exist_ok=True)
    elif entry.isfile():
        source = archive.extractfile(entry)
        assert source is not None
        if (root / name).is_symlink():
            (root / name).unlink()
        with beneath.open_write(root, name) as file:
            shutil.copyfileobj(source, file, 1 << 20)
            os.fchmod(file.fileno(), entry.mode & 0o777)
    # links and devices stay in the container: outputs are files


class _Stream(io.RawIOBase):
    """The parts of an answer as one stream, without holding all of it."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = iter(parts)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            part = next(self._parts, None)
            if part is None:
                break
            self._rest += part
        if size < 0:
            size = len(self._rest)
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def options_without_none(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options that were given."""
    return {key: value for key, value in options.items() if value is not None}
