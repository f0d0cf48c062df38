"""The server that client commands talk to, and what its answers mean for the exit code."""

import json
import re
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import typer

from app.errors import Invalid, NotFound, Unavailable, Violation
from app.library import Library
from app.model.state import TERMINATED
from app.telemetry.plain import one_line, plain

httpx = Library("httpx")

_ADDRESS = re.compile(r"https?://[^/\s]+")
ENDED = {state.value for state in TERMINATED}
WELL = ("SUCCESS", "WARNING")
_LONGEST = 40  #: characters of an iteration's value in a line of a log
_options: dict[str, Any] = {}


def connect(server: str, user: str) -> None:
    """Where requests go and as whom; `user` is `name:password` or a token."""
    headers = {}
    auth: tuple[str, str] | None = None
    if ":" in user:
        name, _, password = user.partition(":")
        auth = (name, password)
    elif user:
        headers["Authorization"] = f"Bearer {user}"
    base = server.rstrip("/") + "/api/v1/main"
    _client.cache_clear()
    _options.update(base_url=base, auth=auth, headers=headers, timeout=60)


@cache
def _client() -> Any:
    """Made by the first request: a process of the server makes none. Raises BadParameter."""
    base = _options["base_url"]
    if not _ADDRESS.match(base):
        given = base.removesuffix("/api/v1/main")
        wanted = f"{given!r} is no address: write http://HOST:PORT or https://HOST"
        raise typer.BadParameter(wanted, param_hint="--server or TRUNKLINE_SERVER")
    return httpx.Client(**_options)


def call(method: str, path: str, *, raw: bool = False, **options: Any) -> Any:
    """The answer's JSON (or text); its bytes when `raw`. Raises Unavailable, NotFound, Invalid."""
    client = _client()
    try:
        answer = client.request(method, path, **options)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _away(error) from None
    if answer.is_error:
        raise _refusal(answer)
    return answer.content if raw else _data(answer)


def _data(answer: Any) -> Any:
    is_json = "json" in answer.headers.get("content-type", "")
    return answer.json() if is_json and answer.content else answer.text


def _away(error: Exception) -> Unavailable:
    server = _options["base_url"].removesuffix("/api/v1/main")
    return Unavailable(f"the server {server} cannot be reached: {error}")


def _refusal(answer: Any) -> Exception:
    """What an answer means; each mistake that it lists is a violation of its own."""
    status, data = answer.status_code, _data(answer)
    body = data if isinstance(data, dict) else {}
    listed = body.get("errors")
    if isinstance(listed, list) and listed:
        return Invalid("the server refused it", tuple(_violation(item) for item in listed))
    text = str(body.get("detail") or body.get("message") or f"the server answered {status}")
    if status == 401:
        text += " (see --user and TRUNKLINE_USER)"
    if status == 503:
        return Unavailable(text)
    return (NotFound if status == 404 else Invalid)(text)


def _violation(item: dict[str, Any]) -> Violation:
    path, message = str(item.get("path") or ""), str(item.get("message") or "")
    # the message of an input names it
    path = "" if f"`{path}`" in message else path
    return Violation(path=path, message=message, line=item.get("line"), column=item.get("column"))


def events(path: str) -> Iterator[tuple[str, Any]]:
    """(name, data) of each frame of an event stream. Raises Unavailable."""
    name, client = "", _client()
    try:
        with client.stream("GET", path, timeout=httpx.Timeout(60, read=40)) as answer:
            if answer.is_error:
                answer.read()
                raise _refusal(answer)
            for line in answer.iter_lines():
                if line.startswith("id:"):
                    name = line[3:].strip()
                elif line.startswith("data:"):
                    yield name, json.loads(line[5:])
    except httpx.HTTPError as error:
        raise Unavailable(f"the stream broke: {error}") from None


def state_of(execution_id: str) -> str:
    """Where an execution stands."""
    return str(call("GET", f"/executions/{execution_id}")["state"]["current"])


def wait(execution_id: str) -> str:
    """Waits for the end, telling each new state on stderr; the last state."""
    last = ""
    while last not in ENDED:
        for _, data in events(f"/executions/{execution_id}/follow"):
            state = data["state"]["current"]
            if state != last:
                typer.echo(f"{execution_id} {state}", err=True)
            last = state
        if last not in ENDED:
            time.sleep(0.5)  # the server went away in between: ask again
            last = state_of(execution_id)
    return last


def print_line(line: dict[str, Any]) -> None:
    """One line of a log, with its task and the values of the iterations around that, if any."""
    values = ", ".join(map(_short, line.get("values", ())))
    around = f"[{values}]" if values else ""
    task = f"{line['taskId']}{around}: " if line.get("taskId") else ""
    typer.echo(f"{line['timestamp']} {line['level']:5} {task}{plain(line['message'])}")


def _short(value: str) -> str:
    text = one_line(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def follow_logs(execution_id: str) -> str:
    """Prints lines as they come until the end; the last state."""
    for _, line in events(f"/logs/{execution_id}/follow"):
        print_line(line)
    return wait_quietly(execution_id)


def wait_quietly(execution_id: str) -> str:
    """Waits for the end; the last state."""
    while (state := state_of(execution_id)) not in ENDED:
        time.sleep(0.3)
    return state


def leave(state: str) -> None:
    """Says how an execution ended; exits with 1 unless it ended well."""
    typer.echo(f"ended in {state}", err=True)
    if state not in WELL:
        raise typer.Exit(1)
