"""Plans: desired, owned and live states compared; what to do, and what forbids it.

Pure: the caller brings the three states, the plan says what a sync would change (GitOps 3.6, 3.7).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.errors import Invalid, Violation
from app.gitops.layout import Kind, is_within

MOST_TOLD = 50  #: problems that a refusal lists

#: kind and `namespace/id`, `namespace:path` of a file, the id of a dashboard
Key = tuple[Kind, str]


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    ADOPT = "ADOPT"  #: the same on both sides: it is owned from now on
    FORGET = "FORGET"  #: gone on both sides
    NONE = "NONE"


class Sync(StrEnum):
    """How a resource stands to Git."""

    SYNCED = "Synced"
    OUT_OF_SYNC = "OutOfSync"
    DRIFTED = "Drifted"
    CONFLICT = "Conflict"
    ORPHAN = "Orphan"
    UNMANAGED = "Unmanaged"  #: the same on both sides, and owned by nobody
    UNOWNED = "Unowned"  #: owned by nobody, and not what Git has
    IGNORED = "Ignored"  #: it differs, and somebody has decided to leave just this difference
    OWNED_ELSEWHERE = "OwnedElsewhere"
    INVALID = "Invalid"


IGNORABLE = frozenset({Sync.DRIFTED, Sync.CONFLICT, Sync.ORPHAN})
Difference = tuple[str | None, str | None]  #: hashes of what runs and of what Git has


class EditMode(StrEnum):
    """What an edit of an owned resource behind Git's back does (GitOps 6)."""

    LOCKED = "LOCKED"  #: it is refused
    OVERWRITE = "OVERWRITE"  #: it stands until the next sync
    BLOCK = "BLOCK"  #: it stands, and the binding waits until somebody decides


@dataclass(frozen=True, kw_only=True)
class Desired:
    """A resource as Git has it; `problems` tell why it cannot be applied."""

    path: str
    blob: str
    hash: str | None  #: None while it is invalid
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A row of the inventory."""

    binding: str
    path: str
    hash: str
    name: str = ""  #: of the binding, as people know it
    ignored: Difference | None = None  #: the difference that is left alone


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a binding may do."""

    prune: bool = False
    adopt: bool = False
    self_heal: bool = True
    allow_empty: bool = False
    max_delete_percent: int = 30
    max_deletes: int | None = None  #: at once, whatever the percentage
    few_deletes: int = 1  #: so many are not measured by the percentage
    quarantine: bool = False  #: apply the valid rest when a file is invalid
    edit_mode: EditMode = EditMode.LOCKED
    protected: tuple[str, ...] = ()  #: namespaces (and all below) in which nothing is deleted
    kept: frozenset[Key] = frozenset()  #: never deleted: the flow that runs the sync itself
    taken: frozenset[Key] = frozenset()  #: Git wins here: somebody has decided a conflict


@dataclass(frozen=True, kw_only=True)
class Item:
    """One resource of a plan."""

    kind: Kind
    key: str
    action: Action
    state: Sync
    path: str | None = None
    before: str | None = None  #: hash of the live resource
    after: str | None = None  #: hash of the desired one
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()  #: what is odd about it and stops nothing
    diff: str | None = None  #: unified, for people

    def to_wire(self) -> dict[str, Any]:
        """As the API and the history show it."""
        found = {
            "kind": self.kind.value,
            "key": self.key,
            "action": self.action.value,
            "state": self.state.value,
            "path": self.path,
            "beforeHash": self.before,
            "afterHash": self.after,
            "problems": list(self.problems),
        }
        if self.warnings:
            found["warnings"] = list(self.warnings)
        return found if self.diff is None else {**found, "diff": self.diff}


def problems_of(path: str, error: Exception) -> tuple[str, ...]:
    """What is wrong with a file, each with its place: `flows/a.yaml:3:5: tasks[0].type: …`."""
    found = error.violations if isinstance(error, Invalid) else ()
    return tuple(_problem(path, one) for one in found) or (f"{path}: {error}",)


def _problem(path: str, one: Violation) -> str:
    place = f"{path}:{one.line}:{one.column or 1}" if one.line is not None else path
    return ": ".join(filter(None, [place, one.path, one.message]))


@dataclass(frozen=True)
class Plan:
    """Every resource of a binding with what a sync would do; `blocked` says why it must not."""

    items: tuple[Item, ...]
    blocked: tuple[str, ...] = ()

    @property
    def changes(self) -> list[Item]:
        """The items that change something."""
        return [item for item in self.items if item.action is not Action.NONE]

    @property
    def problems(self) -> list[str]:
        """What stands in the way, each with the file it is about."""
        return [*self.blocked, *(p for item in self.items for p in item.problems)]

    @property
    def left(self) -> list[str]:
        """What is no longer in Git and stays nevertheless, each with the reason."""
        return [w for i in self.items if i.state is Sync.ORPHAN for w in i.warnings]

    @property
    def refusal(self) -> str:
        """The first of the problems, a line each."""
        return "\n".join(self.problems[:MOST_TOLD])

    def counts(self) -> dict[str, int]:
        """How many resources there are of each state and action."""
        found: dict[str, int] = {}
        for item in self.items:
            for name in (item.state.value, item.action.value):
                if name != Action.NONE:
                    found[name] = found.get(name, 0) + 1
        return found


@dataclass
class States:
    """The three sides of the comparison, by key."""

    desired: Mapping[Key, Desired] = field(default_factory=dict)
    owned: Mapping[Key, Owned] = field(default_factory=dict)
    live: Mapping[Key, str] = field(default_factory=dict)  #: hash of what runs


def make_plan(binding: str, states: States, policy: Policy) -> Plan:
    """The plan of a binding; the same states always give the same plan."""
    mine = {key for key, row in states.owned.items() if row.binding == binding}
    keys = sorted(mine | set(states.desired))
    items = tuple(_item(binding, key, states, policy) for key in keys)
    return Plan(items, tuple(blocks(items, len(mine), states, policy)))


def _item(binding: str, key: Key, states: States, policy: Policy) -> Item:
    wanted, owner, live = states.desired.get(key), states.owned.get(key), states.live.get(key)
    problems: tuple[str, ...] = ()
    if wanted is not None and wanted.hash is None:
        action, state, problems = Action.NONE, Sync.INVALID, wanted.problems
    elif owner is not None and owner.binding != binding:
        action, state = Action.NONE, Sync.OWNED_ELSEWHERE
        problems = (f"{key[1]} belongs to another binding ({owner.name or owner.binding})",)
    else:
        action, state = _decided(key, owner, wanted, live, policy)
    warnings: tuple[str, ...] = ()
    if state is Sync.ORPHAN and action is Action.NONE:
        why = "it is protected" if policy.prune else "prune is off"
        warnings = (f"{key[1]} is no longer in Git, and stays: {why}",)
    if state is Sync.UNOWNED:
        problems = (f"{key[1]} exists and is not managed: adopt it or rename the file",)
    elif state is Sync.CONFLICT:
        problems = (_conflict(key, owner, wanted, policy),)
    return Item(
        kind=key[0],
        key=key[1],
        action=action,
        state=state,
        path=wanted.path if wanted else owner.path if owner else None,
        before=live,
        after=wanted.hash if wanted else None,
        problems=problems,
        warnings=warnings,
    )


def _decided(
    key: Key, owner: Owned | None, wanted: Desired | None, live: str | None, policy: Policy
) -> tuple[Action, Sync]:
    """What happens to a valid resource; a difference that is ignored is left as it is."""
    after = wanted.hash if wanted is not None else None
    if wanted is None:
        found = _gone(key, owner, live, policy)
    else:
        found = _compared(key, owner, after, live, policy)
    is_ignored = owner is not None and owner.ignored == (live, after)
    if is_ignored and found[1] in IGNORABLE and key not in policy.taken:
        return Action.NONE, Sync.IGNORED
    return found


def _conflict(key: Key, owner: Owned | None, wanted: Desired | None, policy: Policy) -> str:
    if owner is not None and wanted is not None and owner.hash == wanted.hash:
        return f"{key[1]} was changed here: propose the change to Git, or let Git win"
    if wanted is None:
        return f"{key[1]} was changed here and deleted in Git"
    return f"{key[1]} was changed here and in Git: propose the change, or let Git win"


def _gone(key: Key, owner: Owned | None, live: str | None, policy: Policy) -> tuple[Action, Sync]:
    """Git does not have it (any more)."""
    if live is None:
        return Action.FORGET, Sync.SYNCED
    if owner is not None and live != owner.hash and key not in policy.taken:
        return Action.NONE, Sync.CONFLICT  # an edited resource is never deleted by itself
    keeps = key in policy.kept or any(is_within(namespace_of(key), n) for n in policy.protected)
    return (Action.DELETE if policy.prune and not keeps else Action.NONE), Sync.ORPHAN


def namespace_of(key: Key) -> str:
    """The namespace that a resource lives in; empty for what belongs to the whole server."""
    if key[0].is_global:
        return ""
    return key[1].partition("/" if key[0] is Kind.FLOW else ":")[0]


def _compared(
    key: Key, owner: Owned | None, wanted: str | None, live: str | None, policy: Policy
) -> tuple[Action, Sync]:
    """Git has it."""
    if owner is None:
        if live is None:
            return Action.CREATE, Sync.OUT_OF_SYNC
        if policy.adopt:
            same = wanted == live
            return (Action.ADOPT, Sync.SYNCED) if same else (Action.UPDATE, Sync.OUT_OF_SYNC)
        return Action.NONE, Sync.UNMANAGED if wanted == live else Sync.UNOWNED
    if wanted == live:
        # `live` moved to what Git has: only the inventory's hash is behind
        return (Action.NONE if owner.hash == wanted else Action.ADOPT), Sync.SYNCED
    write = Action.CREATE if live is None else Action.UPDATE
    if owner.hash == live or (live is None and owner.hash != wanted):
        return write, Sync.OUT_OF_SYNC
    if key in policy.taken or policy.edit_mode is EditMode.OVERWRITE:
        heals = policy.self_heal or key in policy.taken or owner.hash != wanted
        return (write if heals else Action.NONE), Sync.DRIFTED
    if owner.hash != wanted or policy.edit_mode is EditMode.BLOCK:
        return Action.NONE, Sync.CONFLICT
    return (write if policy.self_heal else Action.NONE), Sync.DRIFTED


def blocks(items: Sequence[Item], owned: int, states: States, policy: Policy) -> Iterator[str]:
    """Why nothing of some items may be applied; `owned` is how many the binding owns."""
    hindering = {Sync.UNOWNED, Sync.OWNED_ELSEWHERE, Sync.CONFLICT}
    if not policy.quarantine:
        hindering.add(Sync.INVALID)
    wrong = sum(1 for item in items if item.state in hindering)
    if wrong:
        yield f"{wrong} of {len(items)} resources cannot be applied"
    deleted = sum(1 for item in items if item.action is Action.DELETE)
    if deleted and not states.desired and not policy.allow_empty:
        yield "the repository's folder is empty: everything would be deleted (allowEmpty)"
    elif policy.max_deletes is not None and deleted > policy.max_deletes:
        yield f"{deleted} resources would be deleted, over {policy.max_deletes} (maxDeletes)"
    elif deleted > policy.few_deletes and deleted * 100 > owned * policy.max_delete_percent:
        limit = policy.max_delete_percent
        yield f"{deleted} of {owned} resources would be deleted, over {limit} % (maxDeletePercent)"
