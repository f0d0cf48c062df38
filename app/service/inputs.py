"""Inputs that a caller submits: defaults, dependencies, conversion, uploads (flow language 2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from app.errors import Invalid, TrunklineError, Violation
from app.expression.evaluate import render_deep, render_typed, to_text
from app.model.flow import Flow
from app.model.input import Input, InputType
from app.service import convert, crypto
from app.service.runtime import Runtime
from app.service.scope import nested
from app.service.world import OpenWorld
from app.settings import envs_from
from app.storage.paths import execution_folder, safe_path

_CHOICES = (InputType.SELECT, InputType.ENUM, InputType.MULTISELECT)


@dataclass(frozen=True)
class Upload:
    """A file of a form."""

    name: str
    stream: BinaryIO


@dataclass
class Resolved:
    """One input after all rules."""

    input: Input
    value: Any = None
    enabled: bool = True
    is_default: bool = False
    errors: list[str] = field(default_factory=list)


class InvalidInputs(Invalid):
    """One or more inputs were refused; no execution was made."""

    def __init__(self, found: Sequence[Resolved]) -> None:
        violations = tuple(
            Violation(path=item.input.id, message=message)
            for item in found
            for message in item.errors
        )
        super().__init__("Invalid inputs", violations)


def resolve(
    rt: Runtime,
    inputs: Sequence[Input],
    given: Mapping[str, Any],
    flow: Flow,
    execution_id: str,
) -> list[Resolved]:
    """Every input with its value and what is wrong with it; nothing is raised."""
    work = _Work(rt, {item.id: item for item in inputs}, dict(given), flow, execution_id)
    for item in inputs:
        work.resolve(item)
    return [work.done[item.id] for item in inputs]


def accept(
    rt: Runtime,
    inputs: Sequence[Input],
    given: Mapping[str, Any],
    flow: Flow,
    execution_id: str,
) -> dict[str, Any]:
    """The stored values by input id. Raises InvalidInputs with every violation."""
    found = resolve(rt, inputs, given, flow, execution_id)
    _refuse_conflicts([item for item in found if item.enabled])
    if any(item.errors for item in found):
        raise InvalidInputs(found)
    convert.check_size("inputs", [item.value for item in found])
    keyring = crypto.Keyring.of(rt.settings)
    return {
        item.input.id: convert.stored(item.input.type, item.value, keyring)
        for item in found
        if item.enabled
    }


def start_scope(rt: Runtime, flow: Flow, values: Mapping[str, Any]) -> dict[str, Any]:
    """What expressions see before there is an execution: the inputs so far, and the flow."""
    return {
        "inputs": nested(values),
        "flow": {"id": flow.id, "namespace": flow.namespace},
        "vars": flow.variables or {},
        "globals": rt.settings.globals,
        "envs": envs_from(rt.environ),
    }


def _refuse_conflicts(found: Sequence[Resolved]) -> None:
    """`a` and `a.b` cannot both have a place in `inputs`."""
    ids = {item.input.id for item in found}
    for item in found:
        parts = item.input.id.split(".")
        for size in range(1, len(parts)):
            if (above := ".".join(parts[:size])) in ids:
                item.errors.append(f"Conflict at key: '{above}'")


@dataclass
class _Work:
    rt: Runtime
    inputs: Mapping[str, Input]
    given: dict[str, Any]
    flow: Flow
    execution_id: str
    done: dict[str, Resolved] = field(default_factory=dict)

    def resolve(self, item: Input) -> Resolved:
        if item.id in self.done:
            return self.done[item.id]
        result = self.done[item.id] = Resolved(item)
        self._depend(item, result)
        if not result.enabled:
            return result
        try:
            self._value(item, result)
        except convert.WrongValue as error:
            result.errors.append(self._message(item, str(error)))
        except TrunklineError as error:
            result.errors.append(self._message(item, str(error)))
        except (ValueError, TypeError, OverflowError) as error:
            expected = f"Expected `{item.type}` but received `{to_text(result.value)[:200]}`"
            result.errors.append(self._message(item, f"{expected} with errors: `{error}`"))
        return result

    def _message(self, item: Input, text: str) -> str:
        value = self.done[item.id].value
        value = value.name if isinstance(value, Upload) else value
        shown = "******" if item.type is InputType.SECRET else to_text(value)[:200]
        return f"Invalid input for `{item.id}`, {text}, but received `{shown}`"

    def _depend(self, item: Input, result: Resolved) -> None:
        if item.depends_on is None:
            return
        needed = [self.resolve(self.inputs[n]) for n in item.depends_on.inputs if n in self.inputs]
        result.enabled = all(other.enabled for other in needed)
        if not result.enabled or item.depends_on.condition is None:
            return
        values = nested({other.input.id: other.value for other in needed})
        try:
            condition = render_typed(item.depends_on.condition, {"inputs": values}, self._world())
            result.enabled = condition is True
        except TrunklineError as error:
            result.errors.append(f"Invalid condition: {error}")
            result.enabled = False

    def _world(self) -> OpenWorld:
        return OpenWorld(self.rt, self.flow.namespace, self.flow.id, self.execution_id)

    def _scope(self) -> dict[str, Any]:
        values = {item.input.id: item.value for item in self.done.values() if item.enabled}
        return start_scope(self.rt, self.flow, values)

    def _value(self, item: Input, result: Resolved) -> None:
        value = self.given.get(item.id)
        if value is None and item.defaults is not None:
            value = render_deep(item.defaults, self._scope(), self._world())
            result.is_default = True
        result.value = value
        if value is None or (value == "" and item.type not in (InputType.STRING, InputType.EMAIL)):
            result.value = None
            if item.required and item.id not in self._auto(item, result):
                result.errors.append(
                    f"Invalid input for `{item.id}`, missing required input, but received `null`"
                )
            return
        if isinstance(value, Upload):
            if item.type is not InputType.FILE:
                result.value = None
                raise convert.WrongValue(f"Expected `{item.type}` but received a file")
            result.value = self._store(item, value)
            return
        if item.type is InputType.FILE and str(value).startswith("nsfile:///"):
            path = str(value).removeprefix("nsfile:///")
            value = self._world().call("fileURI", {"path": path})
        result.value = convert.convert(item.type, value, item)
        convert.check_bounds(item, result.value)
        if item.type in _CHOICES:
            self._check_choice(item, result.value)

    def _auto(self, item: Input, result: Resolved) -> list[str]:
        """`autoSelectFirst`: the first choice stands in for a missing value."""
        if item.type in _CHOICES and item.auto_select_first:
            choices = self._choices(item)
            if choices:
                result.value = choices[0]
                return [item.id]
        return []

    def _store(self, item: Input, upload: Upload) -> str:
        allowed = item.allowed_file_extensions
        if allowed and not upload.name.lower().endswith(tuple(e.lower() for e in allowed)):
            raise convert.WrongValue(f"the file must end in one of {', '.join(allowed)}")
        folder = execution_folder(self.flow.namespace, self.flow.id, self.execution_id)
        name = safe_path(upload.name.replace("/", "_") or item.id, "file name")
        return self.rt.storage.put(f"{folder}/inputs/{item.id}/{name}", upload.stream)

    def _choices(self, item: Input) -> list[str]:
        if item.expression is not None:
            try:
                found = render_typed(item.expression, self._scope(), self._world())
            except TrunklineError as error:
                raise convert.WrongValue(f"Cannot render 'expression'. Cause: {error}") from None
            if isinstance(found, str) and found.startswith("["):
                found = convert.convert(InputType.JSON, found)
            if not isinstance(found, list | tuple):
                raise convert.WrongValue(
                    "Invalid expression result. Expected a list of strings, "
                    f"but received {type(found).__name__}"
                )
            return [to_text(value) for value in found if value is not None]
        values = item.values or item.options or ()
        return [to_text(v.get("value") if isinstance(v, dict) else v) for v in values]

    def _check_choice(self, item: Input, value: Any) -> None:
        if item.allow_custom_value:
            return
        choices = self._choices(item)
        wanted = value if isinstance(value, list) else [value]
        if any(to_text(part) not in choices for part in wanted):
            raise convert.WrongValue(f"it must match the values `[{', '.join(choices)}]`")
