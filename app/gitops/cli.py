"""The git command: what it is run with, and its errors without credentials."""

from collections.abc import Mapping
from pathlib import Path

from app.errors import TrunklineError
from app.gitops import host_keys, process
from app.gitops.address import without_credentials

ASK_TIMEOUT_S = 60
#: nothing of the machine's own settings counts
PLAIN = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_NO_LAZY_FETCH": "1"}


class GitFailed(TrunklineError):
    """Git could not do it; the message is Git's own, without credentials."""


class RefNotFound(GitFailed):
    """The remote has no such branch, tag or commit."""


def run(folder: Path | None, command: list[str], env: Mapping[str, str], timeout_s: int) -> str:
    """What a command wrote; `folder` is where it runs. Raises GitFailed, also when it takes longer
    than `timeout_s`."""
    done = process.run(["git", *command], folder, {**PLAIN, **env}, timeout_s)
    if done.code is None:
        raise GitFailed(f"git {command[0]} had no answer within {timeout_s} s (timeout)")
    if done.code != 0:
        raise GitFailed(reason(done.err.decode("utf-8", "replace")))
    return done.out.decode("utf-8", "surrogateescape")


def clean(text: str) -> str:
    """Text of a repository as every database takes it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def reason(text: str) -> str:
    """Git's own words, on one line."""
    words = host_keys.shortened(text).strip().removeprefix("stderr:").strip()
    if words[:1] == words[-1:] == "'":
        words = words[1:-1]
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    if "transport 'file' not allowed" in text:
        lines.append("allow it with TRUNKLINE_GIT_ALLOW_FILE_PROTOCOL=true")
    return without_credentials("; ".join(lines))[:600] or "git failed without a message"
