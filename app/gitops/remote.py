"""What is asked of a remote repository without a copy of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from app.gitops import cli
from app.gitops.cli import RefNotFound
from app.gitops.ref import RefKind, newest_tag

_SHA = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Target:
    """What a ref means now: a commit, and the tag (its name and own object) that led to it."""

    sha: str
    name: str
    tag: str | None = None  #: id of the annotated tag


def resolve(url: str, ref: str, env: Mapping[str, str], kind: RefKind = RefKind.AUTO) -> Target:
    """The commit that a ref of a remote means now. Raises RefNotFound, GitFailed.

    An annotated tag is peeled; with SEMVER it is the highest tag within the range.
    """
    if kind is RefKind.COMMIT or (kind is RefKind.AUTO and _SHA.fullmatch(ref)):
        return Target(ref, ref)
    patterns = _patterns(ref, kind)
    wanted = [*patterns, *(f"{p}^{{}}" for p in patterns if not p.startswith("refs/heads/"))]
    command = ["ls-remote", "--", url, *(["refs/tags/*"] if kind is RefKind.SEMVER else wanted)]
    found = {}
    for line in cli.run(None, command, env, cli.ASK_TIMEOUT_S).splitlines():
        sha, _, name = line.partition("\t")
        if _SHA.fullmatch(sha):
            found[name] = sha
    if kind is RefKind.SEMVER:
        tags = [name for name in found if not name.endswith("^{}")]
        peeled = {n.removeprefix("refs/tags/"): found.get(n + "^{}") or found[n] for n in tags}
        best = newest_tag(peeled, ref)
        if best is None:
            raise RefNotFound(f"no tag of the repository is within {ref!r}")
        patterns = [f"refs/tags/{best[0]}"]
    for name in patterns:
        if commit := found.get(name + "^{}") or found.get(name):
            return Target(commit, name, found[name] if name + "^{}" in found else None)
    raise RefNotFound(f"the repository has no branch or tag {ref!r}")


def branches(url: str, env: Mapping[str, str]) -> dict[str, str]:
    """Names of the remote's branches with their commits. Raises GitFailed."""
    lines = cli.run(None, ["ls-remote", "--heads", "--", url], env, cli.ASK_TIMEOUT_S).splitlines()
    pairs = (line.partition("\t")[::2] for line in lines)
    return {name.removeprefix("refs/heads/"): sha for sha, name in pairs if _SHA.fullmatch(sha)}


def names(url: str, sha: str, env: Mapping[str, str], most: int) -> list[str]:
    """Paths of a commit's files, without what is in them or came before. Raises GitFailed."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        cli.run(folder, ["init", "--bare", "--quiet"], {}, cli.ASK_TIMEOUT_S)
        lean = ["--no-tags", "--depth=1", "--filter=blob:none", "--no-recurse-submodules"]
        cli.run(folder, ["fetch", *lean, "--", url, sha], env, cli.ASK_TIMEOUT_S)
        listed = cli.run(folder, ["ls-tree", "-r", "-z", "--name-only", sha], {}, cli.ASK_TIMEOUT_S)
    return [cli.clean(name) for name in listed.split("\0") if name][:most]


def _patterns(ref: str, kind: RefKind) -> list[str]:
    if kind is RefKind.BRANCH:
        return [f"refs/heads/{ref}"]
    if kind is RefKind.TAG:
        return [f"refs/tags/{ref}"]
    if kind is RefKind.SEMVER:
        return []
    if ref.startswith("refs/") or ref == "HEAD":
        return [ref]
    return [f"refs/heads/{ref}", f"refs/tags/{ref}"]
