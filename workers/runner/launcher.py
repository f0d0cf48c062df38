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

The next guard and the process that will be its script are forked while a script runs. To enter a
control group takes a grace period of the kernel, ten milliseconds, which pass before anybody waits.
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time

from workers.runner.container_guard import ContainerGuard
from workers.runner.orders import (
    CONTAINER,
    FRAME,
    ORDER,
    RENEW,
    SCRIPT,
    TERM,
    exactly,
    read_request,
)
from workers.runner.own_process import (
    PR_SET_CHILD_SUBREAPER,
    PR_SET_DUMPABLE,
    PR_SET_PDEATHSIG,
    become,
    execute,
    prctl,
    run_python,
)
from workers.runner.tree import ControlGroups, children, descendants, is_dropped, kill, kill_user

# -- the server


def serve(requests: socket.socket) -> "dict[str, object] | None":
    """Has a guard ready for each set of descriptors that arrives; in a script's fork: its request.

    None: the worker is gone.
    """
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    guards: set[int] = set()
    killed: set[int] = set()  # whose groups may be left
    hand: socket.socket | None = None  # to the guard that waits for a script
    fds: list[int] = []
    while True:
        if hand is None:
            hand, theirs = socket.socketpair()
            pid = _fork(is_needed=bool(fds))
            if pid == 0:
                _close(requests, hand, *fds)
                return _guard_to_end(theirs)
            theirs.close()
            guards.add(pid)
        if fds:
            if _give(hand, fds):
                _close(*fds)
                fds = []
            hand = None  # it has a script now, or was killed while it waited
            continue
        is_busy = len(guards) > 1 or bool(killed)
        is_ready = select.select([requests], [], [], 1.0 if is_busy else None)[0]
        killed |= _reap_guards(guards)
        killed = {pid for pid in killed if not is_dropped(pid)}
        if not is_ready:
            continue
        word, fds, _flags, _address = socket.recv_fds(requests, 1, 8)
        if not word:
            return None
        if word == CONTAINER:
            guards.add(_watch_container(fds, requests, hand))
            _close(*fds)
            fds = []


def _fork(*, is_needed: bool) -> int:
    """As `os.fork`. Where nothing more can be forked just now, whoever needs none can wait."""
    while True:
        try:
            return os.fork()
        except OSError:
            if is_needed:
                raise
            time.sleep(1)


def _give(hand: socket.socket, fds: "list[int]") -> bool:
    """Gives descriptors to the guard that waits; False when it is gone.

    It answers: what is sent to a guard that is gone does not always fail, since the process that
    it has just forked may hold its end for a moment.
    """
    try:
        socket.send_fds(hand, [SCRIPT], fds)
        return bool(hand.recv(1))
    except OSError:
        return False
    finally:
        hand.close()


def _close(*things: "socket.socket | int") -> None:
    for thing in things:
        if isinstance(thing, int):
            os.close(thing)
        else:
            thing.close()


def _reap_guards(guards: "set[int]") -> "set[int]":
    """A guard that was killed leaves its script's children here: they go too. Those guards."""
    killed: set[int] = set()
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return killed
        if pid == 0:
            return killed
        if pid in guards:
            guards.discard(pid)
            if status != 0:
                killed.add(pid)
                for orphan in set(children(os.getpid())) - guards:
                    for one in [orphan, *descendants(orphan)]:
                        kill(one, signal.SIGKILL)


def _watch_container(fds: "list[int]", *not_its: socket.socket) -> int:
    """Forks a guard for a container, which its engine runs; the guard's process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        _close(*not_its)
        ContainerGuard(socket.socket(fileno=fds[0])).watch()
    finally:
        os._exit(0)


# -- the guard


def _guard_to_end(hand: socket.socket) -> "dict[str, object]":
    """In the guard: never returns. In the script's fork: its request."""
    guard = Guard(hand)
    try:
        request = None
        with contextlib.suppress(BlockingIOError):  # as many processes as may be: tried again
            request = guard.fork()
        if request is None and guard.take():
            request = guard.begin()
        if request is not None:
            return request
        if guard.control is not None:
            guard.watch()
    except BaseException as error:
        guard.reply({"error": f"{type(error).__name__}: {error}"})
        guard.discard()
        os._exit(1)
    os._exit(0)


class Guard:
    """One script: its process made before it is known, started, watched, its tree killed."""

    def __init__(self, hand: socket.socket) -> None:
        """`hand`: where its script will come from."""
        prctl(PR_SET_CHILD_SUBREAPER, 1)  # a fork does not inherit it
        self.hand = hand
        self.groups = ControlGroups()
        self.wake, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self.errors, self._errors = os.pipe()
        self.control: socket.socket | None = None
        self.failure = ""
        self.pid = 0

    def fork(self) -> "dict[str, object] | None":
        """Makes the script's process; in that one: its request, everything set as it needs it."""
        self.child, theirs = socket.socketpair()
        guard, self.pid = os.getpid(), os.fork()
        if self.pid:
            theirs.close()
            return None
        _close(self.hand, self.child)  # the hand of a guard that is killed shall be empty
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            self.groups.enter()
            word, fds, _flags, _address = socket.recv_fds(theirs, 1, 2)
            if not word or os.getppid() != guard:
                os._exit(137)
            request: dict[str, object] = read_request(theirs)
            become(request, (fds[0], fds[1]), guard)
            _close(*fds)
            if request.get("argv"):
                execute(request)
            for one in (theirs, self.control):
                if one is not None:
                    one.detach()
            os.closerange(3, 1024)
            return request
        except BaseException as error:
            os.write(self._errors, f"{type(error).__name__}: {error}".encode()[:4000])
            os._exit(126)

    def take(self) -> bool:
        """Waits for a script; False when none will come any more."""
        word, fds, _flags, _address = socket.recv_fds(self.hand, 1, 8)
        if word:
            self.hand.sendall(SCRIPT)
        self.hand.close()
        if not word:
            self.discard()
            return False
        for fd in fds:
            os.set_inheritable(fd, False)  # unlike others, what is received is not so
        self.control = socket.socket(fileno=fds[0])
        self.streams = (fds[1], fds[2])  # those behind them are held until this process ends
        self.request = read_request(self.control)
        self.deadline = float(self.request["deadline"])  # type: ignore[arg-type]
        self.user = int(self.request.get("user") or 0)  # type: ignore[call-overload]
        return True

    def begin(self) -> "dict[str, object] | None":
        """Lets the script's process go on, within its bounds; in that one: as `fork`."""
        if time.monotonic() >= self.deadline:
            raise TimeoutError("the lease was over before the script began")
        if self.user:
            kill_user(self.user)  # what a guard that was killed may have left
        self.groups.bound(self.request.get("cgroup") or {})  # type: ignore[arg-type]
        if self.pid and os.waitpid(self.pid, os.WNOHANG)[0]:
            self.pid = 0
        if not self.pid and (request := self.fork()) is not None:
            return request
        os.close(self._errors)
        data = json.dumps(self.request).encode()
        socket.send_fds(self.child, [SCRIPT], self.streams)
        self.child.sendall(FRAME.pack(len(data)) + data)
        _close(self.child, *self.streams)
        return None

    def discard(self) -> None:
        """Ends a process that is no script yet, and its groups."""
        with contextlib.suppress(ChildProcessError):
            if self.pid:
                kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        self.groups.drop()

    def reply(self, answer: "dict[str, object]") -> None:
        """Tells the worker, if it is still there."""
        if self.control is not None:
            with contextlib.suppress(OSError):
                self.control.sendall(json.dumps(answer).encode() + b"\n")

    def watch(self) -> None:
        """Returns once nothing of the script is left and the worker has been told."""
        assert self.control is not None
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
        self.control.close()  # the worker waits for this, not for the end of this process

    def _obey(self) -> bool:
        """Reads one order; False when the worker is gone."""
        assert self.control is not None
        data = exactly(self.control, ORDER.size, default=b"")
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
            if self.user:
                kill_user(self.user)
            time.sleep(0.001)


def main() -> None:
    """Serves the socket whose descriptor is the first argument, until the worker is gone."""
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is not None:
        run_python(request)
