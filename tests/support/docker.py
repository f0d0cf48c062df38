"""A real Docker engine, and images made on this machine: no registry is needed."""

import io
import os
import shutil
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
