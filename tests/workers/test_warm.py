"""A script in a fork of a loaded interpreter ends as one in an interpreter of its own does."""

import sys
import threading
import time

import pytest

from workers.runner import process
from workers.runner.process import Warm

ENDINGS = {
    "a file that nobody closed is written": "kept = open('f', 'w'); kept.write('x' * 100)",
    "one that a module holds too": (
        "import sys, types; m = types.ModuleType('m'); sys.modules['m'] = m\n"
        "m.file = open('f', 'w'); m.file.write('y'); m.again = m"
    ),
    "one that hangs on a module of the library": (
        "import os; os.kept = open('f', 'w'); os.kept.write('z')"
    ),
    "functions at the exit run last first": (
        "import atexit; atexit.register(print, 'one'); atexit.register(print, 'two')"
    ),
    "one of them fails": (
        "import atexit\ndef f(): raise ValueError('late')\natexit.register(f); print('end')"
    ),
    "a thread is waited for": (
        "import threading, time\n"
        "def f():\n    time.sleep(0.2); print('thread')\n"
        "threading.Thread(target=f).start(); print('main')"
    ),
    "a daemon thread is not": (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); print('main')"
    ),
    "a pool that is not shut down": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "pool = ThreadPoolExecutor(2); print(pool.submit(sum, [1, 2]).result())"
    ),
    "a destructor prints": (
        "class A:\n    def __del__(self): print('gone', NAME)\nNAME = 'n'; a = A()"
    ),
    "a destructor in a ring": ("class A:\n    def __del__(self): print('gone')\na = A(); a.me = a"),
    "a finalizer and a temporary folder": (
        "import tempfile, weakref\nclass A: pass\na = A()\n"
        "weakref.finalize(a, print, 'finalized')\n"
        "folder = tempfile.TemporaryDirectory(dir='.')"
    ),
    "a code": "raise SystemExit(300)",
    "a negative code": "raise SystemExit(-1)",
    "a text as a code": "raise SystemExit('that is why')",
    "an exit in a function at the exit": (
        "import atexit, sys\ndef f(): sys.exit(7)\natexit.register(f)"
    ),
    "an exception": "def f():\n    return 1 / 0\nf()",
    "a syntax error": "def f(:\n",
    "a signal": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "an end at once": "import os; print('lost', end=''); os._exit(3)",
    "standard output that is closed": "import sys; print('a'); sys.stdout.close()",
    "a full disk behind it": "import os, sys; os.dup2(os.open('/dev/full', 1), 1); print('a')",
    "a child process": (
        "import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)\n"
        "print('parent' if pid else 'child')"
    ),
    "processes of a pool": (
        "import multiprocessing\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, -2]))"
    ),
    "logging": "import logging; logging.basicConfig(filename='f'); logging.error('line')",
    "an event loop": "import asyncio; asyncio.run(asyncio.sleep(0)); print('done')",
}


class Lease:
    def __init__(self):
        self.cancelled = threading.Event()
        self.deadline = time.monotonic() + 60


def ran(folder, text, *, is_warm):
    """The exit code, the lines of each stream, and the files that it left."""
    folder.mkdir()
    (folder / "script.py").write_text(text, encoding="utf-8")
    lines = []
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    warm = Warm(sys.executable, "script.py", env) if is_warm else None
    argv = [sys.executable, "script.py"]
    code = process.run(
        argv, folder, env, lambda *line: lines.append(line), Lease(), warm=warm
    )  # fmt: skip
    out = [line for stream, line in lines if stream == "stdout"]
    err = [line.replace(str(folder), "") for stream, line in lines if stream == "stderr"]
    files = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    return code, out, err, sorted(files), files.get("f")


@pytest.mark.parametrize("text", ENDINGS.values(), ids=ENDINGS)
def test_a_warm_script_ends_as_a_cold_one_does(tmp_path, text):
    cold = ran(tmp_path / "cold", text, is_warm=False)
    warm = ran(tmp_path / "warm", text, is_warm=True)

    assert _without_places(warm) == _without_places(cold)


def _without_places(ended):
    """Tracebacks name the file by its whole path or not; objects have addresses."""
    code, out, err, files, kept = ended
    lines = [line.replace('"/script.py"', '"script.py"').split(" at 0x")[0] for line in err]
    return code, out, lines, files, kept
