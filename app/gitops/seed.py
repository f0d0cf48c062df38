"""A folder of this machine as a bare repository, as a server for Git would hold it."""

import os
import tempfile
from pathlib import Path

from app.gitops.cli import GitFailed
from app.library import Library

gitpython = Library("git")

_WHO = {
    "GIT_AUTHOR_NAME": "Trunkline",
    "GIT_AUTHOR_EMAIL": "noreply@localhost",
    "GIT_COMMITTER_NAME": "Trunkline",
    "GIT_COMMITTER_EMAIL": "noreply@localhost",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}


def publish_folder(folder: Path, bare: Path, branch: str = "main") -> str:
    """Commits what a folder holds to a bare repository, which is made when it is not there.

    Gives the commit: the present one when nothing has changed. Raises GitFailed.
    """
    git = gitpython.Git(folder)
    environ = {"PATH": os.environ.get("PATH", ""), "HOME": str(bare.parent), **_WHO}

    def run(*arguments: str) -> str:
        return str(git.execute(["git", f"--git-dir={bare}", *arguments], env=environ)).strip()

    try:
        if not (bare / "HEAD").exists():
            bare.parent.mkdir(parents=True, exist_ok=True)
            run("init", "--quiet", "--bare", f"--initial-branch={branch}")
        with tempfile.TemporaryDirectory() as name:
            environ["GIT_INDEX_FILE"] = f"{name}/index"
            run(f"--work-tree={folder}", "add", "--all", "--force", ".")
            tree = run("write-tree")
        ref = f"refs/heads/{branch}"
        before = run("for-each-ref", "--format=%(objectname)", ref)
        if before and run("rev-parse", f"{before}^{{tree}}") == tree:
            return before
        parents = ["-p", before] if before else []
        commit = run("commit-tree", tree, *parents, "-m", "Publish the example")
        run("update-ref", ref, commit)
        return commit
    except gitpython.GitCommandError as error:
        raise GitFailed(str(error.stderr or error)) from None
