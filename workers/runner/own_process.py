"""What a script's own process does before it becomes the script.

Part of the launcher: standard library only.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time

from workers.runner.tree import ControlGroups

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 24, 38
_LIMITS = ("CPU", "DATA", "FSIZE", "NOFILE", "NPROC")
#: with these a script of user 0 could reach past its guard: SYS_MODULE, SYS_RAWIO, SYS_PTRACE,
#: SYS_ADMIN, SYS_BOOT, PERFMON, BPF, CHECKPOINT_RESTORE
_DROPPED_CAPABILITIES = (16, 17, 19, 21, 22, 38, 39, 40)
#: modules of the launcher that a script must be able to replace by its own
_FORGOTTEN = ("ctypes", "ctypes._endian", "json", "json.decoder", "json.encoder", "json.scanner",
              "selectors", "signal", "socket", "struct")  # fmt: skip
_LIBC = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    """Sets an attribute of this process, where the system has it."""
    if sys.platform == "linux":
        _LIBC.prctl(option, value, 0, 0, 0)


def become(
    request: "dict[str, object]", streams: "tuple[int, int]", groups: ControlGroups, guard: int
) -> None:
    """Own session, group, limits and user; tied to the guard's life; no way to more rights."""
    os.setsid()
    groups.enter()
    os.dup2(streams[0], 1)
    os.dup2(streams[1], 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limits: dict[str, int] = request.get("limits") or {}  # type: ignore[assignment]
    for name in _LIMITS:
        if name in limits:
            _limit(getattr(resource, f"RLIMIT_{name}"), limits[name])
    user = int(request.get("user") or 0)  # type: ignore[call-overload]
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    elif os.geteuid() == 0:
        _drop_capabilities()
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 1)
    # cleared by a change of user, so it comes last
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:
        os._exit(137)
    os.chdir(str(request["cwd"]))


def _limit(kind: int, value: int) -> None:
    _soft, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _drop_capabilities() -> None:
    """User 0 keeps its files, not its power over other processes."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    if sys.platform != "linux" or _LIBC.capget(header, data) != 0:
        return
    for number in _DROPPED_CAPABILITIES:
        prctl(_PR_CAPBSET_DROP, number)
        word, bit = divmod(number, 32)
        for row in range(3):  # effective, permitted, inheritable
            data[word * 3 + row] &= ~(1 << bit)
    _LIBC.capset(header, data)


def execute(request: "dict[str, object]") -> None:
    """Becomes the command. Raises OSError."""
    for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them; programs expect them
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    argv: list[str] = request["argv"]  # type: ignore[assignment]
    env: dict[str, str] = request["env"]  # type: ignore[assignment]
    for fd in range(3, 64):
        with contextlib.suppress(OSError):
            os.set_inheritable(fd, False)
    os.execvpe(argv[0], argv, env)


def run_python(request: "dict[str, object]") -> None:
    """Runs a script in this very interpreter, as `python script` would. Raises SystemExit."""
    env: dict[str, str] = request["env"]  # type: ignore[assignment]
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    name = str(request["python"])
    path = os.path.abspath(name)
    sys.argv = [name]
    sys.path.insert(0, os.path.dirname(path))
    for module in [name for name in sys.modules if name in _FORGOTTEN or name[:7] == "workers"]:
        sys.modules.pop(module)
    main = type(sys)("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__, __cached__=None)
    sys.modules["__main__"] = main
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        sys.excepthook(type(error), error.with_traceback(None), None)
        raise SystemExit(1) from None
    try:
        exec(code, main.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        trace = error.__traceback__
        trace = trace.tb_next if trace is not None else None  # this frame is not the author's
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 1) from None
