"""Downloads that may be larger than the memory: made piece by piece, while they are sent.

No transaction and no connection is held while a client takes its time with a piece.
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from app.database import flows, namespaces, search
from app.service import log_windows
from app.service.log_windows import Find
from app.service.namespace_files import FLOWS
from app.service.runtime import Runtime
from app.service.search import Wanted, asked, log_conditions

PIECE_BYTES, LINES, ROWS, EXECUTIONS = 256 * 1024, 500, 500, 5_000
MOST_LINES = 1_000_000


def log_lines(
    rt: Runtime, given: Mapping[str, Any], find: Find | None = None
) -> Iterator[Row[Any]]:
    """The lines that fit, in order, at most a million: eight bytes of each are held.

    With `find` only those of the first 200,000 that hold it; raises what its matcher does. What is
    removed meanwhile is left out.
    """
    conditions = log_conditions(rt, given)
    with rt.database.standing_still() as tx:
        if find is None:
            numbers: Sequence[int] = search.log_numbers(tx, conditions, MOST_LINES)
        else:
            numbers = log_windows.numbers_of(tx, conditions, find)
    return _lines(rt, conditions, numbers)


def execution_lines(
    rt: Runtime, wanted: Wanted, at_once: int = EXECUTIONS
) -> Iterator[Sequence[Row[Any]]]:
    """The executions that fit, the newest first, in parts: the first one is read at once, so that a
    filter that the database cannot use raises here.

    What starts meanwhile is left out.
    """
    conditions = wanted.conditions(asked(rt))

    def part(after: Row[Any] | None) -> Sequence[Row[Any]]:
        with rt.database.reading() as tx:
            return search.list_lines(tx, conditions, after, at_once)

    def parts(rows: Sequence[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
        yield rows
        while len(rows) == at_once:
            rows = part(rows[-1])
            yield rows

    return parts(part(None))


def _lines(rt: Runtime, conditions: list[Any], numbers: Any) -> Iterator[Row[Any]]:
    for start in range(0, len(numbers), LINES):
        wanted = numbers[start : start + LINES]
        with rt.database.reading() as tx:
            rows = search.numbered_logs(tx, conditions, wanted)
        yield from rows


def archive(rt: Runtime, namespace: str, folder: str = "", *, with_flows: bool) -> Iterator[bytes]:
    """A ZIP of every file of a namespace, and of its flows below `_flows/` if they are wanted.

    With a folder (`sql/`) only of the files in it, at any depth, by their paths below it.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:  # type: ignore[call-overload]
        for path, uri, size in _files(rt, namespace, folder):
            with (
                rt.storage.open(uri) as stream,
                made.open(
                    path[len(folder) :], "w", force_zip64=size > zipfile.ZIP64_LIMIT // 2
                ) as member,
            ):
                while part := stream.read(PIECE_BYTES):
                    member.write(part)
                    yield from sink.taken()
            yield from sink.taken()
        for flow_id, source in _flows(rt, namespace) if with_flows and not folder else ():
            made.writestr(f"{FLOWS}/{flow_id}.yml", source)
            yield from sink.taken()
    yield from sink.taken()


class _Sink:
    """What a ZIP is written to: it can only go on, and is emptied again and again."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> Iterator[bytes]:
        parts, self._parts = self._parts, []
        if parts:
            yield b"".join(parts)


def _files(rt: Runtime, namespace: str, folder: str) -> Iterator[tuple[str, str, int]]:
    after = ""
    while True:
        with rt.database.reading() as tx:
            rows = namespaces.list_contents(tx, namespace, after, ROWS, folder)
        yield from ((row.path, row.uri, row.size) for row in rows)
        if len(rows) < ROWS:
            return
        after = rows[-1].path


def _flows(rt: Runtime, namespace: str) -> Iterator[tuple[str, str]]:
    after = ""
    while True:
        with rt.database.reading() as tx:
            rows = flows.list_after(tx, namespace, after, ROWS)
        yield from ((row.id, row.source) for row in rows)
        if len(rows) < ROWS:
            return
        after = rows[-1].id
