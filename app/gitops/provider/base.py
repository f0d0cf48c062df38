"""What a Git host is asked for, whichever it is."""

import ssl
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from app.errors import TrunklineError
from app.gitops.address import project_of, web_host
from app.gitops.webhook.delivery import Provider
from app.library import Library

httpx = Library("httpx")

TIMEOUT_S = 20.0


class ProviderFailed(TrunklineError):
    """The host's API refused or could not be reached; `again` tells whether a retry may help."""

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.again = again


class CheckState(StrEnum):
    """How a commit fares."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, kw_only=True)
class Host:
    """Where a repository's API is and who asks."""

    provider: Provider
    base_url: str = ""  #: of the API; the public one, or made from the repository's when empty
    repository: str  #: address of the repository
    token: str = field(default="", repr=False)
    username: str = ""  #: with it the token is a password of basic authentication
    ca: str = ""
    proxy: str = ""

    @property
    def project(self) -> str:
        """`owner/name` as the address spells it."""
        return project_of(self.repository)

    @property
    def web(self) -> str:
        """`https://host` of the repository."""
        return web_host(self.repository)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A commit's status to show."""

    sha: str
    name: str
    state: CheckState
    description: str
    url: str


@dataclass(frozen=True)
class FoundCheck:
    """What somebody (a pipeline, a job, a bot) says of a commit at the host."""

    name: str
    state: CheckState
    url: str  #: as the host tells it; may be empty or anything


def state_of(word: str, successes: frozenset[str], pending: frozenset[str]) -> CheckState:
    """A host's word for how a check stands; every other word is a failure."""
    if word in successes:
        return CheckState.SUCCESS
    return CheckState.PENDING if word in pending else CheckState.FAILURE


@dataclass(frozen=True, kw_only=True)
class NewPull:
    """A pull request to open."""

    branch: str
    target: str
    title: str
    body: str


@dataclass(frozen=True)
class OpenedPull:
    """A pull request that was opened."""

    number: int
    url: str


class Client(ABC):
    """One host's API. Every method raises ProviderFailed."""

    public_url = ""  #: of the API of the provider's own service

    def __init__(self, host: Host) -> None:
        self.host = host
        self.base = (host.base_url or self.default_base()).rstrip("/")

    def default_base(self) -> str:
        """Where the API is when the connection does not say so."""
        return self.public_url

    @abstractmethod
    def headers(self) -> dict[str, str]:
        """What authenticates."""

    @abstractmethod
    def set_status(self, check: Check) -> None:
        """Shows a status at a commit; the same name again replaces it."""

    @abstractmethod
    def put_comment(self, number: int, body: str, comment_id: str | None) -> str:
        """Writes a comment to a pull request, or changes the one of an id; its id."""

    @abstractmethod
    def open_pull(self, new: NewPull) -> OpenedPull:
        """Opens a pull request."""

    def checks(self, sha: str) -> list[FoundCheck]:
        """What is said of a commit, the newest word of each name, up to a hundred."""
        raise ProviderFailed("the checks of this host are not read", again=False)

    def call(self, method: str, path: str, data: Any = None) -> Any:
        """One request; the answer's JSON."""
        try:
            context = ssl.create_default_context()
            if self.host.ca:
                context.load_verify_locations(cadata=self.host.ca)
            with httpx.Client(
                timeout=TIMEOUT_S, verify=context, proxy=self.host.proxy or None
            ) as client:
                answer = client.request(method, self.base + path, json=data, headers=self.headers())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            name = urlsplit(self.base).hostname
            raise ProviderFailed(f"{name} cannot be reached: {error}", again=True) from None
        except (ssl.SSLError, ValueError, ImportError) as error:
            words = f"`ca` or `proxy` of the connection cannot be used ({type(error).__name__})"
            raise ProviderFailed(words, again=False) from None
        if answer.is_error or answer.is_redirect:
            raise _refused(answer)
        try:
            return answer.json() if answer.content else {}
        except ValueError:
            raise ProviderFailed("the host answered with no JSON", again=False) from None


def _refused(answer: Any) -> ProviderFailed:
    again = answer.status_code in (408, 425, 429) or answer.status_code >= 500
    words = " ".join(answer.text.split())[:300]
    method, path = answer.request.method, answer.request.url.path
    return ProviderFailed(f"{method} {path} answered {answer.status_code}: {words}", again=again)


class NoApi(Client):
    """A host without an API: nothing can be shown there."""

    def headers(self) -> dict[str, str]:
        """None."""
        return {}

    def _none(self) -> ProviderFailed:
        return ProviderFailed("the connection's provider has no API", again=False)

    def set_status(self, check: Check) -> None:
        """Raises ProviderFailed."""
        raise self._none()

    def put_comment(self, number: int, body: str, comment_id: str | None) -> str:
        """Raises ProviderFailed."""
        raise self._none()

    def open_pull(self, new: NewPull) -> OpenedPull:
        """Raises ProviderFailed."""
        raise self._none()
