"""Sources and bindings that are themselves files of a repository (`kind: GitSource`, `GitBinding`).

A binding that takes the kinds SOURCE and BINDING is an administrator's: whoever may push to its
folder says what is followed. It declares neither itself nor its own source, and nothing outside
of its namespace.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import yaml
from pydantic import BaseModel, Field
from sqlalchemy import Row

from app.database import git_bindings, git_sources
from app.database.session import Session
from app.errors import Conflict, Invalid
from app.gitops.layout import Kind, is_within
from app.language.document import DocumentError, read_document
from app.service import ownership
from app.service.gitops import bindings, sources
from app.service.gitops.models import NAME, BindingOfSource, NewSource, read
from app.service.runtime import Runtime

_NAMES = {Kind.SOURCE: "GitSource", Kind.BINDING: "GitBinding"}
KINDS = frozenset(_NAMES)


class DeclaredBinding(BindingOfSource):
    """A binding of a file: it has a name, and says which source it belongs to."""

    name: str = Field(pattern=NAME)


def read_file(text: str, admin: Row[Any], own_source: str) -> tuple[Kind, str, str]:
    """Kind, name and hash of what a file declares. Raises Invalid naming what is wrong."""
    kind, model = _model(text)
    name = str(getattr(model, "name", ""))
    if isinstance(model, DeclaredBinding):
        if name == admin.name:
            raise Invalid("a binding does not declare itself")
        if not is_within(model.namespace, admin.namespace):
            place = f"its namespace {model.namespace!r} is outside of {admin.namespace!r}"
            raise Invalid(f"{place}, the namespace of the binding {admin.name!r}")
    elif name == own_source:
        raise Invalid("a source does not declare itself")
    return kind, name, _hash(model)


def _model(text: str) -> tuple[Kind, NewSource | DeclaredBinding]:
    try:
        data: Any = read_document(text).data
    except DocumentError as error:
        raise Invalid("it is no YAML", error.violations) from None
    if not isinstance(data, dict) or data.get("kind") not in _NAMES.values():
        raise Invalid(f"`kind` is one of {', '.join(_NAMES.values())}")
    fields = {key: value for key, value in data.items() if key != "kind"}
    if data["kind"] == _NAMES[Kind.BINDING]:
        new = read(fields, DeclaredBinding)
        return Kind.BINDING, new.model_copy(update={"path": new.path.strip("/")})
    found = read(fields, NewSource)
    if found.binding is not None:
        raise Invalid("`binding` has a file of its own (`kind: GitBinding`)")
    return Kind.SOURCE, found


def _hash(model: BaseModel) -> str:
    """Equal for equal settings, however they are written."""
    given = json.dumps(model.model_dump(mode="json", by_alias=True), sort_keys=True)
    return hashlib.sha256(given.encode()).hexdigest()


def text_of(tx: Session, kind: Kind, name: str) -> str | None:
    """What is set now, as a file would say it; None when there is no such thing."""
    model = _live(tx, kind, name)
    if model is None:
        return None
    given = model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump({"kind": _NAMES[kind], **given}, sort_keys=False, allow_unicode=True)


def live_hashes(tx: Session, kind: Kind, names: Iterable[str]) -> dict[str, str]:
    """The hashes of those that exist."""
    found = {name: _live(tx, kind, name) for name in names}
    return {name: _hash(model) for name, model in found.items() if model is not None}


def _live(tx: Session, kind: Kind, name: str) -> NewSource | DeclaredBinding | None:
    if kind is Kind.SOURCE:
        row = git_sources.find(tx, name)
        return sources.settings_of(row) if row is not None else None
    binding = git_bindings.find(tx, name)
    if binding is None:
        return None
    source = sources.find_in(tx, binding.source_id).name
    given = bindings.settings_of(binding).model_dump()
    return DeclaredBinding.model_validate({**given, "source": source})


def put(tx: Session, rt: Runtime, text: str, *, writer: str) -> str:
    """Creates or changes what a file declares; the id of the source to look at.

    Raises Invalid (no such source or connection, no such folder), Conflict, ManagedByGit.
    """
    kind, model = _model(text)
    name = str(getattr(model, "name", ""))
    ownership.check(tx, rt.clock(), kind.value, name, writer=writer)
    if isinstance(model, NewSource):
        known = git_sources.find(tx, name)
        if known is None:
            return str(sources.add_in(tx, rt, model).id)
        sources.change_in(tx, rt, known, model)
        return str(known.id)
    source = git_sources.find(tx, model.source)
    if source is None:
        raise Invalid(f"the Git binding {name!r}: no Git source {model.source!r}")
    row = git_bindings.find(tx, name)
    if row is None:
        bindings.add_in(tx, rt, source, model)
    elif row.source_id != source.id:
        raise Conflict(f"the Git binding {name!r} belongs to another source: rename it")
    else:
        bindings.change_in(tx, rt, row, model)
    git_sources.request(tx, source.id, rt.clock())
    return str(source.id)


def end(tx: Session, rt: Runtime, kind: Kind, name: str, *, writer: str) -> None:
    """Forgets a binding or a source; the flows and files that it brought stay.

    Raises ManagedByGit; Conflict for a source that has bindings still.
    """
    ownership.check(tx, rt.clock(), kind.value, name, writer=writer)
    if kind is Kind.BINDING:
        row = git_bindings.find(tx, name)
        if row is not None:
            bindings.drop_in(tx, rt, row, cascade=False)
        return
    source = git_sources.find(tx, name)
    if source is None:
        return
    left = [row.name for row in git_bindings.list_of(tx, source.id)]
    if left:
        raise Conflict(f"the Git source {name!r} still has the bindings {', '.join(left)}")
    git_sources.drop(tx, source.id)
