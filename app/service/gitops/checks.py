"""How a proposed change fares at its host: the checks of the head of its pull request."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import git_outside
from app.errors import NotFound, TrunklineError
from app.gitops.address import commit_url
from app.gitops.provider.base import CheckState, FoundCheck
from app.gitops.provider.connect import connect, has_api
from app.service.gitops import access, bindings, sources
from app.service.runtime import Runtime

_MOVING, _RESTING = timedelta(seconds=10), timedelta(seconds=60)
NONE, UNKNOWN = "none", "unknown"
#: the first of them that a check has is the state of all
_ORDER = (CheckState.FAILURE, CheckState.PENDING, CheckState.SUCCESS)


def of_change(rt: Runtime, change_id: str) -> dict[str, Any]:
    """The checks of a change, asked of its host unless that was done a moment ago.

    What the host refuses is told as `error`, in the state `unknown`. Raises NotFound.
    """
    with rt.database.reading() as tx:
        change = git_outside.find_change(tx, change_id)
        if change is None:
            raise NotFound(f"no proposed change {change_id!r}")
        pulls = git_outside.pulls_of(tx, change.binding_id)
    # somebody may have pushed to the branch since
    head = next((p.sha for p in pulls if p.number == change.number), change.sha)
    if (kept := _kept(change, head, rt.clock())) is not None:
        return kept
    found = _ask(rt, change, head)
    found |= {"sha": head, "at": rt.clock().isoformat()}
    with rt.database.transaction(durable=False) as tx:
        git_outside.write_change(tx, change.id, checks=found)
    return found


def _kept(change: Row[Any], head: str, now: datetime) -> dict[str, Any] | None:
    """What the host said last, while that is fresh."""
    kept: dict[str, Any] | None = change.checks
    if kept is None or kept["sha"] != head:
        return None
    is_moving = kept["state"] in (NONE, CheckState.PENDING)
    age = now - datetime.fromisoformat(kept["at"])
    return kept if age < (_MOVING if is_moving else _RESTING) else None


def _ask(rt: Runtime, change: Row[Any], head: str) -> dict[str, Any]:
    try:
        source = sources.find(rt, bindings.find(rt, change.binding_id).source_id)
        host = access.host_of(rt, source)
        if not has_api(host):
            words = "the source has no connection to a host with an API, or no token for it"
            return {"state": UNKNOWN, "checks": [], "error": words}
        checks = connect(host).checks(head)
    except (TrunklineError, KeyError, TypeError) as error:
        words = str(error) if isinstance(error, TrunklineError) else "the host answered otherwise"
        return {"state": UNKNOWN, "checks": [], "error": words[:1000]}
    return summary(checks, commit_url(source.url, head) or "")


def summary(checks: Sequence[FoundCheck], commit: str) -> dict[str, Any]:
    """One state for all checks; its `url` leads to one that is not well, else to the commit."""
    state = next((s for s in _ORDER if any(c.state is s for c in checks)), None)
    first = next((c.url for c in checks if c.state is state and _is_web(c.url)), "")
    url = commit if state is CheckState.SUCCESS or not first else first
    told = [
        {"name": c.name[:200], "state": c.state.value} | ({"url": c.url} if _is_web(c.url) else {})
        for c in sorted(checks, key=lambda c: (_ORDER.index(c.state), c.name))
    ]
    found = {"state": state.value if state is not None else NONE, "checks": told}
    return found | ({"url": url} if _is_web(url) else {})


def _is_web(url: str) -> bool:
    """Whether a browser may be led there: whoever writes a status chooses its address."""
    return url.startswith(("https://", "http://"))
