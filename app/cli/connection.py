"""The server that client commands talk to, and what its answers mean for the exit code."""

import json
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import typer

from app.errors import Invalid, NotFound, Unavailable
from app.library import Library
from app.model.state import TERMINATED
from app.telemetry.plain import plain

httpx = Library("httpx")

ENDED = {state.value for state in TERMINATED}
WELL = ("SUCCESS", "WARNING")
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
    """Made by the first request: a process of the server makes none."""
    return httpx.Client(**_options)


def call(method: str, path: str, *, raw: bool = False, **options: Any) -> Any:
    """The answer's JSON (or text); its bytes when `raw`. Raises Unavailable, NotFound, Invalid."""
    try:
        answer = _client().request(method, path, **options)
    except httpx.HTTPError as error:
        raise Unavailable(f"the server cannot be reached: {error}") from None
    is_json = "json" in answer.headers.get("content-type", "")
    data = answer.json() if is_json and answer.content else answer.text
    if answer.is_error:
        message = data.get("message") if isinstance(data, dict) else data
        text = str(message or f"the server answered {answer.status_code}")
        if answer.status_code == 503:
            raise Unavailable(text)
        raise (NotFound if answer.status_code == 404 else Invalid)(text)
    return answer.content if raw else data


def events(path: str) -> Iterator[tuple[str, Any]]:
    """(name, data) of each frame of an event stream. Raises Unavailable."""
    name = ""
    try:
        with _client().stream("GET", path, timeout=httpx.Timeout(60, read=40)) as answer:
            if answer.is_error:
                raise Invalid(f"the server answered {answer.status_code}")
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
    """One line of a log."""
    typer.echo(f"{line['timestamp']} {line['level']:5} {plain(line['message'])}")


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
