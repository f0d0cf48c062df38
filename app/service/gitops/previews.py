"""Previews: the flows of a pull request, running in namespaces of their own while it is open.

A preview is a binding of the same source, held at the pull request's head. Its namespaces are
`<namespace>.pr-<number>`; its triggers are disabled and it reads no secrets of its parents.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings
from app.errors import TrunklineError
from app.gitops.mirror import Mirror
from app.gitops.remote import Target
from app.service.gitops import bindings, fetching
from app.service.gitops.models import NewBinding
from app.service.runtime import Runtime

_LONGEST = 50  #: of a binding's name in that of its preview


def open_or_move(
    rt: Runtime, source: Row[Any], binding: Row[Any], mirror: Mirror, number: int, sha: str
) -> None:
    """Makes the preview of a pull request, or moves it to a new head.

    Nothing happens for a head that the source's signature policy does not allow, nor where another
    binding has the name.
    """
    try:
        fetching.check_signed(rt, source, mirror, Target(sha, sha), commit_only=True)
    except TrunklineError:
        return
    now = rt.clock()
    given = bindings.settings_of(binding)
    expires = now + timedelta(hours=given.preview_hours)
    about = {"pull": number, "root": binding.namespace, "of": binding.id}
    about["expiresAt"] = expires.isoformat()
    pin = {"sha": sha, "by": "trunkline", "at": now.isoformat(), "reason": f"pull {number}"}
    name = name_of(binding.name, number)
    root = f"{binding.namespace}.pr-{number}" if binding.namespace else f"pr-{number}"
    with rt.database.transaction() as tx:
        row = git_bindings.find(tx, name)
        if row is not None and not _is_of(row, binding):
            return
        if row is None:
            policy = {**binding.policy, "edit_mode": "OVERWRITE", "require_approval": False}
            place = {"name": name, "path": binding.path, "namespace": root}
            new = NewBinding.model_validate(
                {**policy, **place, "layout": binding.layout, "previews": False, "prune": True,
                 "allow_empty": True, "max_delete_percent": 100, "adopt": False}
            )  # fmt: skip
            row = bindings.add_in(tx, rt, source, new, preview=about)
        git_bindings.write(tx, row.id, pin=pin, preview=about, compare_at=now)


def name_of(binding: str, number: int) -> str:
    """The name of a preview's binding; two long names that begin alike are not one."""
    if len(binding) > _LONGEST:
        digest = hashlib.sha256(binding.encode()).hexdigest()[:8]
        binding = f"{binding[: _LONGEST - 9]}-{digest}"
    return f"{binding}-pr-{number}"


def _is_of(row: Row[Any], binding: Row[Any]) -> bool:
    return bool(row.preview and row.preview["of"] == binding.id)


def close(rt: Runtime, binding: Row[Any], number: int) -> None:
    """Removes the preview of a pull request with all it made; nothing when there is none."""
    with rt.database.transaction() as tx:
        row = git_bindings.find(tx, name_of(binding.name, number))
        if row is not None and _is_of(row, binding):
            bindings.drop_in(tx, rt, row, cascade=True)


def expire(rt: Runtime) -> None:
    """Removes previews whose time is over."""
    now = rt.clock()
    with rt.database.reading() as tx:
        found = [row for row in git_bindings.list_of(tx) if row.preview]
    for row in found:
        if datetime.fromisoformat(row.preview["expiresAt"]) <= now:
            with rt.database.transaction() as tx:
                bindings.drop_in(tx, rt, row, cascade=True)
