"""One Git process: with the environment it is given, within a time, dead with its children."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
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
    command: Sequence[str], folder: Path | None, env: Mapping[str, str], timeout_s: float
) -> Done:
    """Runs a command. It is a group of its own: helpers of Git's transports die with it."""
    base = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        started = subprocess.Popen(
            list(command),
            cwd=folder,
            env={**base, "LANGUAGE": "C", "LC_ALL": "C", **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:  # no such folder, no such program
        return Done(127, b"", str(error).encode())
    with started as process:
        try:
            out, err = process.communicate(timeout=timeout_s)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return Done(None, out, err)
    return Done(process.returncode, out, err)
