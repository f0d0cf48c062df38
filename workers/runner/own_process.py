"""What a script's own process does before it becomes the script.

Part of the launcher: standard library only.
"""

import atexit
import contextlib
import ctypes
import gc
import io
import os
import resource
import signal
import sys
import time
import weakref

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
_HOLDING = ctypes.PyDLL(None)  #: keeps the interpreter's lock: no daemon thread goes on


def prctl(option: int, value: int) -> None:
    """Sets an attribute of this process, where the system has it."""
    if sys.platform == "linux":
        _LIBC.prctl(option, value, 0, 0, 0)


def become(request: "dict[str, object]", streams: "tuple[int, int]", guard: int) -> None:
    """Own session, group, limits and user; tied to the guard's life; no way to more rights."""
    os.setsid()
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
    os.execvpe(argv[0], argv, env)


def run_python(request: "dict[str, object]") -> None:
    """Runs a script in this very interpreter, as `python script` would. Does not return."""
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
    known = set(sys.modules)
    sys.modules["__main__"] = main = type(sys)("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__, __cached__=None)
    known.discard("__main__")
    del main
    _leave(_run_file(path), known)


def _run_file(path: str) -> int:
    """Executes the file as `__main__`; the exit code."""
    names = sys.modules["__main__"].__dict__
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        sys.excepthook(type(error), error.with_traceback(None), None)
        return 1
    try:
        exec(code, names)
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        _say(f"{error.code}\n")
        return 1
    except BaseException as error:
        trace = error.__traceback__
        trace = trace.tb_next if trace is not None else None  # this frame is not the author's
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _leave(code: int, known: "set[str]") -> None:
    """Ends the process as an interpreter does, but for what was loaded before the script.

    To take those modules down as well copies every page that they lie on: several times the cost
    of a small script. What the script made is taken down in the interpreter's own order: threads
    are joined, exit functions called, its modules dropped, collected and emptied, files flushed.
    """
    if "threading" in sys.modules:
        with contextlib.suppress(Exception):
            sys.modules["threading"]._shutdown()
    with contextlib.suppress(BaseException):  # older versions raise what they have printed
        atexit._run_exitfuncs()
    _flush()  # a collection may take a file's parts in any order
    names = [name for name in sys.modules if name not in known]
    found = [sys.modules.pop(name) for name in names]
    left = [weakref.ref(module) for module in found if type(module) is type(sys)]
    del found
    gc.collect()
    for ref in reversed(left):
        module = ref()
        if module is not None:
            for name in [name for name in module.__dict__ if name != "__builtins__"]:
                module.__dict__[name] = None
    gc.collect()
    _flush()
    for stream in (sys.stdout, sys.stderr):  # by now without the script's own ones
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except (OSError, ValueError) as error:
            code = code or 120  # as the interpreter's own end
            if stream is sys.stdout:
                _say(f"Exception ignored in: {stream!r}\n{type(error).__name__}: {error}\n")
    _HOLDING.exit(code)  # functions and buffers of C code, too


def _flush() -> None:
    """Writes what files of the script still hold back."""
    for thing in gc.get_objects():
        if isinstance(thing, io.IOBase) and not isinstance(thing, io.RawIOBase):
            with contextlib.suppress(Exception):
                thing.flush()


def _say(text: str) -> None:
    """To standard error, if there is one."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text)
