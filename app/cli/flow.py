"""Commands for flows."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.connection import call, follow_logs, leave, print_line, wait
from app.cli.inputs import Inputs, Labels, check_known, label_map, parts
from app.cli.output import Follow, Format, Namespace, Output, Size, Text, show
from app.errors import Invalid, NotFound, Violation, by_place
from app.language.advice import advise
from app.language.document import read_document, split_documents
from app.language.parse import parse_document
from app.plugin.registry import default_registry

flow = typer.Typer(no_args_is_help=True, help="Flows.")


def yaml_files(paths: list[Path]) -> list[Path]:
    """The YAML files that paths name or hold. Raises Invalid when there are none."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise Invalid(f"{path} does not exist")
        found += sorted(path.rglob("*.y*ml")) if path.is_dir() else [path]
    if not found:
        raise Invalid("no YAML file found")
    return found


def remarks(path: Path, look: Callable[[str], Sequence[Violation]]) -> list[tuple[bool, str]]:
    """What `look` finds in each document of a file: whether it is an error, and its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return [(True, f"{path}:1:1: the file is not UTF-8")]
    found, before = [], 0
    for part in split_documents(text) or [""]:
        found += [(not item.is_warning, _line(path, item, before)) for item in look(part)]
        before += len(part.splitlines()) + 1
    return found


def _here(text: str) -> Sequence[Violation]:
    """What this process knows of a flow."""
    wrong: tuple[Violation, ...] = ()
    places: tuple[Violation, ...] = ()
    try:
        document = read_document(text)
        if isinstance(document.data, dict):
            places = advise(document, default_registry()).places
        parse_document(document, default_registry())
    except Invalid as error:
        wrong = error.violations or (Violation(path="", message=str(error)),)
    return by_place(wrong, places)


def _there(text: str) -> Sequence[Violation]:
    """What the server knows of a flow."""
    if not text.strip():  # the server is asked of documents, and this is none
        return _here(text)
    (verdict,) = call("POST", "/flows/validate", content=text.encode())
    return [
        Violation(
            path=item["path"],
            message=item["message"],
            line=item.get("line"),
            column=item.get("column"),
            is_warning=item["severity"] == "WARNING",
        )
        for item in verdict.get("violations") or ()
    ]


def _line(path: Path, item: Violation, before: int) -> str:
    kind = "warning: " if item.is_warning else ""
    where = f"{item.path}: " if item.path else ""
    return f"{path}:{before + (item.line or 1)}:{item.column or 1}: {kind}{where}{item.message}"


@flow.command("validate")
def validate(
    paths: list[Path],
    server: Annotated[
        bool, typer.Option("--server", help="Ask the server, which knows its defaults.")
    ] = False,
) -> None:
    """Checks files or folders, without a server; exits with 1 when one is wrong.

    Warnings, as of an expression that cannot be parsed, are told and fail nothing.
    """
    wrong = 0
    for path in yaml_files(paths):
        found = remarks(path, _there if server else _here)
        errors = sum(is_error for is_error, _ in found)
        wrong += errors
        for _, line in found:
            typer.echo(line)
        if not errors:
            typer.echo(f"{path}: valid")
    if wrong:
        raise typer.Exit(1)


def checked(paths: list[Path]) -> list[Path]:
    """The files, once the server takes them all; else each mistake in a line, and exit code 1."""
    files = yaml_files(paths)
    found = [remark for path in files for remark in remarks(path, _there)]
    for _, line in found:
        typer.echo(line, err=True)
    if any(is_error for is_error, _ in found):
        raise typer.Exit(1)
    return files


def place_of(text: str) -> tuple[str, str]:
    """Namespace and id of a flow that the server has checked."""
    data: Any = read_document(text).data
    return str(data["namespace"]), str(data["id"])


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
