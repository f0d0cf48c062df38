"""Where a flow or a file comes from: what an editor has to know before it is changed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings
from app.gitops.address import without_credentials
from app.gitops.layout import Kind
from app.gitops.plan import EditMode
from app.gitops.provider.connect import file_url
from app.service.gitops import access, bindings, sources
from app.service.runtime import Runtime


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The place in a repository that one resource was applied from."""

    binding: str
    url: str
    ref: str
    ref_kind: str
    path: str
    commit: str
    state: str
    edit_mode: EditMode
    direct_commit: bool
    signed: bool  #: whether commits that are proposed are signed
    suspended: bool  #: whether its binding or source follows no push until somebody resumes it
    author: str | None = None
    subject: str | None = None
    web_url: str | None = None  #: the file at the Git host, where one is known


def find(rt: Runtime, kind: str, key: str) -> Origin | None:
    """The origin of a resource; None when no binding owns it."""
    with rt.database.reading() as tx:
        owned = git_bindings.find_owned(tx, kind, key)
        if owned is None:
            return None
        binding = bindings.find_in(tx, owned.binding_id)
        sync = git_bindings.sync_to(tx, binding.id, owned.commit)
    source = sources.find(rt, binding.source_id)
    settings = bindings.settings_of(binding)
    return Origin(
        binding=binding.name,
        url=without_credentials(source.url),
        ref=source.ref.removeprefix("refs/heads/"),
        ref_kind=source.ref_kind,
        path=owned.path,
        commit=owned.commit,
        state=owned.state,
        edit_mode=settings.edit_mode,
        direct_commit=settings.direct_commit,
        signed=bool(access.connection_of(rt, source).signing_key_secret),
        suspended=binding.suspended or source.suspended,
        author=sync.author if sync is not None else None,
        subject=_first_line(sync),
        web_url=file_url(access.host_of(rt, source, token=""), owned.commit, owned.path),
    )


def of_flows(
    rt: Runtime, places: Sequence[tuple[str, str]]
) -> list[tuple[tuple[str, str], Row[Any]]]:
    """(name of the binding, state, commit) of each of these flows that a binding owns."""
    keys = {f"{namespace}/{flow_id}": (namespace, flow_id) for namespace, flow_id in places}
    with rt.database.reading() as tx:
        return [(keys[row.key], row) for row in git_bindings.owners(tx, Kind.FLOW, list(keys))]


def _first_line(sync: Row[Any] | None) -> str | None:
    lines = (sync.message or "").splitlines() if sync is not None else []
    return lines[0] if lines else None
