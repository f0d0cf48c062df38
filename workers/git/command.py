"""Git commands of a task: killed with their attempt, their words masked and logged."""

from collections.abc import Mapping
from pathlib import Path

from app.gitops.address import without_credentials
from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.runner import process


class GitCommand:
    """Runs Git in one environment for one attempt."""

    def __init__(self, ctx: RunContext, env: Mapping[str, str], folder: Path) -> None:
        self.ctx, self.env, self.folder = ctx, env, folder

    def run(self, *arguments: str) -> str:
        """What Git wrote to its standard output. Raises TaskFailed with Git's own reason."""
        code, out, err = self.attempt(*arguments)
        if code != 0:
            words = [line for line in err if line.strip()]
            reason = "; ".join(words[-5:]) or f"git {arguments[0]} ended with {code}"
            raise TaskFailed(without_credentials(reason))
        return out

    def attempt(self, *arguments: str) -> tuple[int, str, list[str]]:
        """Exit code, standard output, lines of standard error."""
        out: list[str] = []
        err: list[str] = []

        def keep(stream: str, line: str) -> None:
            (out if stream == "stdout" else err).append(line)
            if stream == "stderr":
                self.ctx.log.debug("%s", without_credentials(line))

        code = process.run(["git", *arguments], self.folder, self.env, keep, self.ctx.lease)
        return code, "\n".join(out), err
