"""One Git process: with the environment it is given, within a time, dead with its children."""

import os
import signal
import subprocess
import threading
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: what Git needs of the process around it, and nothing that could change what it does
_KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True)
class Done:
    """How a process ended: its exit code (None: its time was over) and what it wrote."""

    code: int | None
    out: bytes
    err: bytes


def run(
    command: Sequence[str],
    folder: Path | None,
    env: Mapping[str, str],
    timeout_s: float,
    given: bytes = b"",
) -> Done:
    """Runs a command. It is a group of its own: helpers of Git's transports die with it.

    `given` is what it reads.
    """
    try:
        started = _start(command, folder, env, subprocess.PIPE, reads=bool(given))
    except OSError as error:  # no such folder, no such program
        return Done(127, b"", str(error).encode())
    with started as process:
        try:
            out, err = process.communicate(given or None, timeout=timeout_s)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return Done(None, out, err)
    return Done(process.returncode, out, err)


def records(
    command: Sequence[str], folder: Path, env: Mapping[str, str], timeout_s: float
) -> Generator[bytes, None, None]:
    """What a command writes, record by record as each ends with a NUL; nothing is kept.

    Who stops reading ends the process. Raises OSError when it failed or took too long.
    """
    with _start(command, folder, env, subprocess.DEVNULL) as process:
        killer = threading.Timer(timeout_s, os.killpg, (process.pid, signal.SIGKILL))
        killer.start()
        try:
            assert process.stdout is not None
            rest = b""
            while part := process.stdout.read(1 << 16):
                *whole, rest = (rest + part).split(b"\0")
                yield from whole
            if process.wait() != 0:
                raise OSError(f"it ended with {process.returncode}")
        finally:
            killer.cancel()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _start(
    command: Sequence[str],
    folder: Path | None,
    env: Mapping[str, str],
    errors: int,
    *,
    reads: bool = False,
) -> subprocess.Popen[bytes]:
    base = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.Popen(
        list(command),
        cwd=folder,
        env={**base, "LANGUAGE": "C", "LC_ALL": "C", **env},
        stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
    )
