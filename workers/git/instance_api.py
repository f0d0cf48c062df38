"""Another server's flows over its REST API."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from app.errors import TrunklineError
from app.plugin.exchange import Change, Done, Order, StoredDashboard, StoredFlow
from app.plugin.task import TaskFailed
from app.service.gitops.texts import id_of
from workers.git.documents import Header, read_header, same_flow, with_header


@dataclass(frozen=True)
class Login:
    """Basic credentials, or a token; and the tenant."""

    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    tenant: str = "main"

    def headers(self) -> dict[str, str]:
        """The header that carries it."""
        if self.token:
            return {"Authorization": f"Bearer {self.token}"}
        if not self.username:
            return {}
        pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}


class RemoteExchange:
    """See Exchange. Flows only: files of namespaces stay on their own server."""

    def __init__(self, client: httpx.Client, url: str, login: Login) -> None:
        self._client, self._login = client, login
        self._base = f"{url}/api/v1/{quote(login.tenant, safe='')}"

    def flows(self, namespace: str, *, children: bool) -> Sequence[StoredFlow]:
        """Every flow of a namespace (and of those below it)."""
        names = [namespace]
        if children:
            names = [n for n in self.namespaces() if f"{n}.".startswith(f"{namespace}.")]
        return [
            self._flow(name, str(row["id"]))
            for name in names
            for row in self._ask("GET", f"/flows/{quote(name, safe='')}").json()
        ]

    def _flow(self, namespace: str, flow_id: str) -> StoredFlow:
        path = f"/flows/{quote(namespace, safe='')}/{quote(flow_id, safe='')}"
        row = self._ask("GET", path, params={"source": "true"}).json()
        return StoredFlow(
            namespace=namespace,
            id=flow_id,
            revision=int(row["revision"]),
            source=str(row["source"]),
            is_draft=row.get("draft") is True,
        )

    def dashboards(self) -> Sequence[StoredDashboard]:
        """Not over the API. Raises TaskFailed."""
        raise TaskFailed("dashboards are not exchanged with another server", is_final=True)

    def namespaces(self) -> Sequence[str]:
        """Every namespace that holds a flow."""
        return sorted(map(str, self._ask("GET", "/flows/distinct-namespaces").json()))

    def is_known(self, namespace: str) -> bool:
        """The other server decides by itself who may read what."""
        return True

    def folders(self, namespace: str) -> Sequence[str]:
        """Raises TaskFailed: files are not exchanged over the API."""
        raise TaskFailed("files of namespaces cannot be exchanged with `kestraUrl`", is_final=True)

    def bring(self, order: Order) -> Done:
        """Validates everything, then sends all writes as one request, then what has to go."""
        if order.files or order.file_folders:
            self.folders("")
        live = {
            (flow.namespace, flow.id): flow
            for namespace in order.flow_namespaces
            for flow in self.flows(namespace, children=False)
        }
        wanted, skipped = self._wanted(order, live)
        changes = [_change(key, text, path, live.get(key)) for key, (path, text) in wanted.items()]
        gone = self._gone(order, live, set(wanted), len(skipped))
        changes += [
            Change(kind="FLOW", namespace=n, name=i, path=None, state="DELETED",
                   revision=live[n, i].revision)
            for n, i in gone
        ]  # fmt: skip
        if not order.dry_run:
            texts = [
                wanted[c.namespace, c.name][1] for c in changes if c.state in ("ADDED", "UPDATED")
            ]
            if texts:
                self._send("/flows/bulk", "\n---\n".join(texts), {"delete": "false"})
            for n, i in gone:
                self._ask("DELETE", f"/flows/{quote(n, safe='')}/{quote(i, safe='')}")
        return Done(tuple(changes), tuple(skipped))

    def _wanted(
        self, order: Order, live: dict[tuple[str, str], StoredFlow]
    ) -> tuple[dict[tuple[str, str], tuple[str, str]], list[str]]:
        found: dict[tuple[str, str], tuple[str, str]] = {}
        wrong: list[str] = []
        for flow in order.flows:
            try:
                text = with_header(flow.text, flow.namespace)
                header = read_header(text)
                reason = self._verdict(text)
            except TrunklineError as error:
                flow_id = id_of(flow.text, flow.path)
                header = Header(flow.namespace or "", flow_id, is_draft=False)
                text, reason = flow.text, str(error)
            key = (header.namespace, header.id)
            if reason:
                wrong.append(order.invalid(flow.path, reason))
                live.pop(key, None)  # what is merely wrong is never deleted
            elif key in found:
                raise TaskFailed(f"{header.id} is defined in {found[key][0]} and in {flow.path}")
            elif not header.is_draft and "/".join(key) not in order.kept:
                found[key] = (flow.path, text)
        if wrong and not order.skip_invalid:
            raise TaskFailed("; ".join(wrong[:50]))
        for key in found:
            if key not in live:
                self._add_live(key, live)
        return found, wrong

    def _add_live(self, key: tuple[str, str], live: dict[tuple[str, str], StoredFlow]) -> None:
        try:
            live[key] = self._flow(*key)
        except _Absent:
            return

    def _verdict(self, text: str) -> str | None:
        rows = self._send("/flows/validate", text, {}).json()
        return next((str(row["constraints"]) for row in rows if row.get("constraints")), None)

    def _gone(
        self,
        order: Order,
        live: Mapping[tuple[str, str], StoredFlow],
        wanted: set[tuple[str, str]],
        wrong: int,
    ) -> list[tuple[str, str]]:
        if order.missing != "DELETE":
            return []
        places = set(order.flow_namespaces)
        gone = sorted(
            key
            for key, flow in live.items()
            if key[0] in places
            and key not in wanted
            and not flow.is_draft
            and "/".join(key) not in {*order.kept, order.running}
        )
        if gone and not order.allow_empty:
            if not wanted and not wrong:
                raise TaskFailed("the folder is empty: everything would be deleted (allowEmpty)")
            if len(gone) > 5 and 2 * len(gone) > len(live):
                raise TaskFailed(f"{len(gone)} of {len(live)} would be deleted (allowEmpty)")
        return gone

    def _send(self, path: str, text: str, params: Mapping[str, str]) -> httpx.Response:
        head = {"Content-Type": "application/x-yaml"}
        return self._ask("POST", path, content=text.encode(), headers=head, params=params)

    def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Raises TaskFailed naming the address and the status."""
        url = self._base + path
        headers = {**self._login.headers(), **given.pop("headers", {})}
        try:
            answer = self._client.request(method, url, headers=headers, **given)
        except (httpx.HTTPError, OSError) as error:
            raise TaskFailed(f"{method} {url}: {error}") from None
        if answer.status_code == 404:
            raise _Absent(f"{method} {url} answered 404")
        if not answer.is_success:
            words = " ".join(answer.text.split())[:300]
            raise TaskFailed(f"{method} {url} answered {answer.status_code}: {words}")
        return answer


class _Absent(TaskFailed):
    """The other server does not have it."""


def _change(key: tuple[str, str], text: str, path: str, flow: StoredFlow | None) -> Change:
    state, number = "ADDED", 1
    if flow is not None:
        is_same = same_flow(flow.source, text)
        state, number = ("UNCHANGED", flow.revision) if is_same else ("UPDATED", flow.revision + 1)
    return Change(
        kind="FLOW", namespace=key[0], name=key[1], path=path, state=state, revision=number
    )
