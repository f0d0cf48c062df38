"""Push: a commit that was applied starts an execution (GitOps 5)."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, ClassVar

from app.model.task import AbstractTrigger


class Push(AbstractTrigger):
    """Start an execution, pinned to the commit, after a push to a Git source was applied."""

    type_name: ClassVar[str] = "trunkline.git.Push"

    source: str | None = None
    """The source's name; the one that the flow itself comes from when absent."""
    branches: tuple[str, ...] | None = None
    """Globs of the branch or tag; any when absent."""
    paths: tuple[str, ...] | None = None
    """Globs of which a changed file must match one; any when absent."""
    inputs: dict[str, Any] | None = None
    """Given to its executions; rendered."""

    def matches(self, ref: str, files: Sequence[str]) -> bool:
        """Whether a push to `ref` that changed these files is one of this trigger's."""
        branch = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
        if self.branches is not None and not _any_matches(self.branches, [branch]):
            return False
        return self.paths is None or _any_matches(self.paths, files)


def _any_matches(globs: Sequence[str], names: Sequence[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs for name in names)
