"""JSON Schemas of the values of inputs: whether they are right, and what breaks them.

Nothing is fetched (`$ref` only reaches into the schema itself) and no pattern may take for ever.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from app.expression.filters_text import REGEX_SECONDS, java_regex
from app.library import Library

jsonschema = Library("jsonschema")
referencing = Library("referencing")
_exceptions = Library("jsonschema.exceptions")
_validators = Library("jsonschema.validators")

MOST_TEXT = 200  #: characters of a message: it holds the value


def schema_error(schema: Mapping[str, Any]) -> str | None:
    """What is wrong with a schema, and where in it; None when it is one."""
    kind = _validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except _exceptions.SchemaError as error:
        return _said(error)
    return None


def violations(schema: Mapping[str, Any], value: Any, most: int = 5) -> list[str]:
    """What of a value does not fit, each with its path (`$.rows[0].price`); the first few."""
    kind = _validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    kind = _validators.extend(kind, {"pattern": _pattern, "patternProperties": _by_pattern})
    found = []
    try:
        for error in kind(schema, registry=referencing.Registry()).iter_errors(value):
            found.append(_said(error))
            if len(found) == most:
                break
    except (referencing.exceptions.Unresolvable, RecursionError) as error:
        found.append(f"the schema cannot be applied: {str(error)[:MOST_TEXT]}")
    return found


def _said(error: Any) -> str:
    text = error.message if len(error.message) <= MOST_TEXT else error.message[:MOST_TEXT] + "…"
    return f"{error.json_path}: {text}"


def _fits(pattern: str, text: str) -> bool:
    try:
        return java_regex(pattern).search(text, timeout=REGEX_SECONDS) is not None
    except TimeoutError:
        return False


def _pattern(_validator: Any, pattern: str, text: Any, _schema: Any) -> Iterator[Any]:
    if isinstance(text, str) and not _fits(pattern, text):
        yield jsonschema.ValidationError(f"{text!r} does not match {pattern!r}")


def _by_pattern(validator: Any, patterns: Any, value: Any, _schema: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for pattern, inner in patterns.items():
            for name in value:
                if _fits(pattern, name):
                    yield from validator.descend(value[name], inner, path=name, schema_path=pattern)
