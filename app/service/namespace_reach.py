"""Which namespaces the flows of a namespace may use and change, and where their files lie.

As in the reference, keys, files and flows of any namespace that has flows are open to the tasks of
all flows. With `isolated_namespaces` they are not: whoever may write a flow in one namespace cannot
reach another by it. A namespace that has `allowedNamespaces` lets in the flows of those only. The
flows of the system namespace may go on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.database import namespaces
from app.errors import Forbidden, Invalid, NotFound
from app.model.access import is_within
from app.model.namespace import check_namespace, lineage
from app.service.runtime import Runtime
from app.storage.paths import safe_path


@dataclass(frozen=True)
class Reach:
    """How far the flows of a namespace reach."""

    rt: Runtime
    namespace: str

    @property
    def is_free(self) -> bool:
        """Whether nothing keeps them from other namespaces."""
        settings = self.rt.settings
        is_system = is_within(self.namespace, settings.system_namespace)
        return is_system or not settings.isolated_namespaces

    def hears(self, name: str) -> bool:
        """Whether what Git does to a namespace may start flows of theirs: as far as they read."""
        return self.is_free or is_within(self.namespace, name) or is_within(name, self.namespace)

    def check_use(self, names: Iterable[str]) -> None:
        """Raises Forbidden for a namespace that is neither theirs, a parent, nor below theirs."""
        self._check(name for name in names if not is_within(self.namespace, name))

    def check_change(self, names: Iterable[str]) -> None:
        """Raises Forbidden for a namespace that is neither theirs nor below theirs; "" is all."""
        self._check(names)

    def check_start(self, name: str) -> None:
        """Raises Forbidden for a namespace that lets no flow of theirs start one of its own."""
        if not is_let_in(self.rt, self.namespace, name):
            place = f"namespace {name!r}" if name else "every namespace"
            raise Forbidden(
                f"{place} may not be used from {self.namespace!r}: "
                "the `allowedNamespaces` there do not name that"
            )

    def _check(self, names: Iterable[str]) -> None:
        for name in names:
            self.check_start(name)
            if not self.is_free and not is_within(name, self.namespace):
                place = f"namespace {name!r} may" if name else "a namespace must be named, all may"
                raise Forbidden(f"{place} not be used from {self.namespace!r}")


def may_use(rt: Runtime, caller: str, namespace: str) -> bool:
    """Whether flows of `caller` may use a namespace: their own, a parent, one that has flows."""
    if is_within(caller, namespace):
        return True
    if not is_let_in(rt, caller, namespace):
        return False
    if not Reach(rt, caller).is_free:
        return is_within(namespace, caller)
    with rt.database.reading() as tx:
        return namespaces.has_flows(tx, namespace)


def is_let_in(rt: Runtime, caller: str, name: str) -> bool:
    """Whether the `allowedNamespaces` of a namespace let flows of `caller` in; "" is all of them.

    A namespace that names none has those of its nearest parent that does. Flows of what lies below
    it and of the system namespace always come in.
    """
    if is_within(caller, name) or is_within(caller, rt.settings.system_namespace):
        return True
    with rt.database.reading() as tx:
        rows = namespaces.find_some(tx, lineage(name)) if name else namespaces.list_declared(tx)
    closed = {row.id: allowed for row in rows if (allowed := allowed_of(row.settings))}
    if closed and name:
        nearest = max(closed, key=len)
        closed = {nearest: closed[nearest]}
    return all(
        any(is_within(caller, root) for root in (place, *allowed))
        for place, allowed in closed.items()
    )


def allowed_of(settings: Mapping[str, Any]) -> list[str]:
    """The namespaces that a record's `allowedNamespaces` name. Raises Invalid for another shape."""
    found = settings.get("allowedNamespaces") or []
    try:
        return [check_namespace(item["namespace"], "namespace") for item in found]
    except (TypeError, KeyError):
        raise Invalid("`allowedNamespaces` must be a list of {namespace}") from None


def stored_uri(rt: Runtime, namespace: str, path: str, at: int | None = None) -> str:
    """Where the bytes of a file lie, now or as of a snapshot. Raises NotFound."""
    with rt.database.reading() as tx:
        row = namespaces.find_file(tx, namespace, safe_path(path), at=at)
    if row is None or row.uri is None:
        raise NotFound(f"File '{path}' not found")
    return str(row.uri)
