"""How a source's remote is reached: its connection, its secrets, an installation's token."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from app.errors import Invalid
from app.gitops.credentials import Credentials, git_environment
from app.gitops.provider.base import Host
from app.gitops.provider.github_app import installation_token
from app.gitops.webhook.delivery import Provider
from app.plugin.outgoing import OutgoingPolicy
from app.service import secrets
from app.service.gitops.models import Auth, Connection, NewSource
from app.service.gitops.records import connections
from app.service.runtime import Runtime

Remote = Row[Any] | NewSource  #: a source's row, or the settings of one that is only tried

_TRUST = {"known_hosts", "host_key_checking"}
#: the user name that goes with a token in place of a password
_TOKEN_USERS = {
    Provider.GITHUB: "x-access-token",
    Provider.GITLAB: "oauth2",
    Provider.BITBUCKET: "x-token-auth",
}


def connection_of(rt: Runtime, source: Remote) -> Connection:
    """The connection of a source; a plain one when it has none. Raises NotFound."""
    if source.connection is None:
        return Connection(name="none")
    return connections.get(rt, source.connection)[1]


def auth_of(source: Remote, connection: Connection) -> Auth:
    """The source's own way to authenticate, else its connection's; then both know hosts."""
    own, theirs = Auth.model_validate(source.auth), connection.auth
    if own.model_dump(exclude=_TRUST) != Auth().model_dump(exclude=_TRUST):
        return own
    lines = [text for text in (theirs.known_hosts, own.known_hosts) if text.strip()]
    is_strict = "yes" in (theirs.host_key_checking, own.host_key_checking)
    checking = "yes" if is_strict else "accept-new"
    known = {"known_hosts": "\n".join(lines), "host_key_checking": checking}
    return theirs.model_copy(update=known)


def secret(rt: Runtime, name: str, what: str) -> str:
    """A secret of the system namespace; empty for an empty name. Raises Invalid."""
    if not name:
        return ""
    system = rt.settings.system_namespace
    found = secrets.find(rt, system, name)
    if found is None:
        place = f"the system namespace ({system})"
        raise Invalid(f"the secret {name!r} ({what}) does not exist in {place}")
    return found


def credentials_of(rt: Runtime, source: Remote) -> Credentials:
    """What a source's remote may ask for. Raises Invalid for a secret that is not there."""
    connection = connection_of(rt, source)
    auth = auth_of(source, connection)
    user, password, key = auth.username, "", ""
    if auth.kind == "github_app":
        user, password = "x-access-token", token_of(rt, source)
    elif auth.kind != "none":
        password = secret(rt, auth.password_secret, "password")
        key = secret(rt, auth.private_key_secret, "SSH key")
    if password and not user:
        user = _TOKEN_USERS.get(connection.provider, "git")
    return Credentials(
        username=user,
        password=password,
        private_key=key,
        passphrase=secret(rt, auth.passphrase_secret, "passphrase"),
        known_hosts=auth.known_hosts,
        host_key_checking=auth.host_key_checking,
        known_hosts_file=known_hosts_file(rt.settings.data_dir),
        ca=connection.ca,
        proxy=connection.proxy,
    )


def token_of(rt: Runtime, source: Remote) -> str:
    """What authenticates at the host's API; empty when there is nothing. Raises Invalid."""
    connection = connection_of(rt, source)
    auth = auth_of(source, connection)
    if auth.kind == "github_app":
        key = secret(rt, auth.private_key_secret, "key of the GitHub App")
        host = host_of(rt, source, token="")
        return installation_token(host, auth.app_id, auth.installation_id, key, rt.clock())
    return secret(rt, auth.password_secret, "token")


def host_of(rt: Runtime, source: Remote, token: str | None = None) -> Host:
    """The host of a source, for its API. Raises Invalid for a secret that is not there."""
    connection = connection_of(rt, source)
    auth = auth_of(source, connection)
    return Host(
        provider=connection.provider,
        base_url=connection.base_url,
        repository=source.url,
        token=token_of(rt, source) if token is None else token,
        username=auth.username if auth.kind == "basic" else "",
        ca=connection.ca,
        proxy=connection.proxy,
    )


@contextmanager
def environment(
    rt: Runtime, source: Remote, given: Credentials | None = None
) -> Iterator[dict[str, str]]:
    """The environment of Git commands that speak to a source's remote, with its own credentials.

    Administrators set sources up, so private addresses are theirs to name; metadata services are
    never asked. Raises RefusedTarget.
    """
    local = rt.settings.git_allow_file_protocol
    given = given or credentials_of(rt, source)
    policy = OutgoingPolicy.of(allow_private=True, allowed=rt.settings.outgoing_allowed)
    with git_environment(given, source.url, rt.environ, policy, allow_local=local) as env:
        yield env


def known_hosts_file(data_dir: Path) -> Path:
    """Where host keys that were accepted on first use are kept."""
    data_dir.mkdir(parents=True, exist_ok=True)
    return data_dir / "known_hosts"
