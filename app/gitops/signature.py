"""Signatures of commits and tags, judged by Git itself over keys that the source allows.

Nothing of the machine's own keyring counts: GnuPG gets an empty home with the given keys, ssh an
allowed-signers file, both as long as the check runs.
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from app.errors import TrunklineError

_TIMEOUT_S = 60


class Verify(StrEnum):
    """What of a source must be signed."""

    OFF = "off"
    HEAD = "head"  #: the commit
    TAG = "tag"  #: the annotated tag that is followed
    TAG_AND_HEAD = "tag_and_head"

    @property
    def wants_commit(self) -> bool:
        """Whether the commit itself must be signed."""
        return self in (Verify.HEAD, Verify.TAG_AND_HEAD)

    @property
    def wants_tag(self) -> bool:
        """Whether the followed tag must be signed."""
        return self in (Verify.TAG, Verify.TAG_AND_HEAD)


class NotVerified(TrunklineError):
    """A commit or tag has no signature of an allowed key."""


@dataclass(frozen=True)
class Keys:
    """Who may sign: public keys only."""

    gpg: str = ""  #: armored public keys
    ssh: str = ""  #: lines of an allowed-signers file


def verify(folder: Path, objects: Mapping[str, str], keys: Keys, path: str) -> None:
    """Raises NotVerified unless each object (`commit` or `tag` to its id) is signed well.

    `path` is the search path for programs.
    """
    with TemporaryDirectory(prefix="trunkline-keys-") as name:
        home = Path(name)
        home.chmod(0o700)
        env = _environment(home, keys, path)
        for kind, sha in objects.items():
            command = ["git", *_settings(home), f"verify-{kind}", "--raw", sha]
            done = _run(command, folder, env)
            words = (done.stderr + done.stdout).decode("utf-8", "replace")
            if done.returncode != 0 or not _is_trusted(words):
                raise NotVerified(f"{kind} {sha[:12]} is not signed with an allowed key")
        _run(["gpgconf", "--kill", "all"], home, env)


def _is_trusted(words: str) -> bool:
    """Git's exit code alone would accept an expired or revoked key's good signature."""
    if "[GNUPG:] " in words:
        bad = ("EXPKEYSIG", "REVKEYSIG", "EXPSIG", "BADSIG", "ERRSIG")
        return "[GNUPG:] GOODSIG" in words and not any(f"[GNUPG:] {b}" in words for b in bad)
    return "Good " in words and "signature for" in words


def _environment(home: Path, keys: Keys, path: str) -> dict[str, str]:
    env = {
        "PATH": path,
        "HOME": str(home),
        "GNUPGHOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "LC_ALL": "C",
    }
    (home / "allowed").write_text(keys.ssh.strip() + "\n", encoding="utf-8")
    if keys.gpg.strip():
        command = ["gpg", "--batch", "--quiet", "--no-autostart", "--import"]
        done = _run(command, home, env, keys.gpg.encode())
        if done.returncode != 0:
            raise NotVerified("the source's GPG keys cannot be read")
    return env


def _settings(home: Path) -> list[str]:
    allowed = home / "allowed"
    return [
        "-c", "gpg.program=gpg", "-c", "gpg.ssh.program=ssh-keygen",
        "-c", "gpg.minTrustLevel=undefined",
        "-c", f"gpg.ssh.allowedSignersFile={allowed}", "-c", "safe.directory=*",
    ]  # fmt: skip


def _run(
    command: list[str], folder: Path, env: dict[str, str], given: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            command, cwd=folder, env=env, input=given, capture_output=True,
            timeout=_TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "slow"
        raise NotVerified(f"the signature cannot be checked: {command[0]}: {reason}") from None
