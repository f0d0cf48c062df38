"""Commands for flows."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.checking import by_server, by_this_process, checked, place_of, remarks, yaml_files
from app.cli.connection import call, follow_logs, leave, print_line, wait
from app.cli.inputs import Inputs, Labels, check_known, label_map, parts
from app.cli.output import Follow, Format, Namespace, Output, Size, Text, show
from app.errors import NotFound
from app.language.document import split_documents

flow = typer.Typer(no_args_is_help=True, help="Flows.")


@flow.command("validate")
def validate(
    paths: list[Path],
    server: Annotated[
        bool, typer.Option("--server", help="Ask the server, which knows its defaults.")
    ] = False,
) -> None:
    """Checks files or folders, without a server; exits with 1 when one is wrong.

    Warnings, as of an expression that cannot be parsed or a call of a flow that there is not, are
    told and fail nothing.
    """
    wrong = 0
    files = yaml_files(paths)
    look = by_server(files) if server else by_this_process(files)
    for path in files:
        found = remarks(path, look)
        errors = sum(is_error for is_error, _ in found)
        wrong += errors
        for _, line in found:
            typer.echo(line)
        if not errors:
            typer.echo(f"{path}: valid")
    if wrong:
        raise typer.Exit(1)


@flow.command("deploy")
def deploy(paths: list[Path]) -> None:
    """Creates or updates the flows of files; all are checked before the first is saved."""
    texts = [text for path in checked(paths) for text in split_documents(path.read_text("utf-8"))]
    for text in texts:
        place = "/flows/" + "/".join(place_of(text))
        try:
            saved = call("PUT", place, content=text.encode())
        except NotFound:
            saved = call("POST", "/flows", content=text.encode())
        typer.echo(f"{saved['namespace']}/{saved['id']} revision {saved['revision']}")


@flow.command("list")
def list_flows(
    namespace: Namespace = "", q: Text = "", size: Size = 1000, output: Output = Format.TEXT
) -> None:
    """Lists flows."""
    query: dict[str, Any] = {"size": size, "namespace": namespace, "q": q}
    kept = {name: value for name, value in query.items() if value}
    show(call("GET", "/flows/search", params=kept)["results"], output, _flow_line)


def _flow_line(item: dict[str, Any]) -> str:
    state = " disabled" if item["disabled"] else ""
    return f"{item['namespace']}/{item['id']} revision {item['revision']}{state}"


@flow.command("get")
def get(
    namespace: str,
    flow_id: str,
    revision: Annotated[int, typer.Option(help="The latest if 0.")] = 0,
) -> None:
    """Prints a flow's source."""
    query = {"source": "true", **({"revision": revision} if revision else {})}
    typer.echo(call("GET", f"/flows/{namespace}/{flow_id}", params=query)["source"], nl=False)


@flow.command("delete")
def delete(namespace: str, flow_id: str) -> None:
    """Deletes a flow."""
    call("DELETE", f"/flows/{namespace}/{flow_id}")


@flow.command("run")
def run(
    namespace: str,
    flow_id: str,
    input: Inputs = None,
    label: Labels = None,
    wait_: Annotated[bool, typer.Option("--wait", help="Wait for its end.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Print its log and wait for its end.")
    ] = False,
) -> None:
    """Starts a flow; with --wait or --follow the exit code is 0 only for SUCCESS and WARNING."""
    form = parts(input)
    check_known(f"/executions/{namespace}/{flow_id}/validate", input)
    query = [("labels", f"{key}:{value}") for key, value in label_map(label).items()]
    started = call("POST", f"/executions/{namespace}/{flow_id}", files=form or None, params=query)
    typer.echo(f"execution {started['id']}")
    if follow:
        leave(follow_logs(started["id"]))
    elif wait_:
        leave(wait(started["id"]))


@flow.command("logs")
def logs(namespace: str, flow_id: str, follow: Follow = False) -> None:
    """Prints the log of the last execution of a flow."""
    found = call(
        "GET", "/executions", params={"namespace": namespace, "flowId": flow_id, "size": 1}
    )
    if not found["results"]:
        raise NotFound(f"the flow {namespace}/{flow_id} has not run yet")
    execution_id = found["results"][0]["id"]
    typer.echo(f"execution {execution_id}", err=True)
    if follow:
        leave(follow_logs(execution_id))
        return
    for line in call("GET", f"/logs/{execution_id}"):
        print_line(line)
