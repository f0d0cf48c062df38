"""The loop of one source: look at the remote, fetch, plan each binding, apply, fire triggers.

One worker at a time, by a lease on the source's row. Every step may be repeated: a fetched commit
is there already, an applied plan has no changes, a fired trigger has its row.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app import failpoints
from app.database import git_bindings, git_sources
from app.errors import TrunklineError
from app.gitops.credentials import git_environment
from app.gitops.mirror import Commit, GitFailed, Mirror, resolve
from app.gitops.plan import Action, Plan, Sync, make_plan
from app.model.ids import new_id
from app.service.gitops import pushes, sources
from app.service.gitops.apply import LEASE, LeaseLost, Moved, apply
from app.service.gitops.states import Painter, Picture
from app.service.runtime import Runtime

FORGOTTEN = timedelta(seconds=5)  #: a request this old that nobody works on is sent again
_BACKOFF_S, _LONGEST_S = 30, 3600
_TRIES = 3  #: plans of one sync, when things move under it


@dataclass(frozen=True)
class Outcome:
    """How one binding came out of a round."""

    ok: bool
    changed: bool = False


def work(rt: Runtime, source_id: str) -> bool:
    """Works on a source until nothing more is asked of it; False when another worker does."""
    owner = new_id()
    with rt.database.transaction() as tx:
        if not git_sources.take(tx, source_id, owner, rt.database.now_plus(LEASE)):
            return False
    with _renewed(rt, source_id, owner):
        while True:
            with rt.database.reading() as tx:
                source = git_sources.find(tx, source_id)
            if source is None:
                return True
            _round(rt, source, owner)
            with rt.database.transaction() as tx:
                if git_sources.release(tx, source_id, owner, source.requested):
                    return True
                if not git_sources.hold(tx, source_id, owner, rt.database.now_plus(LEASE)):
                    return False


@contextmanager
def _renewed(rt: Runtime, source_id: str, owner: str) -> Iterator[None]:
    """Moves the lease's end forward while the block runs; a fetch may take long."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(LEASE.total_seconds() / 3):
            try:
                with rt.database.transaction() as tx:
                    git_sources.hold(tx, source_id, owner, rt.database.now_plus(LEASE))
            except TrunklineError:
                continue  # the next turn comes before the lease ends

    thread = threading.Thread(target=renew, daemon=True, name="lease")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _round(rt: Runtime, source: Row[Any], owner: str) -> None:
    mirror = sources.mirror_of(rt, source.id)
    try:
        sha = _fetch(rt, source, mirror)
        commit = mirror.commit(sha)
    except TrunklineError as error:
        _failed(rt, source, error)
        return
    failpoints.hit("git_after_fetch")
    with rt.database.reading() as tx:
        bindings = list(git_bindings.list_of(tx, source.id))
        asked = list(git_bindings.waiting(tx, source.id))
    outcomes = []
    for binding in bindings:
        mine = [row for row in asked if row.binding_id == binding.id]
        _answer_plans(rt, binding, mirror, commit, [row for row in mine if row.is_plan])
        wanted = [row for row in mine if not row.is_plan]
        outcomes.append(_sync(rt, source, binding, mirror, commit, owner, wanted))
    if all(outcome.ok for outcome in outcomes):
        pushes.fire(rt, source, mirror, commit, owner)


def _fetch(rt: Runtime, source: Row[Any], mirror: Mirror) -> str:
    """The commit that the source's ref means now, readable in the mirror. Raises GitFailed."""
    local = rt.settings.git_allow_file_protocol
    given = sources.credentials_of(rt, source)
    with git_environment(given, rt.environ, allow_local=local) as env:
        sha = resolve(source.url, source.ref, env)
        mirror.fetch(source.url, source.ref, sha, env)
    with rt.database.transaction() as tx:
        changes = {"seen_sha": sha, "fail_count": 0, "last_error": None}
        git_sources.write(tx, source.id, fetched_at=rt.clock(), **changes)
    return sha


def _failed(rt: Runtime, source: Row[Any], error: TrunklineError) -> None:
    """Notes why the remote could not be read, polls later each time, answers who waits."""
    count = source.fail_count + 1
    wait_s = min(_LONGEST_S, _BACKOFF_S * 2 ** min(count - 1, 10))
    now = rt.clock()
    with rt.database.transaction() as tx:
        git_sources.write(
            tx,
            source.id,
            fail_count=count,
            last_error=str(error),
            next_poll_at=now + sources.spread(max(source.poll_interval_s, wait_s)),
        )
        for row in git_bindings.waiting(tx, source.id):
            changes = {"status": "FAILED", "error": str(error), "ended_at": now}
            git_bindings.write_sync(tx, row.id, **changes)


def _draw(rt: Runtime, binding: Row[Any], mirror: Mirror, sha: str) -> tuple[Plan, Picture]:
    picture = Painter(rt, binding, mirror, sha).paint()
    return make_plan(binding.id, picture.states, sources.policy_of(binding)), picture


def _answer_plans(
    rt: Runtime, binding: Row[Any], mirror: Mirror, commit: Commit, asked: list[Row[Any]]
) -> None:
    """Plans that somebody waits for: nothing is changed."""
    for row in asked:
        values = _record(rt, binding, commit)
        try:
            plan, _ = _draw(rt, binding, mirror, commit.sha)
            values |= _result(plan, "BLOCKED_GUARD" if plan.blocked else "SUCCEEDED")
        except TrunklineError as error:
            values |= {"status": "FAILED", "error": str(error)}
        with rt.database.transaction() as tx:
            git_bindings.write_sync(tx, row.id, **values)


def _sync(
    rt: Runtime,
    source: Row[Any],
    binding: Row[Any],
    mirror: Mirror,
    commit: Commit,
    owner: str,
    asked: list[Row[Any]],
) -> Outcome:
    for left in reversed(range(_TRIES)):
        try:
            return _sync_once(rt, source, binding, mirror, commit, owner, asked)
        except Moved as error:
            if not left:
                return _refuse(rt, source, binding, commit, None, str(error), asked)
        except LeaseLost:
            return Outcome(ok=False)
        except (TrunklineError, GitFailed) as error:
            return _refuse(rt, source, binding, commit, None, str(error), asked)
    raise AssertionError("unreachable")


def _sync_once(
    rt: Runtime,
    source: Row[Any],
    binding: Row[Any],
    mirror: Mirror,
    commit: Commit,
    owner: str,
    asked: list[Row[Any]],
) -> Outcome:
    plan, picture = _draw(rt, binding, mirror, commit.sha)
    if plan.blocked:
        return _refuse(rt, source, binding, commit, plan, "; ".join(plan.problems[:50]), asked)
    is_new = binding.applied_sha != commit.sha
    if not plan.changes and not is_new and not asked:
        _note(rt, binding, plan)
        return Outcome(ok=True)
    values = _record(rt, binding, commit) | _result(plan, "SUCCEEDED")
    values |= {"id": new_id(), "source_id": source.id, "binding_id": binding.id}
    values |= {"is_plan": False, "created_at": rt.clock(), "actor": None}
    values["reason"] = "manual" if asked else "commit" if is_new else "drift"
    values["binding"] = _standing(plan)
    if asked:
        values["actor"] = asked[0].actor
    apply(rt, source, binding, plan, picture, commit, owner=owner, sync=values)
    _answer(rt, asked, values)
    rt.publisher.announce("due", {})
    return Outcome(ok=not plan.problems, changed=bool(plan.changes))


def _refuse(
    rt: Runtime,
    source: Row[Any],
    binding: Row[Any],
    commit: Commit,
    plan: Plan | None,
    error: str,
    asked: list[Row[Any]],
) -> Outcome:
    """Nothing is applied; the reason is in the history once, and on the binding."""
    status = "BLOCKED_GUARD" if plan is not None and plan.blocked else "FAILED"
    values = _record(rt, binding, commit)
    values |= _result(plan, status) if plan is not None else {"status": status}
    values["error"] = error
    standing = _standing(plan) if plan is not None else {"problems": [error]}
    with rt.database.transaction() as tx:
        git_bindings.write(tx, binding.id, **{**standing, "health": "Degraded"})
        last = next(iter(git_bindings.history(tx, binding.id, 1)), None)
        is_known = last is not None and (last.to_sha, last.error) == (commit.sha, error)
        if not is_known and not asked:
            place = {"id": new_id(), "source_id": source.id, "binding_id": binding.id}
            more = {"is_plan": False, "reason": "commit", "created_at": rt.clock()}
            full = {"counts": {}, "items": [], **values, **place, **more}
            git_bindings.add_sync(tx, full)
    _answer(rt, asked, values)
    return Outcome(ok=False)


def _answer(rt: Runtime, asked: list[Row[Any]], values: dict[str, Any]) -> None:
    """Ends the requests that this sync has served."""
    kept = {"status", "from_sha", "to_sha", "author", "message", "counts", "items", "error"}
    changes = {k: v for k, v in values.items() if k in kept} | {"ended_at": rt.clock()}
    with rt.database.transaction() as tx:
        for row in asked:
            git_bindings.write_sync(tx, row.id, **changes)


def _note(rt: Runtime, binding: Row[Any], plan: Plan) -> None:
    standing = _standing(plan)
    if any(binding._mapping[name] != value for name, value in standing.items()):
        with rt.database.transaction() as tx:
            git_bindings.write(tx, binding.id, **standing)


def _standing(plan: Plan) -> dict[str, Any]:
    """How a binding stands after a plan was applied, or refused."""
    found = {item.state for item in plan.items}
    undone = any(item.action is Action.NONE and item.state is Sync.DRIFTED for item in plan.items)
    state = "Synced"
    if Sync.CONFLICT in found:
        state = "Conflict"
    elif plan.blocked or found & {Sync.ORPHAN, Sync.INVALID} - _pruned(plan):
        state = "OutOfSync"
    elif undone:
        state = "Drifted"
    health = "Degraded" if plan.problems else "Healthy"
    return {"sync_state": state, "health": health, "problems": plan.problems[:200]}


def _pruned(plan: Plan) -> set[Sync]:
    orphans = [item for item in plan.items if item.state is Sync.ORPHAN]
    return {Sync.ORPHAN} if all(item.action is Action.DELETE for item in orphans) else set()


def _record(rt: Runtime, binding: Row[Any], commit: Commit) -> dict[str, Any]:
    return {
        "from_sha": binding.applied_sha,
        "to_sha": commit.sha,
        "author": commit.author,
        "message": commit.message[:2000],
        "ended_at": rt.clock(),
    }


def _result(plan: Plan, status: str) -> dict[str, Any]:
    shown = [i for i in plan.items if i.action is not Action.NONE or i.state is not Sync.SYNCED]
    error = "; ".join(plan.problems[:50]) if plan.blocked else None
    items = [item.to_wire() for item in shown[:5000]]
    return {"status": status, "counts": plan.counts(), "items": items, "error": error}


# -- beat


def tick(rt: Runtime) -> None:
    """Wakes the sources whose poll is due, and those whose message was lost."""
    now = rt.clock()
    with rt.database.reading() as tx:
        due = list(git_sources.list_due(tx, now))
        forgotten = list(git_sources.list_forgotten(tx, now - FORGOTTEN))
    woken = {row.id for row in forgotten}
    for row in due:
        with rt.database.transaction() as tx:
            following = now + sources.spread(row.poll_interval_s)
            if git_sources.poll(tx, row, following, now):
                woken.add(row.id)
    for source_id in sorted(woken):
        rt.publisher.wake_source(source_id)
