"""Which server a task exchanges flows with: this one, or another one over its API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.model.property import Dynamic, WireModel
from app.plugin.context import RunContext
from app.plugin.exchange import Exchange
from app.plugin.task import TaskFailed
from workers.git.instance_api import Login, RemoteExchange
from workers.git.remote import GitTask
from workers.http.client import ClientOptions, client_of

_DEFAULT_URL = "http://localhost:8080"  #: what flows call their own server, wherever it is


class InstanceAuth(WireModel):
    """How another server knows us: a name and a password, or a token."""

    username: Dynamic[str] | None = None
    """A user of this installation."""
    password: Dynamic[str] | None = None
    """The user's password."""
    api_token: Dynamic[str] | None = None
    """A token, instead of both."""
    tenant_id: Dynamic[str] | None = None
    """`main` when absent."""
    auto: Dynamic[bool] = True
    """Accepted: without `kestraUrl` a task works as its own flow and needs no credentials."""


class InstanceTask(GitTask):
    """A Git task that reads or writes flows."""

    kestra_url: Dynamic[str] | None = None
    """Another server's address, for its flows; this very server when absent."""
    auth: InstanceAuth | None = None
    """For `kestraUrl`."""

    @contextmanager
    def exchange(self, ctx: RunContext) -> Iterator[Exchange]:
        """The server to work with. Raises TaskFailed for half of a login."""
        login = self._login(ctx)
        url = str(ctx.render(self.kestra_url) or "").strip().rstrip("/")
        own = str(ctx.settings.get("url") or "").rstrip("/")
        if url in ("", own, _DEFAULT_URL):
            yield ctx.services.exchange
            return
        if not url.startswith(("http://", "https://")) or "@" in url:
            raise TaskFailed(f"`kestraUrl` {url[:100]!r} is no http address", is_final=True)
        with client_of(ctx, ClientOptions(read_s=60, follow_redirects=False)) as client:
            yield RemoteExchange(client, url, login)

    def _login(self, ctx: RunContext) -> Login:
        auth = self.auth or InstanceAuth()

        def text(value: Any) -> str:
            return str(ctx.render(value) or "")

        username, password, token = map(text, (auth.username, auth.password, auth.api_token))
        for secret in filter(None, (password, token)):
            ctx.mask(secret)
        if token and (username or password):
            raise TaskFailed(
                "Cannot use both API Token authentication and HTTP Basic authentication",
                is_final=True,
            )
        if bool(username) != bool(password):
            raise TaskFailed(
                "Both username and password are required for HTTP Basic authentication",
                is_final=True,
            )
        return Login(username, password, token, text(auth.tenant_id) or "main")

    def source(self, ctx: RunContext, exchange: Exchange, namespace: str) -> str:
        """A namespace that is read. Raises TaskFailed for one that never held anything."""
        if namespace != ctx.ids.namespace and not exchange.is_known(namespace):
            raise TaskFailed(f"there is no namespace {namespace!r}", is_final=True)
        return namespace
