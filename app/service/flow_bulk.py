"""Several flows at once: replace, delete, export; and parts of one."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count
from typing import Any

from app.database import flows as rows
from app.database.session import Session
from app.errors import Invalid, Violation
from app.language.document import split_documents
from app.language.parse import Parsed
from app.library import Library
from app.service import flows
from app.service.flows import SavedFlow
from app.service.runtime import Runtime

ruamel = Library("ruamel.yaml")


def replace(
    rt: Runtime,
    text: str,
    *,
    namespace: str | None,
    delete: bool = True,
    override: bool = False,
    children: bool = False,
    author: str | None = None,
    via: str | None = None,
    also: Callable[[Session], None] = lambda tx: None,
) -> list[SavedFlow]:
    """Saves every document of a text, all or nothing; with `delete` the others go.

    `children` takes the namespaces below into it too; `also` is done in the same transaction.
    The deleted ones come first. Raises InvalidFlow; Invalid for a document of another namespace
    (unless `override` rewrites it), for one that stands twice, and for a text without any that
    would delete every flow there is.
    """
    if namespace is None and delete and not split_documents(text):
        raise Invalid("the body names no flow: every flow there is would be deleted")
    parsed = []
    for part in split_documents(text):
        found = flows.parse(rt, part)
        parsed.append(_within(rt, found, part, namespace, override=override, children=children))
    names = [(p.flow.namespace, p.flow.id) for p, _ in parsed]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"Duplicate flow id {', '.join('.'.join(name) for name in twice)}"
        raise Invalid("Invalid Flow", (Violation(path="id", message=message),))
    with rt.database.transaction() as tx:
        gone = []
        if delete:
            kept = set(names)
            exact, prefix = (None, namespace) if children else (namespace, None)
            for row in rows.list_latest(tx, namespace=exact, prefix=prefix):
                if (row.namespace, row.id) not in kept:
                    place = (row.namespace, row.id)
                    gone.append(flows.delete_in(tx, rt, *place, author=author, via=via))
        saved = [flows.save_in(tx, rt, p, part, author=author, via=via) for p, part in parsed]
        also(tx)
    return [*gone, *saved]


def _within(
    rt: Runtime, found: Parsed, text: str, namespace: str | None, *, override: bool, children: bool
) -> tuple[Parsed, str]:
    """A flow and its text, in the namespace that is replaced. Raises Invalid for one outside.

    What `override` has rewritten is looked at again: a text can name its namespace in many ways.
    """
    if namespace is None or _is_in(found.flow.namespace, namespace, children):
        return found, text
    if override:
        text = _with_namespace(text, namespace)
        found = flows.parse(rt, text)
    if not _is_in(found.flow.namespace, namespace, children):
        wrong = Violation(path="namespace", message=f"must be {namespace}")
        raise Invalid("Invalid Flow", (wrong,))
    return found, text


def _is_in(namespace: str, outer: str, children: bool) -> bool:
    return namespace == outer or (children and namespace.startswith(outer + "."))


def delete(
    rt: Runtime,
    ids: Sequence[tuple[str, str]],
    *,
    author: str | None = None,
    via: str | None = None,
) -> int:
    """Deletes flows, all or none; how many. Raises FlowNotFound."""
    with rt.database.transaction() as tx:
        for namespace, flow_id in ids:
            flows.delete_in(tx, rt, namespace, flow_id, author=author, via=via)
    return len(ids)


def _with_namespace(text: str, namespace: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(
        f"namespace: {namespace}\n" if line.startswith("namespace:") else line for line in lines
    )


def edited(source: str, change: Callable[[Any], None]) -> str:
    """A source after a change of what it holds; its comments and quotes stay."""
    editor = ruamel.YAML()
    editor.preserve_quotes = True
    editor.width = 4096
    data = editor.load(source)
    change(data)
    buffer = io.StringIO()
    editor.dump(data, buffer)
    return buffer.getvalue()


def export(rt: Runtime, ids: Sequence[tuple[str, str]]) -> bytes:
    """A ZIP with `namespace.id.yml` for each flow. Raises FlowNotFound.

    Where two flows would have one name (dots, or case), a number tells them apart.
    """
    buffer = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for namespace, flow_id in ids:
            plain = f"{namespace}.{flow_id}"
            names = chain([plain], (f"{plain}-{n}" for n in count(2)))
            name = next(name for name in names if name.lower() not in taken)
            taken.add(name.lower())
            archive.writestr(f"{name}.yml", flows.get(rt, namespace, flow_id).source)
    return buffer.getvalue()


def find_task(document: Any, task_id: str) -> dict[str, Any] | None:
    """The task of a document with this id, at any depth."""
    if isinstance(document, list):
        return next((f for item in document if (f := find_task(item, task_id))), None)
    if not isinstance(document, Mapping):
        return None
    if document.get("id") == task_id and "type" in document and "namespace" not in document:
        return dict(document)
    return next((f for item in document.values() if (f := find_task(item, task_id))), None)
