"""Git LFS: pointers that stand in a repository for large files, and where their bytes come from."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.gitops import process
from app.gitops.cli import GitFailed
from app.gitops.refusal import told

_HEAD = b"version https://git-lfs.github.com/spec/v1\n"
_FIELDS = re.compile(rb"^oid sha256:([0-9a-f]{64})\nsize (\d{1,18})$", re.MULTILINE)
_MOST_BYTES = 1024  #: of a pointer, by the specification
_PART, _TIMEOUT_S = 200, 600


@dataclass(frozen=True)
class Pointer:
    """What a pointer says: the SHA-256 of the bytes, and how many they are."""

    oid: str
    size: int


def read_pointer(data: bytes) -> Pointer | None:
    """The pointer in a file's bytes; None for a file of its own."""
    if len(data) > _MOST_BYTES or not data.startswith(_HEAD):
        return None
    found = _FIELDS.search(data)
    return Pointer(found.group(1).decode(), int(found.group(2))) if found else None


def address(url: str) -> str:
    """Where a repository's LFS server is, by the rule of its specification."""
    if not url.startswith(("http://", "https://")):
        return url
    plain = url.rstrip("/")
    return plain + ("/info/lfs" if plain.endswith(".git") else ".git/info/lfs")


class Large:
    """The large files of a commit, beside a bare copy for as long as they are read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(self, url: str, sha: str, paths: Sequence[str], env: Mapping[str, str]) -> None:
        """Fetches the bytes of some files of a commit. Raises GitFailed.

        The address is the source's: an `.lfsconfig` must not send us, or a secret, elsewhere.
        """
        settings = {"lfs.url": address(url), "remote.origin.url": url, "lfs.fetchexclude": ""}
        for start in range(0, len(paths), _PART):
            # `?` is any one character: names may hold what means something in a pattern
            names = [re.sub(r"[,*?\[\]\\]", "?", path) for path in paths[start : start + _PART]]
            command = ["git"]
            for key, value in {**settings, "lfs.fetchinclude": ",".join(names)}.items():
                command += ["-c", f"{key}={value}"]
            done = process.run(
                [*command, "lfs", "fetch", "origin", sha], self.folder, env, _TIMEOUT_S
            )
            if done.code != 0:
                words = told(done.err.decode("utf-8", "replace"))
                hint = "git-lfs is not installed" if "not a git command" in words else words
                raise GitFailed(f"Git LFS: {hint}")

    def read(self, pointer: Pointer) -> bytes:
        """The bytes of a file that was fetched. Raises GitFailed."""
        oid = pointer.oid
        try:
            return (self.folder / "lfs" / "objects" / oid[:2] / oid[2:4] / oid).read_bytes()
        except OSError:
            raise GitFailed(f"Git LFS: the server did not send {oid}") from None

    def clear(self) -> None:
        """Removes what was fetched: it lies in the storage now."""
        shutil.rmtree(self.folder / "lfs", ignore_errors=True)
