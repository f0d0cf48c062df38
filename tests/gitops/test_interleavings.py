"""Any order of pushes, edits, lost and doubled hooks and dying workers ends well (slow)."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app import failpoints
from app.database import git_sources
from app.service import flows
from app.service.gitops import sync
from tests.conftest import make_driver
from tests.support.following import Team
from tests.support.repository import Repository, flow

pytestmark = pytest.mark.slow
NAMES = st.sampled_from(["a", "b", "c"])
POINTS = st.sampled_from(["git_after_fetch", "git_before_apply", "git_in_apply", "git_after_apply"])


class Following(RuleBasedStateMachine):
    """One repository, one binding; what happens to them in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="trunkline-machine-"))
        self.driver = make_driver(f"sqlite:///{self.folder / 'x.db'}", self.folder)
        self.team = Team(self.driver, Repository(self.folder))
        self.git: dict[str, str] = {}  #: what the newest commit says
        self.valid: dict[str, str] = {}  #: what the newest valid commit says
        self.broken: set[str] = set()
        self.count = 0
        self.commits: dict[str, dict[str, str]] = {}  #: what each commit says
        self.hand: dict[str, set[str | None]] = {}  #: what people made of a flow; None: deleted

    @initialize()
    def begin(self) -> None:
        self._push({"a": "0"})
        self.team.follow(editMode="OVERWRITE", prune=True, maxDeletePercent=100, allowEmpty=True)

    def _push(self, texts) -> None:
        files = {f"{name}.yaml": flow(name, message=f"m{text}") for name, text in texts.items()}
        self._commit({**files, "README.md": str(self.count)}, self.git | texts)
        self.git |= texts
        self.broken -= set(texts)
        if not self.broken:
            self.valid = dict(self.git)

    def _commit(self, files, says) -> None:
        self.commits[self.team.repository.commit(files)] = dict(says)

    @rule(name=NAMES)
    def push(self, name) -> None:
        self.count += 1
        self._push({name: str(self.count)})

    @rule(name=NAMES)
    def push_something_invalid(self, name) -> None:
        self.count += 1
        self.git[name] = "invalid"
        self._commit({f"{name}.yaml": f"id: {name}\n# {self.count}\n"}, self.git)
        self.broken.add(name)

    @rule(name=NAMES)
    def remove(self, name) -> None:
        if name in self.git:
            del self.git[name]
            self._commit({f"{name}.yaml": None}, self.git)
            self.broken.discard(name)
            if not self.broken:
                self.valid = dict(self.git)

    @rule(name=NAMES)
    def edit_here(self, name) -> None:
        if self.team.has_flow(name):
            self.count += 1
            self.team.driver.save(flow(name, message=f"hand{self.count}"))
            self.hand.setdefault(name, set()).add(f"hand{self.count}")

    @rule(name=NAMES)
    def delete_here(self, name) -> None:
        if self.team.has_flow(name):
            flows.delete(self.team.rt, "acme.team", name)
            self.hand.setdefault(name, set()).add(None)

    @rule(times=st.integers(1, 2))
    def a_hook_comes_once_or_twice(self, times) -> None:
        with self.team.rt.database.transaction() as tx:
            for _ in range(times):
                git_sources.request(tx, self.team.source().id, self.team.rt.clock())
        for _ in range(times):
            assert sync.work(self.team.rt, self.team.source().id)

    @rule(point=POINTS)
    def a_worker_dies(self, point) -> None:
        failpoints._active[point] = "raise"
        try:
            sync.work(self.team.rt, self.team.source().id)
        except failpoints.FailpointRaised:
            pass
        finally:
            failpoints._active.clear()
        with self.team.rt.database.transaction() as tx:  # its lease runs out
            git_sources.write(tx, self.team.source().id, lease_owner=None, lease_until=None)

    @rule(seconds=st.sampled_from([1, 60, 700]))
    def time_passes(self, seconds) -> None:
        self.driver.clock.advance(seconds)
        sync.tick(self.team.rt)

    @invariant()
    def what_runs_is_one_commit_and_never_something_in_between(self) -> None:
        binding = self.team.binding() if self._is_followed() else None
        if binding is None or binding.applied_sha is None:
            return
        says, live = self.commits[binding.applied_sha], self._live()
        for name in "abc":
            wanted = f"m{says[name]}" if name in says else None
            assert live.get(name) in {wanted, *self.hand.get(name, ())}

    def _live(self) -> dict[str, str]:
        return {
            name: next(
                line.rpartition("message: ")[2]
                for line in self.team.flow(name).source.splitlines()
                if "message: " in line
            )
            for name in "abc"
            if self.team.has_flow(name)
        }

    def _is_followed(self) -> bool:
        with self.team.rt.database.reading() as tx:
            return git_sources.find(tx, "team") is not None

    def teardown(self) -> None:
        try:
            if self._is_followed():
                for _ in range(3):
                    self.driver.clock.advance(3600)
                    binding = self.team.look()
                self._check(binding)
        finally:
            self.driver.process.stop()
            self.driver.rt.database.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _check(self, binding) -> None:
        """Equal to the newest valid commit, or a stated problem."""
        stated = binding.sync_state in ("Conflict", "OutOfSync") and binding.problems
        if self.broken:
            assert stated
            assert binding.health == "Degraded"
            return
        if not stated:
            assert self._live() == {name: f"m{text}" for name, text in self.valid.items()}
            assert binding.sync_state == "Synced"


Following.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestFollowing = Following.TestCase
