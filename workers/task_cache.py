"""`taskCache`: the outputs of an earlier run of a task stand in for a run of it.

The entry is found by what the task was told: its type and its own properties, rendered. Files that
the run has stored are kept beside the outputs, and copied into the execution that uses them. Only a
clean SUCCESS is kept, and none that changes its execution (labels, variables). A child of a
WorkingDirectory always runs: what it leaves in the directory is no output.
"""

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from app.database.caches import CachePlace
from app.errors import DatabaseAway, TrunklineError
from app.model.ids import new_id
from app.model.state import State
from app.model.task import Task, TaskCache
from app.plugin.task import RunnableTask, Suspended
from app.service import caching, kept
from app.service.sealing import unsealed
from app.service.steps import End
from app.storage.paths import execution_folder, file_name
from app.storage.storage import StoredFileNotFound
from workers.context import AttemptContext
from workers.perform import end_of

#: known only while a script is being prepared, and no part of what a task was told
_LATER = {name: name for name in ("workingDir", "outputDir", "bucketPath", "outputFiles", "temp")}
_OUTPUTS = "outputs.json"

Ended = End | Suspended


@dataclass(frozen=True)
class _Entry:
    place: CachePlace
    cache: TaskCache


def cached(ctx: AttemptContext, run: Callable[[], Ended]) -> Ended:
    """The end that an earlier run had, if the task may use it; else that of this run."""
    cache = ctx.step.task.task_cache
    if cache is None or not cache.enabled or ctx.shares_directory or ctx.step.adopted is not None:
        return run()
    entry = _entry(ctx, cache)
    found = _find(ctx, entry) if entry is not None else None
    if found is not None:
        ctx.log.info("the outputs of an earlier run are used")
        return end_of(ctx, State.SUCCESS, found)
    end = run()
    if entry is not None and isinstance(end, End) and _is_worth_keeping(end):
        _keep(ctx, entry, end)
    return end


def _is_worth_keeping(end: End) -> bool:
    return end.state is State.SUCCESS and not end.effects


def _entry(ctx: AttemptContext, cache: TaskCache) -> _Entry | None:
    """Which entry is this task's; None when its properties cannot be rendered."""
    task, ids = ctx.step.task, ctx.ids
    told = {name: getattr(task, name) for name in type(task).model_fields if name not in _COMMON}
    try:
        text = json.dumps(ctx.render(_plain(told), _LATER), sort_keys=True, default=str)
    except (TrunklineError, ValueError) as error:
        ctx.log.warning("its outputs are not cached: %s", error)
        return None
    key = hashlib.sha256(f"{task.id}\n{task.type}\n{text}".encode()).hexdigest()
    return _Entry(CachePlace(ids.namespace, ids.flow_id, task.id, key), cache)


_COMMON = frozenset(Task.model_fields)


def _plain(value: Any) -> Any:
    """Models as maps; what has no JSON form is left to `str`."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="python")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _find(ctx: AttemptContext, entry: _Entry) -> Mapping[str, Any] | None:
    """The outputs of an earlier run, their files copied into this execution."""
    try:
        folder = caching.find(ctx.rt, entry.place, entry.cache.ttl)
        if folder is None:
            return None
        with ctx.storage.open(f"{folder}/{_OUTPUTS}") as stream:
            outputs = json.load(stream)
        if _shows_secrets(ctx):
            outputs = unsealed(ctx.ring(), outputs, ctx.mask)
        copied = _moved(outputs, f"kestra://{folder}/", lambda uri: _copy_in(ctx, uri))
        return copied if isinstance(copied, dict) else {}
    except StoredFileNotFound:
        return None
    except (TrunklineError, DatabaseAway, OSError, ValueError) as error:
        ctx.log.warning("the cached outputs cannot be used: %s", error)
        return None


def _shows_secrets(ctx: AttemptContext) -> bool:
    """Whether the task's outputs hold secrets as they are; what is cached never does."""
    return isinstance(ctx.step.task, RunnableTask) and ctx.step.task.shows_secrets


def _copy_in(ctx: AttemptContext, uri: str) -> str:
    number, name = uri.split("/")[-2:]
    with ctx.storage.open(uri) as stream:
        return ctx.put_stream(stream, f"cached/{number}/{name}")


def _keep(ctx: AttemptContext, entry: _Entry, end: End) -> None:
    """Keeps the outputs of this run; a failure costs a warning."""
    own = execution_folder(ctx.ids.namespace, ctx.ids.flow_id, ctx.ids.execution_id)
    folder = f"{caching.folder_of(entry.place)}/{entry.place.key}/{new_id()}"
    taken: dict[str, str] = {}

    def copy_out(uri: str) -> str:
        if uri not in taken:
            with ctx.storage.open(uri) as stream:
                taken[uri] = ctx.storage.put(f"{folder}/{len(taken)}/{file_name(uri)}", stream)
        return taken[uri]

    try:
        outputs = kept.read(ctx.rt, end.outputs if end.outputs_uri is None else end.outputs_uri)
        outputs = _moved(ctx.sealed(outputs), f"kestra://{own}/", copy_out)
        text = json.dumps(outputs, default=str)
        stream: BinaryIO = io.BytesIO(text.encode())
        ctx.storage.put(f"{folder}/{_OUTPUTS}", stream)
        caching.note(ctx.rt, entry.place, folder, entry.cache.ttl)
    except (TrunklineError, DatabaseAway, OSError) as error:
        ctx.log.warning("its outputs are not cached: %s", error)


def _moved(value: Any, prefix: str, move: Callable[[str], str]) -> Any:
    """Outputs with every URI below a folder replaced by that of its copy, at any depth."""
    if isinstance(value, str):
        return move(value) if value.startswith(prefix) else value
    if isinstance(value, Mapping):
        return {key: _moved(item, prefix, move) for key, item in value.items()}
    return [_moved(item, prefix, move) for item in value] if isinstance(value, list) else value
