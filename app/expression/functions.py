"""Functions. Those that need the world outside ask `env.world.call` (secret, kv, read, …)."""

import base64
import os
import random
import secrets
import string
import time
import uuid as uuid_module
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import yaml as yaml_engine
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.expression import operators
from app.expression.calls import FUNCTIONS, Callee, function
from app.expression.dates import format_date, zone
from app.expression.env import Env
from app.expression.errors import ExpressionError, UndefinedError
from app.expression.filters_data import parse_json, smallest
from app.expression.values import is_number, to_text
from app.model.ids import new_id

#: what only the world can answer, with the names of its arguments
_OUTSIDE = {
    "secret": ("key", "namespace", "subkey", "full"),
    "kv": ("key", "namespace", "error_on_missing"),
    "read": ("path", "namespace"),
    "fileURI": ("path", "namespace"),
    "fileSize": ("uri", "namespace"),
    "fileExists": ("uri", "namespace"),
    "isFileEmpty": ("uri", "namespace"),
    "env": ("name", "default"),
    "http": ("uri", "method", "query", "body", "content_type", "headers", "options", "accept"),
    "errorLogs": (),
}


def _ask(name: str) -> Callable[..., Any]:
    return lambda env, **arguments: env.world.call(name, {**arguments, "scope": env.scope})


FUNCTIONS.update({name: Callee(_ask(name), names, True) for name, names in _OUTSIDE.items()})


@function("now")
def now(
    env: Env,
    format: str | None = None,
    time_zone: str | None = None,
    existing_format: str | None = None,
    locale: str | None = None,
) -> str:
    """The present moment as text."""
    return format_date(env.world.now(), format, zone(time_zone, env), locale)


@function("fromJson", "json", "jsonDecode")
def from_json(json: Any) -> Any:
    """The data of a JSON text."""
    return parse_json(json, "fromJson")


@function("yaml")
def yaml(yaml: Any) -> Any:
    """The data of a YAML text."""
    if yaml is None:
        return None
    if not isinstance(yaml, str):
        raise ExpressionError("`yaml` needs a text")
    try:
        return yaml_engine.safe_load(yaml)
    except yaml_engine.YAMLError as error:
        raise ExpressionError(f"`yaml`: {error}") from None


def _extreme(name: str, sign: int) -> None:
    """Registers a function of any number of values (as many as anybody would write)."""
    names = tuple(f"value{n}" for n in range(100))
    FUNCTIONS[name] = Callee(lambda **given: smallest(list(given.values()), sign), names, False)


_extreme("max", 1)
_extreme("min", -1)


function("range")(lambda start, end, increment=1: operators.range_of(start, end, increment))


@function("block")
def block(env: Env, name: str) -> str:
    """Prints a block of the template again."""
    body = env.blocks.get(name)
    return "" if body is None else to_text(body(env))


@function("render")
def render(env: Env, to_render: Any, recursive: bool = True) -> Any:
    """Renders a text, a list or a map with the present variables; then what came out, and so on."""
    result = _render(env, to_render)
    rounds = 0
    while recursive and _is_template(result):
        rounds += 1
        if rounds > 20:
            raise ExpressionError("`render` goes round more than 20 times")
        further = _render(env, result)
        if further == result:
            break
        result = further
    return result


def _is_template(value: Any) -> bool:
    """Whether a value has an expression in it, at any depth."""
    if isinstance(value, Mapping):
        return any(_is_template(part) for item in value.items() for part in item)
    if isinstance(value, list | tuple):
        return any(_is_template(part) for part in value)
    return isinstance(value, str) and ("{{" in value or "{%" in value)


@function("renderOnce")
def render_once(env: Env, to_render: Any) -> Any:
    """As `render`, but what comes out is not rendered again."""
    return _render(env, to_render)


def _render(env: Env, value: Any) -> Any:
    return env.render(value, env.scope, env.world, env.budget)


@function("uuid")
def uuid() -> str:
    """A random UUID."""
    return str(uuid_module.uuid4())


function("id")(lambda: new_id())


@function("ksuid")
def ksuid() -> str:
    """27 letters and digits that sort by the second they were made in."""
    number = int.from_bytes(
        (int(time.time()) - 1_400_000_000).to_bytes(4, "big") + os.urandom(16), "big"
    )
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    text = ""
    for _ in range(27):
        number, rest = divmod(number, 62)
        text = digits[rest] + text
    return text


@function("nanoId")
def nano_id(length: int = 21, alphabet: str | None = None) -> str:
    """Random characters of an alphabet."""
    letters = alphabet or "_-" + string.digits + string.ascii_letters
    if not 0 < length <= 10_000:
        raise ExpressionError("the length of `nanoId` must be between 1 and 10000")
    return "".join(secrets.choice(letters) for _ in range(length))


@function("randomInt")
def random_int(lower: int, upper: int) -> int:
    """A random integer, the upper bound excluded."""
    if not (is_number(lower) and is_number(upper)):
        raise ExpressionError("`randomInt` needs two numbers")
    if lower >= upper:
        raise ExpressionError("the lower bound of `randomInt` must be below the upper one")
    return random.randrange(int(lower), int(upper))


function("randomPort")(lambda: random.randrange(1024, 65536))


@function("printContext", "fetchContext")
def print_context(env: Env) -> Any:
    """Every variable."""
    return dict(env.scope)


@function("currentEachOutput")
def current_each_output(env: Env, outputs: Any) -> Any:
    """The output of a sibling in the present iteration of all enclosing loops."""
    path = []
    _, parents = env.find("parents")
    for parent in reversed(parents or []):
        if isinstance(parent, Mapping) and (value := (parent.get("taskrun") or {}).get("value")):
            path.append(value)
    found, taskrun = env.find("taskrun")
    if found and isinstance(taskrun, Mapping) and taskrun.get("value") is not None:
        path.append(taskrun["value"])
    for value in path:
        if not isinstance(outputs, Mapping) or value not in outputs:
            raise UndefinedError(value, "currentEachOutput", 1)
        outputs = outputs[value]
    return outputs


@function("iterationOutput")
def iteration_output(outputs: Any, iteration: Any = None) -> Any:
    """The output of one iteration."""
    return outputs.get(to_text(iteration)) if isinstance(outputs, Mapping) else None


@function("loopOutputs")
def loop_outputs(outputs: Any, name: str) -> Any:
    """One output of every iteration."""
    if not isinstance(outputs, Sequence) or isinstance(outputs, str):
        raise ExpressionError("`loopOutputs` needs a list")
    return [(row.get("outputs") or {}).get(name) for row in outputs if isinstance(row, Mapping)]


def _key(key: Any) -> AESGCM:
    raw = to_text(key).encode()
    try:
        decoded = base64.b64decode(raw, validate=True)
    except ValueError:
        decoded = raw
    if len(decoded) not in (16, 24, 32):
        decoded = raw
    try:
        return AESGCM(decoded)
    except ValueError:
        raise ExpressionError("the key must have 16, 24 or 32 bytes") from None


@function("tasksWithState")
def tasks_with_state(env: Env, state: Any) -> list[dict[str, Any]]:
    """The task runs of `tasks` that are in a state: `taskId`, `state`, and `value` in a loop."""
    wanted = to_text(state).upper()
    known = env.scope.get("tasks") or {}
    return [run for task_id in known for run in _runs_in(known[task_id], wanted, task_id)]


def _runs_in(entry: Any, wanted: str, task_id: str, *value: str) -> Iterator[dict[str, Any]]:
    if not isinstance(entry, Mapping):
        return
    if isinstance(entry.get("state"), str):
        if entry["state"] == wanted:
            yield {"taskId": task_id, "state": wanted} | ({"value": value[0]} if value else {})
        return
    for key in entry:
        yield from _runs_in(entry[key], wanted, task_id, str(key))


@function("encrypt")
def encrypt(key: Any, plaintext: Any) -> Any:
    """AES-GCM, in base64, the nonce first."""
    if plaintext is None:
        return None
    nonce = os.urandom(12)
    return base64.b64encode(
        nonce + _key(key).encrypt(nonce, to_text(plaintext).encode(), None)
    ).decode()


@function("decrypt")
def decrypt(key: Any, encrypted: Any) -> Any:
    """The text that `encrypt` hid."""
    if encrypted is None:
        return None
    try:
        raw = base64.b64decode(to_text(encrypted), validate=True)
        return _key(key).decrypt(raw[:12], raw[12:], None).decode()
    except (ValueError, InvalidTag):
        raise ExpressionError("`decrypt`: the text was not encrypted with this key") from None
