"""A part of a plan applied: the resources that somebody has chosen, and nothing else.

The binding stays at its commit: the rest is applied by the next sync of the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings, git_sources
from app.database.session import Session
from app.gitops.layout import Kind
from app.gitops.mirror import Commit, Mirror
from app.gitops.part import split, unfit
from app.gitops.plan import Item, Key, Plan, blocks
from app.gitops.provider.base import CheckState
from app.service.gitops import bindings, events, standing
from app.service.gitops.apply import apply
from app.service.gitops.diffs import with_diffs
from app.service.gitops.ledger import Outcome
from app.service.gitops.reconcile import Reconciler, draw
from app.service.gitops.states import Picture
from app.service.runtime import Runtime


def work(
    rt: Runtime,
    source: Row[Any],
    binding: Row[Any],
    mirror: Mirror,
    commit: Commit,
    owner: str,
    asked: Sequence[Row[Any]],
) -> bool:
    """Applies the parts that were asked for, each by itself, and one that was approved.

    True when anything was asked for or applied: what is left is then not this round's to apply.
    """
    with rt.database.reading() as tx:
        waiting = git_bindings.awaiting(tx, binding.id, part=True)
    jobs: list[tuple[list[Row[Any]], Any]] = []
    if waiting is not None and waiting.approved_by is not None:
        jobs.append(([], waiting.part))
    jobs += [([row], row.part) for row in asked]
    is_applied = False
    for rows, part in jobs:
        now = bindings.find(rt, binding.id)  # the part before has changed it
        keys = tuple((Kind(kind), key) for kind, key in part["keys"])
        job = PartialSync(rt, source, now, mirror, commit, owner, rows, keys=keys)
        job.sync()
        is_applied = is_applied or job.is_applied
    return bool(asked) or is_applied


@dataclass
class PartialSync(Reconciler):
    """The work on some resources of one binding."""

    keys: tuple[Key, ...] = ()
    of: int | None = None  #: how many changes the whole plan has
    is_applied = False
    of_part = True

    @property
    def by_hand(self) -> bool:
        """Always: parts are chosen by people."""
        return True

    @property
    def words(self) -> str:
        """How much it is, for people."""
        return f"partial, {len(self.keys)} of {self.of}"

    def record(self) -> dict[str, Any]:
        """See Ledger; with what was chosen."""
        keys = [[kind.value, key] for kind, key in self.keys]
        return super().record() | {"part": {"keys": keys, "of": self.of}}

    def _sync(self) -> Outcome:
        plan, picture = draw(self.rt, self.binding, self.mirror, self.commit.sha)
        self.of = len(plan.changes)
        if wrong := unfit(plan, self.keys):
            return self._end_unfit(wrong)
        if len(self.keys) == self.of and not plan.blocked:
            done = super()._sync()  # nothing is left: it is the whole
            self.is_applied = done.ok
            return done
        policy, states = bindings.policy_of(self.binding), picture.states
        owned = sum(row.binding == self.binding.id for row in states.owned.values())

        def judge(items: Sequence[Item]) -> list[str]:
            return list(blocks(items, owned, states, policy))

        part, rest = split(plan, self.keys, judge)
        if part.blocked:
            return self.refuse("BLOCKED_GUARD", part.refusal, with_diffs(self.rt, part, picture))
        if (stopped := self._guard(part, picture)) is not None:
            return stopped
        self._apply_part(part, rest, picture)
        return Outcome(ok=False)

    def _end_unfit(self, wrong: Sequence[str]) -> Outcome:
        """Nothing is changed: what was chosen is not what a sync would do."""
        values = self.record() | {"status": "REFUSED", "error": "\n".join(wrong)}
        with self.rt.database.transaction() as tx:
            self.answer(tx, values)
            if not self.asked:
                self.end_waiting_part(tx, values["error"])
        return Outcome(ok=False)

    def refuse(
        self, status: str, error: str, plan: Plan | None, again: datetime | None = None
    ) -> Outcome:
        """Who asked is told. How the binding stands is the whole plan's to say."""
        told = f"{self.words}: {error}" if self.of is not None else error
        with self.rt.database.transaction() as tx:
            if not git_sources.owns(tx, self.source.id, self.owner):
                return Outcome(ok=False)
            self._record_refusal(tx, status, told, plan)
            if status == "AWAITING_APPROVAL":
                place = (self.source, self.binding, self.commit.sha)
                events.notify(tx, self.rt, "awaiting-approval", *place, told, status, self.keys)
        return Outcome(ok=False)

    def _apply_part(self, part: Plan, rest: Plan, picture: Picture) -> None:
        shown = with_diffs(self.rt, part, picture)
        values = self.record() | standing.result(shown, "PARTIAL") | self.place()
        values |= {
            "digest": self.digest(part),
            "reason": "manual",
            "actor": self.approved_by or (self.asked[0].actor if self.asked else None),
            "approved_by": self.approved_by,
        }
        names = {(kind.value, key) for kind, key in self.keys}

        def tell(tx: Session) -> None:
            taken = [pair for pair in self.binding.taken if tuple(pair) not in names]
            self.look_later(tx, taken=taken)
            standing.write_states(tx, rest, self.binding, applied=False)
            if self.is_new and self.binding.preview is None:
                place = (self.source, self.binding, self.commit.sha)
                events.status(tx, self.rt, *place, CheckState.PENDING, f"synced: {self.words}")
            self.answer(tx, values)

        apply(
            self.rt, self.source, self.binding, part, picture, self.commit, owner=self.owner,
            sync=values | {"binding": self._left(rest)}, tell=tell,
        )  # fmt: skip
        self.is_applied = True
        self.rt.publisher.announce("due", {})

    def _left(self, rest: Plan) -> dict[str, Any]:
        """How the binding stands with what is left."""
        applied = not self.is_new
        told = self.words if self.is_new else ""
        return standing.after_plan(rest, applied=False) | self._seen(
            rest, applied=applied, error=told
        )
