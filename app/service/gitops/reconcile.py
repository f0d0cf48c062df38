"""One binding brought to its commit: plan, guards, apply.

Every step may be repeated: an applied plan has no changes, a refusal that is known is not written
into the history again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings
from app.database.session import Session
from app.errors import TrunklineError
from app.gitops.mirror import Mirror
from app.gitops.plan import Owned, Plan, Sync, make_plan
from app.gitops.window import judge
from app.service.gitops import bindings, records, standing
from app.service.gitops.apply import LeaseLost, Moved, apply
from app.service.gitops.clashes import without_clashes
from app.service.gitops.diffs import with_diffs
from app.service.gitops.ledger import Ledger, Outcome
from app.service.gitops.states import Painter, Picture
from app.service.runtime import Runtime

_HEAL_FIRST, _HEAL_LONGEST = timedelta(seconds=15), timedelta(minutes=10)
_TRIES = 3  #: plans of one sync, when things move under it


def draw(rt: Runtime, binding: Row[Any], mirror: Mirror, sha: str) -> tuple[Plan, Picture]:
    """The plan of a binding at a commit. Raises GitFailed, RefusedTree, Invalid."""
    picture = Painter(rt, binding, mirror, sha).paint()
    policy = bindings.policy_of(binding)
    states = picture.states
    # what somebody decided to adopt counts as owned, with nothing applied to it yet
    owned = dict(states.owned)
    for key in policy.taken:
        if key not in owned and key in states.desired and key in states.live:
            owned[key] = Owned(binding=binding.id, path=states.desired[key].path, hash="")
    states.owned = owned
    plan = make_plan(binding.id, states, policy)
    with rt.database.reading() as tx:
        has_clashes = without_clashes(tx, plan, states)
    return (make_plan(binding.id, states, policy) if has_clashes else plan), picture


@dataclass
class Reconciler(Ledger):
    """The work on one binding in one round."""

    approved_by: str | None = None
    of_part = False  #: whether it is about some resources that were chosen

    @property
    def by_hand(self) -> bool:
        """Whether somebody asked for it: it is not automation's to begin."""
        return bool(self.asked)

    def answer_plans(self, asked: Sequence[Row[Any]]) -> None:
        """Plans that somebody waits for: nothing is changed."""
        for row in asked:
            values = self.record()
            try:
                plan, picture = draw(self.rt, self.binding, self.mirror, self.commit.sha)
                plan = with_diffs(self.rt, plan, picture)
                status = "BLOCKED_GUARD" if plan.blocked else "SUCCEEDED"
                values |= standing.result(plan, status) | {"digest": self.digest(plan)}
            except TrunklineError as error:
                values |= {"status": "FAILED", "error": str(error)}
            with self.rt.database.transaction() as tx:
                git_bindings.write_sync(tx, row.id, **values)

    def sync(self) -> Outcome:
        """Brings the binding to the commit, or notes why not."""
        for left in reversed(range(_TRIES)):
            try:
                return self._sync()
            except Moved as error:
                if not left:
                    return self.refuse("FAILED", str(error), None)
            except LeaseLost:
                return Outcome(ok=False)
            except TrunklineError as error:
                return self.refuse("FAILED", str(error), None)
        raise AssertionError("unreachable")

    def _sync(self) -> Outcome:
        plan, picture = draw(self.rt, self.binding, self.mirror, self.commit.sha)
        if plan.blocked:
            plan = with_diffs(self.rt, plan, picture)
            return self.refuse("BLOCKED_GUARD", plan.refusal, plan)
        if not plan.changes and not self.is_new and not self.asked:
            return self.note(plan, picture)
        if (stopped := self._guard(plan, picture)) is not None:
            return stopped
        self._apply(plan, picture)
        return Outcome(ok=not plan.problems)

    # -- guards

    def _guard(self, plan: Plan, picture: Picture) -> Outcome | None:
        """Windows, approval, automation, the pause between two healings; None: go on."""
        now = self.rt.clock()
        given = bindings.settings_of(self.binding)
        with self.rt.database.reading() as tx:
            windows = records.windows_in(tx)
        verdict = judge(windows, self.binding.name, now, manual=self.by_hand)
        if not verdict.is_open and plan.changes:
            shown = with_diffs(self.rt, plan, picture)
            return self.refuse("BLOCKED_WINDOW", verdict.reason, shown, again=verdict.until)
        is_drift = not self.is_new and not self.by_hand
        if is_drift and (rest := self._rest(now)) is not None:
            return self.note(plan, picture, again=rest)
        if self.is_new and not given.automated and not self.by_hand and not self._approved(plan):
            return self.note(plan, picture)
        if given.require_approval and plan.changes and not is_drift:
            return self._await_approval(plan, picture)
        return None

    def _rest(self, now: datetime) -> datetime | None:
        """Until when drift is left alone: it was healed often, somebody works against us."""
        count = self.binding.heal_count
        if not count or self.binding.synced_at is None:
            return None
        pause = min(_HEAL_FIRST * 2 ** min(count - 1, 10), _HEAL_LONGEST)
        ends: datetime = self.binding.synced_at + pause
        return ends if now < ends else None

    def _approved(self, plan: Plan) -> bool:
        """Whether somebody has let exactly this plan go on."""
        with self.rt.database.reading() as tx:
            waiting = git_bindings.awaiting(tx, self.binding.id, part=self.of_part)
        if waiting is None or waiting.approved_by is None:
            return False
        return bool(waiting.digest == self.digest(plan))

    def _await_approval(self, plan: Plan, picture: Picture) -> Outcome | None:
        digest = self.digest(plan)
        with self.rt.database.transaction() as tx:
            waiting = git_bindings.awaiting(tx, self.binding.id, part=self.of_part)
            if waiting is not None and waiting.digest == digest:
                if waiting.approved_by is not None:
                    git_bindings.write_sync(tx, waiting.id, status="SUPERSEDED", error="approved")
                    self.approved_by = waiting.approved_by
                    return None
                if not self.asked:
                    return Outcome(ok=False)
            if waiting is not None:
                ended = {"status": "SUPERSEDED", "ended_at": self.rt.clock()}
                git_bindings.write_sync(tx, waiting.id, **ended)
        shown = with_diffs(self.rt, plan, picture)
        return self.refuse("AWAITING_APPROVAL", "an approval is waited for", shown)

    def _apply(self, plan: Plan, picture: Picture) -> None:
        shown = with_diffs(self.rt, plan, picture)
        reason = self.reason()
        actor = self.approved_by or (self.asked[0].actor if self.asked else None)
        values = self.record() | standing.result(shown, "SUCCEEDED") | self.place()
        values |= {
            "digest": self.digest(plan),
            "reason": reason,
            "actor": actor or (self.binding.pin.get("by") if reason == "pin" else None),
            "approved_by": self.approved_by,
        }
        drifted = [i.key for i in plan.changes if i.state in (Sync.DRIFTED, Sync.CONFLICT)]

        def tell(tx: Session) -> None:
            self.look_later(tx, taken=[])
            self.end_waiting_part(tx, "the whole was applied")
            standing.write_states(tx, plan, self.binding, applied=True)
            self.tell_success(tx, plan, drifted)
            self.answer(tx, values)

        apply(
            self.rt, self.source, self.binding, plan, picture, self.commit, owner=self.owner,
            sync=values | {"binding": self._applied(plan, picture, heals=reason == "drift")},
            tell=tell,
        )  # fmt: skip
        self.rt.publisher.announce("due", {})

    def _applied(self, plan: Plan, picture: Picture, *, heals: bool) -> dict[str, Any]:
        now = self.rt.clock()
        return {
            **standing.after_plan(plan, applied=True),
            "applied_sha": self.commit.sha,
            "desired_sha": self.commit.sha,
            "behind": 0,
            "config_digest": picture.config_digest,
            "conditions": standing.conditions_of(
                self.rt, self.binding, plan, self.commit.sha, applied=True
            ),
            "synced_at": now,
            "fail_count": 0,
            "heal_count": self.binding.heal_count + 1 if heals else 0,
        }
