"""Copies of repositories that were cloned before: what a clone here need not fetch again.

One bare copy for each address and login, from the second clone on. It is built beside and renamed
in, used under a lock, and removed as a whole: when it is broken, and when all of them take more
room than they may. Whatever is wrong with it costs the time of a plain clone, never the clone.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from workers.git.command import GitCommand

_LONGEST_S = 86_400
_SPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")


class CloneCache:
    """The copies in a folder of this machine."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder, self.most_bytes = folder, most_bytes

    @contextmanager
    def copy_of(self, git: GitCommand, url: str, login: str) -> Iterator[Path | None]:
        """A present copy of a repository for as long as the block runs; None: do without.

        `login` tells who asks: nobody is given what another one's credentials have fetched.
        """
        if self.most_bytes <= 0:
            yield None
            return
        name = hashlib.sha256(f"{url}\0{login}".encode()).hexdigest()[:32]
        self.folder.mkdir(parents=True, exist_ok=True)
        mark, copy = self.folder / f"{name}.lock", self.folder / f"{name}.git"
        is_first = not mark.exists()
        with mark.open("a") as lock:
            if is_first or not self._lock(lock.fileno(), git, url, copy):
                yield None
                return
            os.utime(mark)
            yield copy
        self._make_room()

    def drop(self, copy: Path) -> None:
        """Removes a copy that cannot be used."""
        shutil.rmtree(copy, ignore_errors=True)

    def _lock(self, lock: int, git: GitCommand, url: str, copy: Path) -> bool:
        """Whether the copy may be used: brought up to date, or just brought so by another."""
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return copy.exists()
        is_present = self._refresh(git, url, copy)
        fcntl.flock(lock, fcntl.LOCK_SH)
        return is_present

    def _refresh(self, git: GitCommand, url: str, copy: Path) -> bool:
        if copy.exists():
            if _fetch(git, url, copy):
                return True
            self.drop(copy)
        for left in self.folder.glob(".*"):  # of a worker that was killed
            if left.stat().st_mtime < time.time() - _LONGEST_S:
                self.drop(left)
        fresh = self.folder / f".{uuid4().hex}"
        try:
            made = git.attempt("init", "-q", "--bare", str(fresh))[0] == 0
            if not made or not _fetch(git, url, fresh):
                return False
            fresh.rename(copy)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return True

    def _make_room(self) -> None:
        """Removes the copies that were used the longest time ago, until the others fit."""
        marks = sorted(self.folder.glob("*.lock"), key=lambda m: m.stat().st_mtime, reverse=True)
        total = 0
        for mark in marks:
            copy = mark.with_suffix(".git")
            total += _size(copy)
            if total > self.most_bytes and copy.exists():
                with mark.open("a") as lock:
                    try:
                        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        continue  # in use
                    self.drop(copy)


def _fetch(git: GitCommand, url: str, copy: Path) -> bool:
    options = ["-q", "--prune", "--no-auto-gc", "--no-recurse-submodules"]
    code, _, _ = git.attempt("--git-dir", str(copy), "fetch", *options, "--", url, *_SPECS)
    return code == 0


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*")) if folder.exists() else 0


def lend(folder: Path, copy: Path) -> None:
    """Lets a new repository find objects in a copy."""
    info = folder / ".git" / "objects" / "info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "alternates").write_text(f"{copy / 'objects'}\n", encoding="utf-8")


def part(git: GitCommand, folder: Path) -> None:
    """Takes what is used of the copy into the repository: it stands alone again.

    Raises TaskFailed when the copy is broken.
    """
    git.run("repack", "-q", "-a", "-d")
    (folder / ".git" / "objects" / "info" / "alternates").unlink()
