"""One container of one attempt: made, fed with files, followed, read back, removed."""

import io
import tarfile
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
from workers.runner.command import OnLine
from workers.runner.lines import Lines

PREFIX = "kestra.io/"
_LOST_EXIT = 137


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


def remove_earlier(client: Any, ids: RunIds) -> None:
    """Removes what an earlier attempt of this task run left: two must never run at once."""
    label = f"{PREFIX}taskrun-id={labels_of(ids)[PREFIX + 'taskrun-id']}"
    for old in client.containers.list(all=True, filters={"label": label}):
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
    """A created container: its lines are read from before its start."""

    def __init__(self, client: Any, container: Any, on_line: OnLine) -> None:
        self.client, self.container = client, container
        lock = threading.Lock()
        self._streams = (Lines("stdout", on_line, lock), Lines("stderr", on_line, lock))
        self._attached = client.api.attach(
            container.id, stdout=True, stderr=True, stream=True, demux=True, logs=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True, name="docker-logs")
        self._waiter = threading.Thread(target=self._await, daemon=True, name="docker-wait")
        self.exit_code: int | None = None

    def start(self) -> None:
        """Starts it. Raises APIError."""
        self.container.start()
        self._reader.start()
        self._waiter.start()

    def wait(self, ctx: RunContext, grace_s: float) -> int:
        """The exit code; a cancelled attempt stops the container first."""
        while self._waiter.is_alive():
            if time.monotonic() >= ctx.lease.deadline:
                self._stop(0)
                break
            if ctx.lease.cancelled.wait(0.05):
                self._stop(grace_s)
                break
            self._waiter.join(0.05)
        self._waiter.join(30)
        self._reader.join(10)
        return _LOST_EXIT if self.exit_code is None else self.exit_code

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
            for out, err in self._attached:
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


# -- files


def send(container: Any, directory: Path) -> None:
    """Copies a directory into the container, at the same path, with its modes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        here = tarfile.TarInfo(".")
        here.type, here.mode = tarfile.DIRTYPE, 0o777  # the container's user may be any
        archive.addfile(here)
        for path in sorted(directory.rglob("*")):
            archive.add(path, path.relative_to(directory).as_posix(), recursive=False)
    buffer.seek(0)
    # the engine has made the folder: it is the container's working directory
    container.put_archive(str(directory), buffer)


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
    target = root / name
    if ".." in Path(name).parts or not target.parent.resolve().is_relative_to(root.resolve()):
        raise TaskFailed(f"the container gave back a file outside of its directory: {name[:200]}")
    if entry.isdir():
        target.mkdir(parents=True, exist_ok=True)
    elif entry.isfile():
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():
            target.unlink()
        source = archive.extractfile(entry)
        assert source is not None
        with target.open("wb") as file:
            while part := source.read(1 << 20):
                file.write(part)
        target.chmod(entry.mode & 0o777)
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
