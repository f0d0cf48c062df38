"""Keys by which SSH hosts are known: the one that an unknown host shows, for a person to compare.

Nothing here trusts a key. It goes out by the same gate as Git's own connections.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from app.gitops import process
from app.gitops.address import host_and_port
from app.gitops.credentials import SYSTEM_KNOWN_HOSTS, Credentials

LOOK_S = 10
_UNKNOWN = re.compile(r"No \S+ host key is known for ")
_CHANGED = re.compile(
    r"HOST IDENTIFICATION HAS CHANGED.*?fingerprint for the (\S+) key [^:]*?(SHA256:[\w+/]+)", re.S
)


@dataclass(frozen=True)
class HostKey:
    """The key that a host shows."""

    host: str  #: as a `known_hosts` file names it: `git.example.org`, `[git.example.org]:2222`
    type: str  #: `ssh-ed25519` and the like
    fingerprint: str  #: `SHA256:…`, as hosts publish it
    line: str  #: of a `known_hosts` file


def is_unknown(words: str) -> bool:
    """Whether ssh refused a host for this alone: no key of it is known."""
    return bool(_UNKNOWN.search(words)) and not _CHANGED.search(words)


def shortened(words: str) -> str:
    """What ssh says of a key that has changed, without its banner and the paths of this machine."""
    found = _CHANGED.search(words)
    if found is None:
        return words
    return (
        f"the host shows another key than the one that is known: {found.group(1)} {found.group(2)}."
        " Host key verification failed."
    )


def name_of(url: str) -> str:
    """The host of an address as a `known_hosts` file names it; empty for one without SSH."""
    host, port = host_and_port(url, "ssh")
    if not host:
        return ""
    return host.lower() if port in (None, 22) else f"[{host.lower()}]:{port}"


def read(line: str) -> HostKey:
    """The key of a line that ssh wrote. Raises ValueError."""
    words = line.split()
    try:
        blob = base64.b64decode(words[2], validate=True)
    except (IndexError, binascii.Error):
        raise ValueError("no line of a known_hosts file") from None
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return HostKey(words[0], words[1], f"SHA256:{digest}", " ".join(words[:3]))


def is_recorded(name: str, given: Credentials) -> bool:
    """Whether any line that ssh would ask names the host, in whatever way and with any key."""
    with TemporaryDirectory(prefix="trunkline-git-") as made:
        own = Path(made) / "known_hosts"
        own.write_text(given.known_hosts.strip() + "\n", encoding="utf-8")
        files = [own, Path(SYSTEM_KNOWN_HOSTS)]
        files += [given.known_hosts_file] if given.known_hosts_file is not None else []
        return any(
            process.run(["ssh-keygen", "-F", name, "-f", str(file)], None, {}, LOOK_S).out
            for file in files
            if file.is_file()
        )


def to_meet(given: Credentials, file: Path) -> Credentials:
    """Credentials by which ssh writes the key that a host shows to an empty file, and no more.

    Neither key nor passphrase goes along: the host is not known yet.
    """
    return replace(
        given,
        username="",
        password="",
        private_key="",
        passphrase="",
        known_hosts="",
        host_key_checking="accept-new",
        known_hosts_file=file,
    )
