"""Pins: a binding held at a commit, by a rollback or a promotion."""

from typing import Any

from sqlalchemy import Row

from app.database import git_bindings, git_sources
from app.errors import Conflict, Invalid
from app.gitops.cli import RefNotFound
from app.gitops.mirror import Mirror
from app.gitops.remote import Target
from app.service.gitops import access, bindings, fetching
from app.service.runtime import Runtime


def pin(
    rt: Runtime,
    binding: str,
    sha: str,
    *,
    actor: str,
    reason: str = "",
    auto_unpin: bool = False,
) -> Row[Any]:
    """Holds a binding at an earlier commit of its source; the beginning of a known one is enough.

    With `auto_unpin` the pin ends by itself when a commit newer than the present head appears.
    Raises BindingNotFound, Invalid for what is no commit, Conflict for a preview.
    """
    with rt.database.transaction() as tx:
        row = bindings.find_in(tx, binding)
        if row.preview:
            raise Conflict("a preview is held at the head of its pull request")
        source = git_sources.find(tx, row.source_id)
        head = source.seen_sha if source is not None else None
        made = {
            "sha": _full(sha, [r.to_sha for r in git_bindings.history(tx, row.id, 1000)]),
            "by": actor,
            "at": rt.clock().isoformat(),
            "reason": reason[:500],
            "until": head if auto_unpin else None,
        }
        if auto_unpin and head is None:  # a source that was just changed: the next look sets it
            made["until_next"] = True
        git_bindings.write(tx, row.id, pin=made)
        bindings.look_again(tx, rt, row)
    rt.publisher.wake_source(row.source_id)
    return bindings.find(rt, row.id)


def _full(text: str, known: list[str | None]) -> str:
    lower = text.strip().lower()
    if not 7 <= len(lower) <= 40 or set(lower) - set("0123456789abcdef"):
        raise Invalid(f"sha: {text[:60]!r} is no commit id (at least seven hex digits)")
    if len(lower) == 40:
        return lower
    found = {sha for sha in known if sha and sha.startswith(lower)}
    if len(found) != 1:
        raise Invalid(f"sha: {text!r} is not the beginning of one commit of the history")
    return found.pop()


def unpin(rt: Runtime, binding: str) -> Row[Any]:
    """Lets a binding follow its source again. Raises BindingNotFound, Conflict without a pin."""
    with rt.database.transaction() as tx:
        row = bindings.find_in(tx, binding)
        if row.preview:
            raise Conflict("a preview is held at the head of its pull request")
        if row.pin is None:
            raise Conflict(f"the Git binding {row.name!r} is not pinned")
        bindings.let_go_in(tx, rt, row, pin=None)
    rt.publisher.wake_source(row.source_id)
    return bindings.find(rt, row.id)


def target(rt: Runtime, source: Row[Any], binding: Row[Any], mirror: Mirror, head: str) -> str:
    """The commit that a binding should be at: the source's, or its pin's, readable and verified.

    Ends a pin whose time is over. Raises GitFailed, NotVerified.
    """
    held = binding.pin
    if held is None:
        return head
    if held.get("until") and held["until"] != head:
        with rt.database.transaction() as tx:
            git_bindings.write_seen(tx, binding, pin=None)
        return head
    sha: str = held["sha"]
    if binding.desired_sha == sha and held.get("head") == head and mirror.has(sha):
        return sha
    with access.environment(rt, source) as env:
        mirror.fetch(source.url, source.ref, sha, env)
    if not binding.preview:
        if not mirror.is_ancestor(sha, head):
            raise RefNotFound(f"the pinned commit {sha[:12]} is not in the history of {source.ref}")
        fetching.check_signed(rt, source, mirror, Target(sha, sha), commit_only=True)
        behind = mirror.count_between(sha, head)
        with rt.database.transaction() as tx:
            seen = {**held, "head": head, "behind": behind}
            if seen.pop("until_next", False):
                seen["until"] = head
            git_bindings.write_seen(tx, binding, pin=seen)
    return sha
