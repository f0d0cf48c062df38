"""Clone: a repository's files into the working directory."""

import re
import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import model_validator

from app.errors import Invalid
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, TaskFailed
from app.storage.paths import safe_path
from workers.git import large
from workers.git.cache import CloneCache, lend, part
from workers.git.command import GitCommand
from workers.git.remote import GitTask, rendered_ref


class CloneOutput(Output):
    """Where the files are, and of which commit."""

    directory: str
    commit_id: str
    """The commit that is checked out (extension)."""
    branch: str | None = None
    """Its branch; absent for a commit or a tag (extension)."""


class Clone(GitTask):
    """Clone a repository, or fetch it over files that are there already."""

    type_name: ClassVar[str] = "io.kestra.plugin.git.Clone"
    output: ClassVar[type[Output] | None] = CloneOutput

    directory: Dynamic[str] | None = None
    """A folder within the working directory; its root when absent."""
    depth: Dynamic[int] = 1
    """How many commits; the whole history for `commit` and `tag`."""
    commit: Dynamic[str] | None = None
    """A commit id, whole or short. Goes before `tag` and `branch`."""
    tag: Dynamic[str] | None = None
    """A tag, instead of a branch."""
    clone_all_branches: Dynamic[bool] = True
    """Whether all branches are fetched, or one."""
    no_tags: Dynamic[bool] = False
    """Whether tags are left out."""
    sparse_paths: Dynamic[list[str]] | None = None
    """Folders that are checked out, with the files at the root; all without it (extension)."""
    lfs: Dynamic[bool] = False
    """Whether the files of Git LFS are fetched in place of their pointers (extension)."""

    @model_validator(mode="after")
    def _has_url(self) -> "Clone":
        if not self.url:
            raise ValueError("`url` is required")
        return self

    def run(self, ctx: RunContext) -> CloneOutput:
        """Leaves the files in the working directory. Raises TaskFailed."""
        url = self.address(ctx)
        commit, tag, branch = (
            rendered_ref(ctx, value, what)
            for value, what in ((self.commit, "commit"), (self.tag, "tag"), (self.branch, "branch"))
        )
        no_tags = bool(ctx.read(self.no_tags, bool))
        is_single = not ctx.read(self.clone_all_branches, bool)
        if is_single and not branch:
            raise TaskFailed("`branch` must be set when `cloneAllBranches` is false", is_final=True)
        if tag and no_tags:
            raise TaskFailed("`tag` cannot be used with `noTags: true`", is_final=True)
        sparse = _sparse(ctx, self.sparse_paths)
        wants_lfs = bool(ctx.read(self.lfs, bool))
        with_modules = bool(ctx.read(self.clone_submodules, bool))
        folder = self._folder(ctx)
        _forget_repositories(folder, below=with_modules)
        ctx.log.info("Start cloning from '%s'", url)
        with self.git(ctx, folder) as git, self._copy(ctx, git, url) as copy:
            if wants_lfs:
                large.check(git)
            depth = int(ctx.read(self.depth, int) or 0)
            wanted = _Wanted(commit, tag, branch, depth, tuple(sparse))
            checkout = _Checkout(git, url, no_tags=no_tags, single=branch if is_single else None)
            try:
                shown = checkout.out(wanted, folder, copy)
            except TaskFailed as error:
                if copy is None or error.is_final:
                    raise
                ctx.log.warning("a copy of the repository could not be used: %s", error)
                shutil.rmtree(copy, ignore_errors=True)
                shutil.rmtree(folder / ".git")
                shown = checkout.out(wanted, folder, None)
            if with_modules:
                _fetch_modules(git)
            if wants_lfs:
                large.pull(git, url)
            sha = git.run("rev-parse", "HEAD").strip()
            self.configure(ctx, git, folder)  # at last: no command of ours obeys it
        return CloneOutput(directory=str(folder), commit_id=sha, branch=shown)

    def _copy(
        self, ctx: RunContext, git: GitCommand, url: str
    ) -> AbstractContextManager[Path | None]:
        """What was cloned here before."""
        most = int(ctx.settings.get("git_cache_bytes") or 0)
        cache = CloneCache(Path(ctx.settings["data_dir"]) / "clones", most)
        return cache.copy_of(git, url, self.login(ctx))

    def _folder(self, ctx: RunContext) -> Path:
        name = str(ctx.render(self.directory) or "").strip()
        root = ctx.working_dir
        if not name or name in (".", "./"):
            return root
        if name.startswith("/"):
            raise TaskFailed(f"`directory` {name!r} must be relative", is_final=True)
        try:
            folder = root / safe_path(name, "directory")
        except Invalid as error:
            raise TaskFailed(str(error), is_final=True) from None
        if not folder.resolve().is_relative_to(root.resolve()):
            raise TaskFailed(f"`directory` {name!r} leaves the working directory", is_final=True)
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _sparse(ctx: RunContext, value: Any) -> list[str]:
    """The rendered folders of a sparse checkout. Raises TaskFailed for one outside."""
    found = []
    for path in ctx.read(value, list) or []:
        text = str(path).strip()
        try:
            found.append(safe_path(text.strip("/"), "sparsePaths"))
        except Invalid as error:
            raise TaskFailed(f"`sparsePaths`: {error}", is_final=True) from None
    return found


def _forget_repositories(folder: Path, *, below: bool) -> None:
    """Removes what makes a repository of the folder, and `below`, of those in it.

    Scripts may have written it: its settings run programs, and its alternates name the copies of
    others. The files that were checked out stay.
    """
    for path in [*folder.rglob(".git")] if below else [folder / ".git"]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _fetch_modules(git: GitCommand) -> None:
    """One commit of each submodule; everything where a server does not give a single one."""
    command = ["submodule", "update", "--init", "--recursive"]
    if git.attempt(*command, "--depth", "1")[0] != 0:
        git.attempt("submodule", "foreach", "--recursive", "-q", "git fetch -q --unshallow || :")
        git.run(*command)


_LENT = "refs/trunkline"


@dataclass(frozen=True)
class _Wanted:
    """What is to be checked out; empty texts for what was not given."""

    commit: str
    tag: str
    branch: str
    depth: int
    sparse: tuple[str, ...]


class _Checkout:
    """Fetches into a folder that may hold files already, and checks out over them.

    One path for empty and filled folders: init, fetch what is wanted, checkout.
    """

    def __init__(self, git: GitCommand, url: str, *, no_tags: bool, single: str | None) -> None:
        self.git, self.url = git, url
        self.tags = ["--no-tags"] if no_tags else []
        self.single = single

    def out(self, wanted: _Wanted, folder: Path, copy: Path | None) -> str | None:
        """Everything from an empty repository to the files; the branch that is checked out."""
        self.prepare(wanted.sparse)
        if copy is not None:
            self._take_from(copy, folder, wanted)
        branch = None
        if wanted.commit or wanted.tag:
            self.detached(wanted.commit, wanted.tag)
        else:
            branch = wanted.branch or self.default_branch()
            self.branch(branch, wanted.depth)
        if copy is not None:
            shutil.rmtree(
                folder / ".git" / _LENT, ignore_errors=True
            )  # as loose as the fetch has written them
        return branch

    def _take_from(self, copy: Path, folder: Path, wanted: _Wanted) -> None:
        """Fetches what is wanted, as far as possible out of a copy, under names of our own.

        The fetch that follows finds it here, and makes the very names that it would make without.
        """
        lend(folder, copy)
        is_all = wanted.commit or wanted.tag or wanted.depth <= 0
        shallow = [] if is_all else ["--depth", str(wanted.depth)]
        kinds = ["heads", *(["tags"] if is_all else [])]
        specs = [f"+refs/{kind}/*:{_LENT}/{kind}/*" for kind in kinds]
        self.git.run("fetch", "-q", *shallow, "--no-tags", "origin", *specs)
        part(self.git, folder)

    def prepare(self, sparse: Sequence[str]) -> None:
        self.git.run("init", "-q")
        branches = ["-t", self.single] if self.single else []
        self.git.run("remote", "add", *branches, "origin", self.url)
        if sparse:
            self.git.run("sparse-checkout", "set", "--cone", "--", *sparse)

    def default_branch(self) -> str:
        """What the remote's HEAD is. Raises TaskFailed for a remote that has none."""
        text = self.git.run("ls-remote", "--symref", "origin", "HEAD")
        found = re.search(r"^ref: refs/heads/(\S+)\tHEAD", text, re.MULTILINE)
        if found:
            return found.group(1)
        heads = self.git.run("ls-remote", "--heads", "origin")
        for name in ("main", "master"):
            if f"refs/heads/{name}" in heads:
                return name
        raise TaskFailed("the remote has no default branch: set `branch`")

    def branch(self, branch: str, depth: int) -> None:
        shallow = ["--depth", str(depth)] if depth > 0 else []
        if self.single:
            spec = [f"+refs/heads/{branch}:refs/remotes/origin/{branch}"]
        else:
            spec = ["+refs/heads/*:refs/remotes/origin/*"]
        self.git.run("fetch", "-q", *shallow, *self.tags, "origin", *spec)
        known = self.git.attempt("rev-parse", "-q", "--verify", f"refs/remotes/origin/{branch}")
        if known[0] != 0:
            raise TaskFailed(f"Remote branch {branch} not found in upstream origin", is_final=True)
        self._out("-B", branch, f"refs/remotes/origin/{branch}")

    def detached(self, commit: str, tag: str) -> None:
        wanted = f"commit SHA: {commit}" if commit else f"tag: {tag}"
        if commit and len(commit) == 40 and self._fetch_one(commit):
            return
        heads = "+refs/heads/*:refs/remotes/origin/*"
        tags = self.tags or ["--tags"]
        self.git.run("fetch", "-q", *tags, "origin", heads)
        name = commit or f"refs/tags/{tag}"
        code, sha, _ = self.git.attempt("rev-parse", "-q", "--verify", f"{name}^{{commit}}")
        if code != 0:
            raise TaskFailed(f"Cannot resolve {wanted}", is_final=True)
        self._out("--detach", sha.strip())

    def _fetch_one(self, commit: str) -> bool:
        """A commit by its id alone, from servers that allow it."""
        code, _, _ = self.git.attempt("fetch", "-q", "--depth", "1", *self.tags, "origin", commit)
        if code == 0:
            self._out("--detach", commit)
        return code == 0

    def _out(self, *arguments: str) -> None:
        """Files of the repository win over files of the same name; others stay."""
        self.git.run("-c", "advice.detachedHead=false", "checkout", "-q", "-f", *arguments)
