"""Commands that talk to a server over HTTP."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from app.errors import Invalid, Unavailable

flow = typer.Typer(no_args_is_help=True, help="Flows.")
execution = typer.Typer(no_args_is_help=True, help="Executions.")
trigger = typer.Typer(no_args_is_help=True, help="Triggers.")
_client: list[httpx.Client] = []
_ENDED = {"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED"}


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
    _client[:] = [httpx.Client(base_url=base, auth=auth, headers=headers, timeout=60)]


def call(method: str, path: str, *, raw: bool = False, **options: Any) -> Any:
    """The answer's JSON (or text, or with `raw` its bytes).

    Raises Unavailable, Invalid with the server's message.
    """
    try:
        answer = _client[0].request(method, path, **options)
    except httpx.HTTPError as error:
        raise Unavailable(f"the server cannot be reached: {error}") from None
    is_json = "json" in answer.headers.get("content-type", "")
    data = answer.json() if is_json and answer.content else answer.text
    if answer.is_error:
        message = data.get("message") if isinstance(data, dict) else data
        raise Invalid(str(message or f"the server answered {answer.status_code}"))
    return answer.content if raw else data


def yaml_files(paths: list[Path]) -> list[Path]:
    """The YAML files among paths and below folders. Raises Invalid when there are none."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.rglob("*.y*ml")) if path.is_dir() else [path]
    if not found:
        raise Invalid("no YAML file found")
    return found


@flow.command("validate")
def validate(paths: list[Path]) -> None:
    """Checks files or folders; exits with 1 when one is wrong."""
    wrong = 0
    for path in yaml_files(paths):
        for verdict in call("POST", "/flows/validate", content=path.read_bytes()):
            text = verdict.get("constraints")
            wrong += text is not None
            typer.echo(f"{path}: {text or 'valid'}")
            for warning in verdict.get("warnings", ()):
                typer.echo(f"{path}: warning: {warning}")
    if wrong:
        raise typer.Exit(1)


@flow.command("deploy")
def deploy(paths: list[Path]) -> None:
    """Creates or updates flows from files."""
    for path in yaml_files(paths):
        text = path.read_text(encoding="utf-8")
        verdict = call("POST", "/flows/validate", content=text.encode())[0]
        if verdict.get("constraints"):
            raise Invalid(f"{path}: {verdict['constraints']}")
        place = f"/flows/{verdict['namespace']}/{verdict['flow']}"
        try:
            call("GET", place)
            saved = call("PUT", place, content=text.encode())
        except Invalid:
            saved = call("POST", "/flows", content=text.encode())
        typer.echo(f"{saved['namespace']}/{saved['id']} revision {saved['revision']}")


@flow.command("list")
def list_flows(namespace: str = "") -> None:
    """Lists flows."""
    query = {"size": 1000, **({"namespace": namespace} if namespace else {})}
    for item in call("GET", "/flows/search", params=query)["results"]:
        typer.echo(f"{item['namespace']}/{item['id']} revision {item['revision']}")


@flow.command("get")
def get_flow(namespace: str, flow_id: str) -> None:
    """Prints a flow's source."""
    typer.echo(call("GET", f"/flows/{namespace}/{flow_id}")["source"], nl=False)


@flow.command("delete")
def delete_flow(namespace: str, flow_id: str) -> None:
    """Deletes a flow."""
    call("DELETE", f"/flows/{namespace}/{flow_id}")


@flow.command("run")
def run_flow(
    namespace: str,
    flow_id: str,
    input: Annotated[
        list[str] | None, typer.Option(help="id=value, or id=@file; repeatable.")
    ] = None,
    label: Annotated[list[str] | None, typer.Option(help="key:value; repeatable.")] = None,
    follow: Annotated[bool, typer.Option(help="Print its log and wait for its end.")] = False,
) -> None:
    """Starts a flow; with --follow the exit code is 0 only for SUCCESS and WARNING."""
    parts: list[tuple[str, Any]] = []
    for pair in input or []:
        name, _, value = pair.partition("=")
        if value.startswith("@"):
            parts.append(("files", (name, Path(value[1:]).read_bytes())))
        else:
            parts.append((name, (None, value)))
    started = call(
        "POST",
        f"/executions/{namespace}/{flow_id}",
        files=parts or None,
        params=[("labels", text) for text in label or []],
    )
    typer.echo(f"execution {started['id']}")
    if follow and not _follow(started["id"]):
        raise typer.Exit(1)


def _follow(execution_id: str) -> bool:
    """Prints lines until the end; whether it ended well."""
    shown = 0
    while True:
        state = call("GET", f"/executions/{execution_id}")["state"]["current"]
        lines = call("GET", f"/logs/{execution_id}")
        for line in lines[shown:]:
            typer.echo(f"{line['timestamp']} {line['level']:5} {line['message']}")
        shown = len(lines)
        if state in _ENDED:
            typer.echo(f"ended in {state}")
            return state in ("SUCCESS", "WARNING")
        time.sleep(0.3)


@execution.command("get")
def get_execution(execution_id: str) -> None:
    """Prints an execution as JSON."""
    typer.echo(json.dumps(call("GET", f"/executions/{execution_id}"), indent=2))


@execution.command("list")
def list_executions(namespace: str = "", state: str = "", size: int = 20) -> None:
    """Lists executions, the newest first."""
    query = {"size": size, "namespace": namespace, "state": state}
    kept = {key: value for key, value in query.items() if value}
    for item in call("GET", "/executions/search", params=kept)["results"]:
        where = f"{item['namespace']}/{item['flowId']}"
        typer.echo(f"{item['id']} {item['state']['current']:9} {where}")


@execution.command("logs")
def logs(execution_id: str, follow: bool = False) -> None:
    """Prints the log."""
    if follow:
        if not _follow(execution_id):
            raise typer.Exit(1)
        return
    for line in call("GET", f"/logs/{execution_id}"):
        typer.echo(f"{line['timestamp']} {line['level']:5} {line['message']}")


@execution.command("kill")
def kill(execution_id: str) -> None:
    """Stops an execution."""
    typer.echo(call("DELETE", f"/executions/{execution_id}/kill")["state"]["current"])


def _act(name: str) -> None:
    def act(execution_id: str) -> None:
        done = call("POST", f"/executions/{execution_id}/{name}")
        typer.echo(f"{done['id']} {done['state']['current']}")

    act.__doc__ = f"{name.capitalize()} an execution."
    execution.command(name)(act)


for _name in ("pause", "resume", "restart", "replay"):
    _act(_name)


@trigger.command("backfill")
def backfill(
    namespace: str,
    flow_id: str,
    trigger_id: str,
    start: Annotated[str, typer.Option(help="First moment, ISO-8601.")],
    end: Annotated[str, typer.Option(help="Last moment; now if absent.")] = "",
) -> None:
    """Runs a schedule's instants of a time in the past."""
    wanted = {"start": start, **({"end": end} if end else {})}
    body = {"namespace": namespace, "flowId": flow_id, "triggerId": trigger_id, "backfill": wanted}
    done = call("PUT", "/triggers/backfill/create", json=body)
    typer.echo(f"from {done['backfill']['start']} to {done['backfill']['end']}")
