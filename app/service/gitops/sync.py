"""The loop of one source: look at the remote, reconcile each binding, fire triggers, tell.

One worker at a time, by a lease on the source's row. Every step may be repeated: a fetched commit
is there already, an applied plan has no changes, a fired trigger has its row.
"""

from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Row

from app import failpoints
from app.database import git_bindings, git_outside, git_sources
from app.errors import TrunklineError
from app.gitops.cli import GitFailed
from app.gitops.mirror import Mirror
from app.model.ids import new_id
from app.service.gitops import (
    bindings,
    fetching,
    outbox,
    partial,
    pins,
    pipelines,
    previews,
    pulls,
    pushes,
    sources,
)
from app.service.gitops.apply import LEASE, LeaseLost
from app.service.gitops.bindings import counts
from app.service.gitops.leases import KEEPER
from app.service.gitops.ledger import Outcome
from app.service.gitops.reconcile import Reconciler
from app.service.runtime import Runtime
from app.telemetry.metrics import FETCH_SECONDS, SYNC_SECONDS, SYNCS, timing

FORGOTTEN = timedelta(seconds=5)  #: a request this old that nobody works on is sent again


class Seen(Enum):
    """What a look at a remote has led to."""

    NOTHING = "nothing"  #: the remote could not be read
    SAME = "same"  #: there was nothing to do
    WORK = "work"


def work(rt: Runtime, source_id: str) -> bool:
    """Works on a source until nothing more is asked of it; False when another worker does."""
    owner = new_id()
    with rt.database.transaction(durable=False) as tx:
        source = git_sources.take(tx, source_id, owner, rt.database.now_plus(LEASE))
    if source is None:
        _forget(rt, source_id)
        return False
    more: Row[Any] | None = source
    with KEEPER.keeping(rt, source_id, owner):
        while more is not None:
            source, began = more, rt.clock()
            seen = _round(rt, source, owner)
            try:
                more = _end(rt, source, owner, seen, began)
            except LeaseLost:
                return False
    if seen is not Seen.SAME:
        outbox.send(rt, source)
    return True


def _forget(rt: Runtime, source_id: str) -> None:
    """Removes this machine's copy of a source that is gone: nobody would ever do it."""
    with rt.database.reading() as tx:
        if git_sources.find(tx, source_id) is not None:
            return
    sources.mirror_of(rt, source_id).remove()


def _end(rt: Runtime, source: Row[Any], owner: str, seen: Seen, began: datetime) -> Row[Any] | None:
    """Ends a round and the lease; the source while more is asked of it. Raises LeaseLost.

    What a push asks for soon after a look is left to a job that comes a little later.
    """
    looked = {} if seen is Seen.NOTHING else {"fetched_at": rt.clock(), "pushed_at": None}
    # a lost end of a lease only means that the same is looked at again
    with rt.database.transaction(durable=False) as tx:
        if git_sources.release(tx, source.id, owner, source.requested, **looked):
            return None
        if not git_sources.hold(tx, source.id, owner, rt.database.now_plus(LEASE)):
            raise LeaseLost(f"the source {source.name!r} is worked on by another worker")
        more = git_sources.find(tx, source.id)
        rest_s = sources.rest_s(rt, began) if more is not None and more.pushed_at else 0.0
        if more is None or not rest_s:
            return more
        changes = looked | {"pushed_at": more.requested_at}
        git_sources.leave(tx, source.id, owner, source.requested, **changes)
    rt.publisher.wake_source(source.id, after_s=rest_s)
    return None


def _round(rt: Runtime, source: Row[Any], owner: str) -> Seen:
    """One look and what follows from it."""
    mirror = sources.mirror_of(rt, source.id)
    try:
        with timing(FETCH_SECONDS):
            sha = fetching.look(rt, source, mirror)
    except TrunklineError as error:
        fetching.failed(rt, source, error)
        return Seen.NOTHING
    except OSError as error:  # a disk that is full, no descriptor left: it must not look well
        words = f"this worker has no place for a copy: {error.strerror or type(error).__name__}"
        fetching.failed(rt, source, GitFailed(words))
        return Seen.NOTHING
    failpoints.hit("git_after_fetch")
    if _is_quiet(rt, source, sha):
        return Seen.SAME
    pulls.work(rt, source, mirror, forks=False)
    pipelines.work(rt, source, mirror)
    with rt.database.reading() as tx:
        bindings = list(git_bindings.list_of(tx, source.id))
        asked = list(git_bindings.waiting(tx, source.id))
    outcomes = []
    for binding in bindings:
        mine = [row for row in asked if row.binding_id == binding.id]
        outcomes.append(_binding(rt, source, binding, mirror, sha, owner, mine))
    counting = [outcome.ok for outcome in outcomes if outcome.counts]
    # where every binding is held back nobody has the commit
    is_whole = all(counting) and bool(counting or not bindings)
    try:
        pushes.fire(rt, source, mirror, sha, owner, is_whole=is_whole)
    except GitFailed as error:
        fetching.failed(rt, source, error)
        return Seen.NOTHING
    pulls.work(rt, source, mirror, forks=True)  # anybody may open them: they keep nobody waiting
    return Seen.WORK


def _is_quiet(rt: Runtime, source: Row[Any], sha: str) -> bool:
    """Whether nothing follows from a look: every binding has the commit, nobody asks for more."""
    now = rt.clock()
    with rt.database.reading() as tx:
        bindings = git_bindings.list_of(tx, source.id)
        is_held = bool(bindings) and not any(map(counts, bindings))
        if source.applied_sha != sha and not is_held:
            return False
        if git_sources.has_more(tx, source.id, now):
            return False
    return all(
        binding.suspended
        or (
            binding.pin is None
            and binding.desired_sha == sha
            and binding.compare_at > now
            and binding.fired_sha == binding.applied_sha
        )
        for binding in bindings
    )


def _binding(
    rt: Runtime,
    source: Row[Any],
    binding: Row[Any],
    mirror: Mirror,
    head: str,
    owner: str,
    asked: list[Row[Any]],
) -> Outcome:
    """One binding's part of a round."""
    plans = [row for row in asked if row.is_plan]
    parts = [row for row in asked if row.part]
    wanted = [row for row in asked if not row.is_plan and not row.part]
    try:
        sha = pins.target(rt, source, binding, mirror, head)
        is_due = not binding.suspended and (bool(wanted or parts) or _is_due(rt, binding, sha))
        if not is_due and not plans:
            return Outcome(ok=binding.applied_sha == head, counts=counts(binding))
        fetching.ensure(rt, source, mirror, sha)
        commit = mirror.commit(sha)
    except TrunklineError as error:
        _fail(rt, binding, asked, error)
        return Outcome(ok=False, counts=counts(binding))
    reconciler = Reconciler(rt, source, binding, mirror, commit, owner, wanted)
    reconciler.answer_plans(plans)
    if is_due and partial.work(rt, source, binding, mirror, commit, owner, parts):
        reconciler.binding = bindings.find(rt, binding.id)
        is_due = bool(wanted)  # who chooses a part must not thereby apply the rest
    if not is_due or (plans and not wanted):
        # who asks for a plan must not thereby apply the commit that it is about
        return Outcome(ok=reconciler.binding.applied_sha == head, counts=counts(binding))
    with timing(SYNC_SECONDS):
        done = reconciler.sync()
    SYNCS.labels("ok" if done.ok else "failed").inc()
    return Outcome(ok=done.ok, counts=counts(binding))


def _is_due(rt: Runtime, binding: Row[Any], sha: str) -> bool:
    """Whether there is anything to compare: a new commit, the time for it, an approval."""
    if binding.desired_sha != sha or binding.compare_at <= rt.clock():
        return True
    with rt.database.reading() as tx:
        waiting = [git_bindings.awaiting(tx, binding.id, part=part) for part in (False, True)]
    return any(row is not None and row.approved_by is not None for row in waiting)


def _fail(rt: Runtime, binding: Row[Any], asked: list[Row[Any]], error: TrunklineError) -> None:
    with rt.database.transaction() as tx:
        standing = {"sync_state": "Unknown", "health": "Degraded", "problems": [str(error)]}
        git_bindings.write(tx, binding.id, **standing)
        for row in asked:
            changes = {"status": "FAILED", "error": str(error), "ended_at": rt.clock()}
            git_bindings.write_sync(tx, row.id, **changes)


# -- beat


def tick(rt: Runtime) -> None:
    """Wakes the sources whose poll, comparison or message is due, or whose job was lost."""
    now = rt.clock()
    with rt.database.reading() as tx:
        due = list(git_sources.list_due(tx, now))
        forgotten = list(git_sources.list_forgotten(tx, now - FORGOTTEN))
        compared = set(git_sources.list_to_compare(tx, now))
        telling = set(git_outside.sources_due(tx, now - FORGOTTEN))
    woken: set[str] = set()
    for row in due:
        with rt.database.transaction() as tx:
            following = now + sources.spread(row.poll_interval_s)
            if git_sources.poll(tx, row, following, now):
                woken.add(row.id)
    for source_id in sorted((compared | telling | {row.id for row in forgotten}) - woken):
        with rt.database.transaction() as tx:
            git_sources.request(tx, source_id, now)
        woken.add(source_id)
    for source_id in sorted(woken):
        rt.publisher.wake_source(source_id)
    previews.expire(rt)
    pipelines.advance(rt)
