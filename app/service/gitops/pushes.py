"""Push triggers: fired once for each applied commit, in the transaction that moves the source."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from app.database import git_sources, triggers
from app.database.session import Session
from app.errors import TrunklineError
from app.gitops.mirror import Commit, Mirror
from app.model.task import AbstractTrigger
from app.service import before, flows, starting, trigger_birth, trigger_rows
from app.service.flows import SavedFlow
from app.service.gitops.apply import LEASE
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


def fire(rt: Runtime, source: Row[Any], mirror: Mirror, commit: Commit, owner: str) -> None:
    """Starts what a newly applied commit starts, and notes the commit on the source.

    The first commit of a source starts nothing: nobody has pushed it since it is followed.
    """
    before = source.applied_sha
    if before == commit.sha:
        return
    births = [] if before is None else _births(rt, source, mirror, commit)
    progresses: list[Progress] = []
    with rt.database.transaction() as tx:
        if not git_sources.hold(tx, source.id, owner, rt.database.now_plus(LEASE)):
            return
        for trigger_id, birth in births:
            if (progress := _start(tx, rt, source, commit, trigger_id, birth)) is not None:
                progresses.append(progress)
        git_sources.write(tx, source.id, applied_sha=commit.sha)
        seen = git_sources.find(tx, source.id)
    if seen is not None and seen.seen_at is not None:
        LAG_SECONDS.observe((rt.clock() - seen.seen_at).total_seconds())
    for progress in progresses:
        settle(rt, progress)


def _start(
    tx: Session, rt: Runtime, source: Row[Any], commit: Commit, trigger_id: str, birth: Birth
) -> Progress | None:
    key = {
        "source_id": source.id,
        "commit": commit.sha,
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
    rt: Runtime, source: Row[Any], mirror: Mirror, commit: Commit
) -> list[tuple[str, Birth]]:
    with rt.database.reading() as tx:
        rows = triggers.list_of_type(tx, Push.type_name)
    if not rows:
        return []
    changed = mirror.changed(source.applied_sha, commit.sha)
    variables = {
        "commit": commit.sha,
        "before": source.applied_sha,
        "branch": source.ref,
        "author": commit.author,
        "message": commit.message[:_MOST_MESSAGE],
        "files": changed[:_MOST_FILES],
        "repository": source.url,
        "source": source.name,
    }
    found = []
    for row in rows:
        try:
            birth = _birth(rt, source, row, changed, variables)
        except TrunklineError:
            continue  # a flow that cannot be started does not stop the others
        if birth is not None:
            found.append((row.trigger_id, birth))
    return found


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
    return born(rt, saved, trigger, trigger.inputs or {}, variables, variables["commit"])


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
