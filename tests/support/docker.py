"""A real Docker engine, and images made on this machine: no registry is needed."""

import io
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException

SHELL_IMAGE = "trunkline-test-shell:1"
_TOOLS = (
    "sh",
    "cat",
    "echo",
    "sleep",
    "ls",
    "mkdir",
    "chmod",
    "id",
    "env",
    "stat",
    "seq",
    "yes",
    "wc",
    "grep",
    "printf",
    "test",
    "ln",
    "dd",
    "head",
    "touch",
    "true",
    "tr",
    "kill",
    "cp",
)


def engine() -> Any:
    """A client; the test is skipped, or fails where everything must be there."""
    try:
        client = docker.from_env(timeout=30)
        client.ping()
    except DockerException as error:
        _absent(f"no Docker engine answers: {error}")
    if shutil.which("busybox") is None:
        _absent("busybox (static) is not installed")
    return client


def _absent(why: str) -> None:
    if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
        pytest.fail(why)
    pytest.skip(why)


def shell_image(client: Any) -> str:
    """An image that holds one static busybox."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, mode in (("bin", 0o755), ("tmp", 0o1777), ("etc", 0o755)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            archive.addfile(entry)
        binary = Path(str(shutil.which("busybox"))).resolve()
        archive.add(binary, "bin/busybox")
        for tool in _TOOLS:
            link = tarfile.TarInfo(f"bin/{tool}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    repository, _, tag = SHELL_IMAGE.partition(":")
    client.api.import_image_from_data(buffer.getvalue(), repository=repository, tag=tag)
    return SHELL_IMAGE


PYTHON_IMAGE = "trunkline-test-python:1"


def python_image(client: Any) -> str:
    """The shell image with this machine's own Python: its program, library and shared objects."""
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        _absent("the system has no Python")
    shell_image(client)
    ask = "import sys,sysconfig; print(sys.executable, sysconfig.get_path('stdlib'))"
    answer = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=True)
    program, library = answer.stdout.split()
    shared = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    extra = [str(p) for p in Path(library, "lib-dynload").glob("*.so")]
    for module in extra:
        shared += subprocess.run(["ldd", module], capture_output=True, text=True).stdout
    objects = sorted(set(re.findall(r"(/\S+\.so[.\d]*) \(", shared)))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(Path(program).resolve(), "usr/bin/python3")
        for name in ("python", "python3.11"):
            link = tarfile.TarInfo(f"usr/bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "python3"
            archive.addfile(link)
        archive.add(library, library.lstrip("/"), filter=_library)
        for path in objects:
            archive.add(Path(path).resolve(), path.lstrip("/"))
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        for name, data in (
            (
                "Dockerfile",
                f"FROM {SHELL_IMAGE}\nADD python.tar /\nENV PATH=/usr/bin:/bin\n".encode(),
            ),
            ("python.tar", buffer.getvalue()),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    context.seek(0)
    client.images.build(fileobj=context, custom_context=True, tag=PYTHON_IMAGE, rm=True)
    return PYTHON_IMAGE


def _library(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    left_out = {
        "test",
        "tests",
        "__pycache__",
        "idlelib",
        "tkinter",
        "site-packages",
        "dist-packages",
    }
    return None if left_out & set(entry.name.split("/")) or entry.name.endswith(".a") else entry
