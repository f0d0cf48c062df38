"""A look at the remote: what the ref is now, fetched and verified."""

import re
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings, git_sources
from app.errors import TrunklineError
from app.gitops.cli import GitFailed
from app.gitops.mirror import Mirror
from app.gitops.ref import RefKind
from app.gitops.refusal import advice_for_reading
from app.gitops.remote import Target, resolve
from app.gitops.signature import Keys, NotVerified, Verify, verify
from app.service.gitops import access, events, sources
from app.service.gitops.models import Signers
from app.service.runtime import Runtime

_BACKOFF_S, _LONGEST_S = 30, 3600
_DENIED = re.compile(
    r"authentication failed|could not read (username|password)|permission denied|access denied"
    r"|invalid (username|credentials)|returned error: 40[13]|host key verification failed"
    r"|secret '.*does not exist", re.IGNORECASE,
)  # fmt: skip


def look(rt: Runtime, source: Row[Any], mirror: Mirror) -> str:
    """The commit that the source's ref means now, readable in the mirror and verified.

    An unchanged ref costs one `ls-remote`. Raises GitFailed, NotVerified, Invalid.
    """
    with access.environment(rt, source) as env:
        target = resolve(source.url, source.ref, env, RefKind(source.ref_kind))
        is_known = source.seen_sha == target.sha and not is_false(source.conditions, "Verified")
        if not is_known or not (mirror.folder / "HEAD").exists():
            mirror.fetch(source.url, source.ref, target.sha, env)
            if target.tag and Signers.model_validate(source.verify).policy.wants_tag:
                mirror.fetch(source.url, target.name, target.tag, env)
    if is_known and source.last_error is None:
        return target.sha  # a quiet poll writes nothing: the lease's end says when it was
    now = rt.clock()
    fetched = condition(True, "Fetched", "", now, target.sha)
    conditions = {**source.conditions, "Fetched": fetched}
    changes: dict[str, Any] = {"seen_sha": target.sha, "fetched_at": now}
    if source.seen_sha != target.sha:
        changes["seen_at"] = source.pushed_at or now
    try:
        if not is_known:
            check_signed(rt, source, mirror, target)
            conditions["Verified"] = condition(True, "Verified", "", now, target.sha)
    except NotVerified as error:
        conditions["Verified"] = condition(False, "NotVerified", str(error), now, target.sha)
        raise
    else:
        changes |= {"fail_count": 0, "last_error": None}
    finally:
        with rt.database.transaction() as tx:
            git_sources.write(tx, source.id, conditions=conditions, **changes)
    return target.sha


def ensure(rt: Runtime, source: Row[Any], mirror: Mirror, sha: str) -> None:
    """Makes a commit that another machine has fetched readable here. Raises GitFailed."""
    if not mirror.has(sha):
        with access.environment(rt, source) as env:
            mirror.fetch(source.url, source.ref, sha, env)


def check_signed(
    rt: Runtime, source: Row[Any], mirror: Mirror, target: Target, *, commit_only: bool = False
) -> None:
    """Raises NotVerified unless the source's policy holds for a commit and its tag."""
    given = Signers.model_validate(source.verify)
    policy = Verify(given.policy)
    objects = {}
    if policy.wants_commit:
        objects["commit"] = target.sha
    if policy.wants_tag and not commit_only:
        if target.tag is None:
            raise NotVerified(f"{target.name} is no annotated tag, which could be signed")
        objects["tag"] = target.tag
    if objects:
        keys = Keys(gpg=given.gpg, ssh=given.ssh)
        verify(mirror.folder, objects, keys, rt.environ.get("PATH", "/usr/bin:/bin"))
    if "tag" in objects:
        _check_tag(mirror, target)


def _check_tag(mirror: Mirror, target: Target) -> None:
    """Raises NotVerified unless a signed tag is the one that is followed, and of the commit.

    The signature is about what stands in the tag. What the tag is called and where it leads is told
    by the remote: it might show the tag of an older version, or another commit.
    """
    assert target.tag is not None
    ((_, data),) = mirror.read({target.tag: 0})
    head = data.partition(b"\n\n")[0].decode("utf-8", "replace").splitlines()
    name = next((line[4:] for line in head if line.startswith("tag ")), "")
    if f"refs/tags/{name}" != target.name:
        raise NotVerified(f"{target.name} leads to the signed tag {name[:100]!r}")
    if (commit := mirror.expand(target.tag)) != target.sha:
        raise NotVerified(f"{target.name} is of {commit[:12]}, not of {target.sha[:12]}")


def failed(rt: Runtime, source: Row[Any], error: TrunklineError) -> None:
    """Notes why the remote could not be read, polls later each time, answers who waits."""
    now = rt.clock()
    words = str(error)
    if isinstance(error, GitFailed) and (known := advice_for_reading(words)):
        words = f"{words}: {known}"
    is_signature = isinstance(error, NotVerified)
    count = source.fail_count + (0 if is_signature else 1)
    wait_s = 0 if is_signature else min(_LONGEST_S, _BACKOFF_S * 2 ** min(count - 1, 10))
    if _DENIED.search(str(error)):
        wait_s = _LONGEST_S
    with rt.database.transaction() as tx:
        changes: dict[str, Any] = {"fail_count": count, "last_error": words}
        if not is_signature:
            fetched = condition(False, type(error).__name__, words, now, None)
            changes["conditions"] = {**source.conditions, "Fetched": fetched}
        following = now + sources.spread(max(source.poll_interval_s, wait_s))
        git_sources.write(tx, source.id, next_poll_at=following, **changes)
        if is_signature:
            sha = source.seen_sha
            events.notify(tx, rt, "verification-failed", source, None, sha, str(error), error)
        # the next look that succeeds compares them again, whatever commit it finds
        standing = {"sync_state": "OutOfSync" if is_signature else "Unknown", "health": "Degraded",
                    "problems": [words], "compare_at": now}  # fmt: skip
        for binding in git_bindings.list_of(tx, source.id):
            git_bindings.write(tx, binding.id, **standing)
        for row in git_bindings.waiting(tx, source.id):
            ended = {"status": "FAILED", "error": words, "ended_at": now}
            git_bindings.write_sync(tx, row.id, **ended)


def condition(
    status: bool, reason: str, message: str, now: Any, commit: str | None
) -> dict[str, Any]:
    """One condition of the status model."""
    found = {"status": status, "reason": reason, "at": now.isoformat()}
    if message:
        found["message"] = message[:2000]
    return {**found, "commit": commit} if commit else found


def is_false(conditions: Any, name: str) -> bool:
    """Whether a condition is known not to hold."""
    return name in conditions and not conditions[name]["status"]
