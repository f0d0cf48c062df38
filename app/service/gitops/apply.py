"""A plan applied: every change of a binding in one transaction, or none."""

import io
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app import failpoints
from app.database import git_bindings, git_sources
from app.database.session import Session
from app.errors import Conflict
from app.gitops.address import commit_url
from app.gitops.layout import Kind
from app.gitops.mirror import Commit
from app.gitops.plan import Action, Item, Key, Plan
from app.service import flows
from app.service.gitops import boards, declared
from app.service.gitops.states import MOST_FILE_BYTES, Picture, live_hashes
from app.service.gitops.writing import FileWriter, StoredBytes, store
from app.service.runtime import Runtime

_WRITES = (Action.CREATE, Action.UPDATE)
LEASE = timedelta(seconds=90)  #: renewed every third of it


class Moved(Conflict):
    """Something was changed here between the plan and its application: plan again."""


class LeaseLost(Conflict):
    """This round may not go on: another worker has taken the source over, or the binding or its
    source was removed, suspended, pinned or set otherwise meanwhile.

    Whoever did so has asked for another round, or wants none.
    """


#: what a plan was made with
_OF_SOURCE = ("url", "ref", "ref_kind", "verify", "suspended")
_OF_BINDING = ("path", "namespace", "layout", "policy", "suspended")


def apply(
    rt: Runtime,
    source: Row[Any],
    binding: Row[Any],
    plan: Plan,
    picture: Picture,
    commit: Commit,
    *,
    owner: str,
    sync: dict[str, Any],
    tell: Callable[[Session], None] = lambda tx: None,
) -> None:
    """Applies a plan that is not blocked and writes `sync` into the history.

    `sync["binding"]` is how the binding stands then. `tell` puts what the outside is told
    into the same transaction.

    Raises Moved or LeaseLost, with nothing changed.
    """
    uris = _store(rt, plan, picture)
    failpoints.hit("git_before_apply")
    with rt.database.transaction() as tx:
        until = rt.database.now_plus(LEASE)
        if not git_sources.hold(tx, source.id, owner, until):
            raise LeaseLost(f"the source {source.name!r} is synced by another worker")
        _check_same(tx, source, binding, commit)
        check_unmoved(tx, plan, binding.id)
        work = _Application(rt, tx, source, binding, commit, uris)
        for item in sorted(plan.changes, key=_order):
            if not _is_written_file(item):
                work.do(item, picture)
        work.end([item for item in plan.changes if _is_written_file(item)], picture)
        failpoints.hit("git_in_apply")
        git_bindings.write(tx, binding.id, **sync.pop("binding"))
        git_bindings.put_sync(tx, sync)
        tell(tx)
    failpoints.hit("git_after_apply")
    for woken in sorted(work.woken):
        rt.publisher.wake_source(woken)


def _order(item: Item) -> tuple[bool, bool]:
    """What goes, goes first; a source is there before its bindings, and goes after them."""
    goes, is_source = item.action is Action.DELETE, item.kind is Kind.SOURCE
    return not goes, is_source == goes


def _store(rt: Runtime, plan: Plan, picture: Picture) -> dict[Key, StoredBytes]:
    """Files' bytes under their own hash: the transaction only moves pointers."""
    keys = [(item.kind, item.key) for item in plan.changes if _is_written_file(item)]
    return {
        key: store(rt, io.BytesIO(data)) for key, data in picture.read_files(keys, MOST_FILE_BYTES)
    }


def _is_written_file(item: Item) -> bool:
    return item.kind is Kind.FILE and item.action in _WRITES


def _check_same(tx: Session, source: Row[Any], binding: Row[Any], commit: Commit) -> None:
    """Raises LeaseLost unless source and binding still are what the plan was made for."""
    sources = (source, git_sources.find(tx, source.id), _OF_SOURCE)
    bindings = (binding, git_bindings.find(tx, binding.id), _OF_BINDING)
    for was, now, names in (sources, bindings):
        if now is None or any(was._mapping[name] != now._mapping[name] for name in names):
            raise LeaseLost(f"{was.name!r} was changed while it was synced")
    pin = bindings[1].pin if bindings[1] is not None else None
    if pin and pin["sha"] != commit.sha:
        raise LeaseLost(f"the Git binding {binding.name!r} was pinned while it was synced")


def check_unmoved(tx: Session, plan: Plan, writer: str = "") -> None:
    """Raises Moved when what a plan changes is not what it was compared with, or has another owner.

    `writer` is the binding whose plan it is: another one may have adopted the same at that moment.
    """
    keys = {(item.kind, item.key) for item in plan.changes}
    live = live_hashes(tx, keys)
    for item in plan.changes:
        if live.get((item.kind, item.key)) != item.before:
            raise Moved(f"{item.key} was changed while it was synced")
    for kind in sorted({kind for kind, _ in keys}):
        for row in git_bindings.owners(tx, kind.value, [key for k, key in keys if k is kind]):
            if row.binding_id != writer:
                raise Moved(f"{row.key} was taken by the Git binding {row.name!r} meanwhile")


class _Application:
    """The writes of one transaction."""

    def __init__(
        self,
        rt: Runtime,
        tx: Session,
        source: Row[Any],
        binding: Row[Any],
        commit: Commit,
        uris: dict[Key, StoredBytes],
    ) -> None:
        self.rt, self.tx, self.source, self.binding = rt, tx, source, binding
        self.commit, self.uris = commit, uris
        self.files = FileWriter(rt, tx)
        self.flows: list[dict[str, Any]] = []  #: rows of the inventory that are written at the end
        self.woken: set[str] = set()  #: sources that were declared or changed

    def do(self, item: Item, picture: Picture) -> None:
        """Makes one change."""
        if item.action in (Action.DELETE, Action.FORGET):
            if item.action is Action.DELETE:
                self._delete(item)
            git_bindings.disown(self.tx, item.kind.value, item.key)
            return
        revision = self._write(item, picture) if item.action in _WRITES else None
        if revision is not None:
            self.flows.append(self._owned(item, picture) | {"revision": revision})
        else:
            git_bindings.own(self.tx, self._owned(item, picture))

    def end(self, items: Sequence[Item], picture: Picture) -> None:
        """Writes many files, and the inventory of these and the flows: few statements for all."""
        git_bindings.own_many(self.tx, self.flows)
        uris = self.uris
        self.files.put_many((i.key, uris[i.kind, i.key], self._origin(i)) for i in items)
        git_bindings.own_many(self.tx, [self._owned(item, picture) for item in items])

    def _owned(self, item: Item, picture: Picture) -> dict[str, Any]:
        """A row of the inventory."""
        wanted = picture.states.desired[item.kind, item.key]
        return {
            "kind": item.kind.value,
            "key": item.key,
            "binding_id": self.binding.id,
            "path": wanted.path,
            "blob": wanted.blob,
            "hash": wanted.hash,
            "commit": self.commit.sha,
            "state": "Synced",
        }

    def _origin(self, item: Item) -> dict[str, Any]:
        return {
            "sourceId": self.source.id,
            "source": self.source.name,
            "repository": self.source.url,
            "commit": self.commit.sha,
            "path": item.path,
            "author": self.commit.author,
            "message": self.commit.message.partition("\n")[0],
            "url": commit_url(self.source.url, self.commit.sha),
        }

    def _write(self, item: Item, picture: Picture) -> int | None:
        """The revision of a flow."""
        if item.kind is Kind.FLOW:
            content = picture.load((item.kind, item.key))
            assert content.parsed is not None
            saved = flows.save_in(
                self.tx,
                self.rt,
                content.parsed,
                content.text,
                author=self.commit.author,
                git=self._origin(item),
                writer=self.binding.id,
            )
            return saved.revision
        text = picture.load((item.kind, item.key)).text
        if item.kind in declared.KINDS:
            self.woken.add(declared.put(self.tx, self.rt, text, writer=self.binding.id))
            return None
        author, writer = self.commit.author, self.binding.id
        boards.put(self.tx, self.rt, item.key, text, author=author, writer=writer)
        return None

    def _delete(self, item: Item) -> None:
        if item.kind is Kind.FLOW:
            namespace, _, flow_id = item.key.partition("/")
            flows.delete_in(self.tx, self.rt, namespace, flow_id, writer=self.binding.id)
            return
        if item.kind in declared.KINDS:
            declared.end(self.tx, self.rt, item.kind, item.key, writer=self.binding.id)
            return
        if item.kind is Kind.DASHBOARD:
            boards.end(self.tx, self.rt, item.key, writer=self.binding.id)
            return
        self.files.end(item.key)
