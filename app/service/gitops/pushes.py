"""Push triggers: fired once for each applied commit, in the transaction that notes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings, git_sources, triggers
from app.database.session import Session
from app.errors import TrunklineError, Unavailable
from app.gitops.layout import Kind
from app.gitops.mirror import Commit, Mirror
from app.gitops.plan import Sync
from app.model.task import AbstractTrigger
from app.service import before, flows, log_lines, starting, trigger_birth, trigger_rows
from app.service.flows import SavedFlow
from app.service.gitops import fetching
from app.service.gitops.apply import LEASE
from app.service.namespace_reach import Reach
from app.service.runtime import Runtime
from app.service.settle import settle
from app.service.starting import Birth
from app.service.work import Progress
from app.service.world import OpenWorld
from app.telemetry.metrics import LAG_SECONDS
from app.trigger.condition import all_hold
from app.trigger.push import Push

_MOST_MESSAGE = 10_000  #: characters that the started executions keep
_MOST_FILES = 3000  #: of a push that an execution is told
_NOT_IN_GIT = (Sync.ORPHAN, Sync.INVALID)  #: what runs is of an earlier commit


@dataclass(frozen=True)
class _Step:
    """What has moved from a commit to a later one: a binding, or the source as a whole."""

    binding: str | None  #: None: the source, for the flows that none of its bindings owns
    before: str | None
    sha: str


def fire(
    rt: Runtime, source: Row[Any], mirror: Mirror, head: str, owner: str, *, is_whole: bool
) -> None:
    """Starts what newly applied commits start, and notes them on the source and its bindings.

    A flow starts once its own binding has the commit, whatever the others wait for; one that no
    binding owns once the source has (`is_whole`). The first commit of either starts nothing:
    nobody has pushed it since it is followed. What cannot be asked now (a secret) keeps its commit
    from being noted: the next look starts the rest. Raises GitFailed.
    """
    with rt.database.reading() as tx:
        bindings = [row for row in git_bindings.list_of(tx, source.id) if not row.preview]
    steps = [_Step(row.id, row.fired_sha, row.applied_sha) for row in bindings]
    steps = [step for step in steps if _has_moved(step, mirror, head)]
    if is_whole and source.applied_sha != head:
        steps.append(_Step(None, source.applied_sha, head))
    if not steps:
        return
    for step in steps:
        fetching.ensure(rt, source, mirror, step.sha)
    births: list[tuple[_Step, str, Birth]] = []
    done: list[_Step] = []
    for step in steps:
        found, is_all = _births(rt, source, mirror, step, {row.id for row in bindings})
        births += [(step, *one) for one in found]
        done += [step] * is_all
    progresses = _start_all(rt, source, owner, done, births)
    for progress in progresses:
        settle(rt, progress)


def _has_moved(step: _Step, mirror: Mirror, head: str) -> bool:
    """Whether a binding has a commit that it did not have; a rollback to an earlier one is none."""
    if step.sha is None or step.sha == step.before:
        return False
    return step.before is None or step.sha == head or mirror.is_ancestor(step.before, step.sha)


def _start_all(
    rt: Runtime,
    source: Row[Any],
    owner: str,
    steps: list[_Step],
    births: list[tuple[_Step, str, Birth]],
) -> list[Progress]:
    """Starts and notes in one transaction; nothing when the lease was lost."""
    progresses: list[Progress] = []
    with rt.database.transaction() as tx:
        if not git_sources.hold(tx, source.id, owner, rt.database.now_plus(LEASE)):
            return []
        for step, trigger_id, birth in births:
            progress = _start(tx, rt, source, step.sha, trigger_id, birth)
            if progress is not None:
                progresses.append(progress)
        for step in steps:
            if step.binding is None:
                git_sources.write(tx, source.id, applied_sha=step.sha)
            else:
                git_bindings.write(tx, step.binding, fired_sha=step.sha)
        seen = git_sources.find(tx, source.id)
    is_whole = any(step.binding is None for step in steps)
    if is_whole and seen is not None and seen.seen_at is not None:
        LAG_SECONDS.observe((rt.clock() - seen.seen_at).total_seconds())
    return progresses


def _start(
    tx: Session, rt: Runtime, source: Row[Any], sha: str, trigger_id: str, birth: Birth
) -> Progress | None:
    key = {
        "source_id": source.id,
        "commit": sha,
        "namespace": birth.namespace,
        "flow_id": birth.flow_id,
        "trigger_id": trigger_id,
        "execution_id": birth.execution_id,
    }
    if not git_sources.fire(tx, key):
        return None
    index = flows.index_in(tx, rt, birth.namespace, birth.flow_id, birth.revision)
    return starting.create(tx, rt, index, birth)[1]


def _births(
    rt: Runtime, source: Row[Any], mirror: Mirror, step: _Step, siblings: set[str]
) -> tuple[list[tuple[str, Birth]], bool]:
    """What a step starts, each with its trigger, and whether that is all."""
    if step.before is None:
        return [], True
    with rt.database.reading() as tx:
        rows = triggers.list_of_type(tx, Push.type_name)
        keys = sorted({f"{row.namespace}/{row.flow_id}" for row in rows})
        owned = {row.key: row for row in git_bindings.owners(tx, Kind.FLOW.value, keys)}
    rows = [
        row for row in rows if _is_of(owned.get(f"{row.namespace}/{row.flow_id}"), step, siblings)
    ]
    if not rows:
        return [], True
    changed = mirror.changed(step.before, step.sha)
    variables = _variables(source, mirror.commit(step.sha), step, changed)
    found, is_all = [], True
    for row in rows:
        try:
            birth = _birth(rt, source, row, changed, variables)
        except Unavailable as error:
            log_lines.warn_trigger(rt, row, f"No execution was started yet: {error}")
            is_all = False
            continue
        except TrunklineError:
            continue  # a flow that cannot be started does not stop the others
        if birth is not None:
            found.append((row.trigger_id, birth))
    return found, is_all


def _is_of(owned: Row[Any] | None, step: _Step, siblings: set[str]) -> bool:
    """Whether a step is one of a flow's, which is at the step's commit as Git has it."""
    if owned is None or owned.binding_id not in siblings:
        return step.binding is None
    return owned.binding_id == step.binding and owned.state not in _NOT_IN_GIT


def _variables(source: Row[Any], commit: Commit, step: _Step, changed: list[str]) -> dict[str, Any]:
    return {
        "commit": commit.sha,
        "before": step.before,
        "branch": source.ref,
        "author": commit.author,
        "message": commit.message[:_MOST_MESSAGE],
        "files": changed[:_MOST_FILES],
        "repository": source.url,
        "source": source.name,
    }


def _birth(
    rt: Runtime, source: Row[Any], row: Row[Any], changed: list[str], variables: dict[str, Any]
) -> Birth | None:
    saved = flows.get(rt, row.namespace, row.flow_id)
    index = flows.index(rt, saved.namespace, saved.id, saved.revision)
    trigger = trigger_rows.find(index.flow, row.trigger_id)
    if not isinstance(trigger, Push) or trigger.disabled or row.disabled or saved.disabled:
        return None
    home = (saved.git or {}).get("sourceId")
    wanted = trigger.source or home
    if wanted not in (source.id, source.name) or not trigger.matches(source.ref, changed):
        return None
    if not may_hear(rt, saved, source, None):
        return None
    return born(rt, saved, trigger, trigger.inputs or {}, variables, variables["commit"])


def may_hear(rt: Runtime, saved: SavedFlow, source: Row[Any], namespace: str | None) -> bool:
    """Whether what happens in a binding's namespace, or in a source as a whole, may start a flow.

    Always, but for `isolated_namespaces`: then a source is heard by the flows that it brought and
    by those that may read a namespace of its bindings.
    """
    reach = Reach(rt, saved.namespace)
    if namespace:
        return reach.hears(namespace)
    if reach.is_free or (saved.git or {}).get("sourceId") == source.id:
        return True
    with rt.database.reading() as tx:
        places = [row.namespace for row in git_bindings.list_of(tx, source.id)]
    return any(place and reach.hears(place) for place in places)


def born(
    rt: Runtime,
    saved: SavedFlow,
    trigger: AbstractTrigger,
    given: Mapping[str, Any],
    variables: dict[str, Any],
    commit: str | None,
) -> Birth | None:
    """The execution that a trigger of a flow starts; None when its conditions do not hold.

    Raises InvalidInputs, ExpressionError.
    """
    index = flows.index(rt, saved.namespace, saved.id, saved.revision)
    world = OpenWorld(rt, saved.namespace, saved.id)
    names = before.scope_of(rt, index.flow, trigger=variables)
    if not all_hold(trigger.conditions, trigger_birth.subject(names, world)):
        return None
    return trigger_birth.birth(rt, saved, index, trigger, given, names, world, commit)
