"""Files of Git LFS: fetched after the checkout, by git-lfs where the worker has it."""

from app.gitops.address import without_credentials
from app.gitops.large import address
from app.plugin.task import TaskFailed
from workers.git.command import GitCommand


def check(git: GitCommand) -> None:
    """Raises TaskFailed on a worker without git-lfs."""
    if git.attempt("lfs", "version")[0] != 0:
        raise TaskFailed("`lfs` needs git-lfs, which this worker does not have", is_final=True)


def pull(git: GitCommand, url: str) -> None:
    """Puts the files in the place of their pointers. Raises TaskFailed.

    The address is ours: a repository's `.lfsconfig` must not send the worker, or its credentials,
    to another host. The filters stay in the repository, so that it knows its files as unchanged.
    """
    git.run("config", "--local", "lfs.url", address(url))
    git.run("lfs", "install", "--local", "--skip-repo")
    code, _, err = git.attempt("lfs", "pull", "origin")
    if code != 0:
        words = "; ".join(line.strip() for line in err[-5:] if line.strip())
        raise TaskFailed(f"Git LFS: {without_credentials(words)}")
