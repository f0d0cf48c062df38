"""Values of inputs and outputs converted to their type (flow language 2.2)."""

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.errors import Invalid
from app.expression.filters_text import REGEX_SECONDS, java_regex
from app.expression.values import to_text
from app.language.document import DocumentError, read_document
from app.language.json_schema import violations
from app.model.duration import format_duration, parse_duration
from app.model.input import Input, InputType
from app.model.json_text import decode
from app.model.moment import check_moment
from app.service.crypto import Keyring

MOST_CHARACTERS = 10_000_000  #: of the inputs, or the outputs, of one execution or task run
_URI = re.compile(
    r"[a-z]+:\/\/(www\.)?[-a-zA-Z0-9@:%._\+~#=]{1,256}\.[a-zA-Z0-9()]{1,6}\b"
    r"([-a-zA-Z0-9()@:%_\+.~#?&\/=]*)"
)
_INTEGER = re.compile(r"[-+]?[0-9]{1,20}")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


class WrongValue(ValueError):
    """The value does not fit; the message completes the one that names the input."""


def convert(kind: InputType, value: Any, item: Input | None = None) -> Any:
    """The value in its stored form. Raises WrongValue, ValueError or Invalid."""
    if value is None:
        return None
    return _CONVERTERS[kind](value, item)


def _int(value: Any, _item: Input | None) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(f"For input string: {value!r}")
    if isinstance(value, str) and not _INTEGER.fullmatch(value.strip()):
        raise ValueError(f"For input string: {value[:60]!r}")
    number = int(value)
    if not -(2**31) <= number < 2**31:
        raise ValueError(f"{number} has more than 32 bits")
    return number


def _float(value: Any, _item: Input | None) -> float:
    if isinstance(value, bool):
        raise ValueError(f"{value} is no number")
    if isinstance(value, str) and not _DECIMAL.fullmatch(value.strip()):
        raise ValueError(f"For input string: {value[:60]!r}")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is too large")
    return number


def _bool(value: Any, _item: Input | None) -> bool:
    return value if isinstance(value, bool) else str(value).strip().lower() == "true"


def _datetime(value: Any, _item: Input | None) -> str:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    if moment.tzinfo is None:
        raise ValueError("a zone is missing")
    return to_text(check_moment(moment).astimezone(UTC))


def _date(value: Any, _item: Input | None) -> str:
    text = str(value).strip()
    if not _DAY.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is no date such as 2042-12-31")
    return date.fromisoformat(text).isoformat()


def _time(value: Any, _item: Input | None) -> str:
    return time.fromisoformat(str(value).strip()).isoformat()


def _duration(value: Any, _item: Input | None) -> str:
    return format_duration(value if isinstance(value, timedelta) else parse_duration(str(value)))


def _json(value: Any, _item: Input | None) -> Any:
    return decode(value) if isinstance(value, str) else value


def check_schema(item: Input, value: Any) -> None:
    """The `schema` of a JSON input. Raises WrongValue with the path of what does not fit."""
    if item.schema_ is not None and (found := violations(item.schema_, value)):
        raise WrongValue("; ".join(found))


def _yaml(value: Any, _item: Input | None) -> Any:
    try:
        return read_document(value).data if isinstance(value, str) else value
    except DocumentError as error:
        found = ", ".join(str(violation) for violation in error.violations)
        raise ValueError(f"no YAML: {found}") from None


def _uri(value: Any, _item: Input | None) -> str:
    if not _URI.fullmatch(str(value)):
        raise WrongValue(f"Expected `URI` but received `{value}`")
    return str(value)


def _email(value: Any, _item: Input | None) -> str:
    if str(value) and not _EMAIL.fullmatch(str(value)):
        raise WrongValue("The input must be a valid email")
    return str(value)


def _array(value: Any, item: Input | None) -> list[Any]:
    found = decode(value) if isinstance(value, str) else value
    if not isinstance(found, list | tuple):
        raise ValueError("expected a list")
    kind = item.item_type if item is not None and item.item_type is not None else None
    if kind is None:
        return list(found)
    result = []
    for part in found:
        try:
            result.append(convert(kind, part))
        except (ValueError, Invalid):
            raise WrongValue(f"Unable to parse array element as `{kind}` on `{part}`") from None
    return result


def _text(value: Any, _item: Input | None) -> Any:
    return value if isinstance(value, str) else to_text(value)


def _file(value: Any, _item: Input | None) -> str:
    text = str(value)
    if not text.startswith(("kestra://", "nsfile://", "file://")):
        raise ValueError("expected an upload or a kestra:// URI")
    return text


_CONVERTERS: dict[InputType, Callable[[Any, Input | None], Any]] = {
    InputType.STRING: _text,
    InputType.SELECT: _text,
    InputType.ENUM: _text,
    InputType.MULTISELECT: _array,
    InputType.INT: _int,
    InputType.FLOAT: _float,
    InputType.BOOL: _bool,
    InputType.BOOLEAN: _bool,
    InputType.DATETIME: _datetime,
    InputType.DATE: _date,
    InputType.TIME: _time,
    InputType.DURATION: _duration,
    InputType.FILE: _file,
    InputType.JSON: _json,
    InputType.ION: _text,
    InputType.YAML: _yaml,
    InputType.URI: _uri,
    InputType.EMAIL: _email,
    InputType.SECRET: _text,
    InputType.ARRAY: _array,
    InputType.FORM: _text,  # has no value of its own; its inputs have
}


def check_bounds(item: Input, value: Any) -> None:
    """`min`, `max`, `after`, `before`, `validator`. Raises WrongValue."""
    if item.validator is not None and not _fits(item.validator, str(value)):
        raise WrongValue(f"it must match the pattern `{item.validator}`")
    measure = _measure_of(item.type)
    size: Any = measure(value)
    if item.min is not None and size < measure(item.min):
        raise WrongValue(f"it must be more than `{item.min}`")
    if item.max is not None and size > measure(item.max):
        raise WrongValue(f"it must be less than `{item.max}`")
    if item.after is not None and size < measure(item.after):
        raise WrongValue(f"it must be after `{item.after}`")
    if item.before is not None and size > measure(item.before):
        raise WrongValue(f"it must be before `{item.before}`")


def _fits(pattern: str, text: str) -> bool:
    """Whether a whole text fits a pattern; a pattern that takes too long fits nothing."""
    try:
        return java_regex(pattern).fullmatch(text, timeout=REGEX_SECONDS) is not None
    except TimeoutError:
        return False


def _measure_of(kind: InputType) -> Callable[[Any], Any]:
    """How values of a type are compared."""
    if kind is InputType.DURATION:
        return lambda value: parse_duration(str(value))
    if kind is InputType.DATETIME:
        return lambda value: datetime.fromisoformat(str(value))
    if kind in (InputType.INT, InputType.FLOAT):
        return float
    if kind is InputType.TIME:
        return lambda value: time.fromisoformat(str(value))
    return str


def check_size(what: str, value: Any) -> None:
    """Raises Invalid for a value that is larger than the product keeps."""
    if len(json.dumps(value, default=str)) > MOST_CHARACTERS:
        most = MOST_CHARACTERS // 1_000_000
        raise Invalid(f"the {what} are larger than the limit of {most} MB")


def stored(kind: InputType, value: Any, keyring: Keyring, item: Input | None = None) -> Any:
    """The stored form: a SECRET is encrypted, as is each one in a list."""
    if kind is InputType.SECRET and value is not None:
        return keyring.seal(str(value))
    if isinstance(value, list) and item is not None and item.item_type is InputType.SECRET:
        return [stored(InputType.SECRET, part, keyring) for part in value]
    return value
