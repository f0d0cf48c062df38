"""Packages of Python scripts: installed by uv into a folder for each list of requirements.

The folder is built beside and renamed in: half an installation is never used.
"""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from uv import find_uv_bin

from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers import files
from workers.runner import process
from workers.runner.confine import INHERITED

#: settings of package indexes that uv reads; they may hold credentials and stay on the worker
_PREFIXES = ("UV_", "PIP_", "SSL_CERT_", "REQUESTS_CA")
_CACHE = ".cache"  #: uv's own
_UNUSED_S = 30 * 24 * 3600.0
_HALF_BUILT_S = 24 * 3600.0


def install(
    ctx: RunContext,
    requirements: Sequence[str],
    version: str,
    *,
    is_cached: bool,
    is_foreign: bool,
) -> Path:
    """The folder that holds the packages, for `PYTHONPATH`. Raises TaskFailed with uv's reason.

    One that is not kept for the next run lies in the working directory and goes with it.
    `is_foreign`: they are for a container, so wheels of its platform are taken.
    """
    for line in requirements:
        _check(line)
    root = Path(ctx.settings["data_dir"]) / "python"
    key = {"version": version, "packages": sorted(requirements), "foreign": is_foreign}
    digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:32]
    folder = root / digest
    began = time.monotonic()
    if not is_cached:
        folder = ctx.working_dir / f"{files.DEPENDENCIES}{uuid4().hex}"
        folder.mkdir()
        _install(ctx, requirements, version, folder, is_foreign=is_foreign)
        return folder
    if folder.exists():
        os.utime(folder)  # it is in use
        ctx.log.debug("the dependencies are installed already")
        ctx.metric("timer", "deps.cache.download.duration", _since(began))
        return folder
    _forget_old(root)
    building = root / f".{digest}-{uuid4().hex}"
    building.mkdir(parents=True)
    try:
        _install(ctx, requirements, version, building, is_foreign=is_foreign)
        with contextlib.suppress(OSError):  # another worker was faster
            building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    ctx.metric("timer", "deps.cache.upload.duration", _since(began))
    return folder


def _check(line: str) -> None:
    """Raises TaskFailed for a line that is more than one requirement, or names a variable of uv's
    environment, which may hold the password of an index."""
    if line.lstrip().startswith("-"):
        raise TaskFailed("`dependencies` must not hold options", is_final=True)
    if "${" in line or line.endswith("\\") or not line.isprintable():
        raise TaskFailed(
            f"`dependencies`: {line[:60]!r} must be one requirement, without `${{`", is_final=True
        )


def _since(began: float) -> float:
    """Milliseconds, as timers are kept."""
    return (time.monotonic() - began) * 1000


def _forget_old(root: Path) -> None:
    """Removes what no script has used for long, and what a process that died was building."""
    for folder in root.glob("*"):
        if folder.name == _CACHE:
            continue
        with contextlib.suppress(OSError):
            age = time.time() - folder.stat().st_mtime
            if age > (_HALF_BUILT_S if folder.name.startswith(".") else _UNUSED_S):
                shutil.rmtree(folder, ignore_errors=True)


def _install(
    ctx: RunContext,
    requirements: Sequence[str],
    version: str,
    target: Path,
    *,
    is_foreign: bool,
) -> None:
    root = Path(ctx.settings["data_dir"]) / "python"
    root.mkdir(parents=True, exist_ok=True)
    listed = root / f".{uuid4().hex}.txt"
    listed.write_text("\n".join(requirements) + "\n", encoding="utf-8")
    argv = [find_uv_bin(), "pip", "install", "--quiet", "--no-config"]
    argv += ["--target", str(target), "--python-version", version, "--link-mode", "copy"]
    if is_foreign:
        argv += ["--python-platform", f"{platform.machine()}-unknown-linux-gnu"]
    if is_foreign or not ctx.settings.get("runners_process_shared_user"):
        # a build runs what the package says, as this user, whom no script may be
        argv += ["--only-binary", ":all:"]
    argv += ["--requirements", str(listed)]
    lines: list[str] = []

    def keep(_stream: str, line: str) -> None:
        lines.append(line)
        ctx.log.debug("%s", line)

    ctx.log.debug("installing %s", ", ".join(requirements))
    try:
        code = process.run(argv, root, _environ(root), keep, ctx.lease)
    finally:
        listed.unlink(missing_ok=True)
    if code != 0:
        reason = " ".join(" ".join(lines[-12:]).split())
        raise TaskFailed(f"the dependencies could not be installed: {reason[:1500]}")


def _environ(root: Path) -> Mapping[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in INHERITED or k.startswith(_PREFIXES)}
    return {"UV_CACHE_DIR": str(root / _CACHE), **kept}
