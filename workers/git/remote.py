"""What every Git task has in common: the address, the credentials, the settings of a call."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from app.errors import Invalid
from app.gitops.address import check_address
from app.gitops.credentials import Credentials, git_environment
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.outgoing import RefusedTarget
from app.plugin.task import PolicyRefused, Queue, RunnableTask, TaskFailed
from workers.git.command import GitCommand
from workers.http.client import policy_of

_SHA = re.compile(r"[0-9a-f]{4,40}")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]*(\..+)?\.[A-Za-z][A-Za-z0-9-]*")
#: settings of a repository that run a program, read a file of the worker, send credentials
#: elsewhere, or lead past the gate
_REFUSED = re.compile(
    r"(?i)(core\.(sshcommand|hookspath|fsmonitor|askpass|gitproxy|editor|pager|attributesfile"
    r"|excludesfile|alternaterefscommand|worktree|bare)"
    r"|(credential|alias|filter|url|include\w*|remote|protocol|uploadpack|receive|gpg|submodule"
    r"|lfs|ssh|extensions|trailer|interactive|pager|browser|man|web|tar|sendemail|\w*tool)\..*"
    r"|diff\.(external|.*\.(command|textconv))|merge\..*\.driver|sequence\.editor"
    r"|http\.(.*\.)?(\w*proxy\w*|cookiefile|savecookies|ssl(cert|key|cainfo|capath|cert\w+)"
    r"|delegation|curloptresolve)|init\.templatedir|commit\.template|safe\..*)"
)


class HostKeys(StrEnum):
    """What an unknown SSH host key means; a changed one always fails."""

    YES = "YES"
    ACCEPT_NEW = "ACCEPT_NEW"
    NO = "NO"


class GitTask(RunnableTask):
    """Base of the Git tasks."""

    queue: ClassVar[Queue] = Queue.GIT

    url: Dynamic[str] | None = None
    """`https`, `http`, `ssh`, `git@host:path`; `file://` where the server allows it."""
    username: Dynamic[str] | None = None
    """Used with `password` only; a token goes with any name."""
    password: Dynamic[str] | None = None
    """A password or an access token."""
    private_key: Dynamic[str] | None = None
    """PEM or OpenSSH text, for ssh addresses."""
    passphrase: Dynamic[str] | None = None
    """Of the private key."""
    trusted_ca_pem_path: Dynamic[str] | None = None
    """A PEM bundle that this task trusts for https."""
    no_proxy: Dynamic[bool] = False
    """Whether the proxies of the environment are passed over."""
    connect_timeout: Dynamic[int] = 10_000
    """Milliseconds, of ssh."""
    read_timeout: Dynamic[int] = 60_000
    """Milliseconds without progress after which a transfer over http ends."""
    git_config: Dynamic[dict[str, Any]] | None = None
    """Options of Git by name, of those that are allowed."""
    branch: Dynamic[str] | None = None
    """The branch."""
    clone_submodules: Dynamic[bool] = False
    """Whether submodules are fetched too."""
    known_hosts: Dynamic[str] | None = None
    """Lines of a `known_hosts` file (extension)."""
    strict_host_key_checking: HostKeys = HostKeys.ACCEPT_NEW
    """(extension)"""
    proxy: Dynamic[str] | None = None
    """(extension)"""

    def address(self, ctx: RunContext) -> str:
        """The rendered, allowed address. Raises TaskFailed."""
        url = str(ctx.render(self.url) or "")
        try:
            return check_address(_bare(ctx, url), allow_local=_allows_local(ctx))
        except Invalid as error:
            raise TaskFailed(str(error), is_final=True) from None

    @contextmanager
    def git(self, ctx: RunContext, folder: Path) -> Iterator[GitCommand]:
        """Git with this task's credentials; its private files are gone after the block.

        Raises TaskFailed for an address that tasks may not call.
        """
        given, url, local = self._credentials(ctx), self.address(ctx), _allows_local(ctx)
        made = git_environment(given, url, ctx.environ, policy_of(ctx.settings), allow_local=local)
        with ExitStack() as stack:
            try:
                env = stack.enter_context(made)
            except RefusedTarget as error:
                raise PolicyRefused(f"`url`: {error}") from None
            yield GitCommand(ctx, env, folder)

    def login(self, ctx: RunContext) -> str:
        """Who asks: equal for equal credentials. It is a secret itself."""
        given = self._credentials(ctx)
        return "\0".join((given.username, given.password, given.private_key))

    def _credentials(self, ctx: RunContext) -> Credentials:
        def text(value: Any) -> str:
            return str(ctx.render(value) or "")

        username, password = text(self.username), text(self.password)
        key, passphrase = text(self.private_key), text(self.passphrase)
        for secret in (password, passphrase, key):
            if secret:
                ctx.mask(secret)
        if not (username and password):
            username = password = ""  # both or none are sent
        ca_file = text(self.trusted_ca_pem_path)
        if ca_file and not Path(ca_file).is_file():
            raise TaskFailed(f"`trustedCaPemPath` {ca_file!r} is no file", is_final=True)
        keys = self.strict_host_key_checking.value.lower().replace("_", "-")
        return Credentials(
            username=username,
            password=password,
            private_key=key,
            passphrase=passphrase,
            known_hosts=text(self.known_hosts),
            host_key_checking=keys,
            known_hosts_file=Path(ctx.settings["data_dir"]) / "known_hosts",
            ca_file=ca_file,
            proxy=text(self.proxy),
            use_proxy=not ctx.read(self.no_proxy, bool),
            connect_s=_seconds(ctx.read(self.connect_timeout, int)),
            stall_s=_seconds(ctx.read(self.read_timeout, int)),
        )

    def configure(self, ctx: RunContext, git: GitCommand, folder: Path) -> None:
        """Writes `gitConfig` into the repository; a key that Git cannot have is left out."""
        given: Mapping[str, Any] = ctx.read(self.git_config, dict) or {}
        for key, value in given.items():
            if not _KEY.fullmatch(key):
                ctx.log.warning("gitConfig: %s is no `section.name` and is left out", key)
            elif _REFUSED.fullmatch(key):
                raise TaskFailed(f"gitConfig: {key} is not allowed", is_final=True)
            else:
                _set(git, folder, key, value)


def rendered_ref(ctx: RunContext, value: Any, what: str) -> str:
    """A rendered branch, tag or commit. Raises TaskFailed for one that Git takes as an option."""
    text = str(ctx.render(value) or "").strip()
    is_odd = ".." in text or "@{" in text or text.endswith((".lock", "/", ".")) or "//" in text
    if is_odd or text.startswith(("-", "/")) or any(c <= " " or c in "~^:?*[\\\x7f" for c in text):
        raise TaskFailed(f"`{what}` {text[:60]!r} is no name of a {what}", is_final=True)
    if what == "commit" and text and not _SHA.fullmatch(text):
        raise TaskFailed(f"Cannot resolve commit SHA: {text[:60]}", is_final=True)
    return text


def _seconds(milliseconds: int | None) -> int:
    return max(1, -(-(milliseconds or 0) // 1000))


def _set(git: GitCommand, folder: Path, key: str, value: Any) -> None:
    base = ["-C", str(folder), "config", "--local"]
    if value is None or (isinstance(value, str) and not value.strip()):
        git.attempt(*base, "--unset-all", key)
        return
    if isinstance(value, list):
        git.attempt(*base, "--unset-all", key)
        for item in value:
            git.run(*base, "--add", key, _config_text(item))
        return
    git.run(*base, "--replace-all", key, _config_text(value))


def _config_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bare(ctx: RunContext, url: str) -> str:
    """An address that carries a login is refused; its password, or its token, is masked.

    The name in an address of SSH is no secret.
    """
    found = re.match(r"(\w+)://([^/@\s]+)@", url)
    if found and (found.group(1) != "ssh" or ":" in found.group(2)):
        ctx.mask(found.group(2).rpartition(":")[2])
    return url


def _allows_local(ctx: RunContext) -> bool:
    return bool(ctx.settings.get("git_allow_file_protocol"))
