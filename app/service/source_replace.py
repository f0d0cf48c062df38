"""Find and replace in the sources of flows: shown first, then written as new revisions.

A flow that would be no flow any more, or that Git owns, is left as it is and named with the reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.database import flows as rows
from app.errors import Conflict, Invalid, TrunklineError
from app.library import Library
from app.model.filter import Group
from app.model.pattern import Search
from app.service import flows, search
from app.service.flows import SavedFlow
from app.service.runtime import Runtime

regex = Library("regex")
SECONDS = 1.0  #: for one source
#: what a replacement may say of its match, as Java writes it: `$1`, `${name}`, `\\$`
_MARKS = r"\\(.)|\$(\d{1,2})|\$\{(\w+)\}"


@dataclass(frozen=True)
class Wanted:
    """What to find and what to put there."""

    query: str
    replacement: str
    is_case_sensitive: bool = False
    is_whole_word: bool = False
    is_regex: bool = False

    @property
    def pattern(self) -> str:
        """What is looked for as a regular expression."""
        text = self.query if self.is_regex else regex.escape(self.query)
        return rf"\b(?:{text})\b" if self.is_whole_word else str(text)

    def compiled(self) -> Any:
        """The pattern. Raises Invalid for one that cannot be read."""
        try:
            return regex.compile(self.pattern, 0 if self.is_case_sensitive else regex.IGNORECASE)
        except regex.error as error:
            raise Invalid(f"`query`: {error}") from None

    def search(self) -> Search:
        """What says of every line of all sources whether it holds it. Raises Invalid."""
        return Search(self.pattern, is_exact=self.is_case_sensitive)

    def expand(self, match: Any) -> str:
        """What stands there instead of a match. Raises Invalid for a group that is not there."""
        if not self.is_regex:
            return self.replacement

        def of_mark(mark: Any) -> str:
            if mark[1] is not None:
                return str(mark[1])
            name = mark[2] or mark[3]
            return match[int(name) if name.isdecimal() else name] or ""

        try:
            return str(regex.sub(_MARKS, of_mark, self.replacement))
        except IndexError:
            raise Invalid("`replacement` names a group that `query` does not have") from None

    def apply(self, text: str) -> str:
        """The text with every match replaced. Raises Invalid when that takes too long."""
        return str(_within_time(lambda: self.compiled().sub(self.expand, text, timeout=SECONDS)))


def _within_time(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except TimeoutError:
        raise Invalid("`query` takes too long on this source") from None


@dataclass(frozen=True)
class Line:
    """A line as it is and as it would be, by its number from 1."""

    number: int
    before: str
    after: str


@dataclass(frozen=True)
class Found:
    """A flow with the lines that would change."""

    namespace: str
    flow_id: str
    lines: Sequence[Line]


def preview(rt: Runtime, wanted: Wanted, where: Group) -> list[Found]:
    """What would change, by flow; nothing is written."""
    search_for = wanted.search()
    found = []
    for row in search.list_flows(rt, where):
        lines = [
            Line(number, line, wanted.apply(line))
            for number, line in enumerate(row.source.split("\n"), 1)
            if search_for.found_in(line)
        ]
        if lines:
            found.append(Found(row.namespace, row.id, lines))
    return found


@dataclass(frozen=True)
class Skipped:
    """A flow that stays as it is, and why."""

    namespace: str
    flow_id: str
    reason: str
    message: str = ""


def apply(
    rt: Runtime,
    wanted: Wanted,
    places: Sequence[tuple[str, str]],
    author: str,
    line: int | None = None,
    column: int | None = None,
) -> tuple[list[SavedFlow], list[Skipped]]:
    """Replaces in whole sources, in one line, or the one match at a column (from 0) of it."""
    updated, skipped = [], []
    for namespace, flow_id in places:
        with rt.database.reading() as tx:
            row = rows.revision(tx, namespace, flow_id)
        if row is None or row.flow_deleted:
            skipped.append(Skipped(namespace, flow_id, "NOT_FOUND"))
            continue
        text = _changed(wanted, row.source, line, column)
        if text == row.source:
            skipped.append(Skipped(namespace, flow_id, "NO_MATCH"))
            continue
        try:
            place = (namespace, flow_id)
            updated.append(flows.save(rt, text, author=author, create=False, expect=place))
        except Conflict as error:
            skipped.append(Skipped(namespace, flow_id, "NOT_EDITABLE", str(error)))
        except TrunklineError as error:
            skipped.append(Skipped(namespace, flow_id, "INVALID", str(error)))
    return updated, skipped


def _changed(wanted: Wanted, source: str, line: int | None, column: int | None) -> str:
    if line is None:
        return wanted.apply(source)
    lines = source.split("\n")
    if line > len(lines):
        return source
    text = lines[line - 1]
    if column is None:
        lines[line - 1] = wanted.apply(text)
    else:
        match = _within_time(lambda: wanted.compiled().search(text, column, timeout=SECONDS))
        if match is not None and match.start() == column:
            lines[line - 1] = text[:column] + wanted.expand(match) + text[match.end() :]
    return "\n".join(lines)
