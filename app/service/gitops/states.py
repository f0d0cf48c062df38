"""The three states of a binding: what Git has, what the binding owns, what runs."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Row

from app.database import flows as flow_rows
from app.database import git_bindings, git_sources, namespaces
from app.database.session import Session
from app.errors import TrunklineError
from app.gitops.config import CONFIG_FILE, FolderConfig, ignore_text, read_config
from app.gitops.large import Large, Pointer, read_pointer
from app.gitops.layout import IGNORE_FILE, Kind, Layout, Place, is_within, place_of
from app.gitops.mirror import Mirror, RefusedTree, TreeFile
from app.gitops.plan import Desired, Key, Owned, States, problems_of
from app.language.parse import Parsed
from app.model.namespace import check_namespace
from app.service import flows
from app.service.gitops import access, boards, declared
from app.service.gitops.texts import with_namespace, without_triggers
from app.service.runtime import Runtime
from app.storage.paths import safe_path

MOST_FILE_BYTES = 5_000_000
MOST_TEXT = 256_000_000  #: characters of all flows that one sync reads
MOST_PARSED = 500  #: parsed flows kept from the plan for the apply; others are parsed again


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
    load: Callable[[Key], Loaded] = field(default=lambda key: Loaded())
    read_files: Callable[[Sequence[Key], int], Iterator[tuple[Key, bytes]]] = field(
        default=lambda keys, most: iter(())
    )
    config_digest: str = ""


class _Refused(Exception):
    """One file cannot be a resource; the message says why."""


class Painter:
    """Draws the picture of one binding at one commit.

    A file whose blob the inventory knows is not read again: its key and hash are the owned ones,
    unless what maps files to resources has changed. Files are read twice (for the plan, for the
    apply) and never kept: a sync of many large ones takes no more memory than one of them.
    """

    def __init__(self, rt: Runtime, binding: Row[Any], mirror: Mirror, sha: str) -> None:
        self.rt, self.binding, self.mirror, self.sha = rt, binding, mirror, sha
        self.layout = Layout(binding.layout)
        self.kinds = frozenset(Kind(k) for k in binding.policy.get("kinds", list(Kind)))
        if binding.preview:
            self.kinds &= {Kind.FLOW, Kind.FILE}  # all others would be everybody's
        self._around = cache(flows.defaults_of(rt))  # many flows are of one namespace
        self.config = FolderConfig()
        self.digest = self.own_source = ""
        self.desired: dict[Key, Desired] = {}
        self.loaded: dict[Key, Loaded] = {}
        self.text_size = self.parsed_count = 0
        self.files: dict[Key, tuple[TreeFile, Place]] = {}
        self.source: Row[Any] | None = None
        self.owned: dict[str, Row[Any]] = {}
        self.by_path: dict[str, Row[Any]] = {}  #: of those whose meaning has not changed

    def paint(self) -> Picture:
        """Reads Git first, then the database in one transaction. Raises Invalid, RefusedTree."""
        with self.rt.database.reading() as tx:
            mine = git_bindings.resources(tx, self.binding.id)
            source = git_sources.find(tx, self.binding.source_id)
        if source is not None:
            self.source, self.own_source = source, source.name
        most = self.rt.settings.git_max_files
        placed = self._placed(self.mirror.files(self.sha, self.binding.path, most))
        self.owned = {row.path: row for row in mine if was_in_git(row)}
        if self.digest == self.binding.config_digest:
            self.by_path = self.owned
        self._read_tree(placed)
        with self.rt.database.reading() as tx:
            owned = self._owned(tx)
            live = live_hashes(tx, {*self.desired, *owned})
        return Picture(States(self.desired, owned, live), self.load, self.read_files, self.digest)

    def load(self, key: Key) -> Loaded:
        """What a resource is made from; read now when it was not kept."""
        kept = self.loaded.get(key)
        if kept is not None and kept.parsed is not None:
            return kept
        file, place = self.files[key]
        if kept is not None:
            return Loaded(text=kept.text, parsed=self._parsed(kept.text))
        ((_, data),) = self.mirror.read({file.blob: file.size})
        return self._understand(data, place)[2]

    def read_files(self, keys: Sequence[Key], most: int) -> Iterator[tuple[Key, bytes]]:
        """The bytes of namespace files, by few Git processes; not in the order of the keys.

        Files of more than `most` bytes are left out.
        """
        same: dict[str, list[Key]] = {}
        for key in keys:
            if self.files[key][0].size <= most:
                same.setdefault(self.files[key][0].blob, []).append(key)
        sizes = {blob: self.files[found[0]][0].size for blob, found in same.items()}
        pointers: dict[Key, Pointer] = {}
        for blob, data in self.mirror.read(sizes):
            pointer = read_pointer(data)
            for key in same[blob]:
                if pointer is None:
                    yield key, data
                elif pointer.size <= most:
                    pointers[key] = pointer
        if pointers:
            yield from self._read_large(pointers)

    def _read_large(self, pointers: dict[Key, Pointer]) -> Iterator[tuple[Key, bytes]]:
        """The bytes that pointers stand for, fetched now. Raises GitFailed."""
        assert self.source is not None
        large = Large(self.mirror.folder)
        try:
            with access.environment(self.rt, self.source) as env:
                paths = [self.files[key][0].path for key in pointers]
                large.fetch(self.source.url, self.sha, paths, env)
            for key, pointer in pointers.items():
                yield key, large.read(pointer)
        finally:
            large.clear()

    def rename(self, namespace: str) -> str:
        """What a namespace that the repository names is called here."""
        found = self.config.renamed(namespace, self.rt.settings.environment)
        preview = self.binding.preview
        if preview and is_within(found, preview["root"]):
            below = found[len(preview["root"]) :].strip(".")
            found = ".".join(filter(None, [self.binding.namespace, below]))
        return found

    def _placed(self, files: list[TreeFile]) -> list[tuple[TreeFile, Place]]:
        base = self.binding.path
        names = {str(PurePosixPath(f.path).relative_to(base)) if base else f.path: f for f in files}
        patterns = self._configure(names)
        ignored = self.mirror.ignored([*names], patterns)
        found = []
        for name, file in names.items():
            place = place_of(self.layout, self.binding.namespace, name, self.rename)
            if place is not None and self._takes(place.kind) and name not in ignored:
                found.append((file, place))
        return found

    def _takes(self, kind: Kind) -> bool:
        return kind in self.kinds or (kind is Kind.BINDING and Kind.SOURCE in self.kinds)

    def _configure(self, names: dict[str, TreeFile]) -> str:
        """Reads what the folder says about itself; its patterns of ignored files."""
        texts: dict[str, bytes] = {}
        for name in (CONFIG_FILE, IGNORE_FILE):
            file = names.get(name)
            if file is not None and not file.problem and file.size <= 1_000_000:
                ((_, texts[name]),) = self.mirror.read({file.blob: file.size})
        if CONFIG_FILE in texts:
            self.config = read_config(texts[CONFIG_FILE])
            self.layout = self.config.layout or self.layout
        patterns = ignore_text(self.config, texts.get(IGNORE_FILE))
        environment = self.rt.settings.environment
        at = (self.binding.path, self.binding.namespace)
        place = (self.layout.value, *at, sorted(self.kinds), environment)
        parts = (place, self.config.model_dump(mode="json"), patterns, self.binding.preview)
        self.digest = hashlib.sha256(repr(parts).encode()).hexdigest()
        return patterns

    def _read_tree(self, placed: list[tuple[TreeFile, Place]]) -> None:
        unread: dict[str, list[tuple[TreeFile, Place]]] = {}
        for file, place in placed:
            known = self.by_path.get(file.path)
            if known is not None and known.blob == file.blob:
                self._put((Kind(known.kind), known.key), file, place, known.hash)
            elif reason := self._refusal(file, place):
                self._refuse(file, place, f"{file.path}: {reason}")
            else:
                unread.setdefault(file.blob, []).append((file, place))
        sizes = {blob: same[0][0].size for blob, same in unread.items()}
        for blob, data in self.mirror.read(sizes):
            for file, place in unread[blob]:
                self._add(file, place, data)

    def _add(self, file: TreeFile, place: Place, data: bytes) -> None:
        try:
            key, digest, loaded = self._understand(data, place)
        except (_Refused, TrunklineError) as error:
            self._refuse(file, place, *problems_of(file.path, error))
            return
        if self._put(key, file, place, digest) and key[0] is Kind.FLOW:
            self._keep(key, loaded)

    def _keep(self, key: Key, loaded: Loaded) -> None:
        self.text_size += len(loaded.text)
        if self.text_size > MOST_TEXT:
            raise RefusedTree(f"the flows of one sync are larger than {MOST_TEXT} characters")
        self.parsed_count += 1
        keeps = self.parsed_count <= MOST_PARSED
        self.loaded[key] = loaded if keeps else Loaded(text=loaded.text)

    def _refuse(self, file: TreeFile, place: Place, *problems: str) -> None:
        """The file cannot be applied; the resource it was stays as it is."""
        known = self.owned.get(file.path)
        name = (Kind(known.kind), known.key) if known is not None else (place.kind, file.path)
        self.desired[name] = Desired(path=file.path, blob=file.blob, hash=None, problems=problems)

    def _put(self, key: Key, file: TreeFile, place: Place, digest: str) -> bool:
        other = self.desired.get(key)
        if other is not None and other.path != file.path:
            self._refuse(file, place, f"{file.path}: {key[1]} is defined in {other.path} too")
            return False
        self.desired[key] = Desired(path=file.path, blob=file.blob, hash=digest)
        self.files[key] = (file, place)
        return True

    def _refusal(self, file: TreeFile, place: Place) -> str | None:
        """Why a file is not even read."""
        if file.problem:
            return file.problem
        is_flow = place.kind is not Kind.FILE
        limit = self.rt.settings.max_body_bytes if is_flow else MOST_FILE_BYTES
        return f"{file.size} bytes are more than {limit}" if file.size > limit else None

    def _understand(self, data: bytes, place: Place) -> tuple[Key, str, Loaded]:
        if place.kind is Kind.FILE:
            path = safe_path(place.path or "")
            check_namespace(place.namespace)
            key = (Kind.FILE, f"{place.namespace}:{path}")
            if (pointer := read_pointer(data)) is not None:
                self._check_large(pointer)
                return key, pointer.oid, Loaded(data=data)
            return key, hashlib.sha256(data).hexdigest(), Loaded(data=data)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise _Refused("the file is not UTF-8") from None
        if place.kind is Kind.BINDING:
            kind, name, digest = declared.read_file(text, self.binding, self.own_source)
            if kind not in self.kinds:
                raise _Refused(f"the binding does not take the kind {kind.value}")
            return (kind, name), digest, Loaded(text=text)
        if place.kind is Kind.DASHBOARD:
            board, digest = boards.read(text, place.path or "")
            return (Kind.DASHBOARD, board), digest, Loaded(text=text)
        return self._read_flow(text, place)

    def _check_large(self, pointer: Pointer) -> None:
        if self.source is None or not self.source.lfs:
            raise _Refused("it is a pointer of Git LFS: set `lfs` of the source to fetch its bytes")
        if pointer.size > MOST_FILE_BYTES:
            raise _Refused(f"{pointer.size} bytes in Git LFS are more than {MOST_FILE_BYTES}")

    def _parsed(self, text: str) -> Parsed:
        return flows.parse(self.rt, text, self._around)

    def _read_flow(self, text: str, place: Place) -> tuple[Key, str, Loaded]:
        if self.layout is Layout.TREE and place.namespace is not None:
            text = with_namespace(text, place.namespace)
        if self.binding.preview:
            text = without_triggers(text)
        parsed = self._parsed(text)
        namespace = self.rename(parsed.flow.namespace)
        if namespace != parsed.flow.namespace and self.layout is not Layout.TREE:
            text = with_namespace(text, namespace)
            parsed = self._parsed(text)
        else:
            namespace = parsed.flow.namespace
        if place.namespace is not None and namespace != place.namespace:
            raise _Refused(f"its namespace is {namespace}, its folder says {place.namespace}")
        if not is_within(namespace, self.binding.namespace):
            raise _Refused(f"its namespace {namespace} is outside of {self.binding.namespace}")
        if self.binding.preview and not all(t.disabled for t in parsed.flow.triggers):
            raise _Refused("its triggers cannot be disabled, as those of a preview are")
        key = (Kind.FLOW, f"{namespace}/{parsed.flow.id}")
        return key, flows.document_hash(parsed.data), Loaded(text=text, parsed=parsed)

    def _owned(self, tx: Session) -> dict[Key, Owned]:
        found: dict[Key, Owned] = {}
        for row in git_bindings.resources(tx, self.binding.id):
            found[Kind(row.kind), row.key] = _owner(row)
        for kind in Kind:
            keys = [key for k, key in self.desired if k is kind]
            for row in git_bindings.owners(tx, kind.value, keys):
                found[kind, row.key] = _owner(row, row.name)
        return found


def was_in_git(row: Row[Any]) -> bool:
    """Whether the comparison before found the resource in Git.

    What is left of one that went may have the path of the file that took its place.
    """
    return row.seen is None or row.seen[1] is not None


def _owner(row: Row[Any], name: str = "") -> Owned:
    ignored = (row.ignored["live"], row.ignored["desired"]) if row.ignored else None
    return Owned(binding=row.binding_id, path=row.path, hash=row.hash, name=name, ignored=ignored)


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
    ids = [name for kind, name in keys if kind is Kind.DASHBOARD]
    found |= {(Kind.DASHBOARD, i): digest for i, digest in boards.live_hashes(tx, ids).items()}
    for kind in declared.KINDS:
        names = [name for k, name in keys if k is kind]
        found |= {(kind, n): digest for n, digest in declared.live_hashes(tx, kind, names).items()}
    return found
