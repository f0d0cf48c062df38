"""Asks a remote beside the work of its source: does it answer, which branches has it.

The API process asks, as for proposed changes (decision 0077): a person waits for the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import TrunklineError
from app.gitops.address import check_address
from app.gitops.mirror import GitFailed, branches, resolve
from app.gitops.refusal import advice_for_reading, told
from app.service.gitops import access, sources
from app.service.gitops.models import NewSource
from app.service.runtime import Runtime

MOST_BRANCHES = 1000


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What a remote answered; with `error` it did not, or has no such ref."""

    sha: str | None = None
    branches: Sequence[str] = ()
    error: str | None = None
    advice: str | None = None


def try_source(rt: Runtime, new: NewSource) -> Tried:
    """Asks the remote of a source that need not be registered. Raises Invalid for its address.

    Whatever else goes wrong (no answer, refused, no such branch, no such secret) is told.
    """
    check_address(new.url, allow_local=rt.settings.git_allow_file_protocol)
    known: Sequence[str] = ()
    try:
        with access.environment(rt, new) as env:
            known = sorted(branches(new.url, env))[:MOST_BRANCHES]
            target = resolve(new.url, new.ref, env, new.ref_kind)
    except GitFailed as error:
        words = told(str(error))
        return Tried(branches=known, error=words, advice=advice_for_reading(words) or None)
    except TrunklineError as error:
        words = str(error)
        return Tried(branches=known, error=words, advice=advice_for_reading(words) or None)
    return Tried(sha=target.sha, branches=known)


def branches_of(rt: Runtime, source: str) -> Tried:
    """The branches of a source's repository. Raises SourceNotFound."""
    row = sources.find(rt, source)
    return try_source(rt, sources.settings_of(row))
