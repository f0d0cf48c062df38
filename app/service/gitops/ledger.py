"""What is written of a round's outcome for one binding: its row, the history, the outbox."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings, git_sources
from app.database.session import Session
from app.gitops.cli import GitFailed
from app.gitops.mirror import Commit, Mirror
from app.gitops.plan import Action, Plan, Sync
from app.gitops.provider.base import CheckState
from app.model.ids import new_id
from app.service.gitops import bindings, events, standing
from app.service.gitops.states import Picture
from app.service.runtime import Runtime

_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.DELETE: "deleted",
    Action.ADOPT: "adopted",
    Action.FORGET: "forgotten",
}
COMPARE = timedelta(minutes=10)  #: the whole of a binding is compared this often


@dataclass(frozen=True)
class Outcome:
    """How one binding came out of a round; `counts`: whether the source waits for it."""

    ok: bool
    counts: bool = True


@dataclass
class Ledger:
    """The writing about one binding in one round, under the lease of its source."""

    rt: Runtime
    source: Row[Any]
    binding: Row[Any]
    mirror: Mirror
    commit: Commit
    owner: str
    asked: Sequence[Row[Any]]  #: syncs that somebody waits for
    began: datetime = field(init=False)  #: when the work on the binding did

    def __post_init__(self) -> None:
        self.began = self.rt.clock()

    @property
    def is_new(self) -> bool:
        """Whether the commit is another one than the applied one."""
        return bool(self.binding.applied_sha != self.commit.sha)

    def note(self, plan: Plan, picture: Picture, again: datetime | None = None) -> Outcome:
        """Nothing is applied, and nothing stands in the way: only how it stands is written."""
        applied = not self.is_new and not plan.changes
        values = {
            **standing.after_plan(plan, applied=applied),
            # what files meant before is in the inventory until a plan that changes it was applied
            "config_digest": picture.config_digest if applied else self.binding.config_digest,
            "heal_count": 0 if applied else self.binding.heal_count,
            "fail_count": 0,
            **self._seen(plan, applied=not self.is_new),
        }
        with self.rt.database.transaction() as tx:
            git_bindings.write(tx, self.binding.id, **values)
            self.look_later(tx, again)
            standing.write_states(tx, plan, self.binding, applied=applied)
            self._tell_drift(tx, plan)
        return Outcome(ok=not self.is_new and not plan.problems)

    def look_later(self, tx: Session, again: datetime | None = None, **values: Any) -> None:
        """Sets the next comparison, unless somebody asked for one since this round began."""
        following = self.rt.clock() + COMPARE
        changes = {"compare_at": min(again or following, following), **values}
        git_bindings.write_seen(tx, self.binding, **changes)

    def _seen(self, plan: Plan | None, *, applied: bool, error: str = "") -> dict[str, Any]:
        return {
            "desired_sha": self.commit.sha,
            "behind": self._behind(applied=applied),
            "conditions": standing.conditions_of(
                self.rt, self.binding, plan, self.commit.sha, applied=applied, error=error
            ),
        }

    def _behind(self, *, applied: bool) -> int | None:
        """Commits that the applied one lacks; None without one, or where the copy lacks it."""
        if applied or not self.is_new:
            return 0
        try:
            old = self.binding.applied_sha
            return self.mirror.count_between(old, self.commit.sha) if old else None
        except GitFailed:  # the history was rewritten, or the copy is of this commit alone
            return None

    def refuse(
        self, status: str, error: str, plan: Plan | None, again: datetime | None = None
    ) -> Outcome:
        """Nothing is applied; the reason is in the history once, and on the binding."""
        found: dict[str, Any] = {"problems": [error], "health": "Degraded"}
        if self.is_new:
            found["sync_state"] = "OutOfSync"
        if plan is not None:
            found = standing.after_plan(plan, applied=False)
            if not plan.problems:
                found |= {"health": "Progressing", "problems": [error]}
        if status == "FAILED":
            found["fail_count"], again = self._try_again()
        seen = self._seen(plan, applied=False, error=error)
        with self.rt.database.transaction() as tx:
            if not git_sources.owns(tx, self.source.id, self.owner):
                return Outcome(ok=False)
            git_bindings.write(tx, self.binding.id, **found, **seen)
            self.look_later(tx, again)
            if plan is not None:
                standing.write_states(tx, plan, self.binding, applied=False)
            self._record_refusal(tx, status, error, plan)
            self._tell_refusal(tx, status, error, found)
        return Outcome(ok=False)

    def _try_again(self) -> tuple[int, datetime | None]:
        """How often this commit has failed in a row, and when it is tried again."""
        is_same = self.binding.desired_sha == self.commit.sha
        count = (self.binding.fail_count if is_same else 0) + 1
        pause = bindings.settings_of(self.binding).retry.pause(count)
        return count, (self.rt.clock() + pause if pause is not None else None)

    def _record_refusal(self, tx: Session, status: str, error: str, plan: Plan | None) -> None:
        values = self.record() | {"status": status, "counts": {}, "items": []}
        if plan is not None:
            values |= standing.result(plan, status) | {"digest": self.digest(plan)}
        values |= {"error": error, "reason": "manual" if self.asked else "commit"}
        if status == "AWAITING_APPROVAL":
            # the row that asked for it is the one that waits; it has its answer
            self.answer(tx, {"status": "SUPERSEDED", "error": "it was asked for once more"})
            ended = values["ended_at"] if self.asked else None
            git_bindings.put_sync(tx, {**values, **self.place(), "ended_at": ended})
            return
        last = next(iter(git_bindings.history(tx, self.binding.id, 1)), None)
        told = (self.commit.sha, error, status)
        if self.asked:
            self.answer(tx, values)
        elif last is None or (last.to_sha, last.error, last.status) != told:
            git_bindings.put_sync(tx, {**values, **self.place()})

    # -- telling

    def tell_success(self, tx: Session, plan: Plan, drifted: list[str]) -> None:
        """Tells that the commit was applied, what is wrong with it, what was set back."""
        rt, source, binding, sha = self.rt, self.source, self.binding, self.commit.sha
        counts = plan.counts()
        words = ", ".join(f"{counts[a]} {word}" for a, word in _DONE.items() if counts.get(a))
        message = f"synced: {words or 'nothing changed'}"
        if plan.problems:
            message = f"synced, but {len(plan.problems)} problems: {plan.problems[0]}"
            events.notify(tx, rt, "degraded", source, binding, sha, message, *plan.problems)
        if drifted:
            what = f"set back to Git: {', '.join(drifted[:20])}"
            events.notify(tx, rt, "drifted", source, binding, sha, what, rt.clock())
        elif binding.applied_sha != sha:
            events.notify(tx, rt, "sync-succeeded", source, binding, sha, message)
        state = CheckState.FAILURE if plan.problems else CheckState.SUCCESS
        if binding.preview is None:
            events.status(tx, rt, source, binding, sha, state, message)

    def _tell_refusal(self, tx: Session, status: str, error: str, found: Any) -> None:
        rt, source, binding, sha = self.rt, self.source, self.binding, self.commit.sha
        event = "conflict" if found.get("sync_state") == "Conflict" else "sync-failed"
        if status == "AWAITING_APPROVAL":
            event = "awaiting-approval"
        waits = status in ("AWAITING_APPROVAL", "BLOCKED_WINDOW")
        if status != "BLOCKED_WINDOW":
            events.notify(tx, rt, event, source, binding, sha, error, status, error)
        known = binding.conditions.get("Applied", {})
        is_told = known.get("commit") == sha and known.get("message") == error[:2000]
        if not is_told and binding.preview is None:
            state = CheckState.PENDING if waits else CheckState.FAILURE
            events.status(tx, rt, source, binding, sha, state, "; ".join(error.splitlines()))

    def _tell_drift(self, tx: Session, plan: Plan) -> None:
        drifted = [item for item in plan.items if item.state is Sync.DRIFTED]
        if drifted:
            facts = [f"{item.key} {item.before}" for item in drifted]
            words = f"changed behind Git: {', '.join(item.key for item in drifted[:20])}"
            place = (self.source, self.binding, self.commit.sha)
            events.notify(tx, self.rt, "drifted", *place, words, *facts)

    # -- rows

    def answer(self, tx: Session, values: dict[str, Any]) -> None:
        """Ends the requests that this sync has served."""
        kept = {"status", "from_sha", "to_sha", "author", "message"}
        kept |= {"counts", "items", "error", "part"}
        changes = {k: v for k, v in values.items() if k in kept} | {"ended_at": self.rt.clock()}
        for row in self.asked:
            git_bindings.write_sync(tx, row.id, **changes)

    def end_waiting_part(self, tx: Session, error: str) -> None:
        """A part that waits for its approval is no longer to be applied."""
        waiting = git_bindings.awaiting(tx, self.binding.id, part=True)
        if waiting is not None:
            ended = {"status": "SUPERSEDED", "error": error, "ended_at": self.rt.clock()}
            git_bindings.write_sync(tx, waiting.id, **ended)

    def place(self) -> dict[str, Any]:
        """The ids of the row in the history, and when its work began.

        It is the row that was asked for, or a new one.
        """
        sync_id = self.asked[0].id if self.asked else new_id()
        place = {"id": sync_id, "source_id": self.source.id, "binding_id": self.binding.id}
        return {**place, "is_plan": False, "created_at": self.began}

    def record(self) -> dict[str, Any]:
        """From where to where."""
        return {
            "from_sha": self.binding.applied_sha,
            "to_sha": self.commit.sha,
            "author": self.commit.author,
            "message": self.commit.message[:2000],
            "ended_at": self.rt.clock(),
        }

    def reason(self) -> str:
        """Why the binding is brought to the commit: `pin`, `unpin`, `manual`, `commit`, `drift`."""
        if self.is_new and self.binding.preview is None:
            if self.binding.pin and self.binding.pin["sha"] == self.commit.sha:
                return "pin"
            with self.rt.database.reading() as tx:
                if git_bindings.last_move(tx, self.binding.id) == "pin":
                    return "unpin"
        return "manual" if self.asked else "commit" if self.is_new else "drift"

    def digest(self, plan: Plan) -> str:
        """Equal for the same work: binding, commit, policy and what is live."""
        live = [(i.kind.value, i.key, i.action.value, i.before, i.after) for i in plan.changes]
        parts = [self.binding.id, self.commit.sha, self.binding.policy, live]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
