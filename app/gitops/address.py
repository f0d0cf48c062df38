"""Repository addresses: which are allowed, and when two of them mean one repository."""

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from app.errors import Invalid

_SCP = re.compile(r"(?:[\w.~-]+@)?([\w.-]+):(?!/)([^\s]+)")
_AZURE_SSH = re.compile(r"https://ssh\.dev\.azure\.com(?::22)?/v3/([^/]+/[^/]+)/([^/]+)")
_SCHEMES = {"https", "http", "ssh"}


class RefusedAddress(Invalid):
    """An address that Trunkline never hands to Git."""


def check_address(url: str, *, allow_local: bool = False) -> str:
    """The address, when Git may have it. Raises RefusedAddress.

    Allowed are https, http, ssh and `user@host:path`; `file://` only where the server allows it.
    Credentials within the address are refused: they would end up in configurations and logs.
    """
    if not url or url.startswith("-") or any(c.isspace() or ord(c) < 32 for c in url):
        raise RefusedAddress("the repository's url is empty or holds blanks or options")
    if "::" in url.split("/")[0]:
        raise RefusedAddress("remote helpers (`ext::` and the like) are refused")
    scheme, rest, _ = url.partition("://")
    if rest:
        parts = _parts(url)
        if parts.password is not None or (parts.username and parts.scheme != "ssh"):
            raise RefusedAddress("give credentials as username and password, not in the url")
        if scheme == "file" and allow_local:
            return url
        if scheme == "file":
            raise RefusedAddress(
                "file:// is refused: a server whose own disk may be read allows it with"
                " TRUNKLINE_GIT_ALLOW_FILE_PROTOCOL=true"
            )
        if scheme not in _SCHEMES or not parts.hostname:
            raise RefusedAddress(f"the scheme {scheme[:20]!r} is not allowed for a repository")
        if parts.hostname.startswith("-"):
            raise RefusedAddress("the host must not begin with a dash")
        return url
    if url.startswith(("/", "./", "../", "~")):
        raise RefusedAddress("a path is no address: a repository on the server's disk is file:///…")
    found = _SCP.fullmatch(url)
    if found is None or found.group(1).startswith("-") or found.group(2).startswith("-"):
        raise RefusedAddress(f"cannot read {without_credentials(url)[:120]!r} as a repository")
    return url


def _parts(url: str) -> SplitResult:
    """The parts of an address, its port a number. Raises RefusedAddress."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # it is read only now
    except ValueError:  # its words may quote a password
        raise RefusedAddress("the repository's url has no readable host and port") from None
    return parts


def host_and_port(url: str, scheme: str) -> tuple[str, int | None]:
    """The host and port of an address of this scheme; no host for one of another."""
    if "://" not in url:
        found = _SCP.fullmatch(url)
        return (found.group(1), None) if found and scheme == "ssh" else ("", None)
    parts = urlsplit(url)
    return (parts.hostname or "", parts.port) if parts.scheme == scheme else ("", None)


def url_key(url: str) -> str:
    """Lower-case `host/path` without scheme, user, port and `.git`: equal for one repository."""
    if "://" in url:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
    elif found := _SCP.fullmatch(url):
        host, path = found.group(1), found.group(2)
    else:
        host, path = "", url
    path = re.sub(r"/{2,}", "/", path).strip("/").removesuffix(".git").rstrip("/")
    return f"{host}/{path}".lower()


def without_credentials(text: str) -> str:
    """A text (an address, or Git's own message) without `user:password@`."""
    return re.sub(r"(\w+://)[^/@\s]+@", r"\1", text)


def commit_url(url: str, sha: str, branch: str = "") -> str | None:
    """Where a commit can be read on the web; None for an address without a web side.

    The pages of Azure DevOps want to know a branch as well.
    """
    if found := _SCP.fullmatch(url) if "://" not in url else None:
        web = f"https://{found.group(1)}/{found.group(2)}"
    else:
        parts = urlsplit(without_credentials(url))
        if parts.scheme not in _SCHEMES:
            return None
        scheme = "https" if parts.scheme == "ssh" else parts.scheme
        host = parts.hostname if parts.scheme == "ssh" else parts.netloc
        web = urlunsplit((scheme, host or "", parts.path, "", ""))
    web = _AZURE_SSH.sub(r"https://dev.azure.com/\1/_git/\2", web)
    word = "commits" if "bitbucket.org" in web else "commit"
    found_url = f"{web.rstrip('/').removesuffix('.git')}/{word}/{sha}"
    if branch and urlsplit(web).hostname in ("dev.azure.com", "ssh.dev.azure.com"):
        found_url += f"?refName={quote(f'refs/heads/{branch}', safe='')}"
    return found_url


def project_of(url: str) -> str:
    """The path of a repository on its host, as it is spelled there: `owner/name`."""
    if "://" in url:
        path = urlsplit(url).path
    else:
        found = _SCP.fullmatch(url)
        path = found.group(2) if found else url
    return path.strip("/").removesuffix(".git").strip("/")


def web_host(url: str) -> str:
    """`https://host` of a repository; empty for one without a host."""
    if "://" not in url:
        found = _SCP.fullmatch(url)
        return f"https://{found.group(1)}" if found else ""
    parts = urlsplit(url)
    if parts.scheme == "http":
        return f"http://{parts.netloc.rpartition('@')[2]}"
    host = parts.netloc.rpartition("@")[2] if parts.scheme == "https" else parts.hostname
    return f"https://{host}" if host else ""
