"""What expressions may ask of the outside: secrets, keys, files, the clock."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from app.database import executions, search
from app.database.logs import level_number
from app.database.schema import logs
from app.errors import Forbidden, NotFound, TrunklineError, Unavailable
from app.expression.env import World
from app.expression.errors import ExpressionError
from app.service import kv, secrets
from app.service.masking import Masks
from app.service.namespace_reach import may_use, stored_uri
from app.service.runtime import Runtime
from app.service.work import Unrecorded
from app.settings import envs_from
from app.storage.paths import execution_folder, namespace_folder, safe_path, uri_of

MOST_READ = 10_000_000
MOST_LINES = 10_000


class OpenWorld(World):
    """The world of one execution; `masks` hears of each secret that is read."""

    def __init__(
        self,
        rt: Runtime,
        namespace: str,
        flow_id: str = "",
        execution_id: str = "",
        *,
        parent: str | None = None,
        snapshot: int | None = None,
        masks: Masks | None = None,
    ) -> None:
        self.rt = rt
        self.namespace = namespace
        self.timezone = rt.settings.timezone
        self.masks = masks if masks is not None else Masks()
        self._folders = [execution_folder(namespace, flow_id, execution_id)] * bool(execution_id)
        self._parent = parent
        self._snapshot = snapshot
        self._execution_id = execution_id
        self.is_ahead = False  #: whether there are steps that no row tells of yet

    def now(self) -> datetime:
        """The present moment."""
        return self.rt.clock()

    @property
    def hides(self) -> bool:
        """Whether a secret was read."""
        return bool(self.masks.values)

    def derive(self, sources: Iterable[Any], result: Any) -> None:
        """What was made of a secret is one."""
        self.masks.derive(sources, result)

    def masked(self, text: str) -> str:
        """A message without the secrets."""
        return self.masks.apply(text)

    def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Answers one of the functions that need the outside. Raises ExpressionError."""
        answer = getattr(self, "_" + name, None)
        if answer is None:
            raise ExpressionError(f"the function `{name}` cannot be used here")
        given = {key: value for key, value in arguments.items() if key != "scope"}
        try:
            return answer(**given)
        except (ExpressionError, Unavailable):
            raise  # what cannot be had now is no mistake of the expression
        except TrunklineError as error:
            raise ExpressionError(str(error)) from None

    def _secret(
        self,
        key: str,
        namespace: str | None = None,
        subkey: str | None = None,
        full: bool = False,
    ) -> Any:
        if namespace is not None and not secrets.may_name(self.rt, self.namespace, namespace):
            raise Forbidden(f"secrets of {namespace!r} may not be used from {self.namespace!r}")
        value = secrets.find(self.rt, namespace or self.namespace, key)
        if value is None:
            raise ExpressionError(f"Cannot find secret for key '{key}'.")
        self.masks.add(value)
        if subkey is not None:
            value = _part(value, key, subkey)
            self.masks.add(value)
        return value

    def _kv(self, key: str, namespace: str | None = None, error_on_missing: bool = True) -> Any:
        if namespace is not None and not self._may_use(namespace):
            raise Forbidden(f"namespace {namespace!r} may not be used from {self.namespace!r}")
        row = kv.find(self.rt, namespace or self.namespace, key, inherit=namespace is None)
        if row is None and error_on_missing:
            where = namespace or self.namespace
            raise ExpressionError(f"The key '{key}' does not exist in the namespace '{where}'.")
        return None if row is None else self._opened(row)

    def _opened(self, row: Any) -> Any:
        """The value of a key, with what is encrypted opened."""
        return kv.opened(self.rt, row, self.masks.add)

    def resolve(self, uri: str) -> str:
        """The stored URI of a file that this execution may read.

        Raises ExpressionError for one of others, FileNotFound for a namespace file that is absent.
        """
        if uri.startswith("nsfile:///"):
            uri = self._fileURI(uri.removeprefix("nsfile:///"))
        path = "/" + safe_path(uri.removeprefix("kestra://"), "URI")
        folder, mark, name = path.partition("/_files/")
        if mark and self._may_use(folder[1:].replace("/", ".")):
            owner = folder[1:].replace("/", ".")
            at = self._snapshot if owner == self.namespace else None
            return stored_uri(self.rt, owner, name, at)
        allowed = any(path.startswith(folder + "/") for folder in self._allowed())
        if not allowed and not self._is_replayed(path):
            raise ExpressionError(
                f"Unable to read the file '{uri}' as it didn't belong to the current execution"
            )
        return uri_of(path)

    def _is_replayed(self, path: str) -> bool:
        """Whether a file belongs to an execution that this one is a replay of, at any remove."""
        folder = self._folders[0].rpartition("/")[0] + "/" if self._folders else None
        if folder is None or not path.startswith(folder):
            return False
        wanted = path.removeprefix(folder).partition("/")[0]
        with self.rt.database.reading() as tx:
            return executions.is_replay_of(tx, self._execution_id, wanted)

    def _may_use(self, namespace: str) -> bool:
        return may_use(self.rt, self.namespace, namespace)

    def open(self, uri: str) -> BinaryIO:
        """A readable stream of a file that this execution may read."""
        return self.rt.storage.open(self.resolve(uri))

    def _allowed(self) -> list[str]:
        return self._folders + ([self._parent] if self._parent else [])

    def _read(self, path: str, namespace: str | None = None) -> str:
        with self.open(self._named(path, namespace)) as stream:
            data = stream.read(MOST_READ + 1)
        if len(data) > MOST_READ:
            raise ExpressionError(f"the file is larger than {MOST_READ} bytes")
        return data.decode("utf-8", "replace")

    def _fileURI(self, path: str, namespace: str | None = None) -> str:
        folder = namespace_folder(namespace or self.namespace)
        return uri_of(f"{folder}/_files/{safe_path(path)}")

    def _named(self, path: str, namespace: str | None) -> str:
        """The URI of a stored file, or of a namespace file that is named by its path."""
        return path if "://" in path else self._fileURI(path, namespace)

    def _fileSize(self, uri: str, namespace: str | None = None) -> int:
        return self.rt.storage.size(self.resolve(self._named(uri, namespace)))

    def _fileExists(self, uri: str, namespace: str | None = None) -> bool:
        try:
            return self.rt.storage.exists(self.resolve(self._named(uri, namespace)))
        except NotFound:
            return False

    def _isFileEmpty(self, uri: str, namespace: str | None = None) -> bool:
        return self._fileSize(uri, namespace) == 0

    def _errorLogs(self) -> list[dict[str, Any]]:
        where = [logs.c.execution_id == self._execution_id, logs.c.level >= level_number("ERROR")]
        if self.is_ahead:
            raise Unrecorded
        with self.rt.database.reading() as tx:
            found = search.list_logs(tx, where, limit=MOST_LINES)
        return [
            {"taskId": row.task_id, "message": row.message, "level": "ERROR", "timestamp": row.at}
            for row in found
        ]

    def _env(self, name: str, default: Any = None) -> Any:
        return envs_from(self.rt.environ).get(name.lower(), default)


def _part(value: str, key: str, subkey: str) -> str:
    """A field of a secret that is a JSON object. Raises ExpressionError, which shows none of it."""
    try:
        part = json.loads(value)[subkey]
    except (ValueError, TypeError, LookupError):
        part = None
    if part is None:
        raise ExpressionError(f"Cannot find secret sub-key '{subkey}' in secret '{key}'.")
    return str(part)


def caller_folder(execution: Any) -> str | None:
    """The folder of the execution that started this one: its files may be read.

    None for a case of a flow test: what started that is its author's invention.
    """
    if execution.kind == "TEST" and execution.caller_id is None:
        return None
    variables = (execution.trigger or {}).get("variables") or {}
    names = [str(variables.get(key) or "") for key in ("namespace", "flowId", "executionId")]
    return execution_folder(names[0], names[1], names[2]) if all(names) else None
