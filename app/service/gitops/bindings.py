"""Bindings: added, changed, suspended, released, adopted, decided upon, removed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import Row

from app.database import git_bindings, git_sources, namespaces
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound, Violation
from app.gitops.layout import Kind, Layout
from app.gitops.plan import EditMode, Key, Policy
from app.model.ids import new_id
from app.service import flows, ownership
from app.service.gitops import boards
from app.service.gitops.models import PLACE, WIRE, NewBinding, read
from app.service.runtime import Runtime


class BindingNotFound(NotFound):
    """No binding has this id or name."""

    def __init__(self, binding: str) -> None:
        super().__init__(f"no Git binding {binding!r}")


class KeyOf(BaseModel):
    """A resource by its kind and key."""

    model_config = WIRE

    kind: Kind
    key: str = Field(min_length=1, max_length=1000)
    """`namespace/id` of a flow, `namespace:path` of a file, the id of a dashboard."""


class Keys(BaseModel):
    """Resources of a binding."""

    model_config = WIRE

    keys: tuple[KeyOf, ...] = ()


class NewSync(BaseModel):
    """A sync to make; without keys it is of the whole plan."""

    model_config = WIRE

    keys: tuple[KeyOf, ...] | None = Field(None, min_length=1, max_length=10_000)
    """Only these resources of the plan, as it names them."""


def find_in(tx: Session, binding: str) -> Row[Any]:
    """A binding by id or name. Raises BindingNotFound."""
    row = git_bindings.find(tx, binding)
    if row is None:
        raise BindingNotFound(binding)
    return row


def find(rt: Runtime, binding: str) -> Row[Any]:
    """A binding by id or name. Raises BindingNotFound."""
    with rt.database.reading() as tx:
        return find_in(tx, binding)


def add_in(
    tx: Session,
    rt: Runtime,
    source: Row[Any],
    new: NewBinding,
    preview: Mapping[str, Any] | None = None,
) -> Row[Any]:
    """A new binding of a source, in the caller's transaction. Raises Invalid, Conflict."""
    path = _checked_path(new)
    name = new.name or _free_name(tx, source.name, path)
    if git_bindings.find(tx, name) is not None:
        raise Conflict(f"a Git binding {name!r} exists already")
    now = rt.clock()
    values = {
        **_settings(new, path),
        "id": new_id(),
        "name": name,
        "source_id": source.id,
        "preview": dict(preview) if preview else None,
        "suspended": False,
        "taken": [],
        "compare_at": now,
        "heal_count": 0,
        "fail_count": 0,
        "conditions": {},
        "sync_state": "Unknown",
        "health": "Progressing",
        "problems": [],
        "created_at": now,
    }
    git_bindings.add(tx, values)
    return find_in(tx, values["id"])


def _settings(new: NewBinding, path: str) -> dict[str, Any]:
    return {
        "path": path,
        "namespace": new.namespace,
        "layout": new.layout.value,
        "policy": new.model_dump(mode="json", exclude={*PLACE, "source"}),
    }


def _checked_path(new: NewBinding) -> str:
    path = new.path.strip("/")
    parts = path.split("/") if path else []
    if any(p in ("", ".", "..") for p in parts) or not path.isprintable() or "\\" in path:
        where = Violation(path="binding.path", message=f"{new.path!r} is no path of a folder")
        raise Invalid("Invalid Git binding", (where,))
    if new.layout is Layout.TREE and not new.namespace:
        where = Violation(path="binding.namespace", message="the layout `tree` needs one")
        raise Invalid("Invalid Git binding", (where,))
    return path


def _free_name(tx: Session, source: str, path: str) -> str:
    """The source's name, with the path's where that is taken, with a number where both are."""
    words = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")
    names = [source, f"{source}-{words}"[:60].rstrip("-") if words else source]
    names += [f"{names[-1]}-{n}"[:63] for n in range(2, 1000)]
    return next(name for name in names if git_bindings.find(tx, name) is None)


def change(rt: Runtime, binding: str, new: NewBinding) -> Row[Any]:
    """Replaces the settings of a binding; its name stays. Raises BindingNotFound, Invalid."""
    with rt.database.transaction() as tx:
        row = find_in(tx, binding)
        if new.name not in ("", row.name):
            raise Invalid("the name of a Git binding stays as it is")
        ownership.check(tx, rt.clock(), Kind.BINDING, row.name)
        change_in(tx, rt, row, new)
    rt.publisher.wake_source(row.source_id)
    return find(rt, row.id)


def change_in(tx: Session, rt: Runtime, row: Row[Any], new: NewBinding) -> None:
    """As `change`, in the caller's transaction. Raises Invalid."""
    git_bindings.write(tx, row.id, **_settings(new, _checked_path(new)))
    look_again(tx, rt, row)


def alter(rt: Runtime, binding: str, **changes: Any) -> Row[Any]:
    """Changes some settings of a binding, by their wire names. Raises Invalid."""
    given = settings_of(find(rt, binding)).model_dump(mode="json", by_alias=True)
    return change(rt, binding, read({**given, **changes}, NewBinding))


def look_again(tx: Session, rt: Runtime, row: Row[Any]) -> None:
    """The binding is compared as a whole as soon as a worker is free."""
    now = rt.clock()
    git_bindings.write(tx, row.id, compare_at=now)
    git_sources.request(tx, row.source_id, now)


def counts(binding: Row[Any]) -> bool:
    """Whether the source's commit counts as applied only once this binding has it."""
    return not (binding.suspended or binding.pin or binding.preview)


def let_go_in(tx: Session, rt: Runtime, row: Row[Any], **changes: Any) -> None:
    """A binding that was held back (pinned, suspended) follows again, compared as a whole soon.

    Where all of a source's bindings were held, its commit has waited for nobody: how late it is
    counts from now.
    """
    if not any(map(counts, git_bindings.list_of(tx, row.source_id))):
        git_sources.write(tx, row.source_id, seen_at=rt.clock())
    git_bindings.write(tx, row.id, **changes)
    look_again(tx, rt, row)


def settings_of(row: Row[Any]) -> NewBinding:
    """A binding's settings as they were given."""
    place = {name: getattr(row, name) for name in PLACE}
    return NewBinding.model_validate({**row.policy, **place})


def policy_of(binding: Row[Any], kept: frozenset[Key] = frozenset()) -> Policy:
    """What a binding may do."""
    given = settings_of(binding)
    return Policy(
        prune=given.prune,
        adopt=given.adopt,
        self_heal=given.self_heal,
        allow_empty=given.allow_empty,
        max_delete_percent=given.max_delete_percent,
        max_deletes=given.max_deletes,
        quarantine=given.on_invalid == "QUARANTINE",
        edit_mode=EditMode(given.edit_mode),
        protected=given.protected,
        kept=kept,
        taken=frozenset((Kind(kind), key) for kind, key in binding.taken),
    )


def suspend(rt: Runtime, binding: str, *, suspended: bool) -> Row[Any]:
    """Stops or continues applying what a binding's folder holds. Raises BindingNotFound."""
    with rt.database.transaction() as tx:
        row = find_in(tx, binding)
        if suspended:
            git_bindings.write(tx, row.id, suspended=True, health="Suspended")
            _end_asked(tx, rt, row)
        else:
            let_go_in(tx, rt, row, suspended=False, health="Progressing")
    if not suspended:
        rt.publisher.wake_source(row.source_id)
    return find(rt, row.id)


def _end_asked(tx: Session, rt: Runtime, row: Row[Any]) -> None:
    """Ends the syncs that somebody waits for and that nobody will do now."""
    for asked in git_bindings.waiting(tx, row.source_id):
        if asked.binding_id == row.id and not asked.is_plan:
            error = f"the Git binding {row.name!r} was suspended"
            ended = {"status": "FAILED", "error": error, "ended_at": rt.clock()}
            git_bindings.write_sync(tx, asked.id, **ended)


def release(rt: Runtime, binding: str, keys: Sequence[Key]) -> int:
    """Gives up the ownership of resources, all of them when none is named; how many.

    They stay and may be edited. Raises BindingNotFound, NotFound for one that it does not own.
    """
    with rt.database.transaction() as tx:
        row = find_in(tx, binding)
        owned = {(Kind(r.kind), r.key) for r in git_bindings.resources(tx, row.id)}
        for key in keys:
            if key not in owned:
                raise NotFound(f"{row.name} does not own {key[1]!r}")
        gone = list(keys) or sorted(owned)
        for kind, name in gone:
            git_bindings.disown(tx, kind.value, name)
        if not keys:
            git_bindings.write(tx, row.id, suspended=True, health="Suspended")
    return len(gone)


def take(rt: Runtime, binding: str, keys: Sequence[Key]) -> None:
    """Decides that Git wins for resources: edited ones are set back, foreign ones are adopted.

    It holds until the next sync has done so. Raises BindingNotFound, Invalid without keys.
    """
    if not keys:
        raise Invalid("`keys` names the resources")
    with rt.database.transaction() as tx:
        row = find_in(tx, binding)
        wanted = {(kind, name) for kind, name in row.taken} | {(k.value, n) for k, n in keys}
        git_bindings.write(tx, row.id, taken=[list(pair) for pair in sorted(wanted)])
        look_again(tx, rt, row)
    rt.publisher.wake_source(row.source_id)


def remove(rt: Runtime, binding: str, *, cascade: bool = False) -> None:
    """Forgets a binding; what it owns stays, or is deleted with it.

    Raises BindingNotFound, ManagedByGit for one that a file declares.
    """
    with rt.database.transaction() as tx:
        row = find_in(tx, binding)
        ownership.check(tx, rt.clock(), Kind.BINDING, row.name)
        drop_in(tx, rt, row, cascade=cascade)


def drop_in(tx: Session, rt: Runtime, row: Row[Any], *, cascade: bool) -> None:
    """As `remove`, in the caller's transaction.

    Sources and bindings that it declares stay in any case: with them would go what they own.
    """
    if cascade:
        snapshots: dict[str, int] = {}
        for resource in git_bindings.resources(tx, row.id):
            if resource.kind == Kind.FLOW:
                namespace, _, flow_id = resource.key.partition("/")
                try:
                    flows.delete_in(tx, rt, namespace, flow_id, writer=row.id)
                except flows.FlowNotFound:
                    continue
            elif resource.kind in (Kind.SOURCE, Kind.BINDING):
                continue
            elif resource.kind == Kind.DASHBOARD:
                boards.end(tx, rt, resource.key, writer=row.id)
            else:
                namespace, _, path = resource.key.partition(":")
                if namespace not in snapshots:
                    snapshots[namespace] = namespaces.next_snapshot(tx, namespace, rt.clock())
                namespaces.end_file(tx, namespace, path, snapshots[namespace])
    git_bindings.drop(tx, row.id)


def read_part(data: Any) -> list[Key] | None:
    """The keys that a body chooses, each once; None for the whole plan. Raises Invalid."""
    keys = read({} if data is None else data, NewSync).keys
    return None if keys is None else list(dict.fromkeys((k.kind, k.key) for k in keys))


def read_keys(data: Any) -> list[Key]:
    """The keys of a body; an absent body names none. Raises Invalid."""
    return [(k.kind, k.key) for k in read({} if data is None else data, Keys).keys]
