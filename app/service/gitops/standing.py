"""How a binding stands: sync state, health and conditions, made from a plan."""

from typing import Any

from sqlalchemy import Row

from app.database import git_bindings
from app.database.session import Session
from app.gitops.plan import IGNORABLE, Action, Plan, Sync
from app.service.gitops.fetching import condition
from app.service.runtime import Runtime

MOST_ITEMS, MOST_PROBLEMS = 5000, 200
_LEFT = {Sync.ORPHAN, Sync.INVALID, Sync.UNOWNED, Sync.OWNED_ELSEWHERE}


def after_plan(plan: Plan, *, applied: bool) -> dict[str, Any]:
    """State, health and problems of a binding after a plan was applied, or was not.

    What Git no longer has and stays is told, and makes nothing unhealthy.
    """
    left = [item for item in plan.items if not applied or item.action is Action.NONE]
    found = {item.state for item in left}
    if Sync.CONFLICT in found:
        state = "Conflict"
    elif Sync.DRIFTED in found and not found & {Sync.OUT_OF_SYNC, *_LEFT}:
        state = "Drifted"
    elif (plan.blocked and not applied) or found & {Sync.OUT_OF_SYNC, Sync.DRIFTED, *_LEFT}:
        state = "OutOfSync"
    else:
        state = "Synced"
    health = "Degraded" if plan.problems else "Healthy"
    told = [*plan.problems, *plan.left]
    return {"sync_state": state, "health": health, "problems": told[:MOST_PROBLEMS]}


def conditions_of(
    rt: Runtime, binding: Row[Any], plan: Plan | None, sha: str, *, applied: bool, error: str = ""
) -> dict[str, Any]:
    """`Valid` and `Applied` as they are now; what did not change keeps its time."""
    now = rt.clock()
    invalid = [i for i in plan.items if i.state is Sync.INVALID] if plan is not None else []
    words = "; ".join(p for item in invalid[:20] for p in item.problems)
    is_valid = plan is not None and not invalid
    valid = condition(is_valid, "Valid" if is_valid else "Invalid", words or error, now, sha)
    done = condition(applied, "Applied" if applied else "NotApplied", error, now, sha)
    fresh = {"Valid": valid, "Applied": done}
    for name, made in fresh.items():
        before = binding.conditions.get(name)
        if before is not None and {**before, "at": None} == {**made, "at": None}:
            fresh[name] = before
    return fresh


def result(plan: Plan, status: str) -> dict[str, Any]:
    """A plan as the history keeps it."""
    shown = [i for i in plan.items if i.action is not Action.NONE or i.state is not Sync.SYNCED]
    error = plan.refusal if plan.blocked else None
    items = [item.to_wire() for item in shown[:MOST_ITEMS]]
    return {"status": status, "counts": plan.counts(), "items": items, "error": error}


def write_states(tx: Session, plan: Plan, binding: Row[Any], *, applied: bool) -> None:
    """Notes at each owned resource how it stands, where that changed.

    An applied commit may have moved a file, with nothing changed in it: that is noted too. What
    is ignored is one difference: with another one, or none, that is over.
    """
    known = {(r.kind, r.key): r for r in git_bindings.resources(tx, binding.id)}
    for item in plan.items:
        name = (item.kind.value, item.key)
        if name not in known:
            continue
        row, is_done = known[name], applied and item.action is not Action.NONE
        state = Sync.SYNCED if is_done else item.state
        differs = state in IGNORABLE or state is Sync.IGNORED
        now: dict[str, Any] = {
            "state": state.value,
            "seen": [item.before, item.after] if differs else None,
            "ignored": row.ignored if state is Sync.IGNORED else None,
            "path": item.path if applied and item.after is not None else row.path,
        }
        changes = {column: value for column, value in now.items() if row._mapping[column] != value}
        if changes:
            git_bindings.write_resource(tx, *name, **changes)
