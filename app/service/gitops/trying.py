"""Asks a remote beside the work of its source: does it answer, which branches has it.

The API process asks, as for proposed changes (decision 0077): a person waits for the answer.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from app.errors import TrunklineError
from app.gitops.address import check_address
from app.gitops.cli import GitFailed
from app.gitops.host_keys import HostKey, is_recorded, is_unknown, name_of, read, to_meet
from app.gitops.refusal import advice_for_reading, told
from app.gitops.remote import branches, names, resolve
from app.service.gitops import access, sources
from app.service.gitops.models import NewSource
from app.service.runtime import Runtime

MOST_BRANCHES = 1000
MOST_FILES = 5000


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What a remote answered; with `error` it did not, or has no such ref."""

    sha: str | None = None
    branches: Sequence[str] = ()
    files: Sequence[str] | None = None  #: paths at the commit; None: not asked for, not given
    error: str | None = None
    advice: str | None = None
    host_key: HostKey | None = None  #: of an SSH host of which no key is known


def try_source(rt: Runtime, new: NewSource, *, with_files: bool = False) -> Tried:
    """Asks the remote of a source that need not be registered. Raises Invalid for its address.

    With `with_files` the commit's files are named, so that a folder can be chosen among them.
    Whatever else goes wrong (no answer, refused, no such branch, no such secret) is told.
    """
    check_address(new.url, allow_local=rt.settings.git_allow_file_protocol)
    known: Sequence[str] = ()
    try:
        with access.environment(rt, new) as env:
            known = sorted(branches(new.url, env))[:MOST_BRANCHES]
            target = resolve(new.url, new.ref, env, new.ref_kind)
            files = _files(new.url, target.sha, env) if with_files else None
    except GitFailed as error:
        words = told(str(error))
        advice, key = advice_for_reading(words) or None, _unknown_key(rt, new, words)
        return Tried(branches=known, error=words, advice=advice, host_key=key)
    except TrunklineError as error:
        words = str(error)
        return Tried(branches=known, error=words, advice=advice_for_reading(words) or None)
    return Tried(sha=target.sha, branches=known, files=files)


def _unknown_key(rt: Runtime, new: NewSource, words: str) -> HostKey | None:
    """The key that an unknown host shows, to be compared; None for one with any key on record."""
    given = access.credentials_of(rt, new)
    if not is_unknown(words) or is_recorded(name_of(new.url), given):
        return None
    with TemporaryDirectory(prefix="trunkline-git-") as folder:
        file = Path(folder) / "known_hosts"
        with access.environment(rt, new, to_meet(given, file)) as env, suppress(GitFailed):
            branches(new.url, env)
        with suppress(OSError, ValueError):
            return read(file.read_text(encoding="utf-8"))
    return None


def _files(url: str, sha: str, env: Mapping[str, str]) -> Sequence[str] | None:
    """The paths of a commit; a remote that gives no single commit is none that failed."""
    try:
        return names(url, sha, env, MOST_FILES)
    except GitFailed:
        return None


def branches_of(rt: Runtime, source: str) -> Tried:
    """The branches of a source's repository. Raises SourceNotFound."""
    row = sources.find(rt, source)
    return try_source(rt, sources.settings_of(row))
