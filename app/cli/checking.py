"""What there is to say of files of flows before they are saved: a line for each mistake or warning.

Without a server a file is checked by what this process knows; calls of flows that there are not are
found among the files alone.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import typer

from app.cli.connection import call
from app.engine.flowable.for_each_item import ForEachItem
from app.engine.flowable.subflow import Subflow
from app.errors import Invalid, NotFound, Violation, by_place
from app.language.advice import advise
from app.language.document import Document, read_document, split_documents
from app.language.document import Path as Place
from app.language.parse import parse_document
from app.language.shape import parts
from app.plugin.registry import default_registry

FlowName = tuple[str, str]  #: namespace and id
Look = Callable[[str], Sequence[Violation]]


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


def checked(paths: list[Path]) -> list[Path]:
    """The files, once the server takes them all; else each mistake in a line, and exit code 1."""
    files = yaml_files(paths)
    look = by_server(files)
    found = [remark for path in files for remark in remarks(path, look)]
    for _, line in found:
        typer.echo(line, err=True)
    if any(is_error for is_error, _ in found):
        raise typer.Exit(1)
    return files


def place_of(text: str) -> FlowName:
    """Namespace and id of a flow that the server has checked."""
    data = read_document(text).data
    return str(data["namespace"]), str(data["id"])


def remarks(path: Path, look: Look) -> list[tuple[bool, str]]:
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


def _line(path: Path, item: Violation, before: int) -> str:
    kind = "warning: " if item.is_warning else ""
    where = f"{item.path}: " if item.path else ""
    return f"{path}:{before + (item.line or 1)}:{item.column or 1}: {kind}{where}{item.message}"


def by_this_process(files: Sequence[Path]) -> Look:
    """A look at a document without a server; of calls those into the namespaces of the files.

    A single file calls what lies elsewhere, so its calls are not looked at.
    """
    own, called = _names(files)
    near = {namespace for namespace, _ in own} if len(files) > 1 else set()
    missing = {name for name in called - own if name[0] in near}
    return lambda text: by_place(_here(text), _strange(text, missing, "not among these files"))


def by_server(files: Sequence[Path]) -> Look:
    """A look by the server, which knows its defaults and the flows that it has."""
    own, called = _names(files)
    missing = {name for name in sorted(called - own) if not _is_there(name)}
    where = "neither among these files nor on the server"
    return lambda text: by_place(_there(text), _strange(text, missing, where))


def _is_there(name: FlowName) -> bool:
    try:
        call("GET", f"/flows/{name[0]}/{name[1]}")
    except NotFound:
        return False
    except Invalid:
        return True  # it may be there, and is not ours to see
    return True


def _names(files: Sequence[Path]) -> tuple[set[FlowName], set[FlowName]]:
    """The flows that the files hold, and those that they call."""
    own: set[FlowName] = set()
    called: set[FlowName] = set()
    for document in _documents(files):
        data = document.data
        if isinstance(data, dict):
            own.add((str(data.get("namespace")), str(data.get("id"))))
            called |= {name for _, name in _calls(document)}
    return own, called


def _calls(document: Document) -> Iterator[tuple[Place, FlowName]]:
    """Each flow that tasks start, as far as it is written out, and where: no expression is read."""
    if not isinstance(document.data, dict):
        return
    for part in parts(document.data, default_registry()):
        if not issubclass(part.model, Subflow | ForEachItem):
            continue
        name = part.data.get("namespace"), part.data.get("flowId")
        if all(isinstance(word, str) and "{" not in word for word in name):
            yield (*part.path, "flowId"), (str(name[0]), str(name[1]))


def _documents(files: Sequence[Path]) -> Iterator[Document]:
    """What can be read; what cannot is told where it is checked."""
    for path in files:
        try:
            yield from map(read_document, split_documents(path.read_text(encoding="utf-8")))
        except (UnicodeDecodeError, Invalid):
            continue


def _strange(text: str, missing: Collection[FlowName], where: str) -> list[Violation]:
    if not missing:
        return []
    try:
        document = read_document(text)
    except Invalid:
        return []
    return [
        replace(document.violation(path, f"no flow {'/'.join(name)}: {where}"), is_warning=True)
        for path, name in _calls(document)
        if name in missing
    ]


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
