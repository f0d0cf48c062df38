"""Maps of an execution that are too large for a row: kept as files, whose URI stands in the row.

Inputs, variables and outputs are maps; a column of them that holds a text holds the URI of a file
below the execution's own folder, which goes when the execution is purged. No user can make such a
text: what users give is always a map. Large variables of a trigger are named in its `kept`.
"""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.errors import NotFound
from app.model.ids import new_id
from app.model.json_text import encoder
from app.service.convert import MOST_CHARACTERS
from app.service.runtime import Runtime
from app.storage.paths import execution_folder

IN_ROW = 256_000  #: characters of a map, as JSON, that are kept in a row
MOST_SHOWN = 2 * MOST_CHARACTERS  #: bytes of kept maps that one answer of the API holds
_FOLDER = "kept"
_encode = encoder(default=str)

Column = Mapping[str, Any] | str | None  #: a map, or the URI of the file that holds it


def folder_of(execution: Any) -> str:
    """The folder of an execution's row."""
    return execution_folder(execution.namespace, execution.flow_id, execution.id)


def is_kept(uri: str) -> bool:
    """Whether a stored file of an execution is one of these: a part of its rows."""
    _, _, rest = uri.partition("/executions/")
    return rest.partition("/")[2].startswith(_FOLDER + "/")


def keep(rt: Runtime, folder: str, value: Column) -> Column:
    """What the row holds for a map; a URI of another execution is copied into this folder."""
    if isinstance(value, str):
        if value.startswith(f"kestra://{folder}/"):
            return value
        with rt.storage.open(value) as stream:
            return rt.storage.put(f"{folder}/{_FOLDER}/{new_id()}.json", stream)
    if value is None:
        return None
    text = _encode(value)
    return dict(value) if len(text) <= IN_ROW else put(rt, folder, text)


def put(rt: Runtime, folder: str, text: str) -> str:
    """Stores the JSON text of a map; its URI. Each gets a name of its own: rows are rolled back."""
    return rt.storage.put(f"{folder}/{_FOLDER}/{new_id()}.json", io.BytesIO(text.encode()))


def outputs(rt: Runtime, folder: str, value: Mapping[str, Any] | None) -> dict[str, Any]:
    """The columns `outputs` and `outputs_uri` of a task run."""
    column = keep(rt, folder, value)
    if isinstance(column, str):
        return {"outputs": None, "outputs_uri": column}
    return {"outputs": column, "outputs_uri": None}


def read(rt: Runtime, value: Column) -> Mapping[str, Any]:
    """The map that a column stands for. Raises StoredFileNotFound when its file was purged."""
    if isinstance(value, str):
        with rt.storage.open(value) as stream:
            found = json.load(stream)
        return found if isinstance(found, dict) else {}
    return value or {}


def outputs_of(rt: Runtime, run: Any) -> Mapping[str, Any]:
    """The outputs of a task run's row, wherever they are."""
    return read(rt, run.outputs if run.outputs_uri is None else run.outputs_uri)


def keep_trigger(
    rt: Runtime, folder: str, trigger: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """What the row holds of a trigger: large variables are named in `kept` instead."""
    if trigger is None:
        return None
    found = dict(trigger)
    variables, kept = dict(found.get("variables") or {}), {}
    for name, uri in (found.pop("kept", None) or {}).items():
        kept[name] = keep(rt, folder, uri)
    for name, value in list(variables.items()):
        if isinstance(value, str | list | dict):
            column = keep(rt, folder, {name: value})
            if isinstance(column, str):
                kept[name] = column
                del variables[name]
    if "variables" in found:
        found["variables"] = variables
    return found | ({"kept": kept} if kept else {})


def trigger_variables(rt: Runtime, trigger: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The variables of a trigger's column, the large ones read when they are looked at."""
    variables: Mapping[str, Any] = (trigger or {}).get("variables") or {}
    kept = (trigger or {}).get("kept")
    return _WithKept(rt, variables, kept) if kept else variables


class _WithKept(Mapping[str, Any]):
    """Variables in the row, and those in files."""

    def __init__(self, rt: Runtime, variables: Mapping[str, Any], kept: Mapping[str, str]) -> None:
        self._rt, self._variables, self._kept = rt, dict(variables), kept

    def __getitem__(self, name: str) -> Any:
        if name in self._kept and name not in self._variables:
            self._variables[name] = read(self._rt, self._kept[name]).get(name)
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys([*self._variables, *self._kept])

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Shown:
    """Kept maps for one answer of the API: those that fit into `most` bytes together.

    What does not fit, or was purged, is left out; it can be read by itself.
    """

    def __init__(self, rt: Runtime, most: int = MOST_SHOWN) -> None:
        self._rt, self._left = rt, most

    def map(self, value: Column) -> Mapping[str, Any] | None:
        """The map of a column; None when there is none, or when it does not fit."""
        if not isinstance(value, str):
            return value
        try:
            size = self._rt.storage.size(value)
            if size > self._left:
                return None
            self._left -= size
            return read(self._rt, value)
        except NotFound:
            return None

    def trigger(self, trigger: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """A trigger with the variables that fit."""
        kept = (trigger or {}).get("kept")
        if trigger is None or not kept:
            return trigger
        found = {name: value for name, value in trigger.items() if name != "kept"}
        variables = dict(found.get("variables") or {})
        for uri in kept.values():
            variables |= self.map(uri) or {}
        return found | {"variables": variables}
