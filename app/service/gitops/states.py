"""The three states of a binding: what Git has, what the binding owns, what runs."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Row

from app.database import flows as flow_rows
from app.database import git_bindings, namespaces
from app.database.session import Session
from app.errors import Invalid, TrunklineError
from app.gitops.layout import Kind, Layout, Place, is_within, place_of
from app.gitops.mirror import Mirror, TreeFile
from app.gitops.plan import Desired, Key, Owned, States
from app.language.parse import Parsed
from app.service import flows
from app.service.runtime import Runtime
from app.storage.paths import safe_path

MOST_FILE_BYTES = 5_000_000
_NAMESPACE_LINE = re.compile(r"^namespace:.*$", re.MULTILINE)


@dataclass(frozen=True)
class Loaded:
    """A resource of a commit that was read: a flow's text and its parsed form, or bytes."""

    data: bytes = b""
    text: str = ""
    parsed: Parsed | None = None


@dataclass
class Picture:
    """The states with what was read on the way, for the apply that may follow."""

    states: States
    loaded: dict[Key, Loaded] = field(default_factory=dict)
    load: Callable[[Key], Loaded] = field(default=lambda key: Loaded())


class _Refused(Exception):
    """One file cannot be a resource; the message says why."""


class Painter:
    """Draws the picture of one binding at one commit.

    A file whose blob the inventory knows is not read again: its key and hash are the owned ones.
    """

    def __init__(self, rt: Runtime, binding: Row[Any], mirror: Mirror, sha: str) -> None:
        self.rt, self.binding, self.mirror, self.sha = rt, binding, mirror, sha
        self.layout = Layout(binding.layout)
        self.desired: dict[Key, Desired] = {}
        self.loaded: dict[Key, Loaded] = {}
        self.files: dict[Key, tuple[TreeFile, Place]] = {}
        self.by_path: dict[str, Row[Any]] = {}

    def paint(self) -> Picture:
        """Reads Git first, then the database in one transaction."""
        with self.rt.database.reading() as tx:
            mine = git_bindings.resources(tx, self.binding.id)
        self.by_path = {row.path: row for row in mine}
        self._read_tree()
        with self.rt.database.reading() as tx:
            owned = self._owned(tx)
            live = live_hashes(tx, {*self.desired, *owned})
        return Picture(States(self.desired, owned, live), self.loaded, self.load)

    def load(self, key: Key) -> Loaded:
        """What a resource is made from; read now when the plan did not need it."""
        if key not in self.loaded:
            file, place = self.files[key]
            ((_, data),) = self.mirror.read([file.blob])
            self.loaded[key] = self._understand(data, place)[2]
        return self.loaded[key]

    def _read_tree(self) -> None:
        unread: list[tuple[TreeFile, Place]] = []
        base = self.binding.path
        for file in self.mirror.files(self.sha, base):
            relative = str(PurePosixPath(file.path).relative_to(base)) if base else file.path
            place = place_of(self.layout, self.binding.namespace, relative)
            if place is None:
                continue
            known = self.by_path.get(file.path)
            if known is not None and known.blob == file.blob:
                self._put((Kind(known.kind), known.key), file, place, known.hash)
            elif reason := self._refusal(file, place):
                self._refuse(file, place, reason)
            else:
                unread.append((file, place))
        blobs = list(dict.fromkeys(file.blob for file, _ in unread))
        by_blob: dict[str, list[tuple[TreeFile, Place]]] = {}
        for file, place in unread:
            by_blob.setdefault(file.blob, []).append((file, place))
        for blob, data in self.mirror.read(blobs):
            for file, place in by_blob[blob]:
                self._add(file, place, data)

    def _add(self, file: TreeFile, place: Place, data: bytes) -> None:
        try:
            key, digest, loaded = self._understand(data, place)
        except (_Refused, TrunklineError) as error:
            self._refuse(file, place, str(error))
            return
        if self._put(key, file, place, digest):
            self.loaded[key] = loaded

    def _refuse(self, file: TreeFile, place: Place, reason: str) -> None:
        """The file cannot be applied; the resource it was stays as it is."""
        known = self.by_path.get(file.path)
        name = (place.kind, known.key if known is not None else file.path)
        problem = f"{file.path}: {reason}"
        self.desired[name] = Desired(path=file.path, blob=file.blob, hash=None, problems=(problem,))

    def _put(self, key: Key, file: TreeFile, place: Place, digest: str) -> bool:
        other = self.desired.get(key)
        if other is not None and other.path != file.path:
            self._refuse(file, place, f"{key[1]} is defined in {other.path} too")
            return False
        self.desired[key] = Desired(path=file.path, blob=file.blob, hash=digest)
        self.files[key] = (file, place)
        return True

    def _refusal(self, file: TreeFile, place: Place) -> str | None:
        """Why a file is not even read."""
        if file.is_link:
            return "symbolic links are not followed"
        is_flow = place.kind is Kind.FLOW
        limit = self.rt.settings.max_body_bytes if is_flow else MOST_FILE_BYTES
        return f"{file.size} bytes are more than {limit}" if file.size > limit else None

    def _understand(self, data: bytes, place: Place) -> tuple[Key, str, Loaded]:
        if place.kind is Kind.FILE:
            path = safe_path(place.path or "")
            key = (Kind.FILE, f"{place.namespace}:{path}")
            return key, hashlib.sha256(data).hexdigest(), Loaded(data=data)
        return self._read_flow(data, place)

    def _read_flow(self, data: bytes, place: Place) -> tuple[Key, str, Loaded]:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise _Refused("the file is not UTF-8") from None
        if self.layout is Layout.TREE and place.namespace is not None:
            text = with_namespace(text, place.namespace)
        parsed = flows.parse(self.rt, text)
        namespace = parsed.flow.namespace
        if place.namespace is not None and namespace != place.namespace:
            raise _Refused(f"its namespace is {namespace}, its folder says {place.namespace}")
        if not is_within(namespace, self.binding.namespace):
            raise _Refused(f"its namespace {namespace} is outside of {self.binding.namespace}")
        key = (Kind.FLOW, f"{namespace}/{parsed.flow.id}")
        return key, flows.document_hash(parsed.data), Loaded(text=text, parsed=parsed)

    def _owned(self, tx: Session) -> dict[Key, Owned]:
        rows = list(git_bindings.resources(tx, self.binding.id))
        for kind in Kind:
            keys = [key for k, key in self.desired if k is kind]
            rows += git_bindings.owners(tx, kind.value, keys)
        return {
            (Kind(row.kind), row.key): Owned(binding=row.binding_id, path=row.path, hash=row.hash)
            for row in rows
        }


def live_hashes(tx: Session, keys: set[Key]) -> dict[Key, str]:
    """The hashes of what runs, of those keys that exist."""
    found: dict[Key, str] = {}
    places = {key.partition("/")[0] for kind, key in keys if kind is Kind.FLOW}
    for namespace in places:
        for flow_id, digest in flow_rows.list_hashes(tx, namespace):
            key = (Kind.FLOW, f"{namespace}/{flow_id}")
            if key in keys:
                found[key] = digest
    for namespace in {key.partition(":")[0] for kind, key in keys if kind is Kind.FILE}:
        for row in namespaces.list_files(tx, namespace):
            key = (Kind.FILE, f"{namespace}:{row.path}")
            if key in keys and row.sha256 is not None:
                found[key] = row.sha256
    return found


def with_namespace(text: str, namespace: str) -> str:
    """A flow's text with this namespace; line numbers stay as they were. Raises Invalid."""
    if _NAMESPACE_LINE.search(text):
        return _NAMESPACE_LINE.sub(f"namespace: {namespace}", text, count=1)
    if text.lstrip().startswith("{"):
        raise Invalid("a flow in flow style must declare its namespace")
    return f"{text.rstrip()}\nnamespace: {namespace}\n"
