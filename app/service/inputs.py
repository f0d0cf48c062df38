"""Inputs that a caller submits: defaults, dependencies, conversion, uploads (flow language 2)."""

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any, BinaryIO

from app.errors import Invalid, NoRoom, TrunklineError, Unavailable, Violation
from app.expression.evaluate import render_deep, render_typed, to_text
from app.model.flow import Flow
from app.model.input import Input, InputType, flat
from app.model.property import has_expression
from app.service import before, convert, crypto
from app.service.masking import MASK, Masks, texts_in
from app.service.runtime import Runtime
from app.service.scope import nested
from app.service.sealing import sealed
from app.service.world import OpenWorld
from app.storage.paths import execution_folder, safe_path

_BOUNDS = ("min", "max", "after", "before")
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

    hidden: bool = False  #: whether the value shows a secret

    @property
    def shown(self) -> Any:
        """The value as a form may show it."""
        is_secret = InputType.SECRET in (self.input.type, self.input.item_type)
        return MASK if self.value is not None and (is_secret or self.hidden) else self.value

    @property
    def has_value(self) -> bool:
        """Whether it has a place in `inputs`: a FORM has not, its inputs have."""
        return self.enabled and self.input.type is not InputType.FORM


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
    masks: Masks | None = None,
) -> list[Resolved]:
    """Every input with its value and what is wrong with it; nothing is raised.

    `masks` hears of the secrets that defaults read, and knows those that `given` was made of.
    """
    every = {item.id: item for item in flat(inputs)}
    work = _Work(rt, every, _placed(given, every), flow, execution_id, masks or Masks())
    for item in every.values():
        work.resolve(item)
    for result in work.done.values() if work.masks.values else ():
        result.hidden = any(work.masks.is_in(text) for text in texts_in(result.value))
    return [work.done[name] for name in every]


def accept(
    rt: Runtime,
    inputs: Sequence[Input],
    given: Mapping[str, Any],
    flow: Flow,
    execution_id: str,
    masks: Masks | None = None,
) -> dict[str, Any]:
    """The stored values by input id. Raises InvalidInputs with every violation.

    A text that shows a secret (see `resolve`) is encrypted, whatever the input's type.
    """
    masks = masks or Masks()
    found = resolve(rt, inputs, given, flow, execution_id, masks)
    _refuse_conflicts([item for item in found if item.has_value])
    if any(item.errors for item in found):
        raise InvalidInputs(found)
    convert.check_size("inputs", [item.value for item in found])
    ring = crypto.Keyring.of(rt.settings).at(flow.namespace, flow.id)
    return {
        item.input.id: sealed(
            ring, masks, convert.stored(item.input.type, item.value, ring, item.input)
        )
        for item in found
        if item.has_value
    }


def _refuse_conflicts(found: Sequence[Resolved]) -> None:
    """`a` and `a.b` cannot both have a place in `inputs`."""
    ids = {item.input.id for item in found}
    for item in found:
        parts = item.input.id.split(".")
        for size in range(1, len(parts)):
            if (above := ".".join(parts[:size])) in ids:
                item.errors.append(f"Conflict at key: '{above}'")


def _text_of(item: Input, upload: Upload) -> str:
    """The text of a part that has its own name as a file name: so the oldest clients send texts.

    Raises WrongValue for any other file.
    """
    if upload.name != item.id:
        raise convert.WrongValue(f"Expected `{item.type}` but received a file")
    try:
        text = upload.stream.read().decode()
    except UnicodeDecodeError:
        raise convert.WrongValue(f"Expected `{item.type}` but received a file") from None
    if "\x00" in text:
        raise convert.WrongValue("a text holds a NUL character")
    return text


def _placed(given: Mapping[str, Any], inputs: Mapping[str, Input]) -> dict[str, Any]:
    """Files under the id that they are named by, where an input for files has it (HTTP API 2.6)."""
    found = dict(given)
    for key, value in given.items():
        named = inputs.get(value.name) if isinstance(value, Upload) else None
        if named is not None and named.type is InputType.FILE and named.id != key:
            found[named.id] = found.pop(key)
    return found


def _find(given: Mapping[str, Any], name: str) -> Any:
    """The value of an input: under its id, or within the map of what its id begins with."""
    value = given.get(name)
    folder, dot, rest = name.partition(".")
    while value is None and dot:
        inner = given.get(folder)
        if isinstance(inner, str) and inner.lstrip().startswith("{"):
            inner = convert.convert(InputType.JSON, inner)
        if isinstance(inner, Mapping):
            value = _find(inner, rest)
        more, dot, rest = rest.partition(".")
        folder += "." + more
    return value


def _accepted(accept: Sequence[str] | str | None) -> list[str]:
    """The kinds of files that `accept` lists."""
    listed = accept.split(",") if isinstance(accept, str) else accept or ()
    return [kind.strip() for kind in listed if kind.strip()]


def _is_of(name: str, kind: str) -> bool:
    """Whether a file's name fits an ending (`.csv`) or a media type (`image/*`)."""
    if "/" not in kind:
        return name.endswith(kind.lower())
    found = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return fnmatch(found, kind.lower())


@dataclass
class _Work:
    rt: Runtime
    inputs: Mapping[str, Input]
    given: dict[str, Any]
    flow: Flow
    execution_id: str
    masks: Masks
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
        except (Unavailable, NoRoom):
            raise  # nothing is wrong with what was given
        except TrunklineError as error:
            result.errors.append(self._message(item, str(error)))
        except (ValueError, TypeError, OverflowError) as error:
            expected = f"Expected `{item.type}` but received `{to_text(result.value)[:200]}`"
            result.errors.append(self._message(item, f"{expected} with errors: `{error}`"))
        if isinstance(result.value, Upload):  # it was refused before it was stored
            result.value = None
        return result

    def _message(self, item: Input, text: str) -> str:
        value = self.done[item.id].value
        value = value.name if isinstance(value, Upload) else value
        is_secret = InputType.SECRET in (item.type, item.item_type)
        shown = MASK if is_secret else to_text(value)[:200]
        message = f"Invalid input for `{item.id}`, {text}, but received `{shown}`"
        return self.masks.apply(message)

    def _depend(self, item: Input, result: Resolved) -> None:
        if item.depends_on is None:
            return
        needed = [self.resolve(self.inputs[n]) for n in item.depends_on.inputs if n in self.inputs]
        result.enabled = all(other.enabled for other in needed)
        if not result.enabled or item.depends_on.condition is None:
            return
        values = nested({other.input.id: other.value for other in needed if other.has_value})
        try:
            condition = render_typed(item.depends_on.condition, {"inputs": values}, self._world())
            result.enabled = condition is True
        except Unavailable:
            raise
        except TrunklineError as error:
            result.errors.append(f"Invalid condition: {error}")
            result.enabled = False

    def _world(self) -> OpenWorld:
        place = (self.flow.namespace, self.flow.id, self.execution_id)
        return OpenWorld(self.rt, *place, masks=self.masks)

    def _scope(self) -> dict[str, Any]:
        values = {item.input.id: item.value for item in self.done.values() if item.has_value}
        return before.scope_of(self.rt, self.flow, inputs=nested(values))

    def _value(self, item: Input, result: Resolved) -> None:
        if item.type is InputType.FORM:
            return
        value = _find(self.given, item.id)
        if value is None and item.defaults is not None:
            value = render_deep(item.defaults, self._scope(), self._world())
            result.is_default = True
        if value == "" and item.type not in (InputType.STRING, InputType.EMAIL):
            value = None
        if value is None and item.auto_select_first and item.type in _CHOICES:
            value, result.is_default = self._first_choice(item), True
        result.value = value
        if value is None:
            if item.required:
                result.errors.append(
                    f"Invalid input for `{item.id}`, missing required input, but received `null`"
                )
            return
        if isinstance(value, Upload):
            if item.type is InputType.FILE:
                result.value = self._store(item, value)
                return
            result.value = None
            value = _text_of(item, value)
        if item.type is InputType.FILE and str(value).startswith("nsfile:///"):
            path = str(value).removeprefix("nsfile:///")
            value = self._world().call("fileURI", {"path": path})
        result.value = convert.convert(item.type, value, item)
        if InputType.SECRET in (item.type, item.item_type):
            for text in texts_in(result.value):
                self.masks.add(text)
        convert.check_bounds(self._with_bounds(item), result.value)
        convert.check_schema(item, result.value)
        if item.type in _CHOICES:
            self._check_choice(item, result.value)

    def _with_bounds(self, item: Input) -> Input:
        """The input with the bounds that expressions give."""
        bounds = {n: getattr(item, n) for n in _BOUNDS if has_expression(getattr(item, n))}
        if not bounds:
            return item
        return item.model_copy(update=render_deep(bounds, self._scope(), self._world()))

    def _first_choice(self, item: Input) -> Any:
        """`autoSelectFirst`: what stands in for a missing value; None without any choice."""
        first = self._choices(item)[:1]
        if item.type is InputType.MULTISELECT:
            return first or None
        return first[0] if first else None

    def _store(self, item: Input, upload: Upload) -> str:
        allowed = [*(item.allowed_file_extensions or ()), *_accepted(item.accept)]
        if allowed and not any(_is_of(upload.name.lower(), kind) for kind in allowed):
            raise convert.WrongValue(f"the file must be one of {', '.join(allowed)}")
        folder = execution_folder(self.flow.namespace, self.flow.id, self.execution_id)
        name = safe_path(upload.name.replace("/", "_") or item.id, "file name")
        return self.rt.storage.put(f"{folder}/inputs/{item.id}/{name}", upload.stream)

    def _choices(self, item: Input) -> list[str]:
        if item.expression is not None:
            try:
                found = render_typed(item.expression, self._scope(), self._world())
            except Unavailable:
                raise
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
