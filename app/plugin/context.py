"""What a running task may use of the world around it.

`RunContext` is all a task type sees: rendering, logs, files, metrics, services. The worker builds
it (`workers/context.py`); tests build one with `tests/support/context.py`.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

from app.plugin.services import Services
from app.storage.storage import Storage

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class RunIds:
    """Which attempt of which task run this is."""

    namespace: str
    flow_id: str
    revision: int
    execution_id: str
    task_id: str
    task_run_id: str
    attempt: int  #: from 1
    value: str | None = None  #: the iteration's value
    commit: str | None = None  #: the commit that the execution is pinned to
    snapshot: str | None = None  #: its snapshot of namespace files


class TaskLog(Protocol):
    """The task run's own log; lines are masked, numbered and stored in order."""

    def trace(self, message: str, *args: object) -> None:
        """A line at TRACE; `args` fill the message as in `logging`."""
        ...

    def debug(self, message: str, *args: object) -> None:
        """A line at DEBUG."""
        ...

    def info(self, message: str, *args: object) -> None:
        """A line at INFO."""
        ...

    def warning(self, message: str, *args: object) -> None:
        """A line at WARN."""
        ...

    def error(self, message: str, *args: object) -> None:
        """A line at ERROR."""
        ...

    def log(self, level: str, message: str) -> None:
        """A line at a level of the wire format: TRACE, DEBUG, INFO, WARN, ERROR."""
        ...


class AttemptLease(Protocol):
    """How long this attempt may go on without news from the database.

    The launcher of a script kills its process group at `deadline`; the heartbeat moves it forward.
    """

    @property
    def deadline(self) -> float:
        """`time.monotonic()` seconds."""
        ...

    @property
    def cancelled(self) -> threading.Event:
        """Set when the attempt must stop now: killed, lost or timed out."""
        ...


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A change of our own tables, written in the transaction that records the task's end.

    So it happens exactly once, however often the attempt is tried. `kind` names the writer in
    `service/effects.py`, `data` is its plain input.
    """

    kind: str
    data: Mapping[str, Any]


class RunContext(ABC):
    """One attempt's window on the world."""

    ids: RunIds
    log: TaskLog
    lease: AttemptLease
    storage: Storage
    settings: Mapping[str, Any]  #: plain settings by dotted name, e.g. `runners.docker.host`
    environ: Mapping[str, str]  #: what a script may inherit
    services: Services  #: what needs the database
    container: str = ""  #: one that goes on from an earlier process of this attempt
    memory: Mapping[str, Any] = {}  #: of a polling trigger: what the last evaluation set it to

    # -- expressions
    @abstractmethod
    def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """Texts rendered to texts, in maps (keys too) and lists at any depth; others as they are.

        `extra` adds root variables. Raises ExpressionError.
        """

    @abstractmethod
    def render_typed(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """As `render`, but a text that is one expression gives that expression's own value."""

    @abstractmethod
    def read(self, value: Any, kind: type[T]) -> T | None:
        """A dynamic property rendered and converted: int, float, bool, timedelta, str, list, dict.

        None stays None. A list or map may come as JSON text. Raises TaskFailed when it
        does not fit.
        """

    # -- files
    shares_directory: bool = False  #: other tasks work in the same directory after this one

    @property
    @abstractmethod
    def working_dir(self) -> Path:
        """This attempt's own directory, made on first use, removed at its end; a child of a
        WorkingDirectory gets the shared one."""

    @abstractmethod
    def put_file(self, path: Path, name: str | None = None) -> str:
        """Stores a file under the task run's URI prefix; gives its `kestra://` URI."""

    @abstractmethod
    def put_stream(self, stream: BinaryIO, name: str) -> str:
        """As `put_file`, from a stream that is read to its end."""

    @abstractmethod
    def open_uri(self, uri: str) -> BinaryIO:
        """A readable stream of a `kestra://` or `nsfile://` URI that this execution may read.

        Raises TaskFailed for a URI of another execution or namespace.
        """

    # -- the rest
    @abstractmethod
    def metric(
        self, kind: str, name: str, value: float, tags: Mapping[str, str] | None = None
    ) -> None:
        """Stores a metric: kind `counter`, `timer` (value in milliseconds) or `gauge`."""

    @abstractmethod
    def effect(self, effect: Effect) -> None:
        """Asks for a change that is written together with the end of this attempt."""

    @abstractmethod
    def secret_values(self) -> Sequence[str]:
        """The secrets that this run has used so far (they are masked in its logs)."""

    def shows_secret(self, text: str) -> bool:
        """Whether a text holds a secret of this run, in any form."""
        return any(value in text for value in self.secret_values())

    def safe_cut(self, text: str, at: int) -> int:
        """Where a long line may be cut, near `at`, without cutting a masked value in two."""
        return at

    @abstractmethod
    def mask(self, value: str) -> None:
        """Masks a value in everything that this attempt logs from now on."""
