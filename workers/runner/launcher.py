"""The program that starts scripts and holds their lives: a small process, forked for each script.

It is started once by a worker (or once for each Python environment, when scripts are run in a fork
of a loaded interpreter) and needs nothing but the standard library of any Python from 3.8 on.
For each script it forks a *guard*; the guard forks the script, and kills the script's whole tree

* when the script's main process has ended,
* when the deadline of its lease is over, without any I/O, also while the worker is stopped,
* when the worker closes its end of the control socket or dies.

Children that leave the group (`setsid`, double forks) come back to the guard, which is their
subreaper. The request goes to the guard alone, so the loaded interpreter never holds the
environment of another script.
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import struct
import sys
import time

from workers.runner.own_process import (
    PR_SET_CHILD_SUBREAPER,
    PR_SET_DUMPABLE,
    become,
    execute,
    prctl,
    run_python,
)
from workers.runner.tree import ControlGroups, children, descendants, kill, kill_user

FRAME = struct.Struct("!I")  #: length of the request
ORDER = struct.Struct("!cd")  #: what to do, and until when (`time.monotonic()`)
RENEW, TERM, DONE = b"R", b"T", b"D"
_PEER = (socket.SOL_SOCKET, getattr(socket, "SO_PEERCRED", 17), struct.calcsize("3i"))


def heirs_of(container: str) -> str:
    """Where the guard of a container listens once its worker is gone: a name without a file."""
    return f"\0trunkline-container-{container}"


# -- the server


def serve(requests: socket.socket) -> "dict[str, object] | None":
    """Forks a guard for each set of descriptors that arrives; in a script's fork: its request.

    None: the worker is gone.
    """
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    guards: set[int] = set()
    poll = select.poll()
    poll.register(requests, select.POLLIN)
    while True:
        ready = poll.poll(1000 if guards else None)
        _reap_guards(guards)
        if not ready:
            continue
        word, fds, _flags, _address = socket.recv_fds(requests, 1, 8)
        if not word:
            return None
        pid = os.fork()
        if pid == 0:
            requests.close()
            return _guard_to_end(fds)
        guards.add(pid)
        for fd in fds:
            os.close(fd)


def _reap_guards(guards: "set[int]") -> None:
    """A guard that was killed leaves its script's children here: they go too."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid in guards:
            guards.discard(pid)
            if status != 0:
                for orphan in set(children(os.getpid())) - guards:
                    for one in [orphan, *descendants(orphan)]:
                        kill(one, signal.SIGKILL)


# -- the guard


def _guard_to_end(fds: "list[int]") -> "dict[str, object]":
    """In the guard: never returns. In the script's fork: its request."""
    control = socket.socket(fileno=fds[0])
    guard = Guard(control, fds[1], fds[2])
    try:
        if "container" in guard.request:
            guard.watch_container()
            os._exit(0)
        if guard.is_script():
            request: dict[str, object] = guard.request
            return request
        guard.watch()
    except BaseException as error:
        guard.reply({"error": f"{type(error).__name__}: {error}"})
        os._exit(1)
    os._exit(0)


class Guard:
    """One script: started, watched, its tree killed."""

    def __init__(self, control: socket.socket, out: int, err: int) -> None:
        self.control = control
        self.streams = (out, err)
        (length,) = FRAME.unpack(_exactly(control, FRAME.size))
        self.request = json.loads(_exactly(control, length))
        self.deadline = float(self.request["deadline"])
        self.failure = ""
        self.pid = 0

    def reply(self, answer: "dict[str, object]") -> None:
        """Tells the worker, if it is still there."""
        with contextlib.suppress(OSError):
            self.control.sendall(json.dumps(answer).encode() + b"\n")

    def is_script(self) -> bool:
        """Forks; True in the script's process, with everything set as the script needs it."""
        if time.monotonic() >= self.deadline:
            raise TimeoutError("the lease was over before the script began")
        prctl(PR_SET_CHILD_SUBREAPER, 1)  # a fork does not inherit it
        user = self.request.get("user")
        if user:
            kill_user(int(user))  # what a guard that was killed may have left
        self.groups = ControlGroups(self.request.get("cgroup") or {})
        self.wake, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self.errors, errors = os.pipe()
        guard, self.pid = os.getpid(), os.fork()
        if self.pid:
            os.close(errors)
            for fd in self.streams:
                os.close(fd)
            return False
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            become(self.request, self.streams, self.groups, guard)
            if self.request.get("argv"):
                execute(self.request)
            self.control.detach()
            os.closerange(3, 1024)
            return True
        except BaseException as error:
            os.write(errors, f"{type(error).__name__}: {error}".encode()[:4000])
            os._exit(126)

    def watch(self) -> None:
        """Returns once nothing of the script is left and the worker has been told."""
        poll = select.poll()
        for fd in (self.control.fileno(), self.wake, self.errors):
            poll.register(fd, select.POLLIN)
        status, reason = None, ""
        while status is None and not reason:
            left = self.deadline - time.monotonic()
            if left <= 0:
                reason = "deadline"
                break
            for fd, _event in poll.poll(min(left, 3600.0) * 1000 + 1):
                if fd == self.wake:
                    os.read(self.wake, 4096)
                elif fd == self.errors:
                    self.failure += os.read(self.errors, 4096).decode("utf-8", "replace")
                    poll.unregister(self.errors)
                elif not self._obey():
                    reason = "orphan"
            status = self._reap()
        status = self._sweep(status)
        self.groups.drop()
        if self.failure:
            self.reply({"error": self.failure})
            return
        code = os.waitstatus_to_exitcode(status) if status is not None else -signal.SIGKILL
        self.reply({"code": code, "reason": reason})

    def watch_container(self) -> None:
        """Kills a container at the deadline; not before, when the worker is gone: another process
        may take it over (and the orders) until then. Returns when told that it has ended."""
        while (left := self.deadline - time.monotonic()) > 0:
            if not select.select([self.control], [], [], min(left, 3600.0))[0]:
                continue
            data = _exactly(self.control, ORDER.size, default=b"")
            what, until = ORDER.unpack(data) if data else (b"", 0.0)
            if what == DONE:
                return
            if what == RENEW:
                self.deadline = until
            elif not data and not self._is_taken_over():
                break
        with socket.socket(socket.AF_UNIX) as engine:
            engine.settimeout(30)
            engine.connect(self.request["engine"])
            path = f"/containers/{self.request['container']}/kill"
            engine.sendall(f"POST {path} HTTP/1.0\r\nContent-Length: 0\r\n\r\n".encode())
            engine.recv(4096)

    def _is_taken_over(self) -> bool:
        """Whether another process of the same user has come before the deadline."""
        with socket.socket(socket.AF_UNIX) as heirs:
            try:
                heirs.bind(heirs_of(str(self.request["container"])))
            except OSError:
                return False  # no names without files here: nobody can come
            heirs.listen(1)
            while (left := self.deadline - time.monotonic()) > 0:
                heirs.settimeout(left)
                with contextlib.suppress(OSError):
                    heir = heirs.accept()[0]
                    _pid, user, _group = struct.unpack("3i", heir.getsockopt(*_PEER))
                    if user == os.geteuid():
                        self.control = heir
                        self.control.settimeout(None)
                        return True
                    heir.close()
        return False

    def _obey(self) -> bool:
        """Reads one order; False when the worker is gone."""
        data = _exactly(self.control, ORDER.size, default=b"")
        if not data:
            return False
        what, until = ORDER.unpack(data)
        if what == TERM:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGTERM)
            self.deadline = min(self.deadline, until)
        elif what == RENEW:
            self.deadline = until
        return True

    def _reap(self) -> "int | None":
        """Takes what has ended; the status of the script's main process when it is among it."""
        found = None
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                if pid == self.pid:
                    found = status
        return found

    def _sweep(self, status: "int | None") -> "int | None":
        """Kills until nothing is left; a process that forks meanwhile is stopped first."""
        user = int(self.request.get("user") or 0)
        while True:
            last = self._reap()
            status = status if last is None else last
            left = descendants(os.getpid())
            if not left:
                return status
            self.groups.close()
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in left:
                    kill(pid, number)
            if user:
                kill_user(user)
            time.sleep(0.001)


def _exactly(source: socket.socket, size: int, default: "bytes | None" = None) -> bytes:
    data = b""
    while len(data) < size:
        part = source.recv(size - len(data))
        if not part:
            if default is not None:
                return default
            raise EOFError("the worker is gone")
        data += part
    return data


def main() -> None:
    """Serves the socket whose descriptor is the first argument, until the worker is gone."""
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is not None:
        run_python(request)
