"""Packages of Python scripts: installed by uv into a folder for each list of requirements.

The folder is built beside and renamed in: half an installation is never used.
"""

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from uv import find_uv_bin

from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.runner import process
from workers.runner.confine import INHERITED

#: settings of package indexes that uv reads; they may hold credentials and stay on the worker
_PREFIXES = ("UV_", "PIP_", "SSL_CERT_", "REQUESTS_CA")


def install(
    ctx: RunContext,
    requirements: Sequence[str],
    version: str,
    *,
    is_cached: bool,
    is_foreign: bool,
) -> Path:
    """The folder that holds the packages, for `PYTHONPATH`. Raises TaskFailed with uv's reason.

    `is_foreign`: they are for a container, so wheels of its platform are taken.
    """
    if any(line.startswith("-") for line in requirements):
        raise TaskFailed("`dependencies` must not hold options", is_final=True)
    root = Path(ctx.settings["data_dir"]) / "python"
    key = {"version": version, "packages": sorted(requirements), "foreign": is_foreign}
    digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:32]
    folder = root / digest
    if folder.exists() and is_cached:
        ctx.log.debug("the dependencies are installed already")
        return folder
    building = root / f".{digest}-{uuid4().hex}"
    building.mkdir(parents=True)
    try:
        _install(ctx, requirements, version, building, is_foreign=is_foreign)
        if not is_cached:
            return building.rename(root / f"{digest}-{uuid4().hex}")
        try:
            building.rename(folder)
        except OSError:  # another worker was faster
            shutil.rmtree(building, ignore_errors=True)
        return folder
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _install(
    ctx: RunContext,
    requirements: Sequence[str],
    version: str,
    target: Path,
    *,
    is_foreign: bool,
) -> None:
    listed = target.parent / f"{target.name}.txt"
    listed.write_text("\n".join(requirements) + "\n", encoding="utf-8")
    argv = [find_uv_bin(), "pip", "install", "--quiet", "--no-config"]
    argv += ["--target", str(target), "--python-version", version, "--link-mode", "copy"]
    if is_foreign:
        argv += ["--python-platform", f"{platform.machine()}-unknown-linux-gnu"]
        argv += ["--only-binary", ":all:"]
    argv += ["--requirements", str(listed)]
    lines: list[str] = []

    def keep(_stream: str, line: str) -> None:
        lines.append(line)
        ctx.log.debug("%s", line)

    ctx.log.debug("installing %s", ", ".join(requirements))
    try:
        code = process.run(argv, target.parent, _environ(target.parent), keep, ctx.lease)
    finally:
        listed.unlink(missing_ok=True)
    if code != 0:
        reason = " ".join(" ".join(lines[-12:]).split())
        raise TaskFailed(f"the dependencies could not be installed: {reason[:1500]}")


def _environ(root: Path) -> Mapping[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in INHERITED or k.startswith(_PREFIXES)}
    return {"UV_CACHE_DIR": str(root / ".cache"), **kept}
