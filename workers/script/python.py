"""Python scripts and commands, with packages that are installed before the run."""

import re
import shlex
import shutil
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers import files
from workers.core.process_runner import Process
from workers.runner.command import CommandRunner, LoneScript
from workers.script import dependencies
from workers.script.base import CommandsTask, InlineTask, ScriptTask
from workers.script.interpreters import local_python

_IMAGE_VERSION = re.compile(r"python:(\d+\.\d+)")
_JSON_WORDS = re.compile(r"\b(?:true|false|null|eval|exec)\b")
_DEFAULT_VERSION = "3.13"
_WITHOUT_EFFECT = {"uv_auto_install_enabled", "uv_installer_version", "uv_installer_sha256"}


class PackageManager(StrEnum):
    """Who installs packages: here it is always uv, which reads pip's requirements."""

    UV = "UV"
    PIP = "PIP"


class _Python(ScriptTask):
    """The properties that both Python types have."""

    image: ClassVar[str] = "python:3.13-slim"

    dependencies: Dynamic[list[str]] | None = None
    """Requirements as pip spells them; installed on the worker, once for each list."""
    python_version: Dynamic[str] | None = None
    """What they are resolved for; the image's or the worker's own when absent."""
    package_manager: PackageManager = PackageManager.UV
    """What installs the dependencies."""
    dependency_cache_enabled: Dynamic[bool] = True
    """Whether installed dependencies are kept for the next run."""
    uv_auto_install_enabled: Dynamic[bool] | None = None
    """Accepted and without effect: uv comes with the worker."""
    uv_installer_version: Dynamic[str] | None = None
    """Accepted and ignored: uv comes with the worker."""
    uv_installer_sha256: Dynamic[str] | None = None
    """Accepted and ignored: uv comes with the worker."""

    def prepare(self, ctx: RunContext, runner: CommandRunner, image: str) -> dict[str, str]:
        """Installs the dependencies and puts them on Python's path."""
        env = {
            "PYTHONUNBUFFERED": "true",
            "PIP_ROOT_USER_ACTION": "ignore",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        if self.model_fields_set & _WITHOUT_EFFECT:
            ctx.log.debug("uv comes with the worker: what is said of its installation is left out")
        wanted = ctx.render(self.dependencies) if self.dependencies is not None else []
        if isinstance(wanted, str):
            wanted = wanted.split("\n")
        requirements = [str(line).strip() for line in wanted or [] if str(line).strip()]
        if not requirements:
            return env
        is_process = isinstance(runner, Process)
        version = self._version(ctx, image, is_process=is_process)
        folder = dependencies.install(
            ctx,
            requirements,
            version,
            is_cached=bool(ctx.read(self.dependency_cache_enabled, bool)),
            is_foreign=not is_process,
        )
        if not is_process and folder.parent != ctx.working_dir:
            folder = _beside(ctx, folder)
        return {**env, "PYTHONPATH": str(folder)}

    def wanted_version(self, ctx: RunContext) -> str:
        """What `pythonVersion` says; empty when it is absent. Raises TaskFailed."""
        given = str(ctx.render(self.python_version) or "")
        if given and not re.fullmatch(r"3(\.\d+){1,2}", given):
            raise TaskFailed(f"`pythonVersion` {given[:20]!r} is no version", is_final=True)
        return given

    def _version(self, ctx: RunContext, image: str, *, is_process: bool) -> str:
        if given := self.wanted_version(ctx):
            return given
        if is_process:
            return local_python().version
        found = _IMAGE_VERSION.search(image)
        if found is None:
            ctx.log.warning("the image names no Python version: %s is assumed", _DEFAULT_VERSION)
        return found.group(1) if found else _DEFAULT_VERSION


def _beside(ctx: RunContext, folder: Path) -> Path:
    """Packages within the working directory: a container sees nothing else."""
    target = ctx.working_dir / f"{files.DEPENDENCIES}{folder.name}"
    if not target.exists():
        shutil.copytree(folder, target, symlinks=True)
    return target


class PythonCommands(_Python, CommandsTask):
    """Run commands with Python at hand."""

    type_name: ClassVar[str] = "io.kestra.plugin.scripts.python.Commands"


class PythonScript(_Python, InlineTask):
    """Run a Python script; `true`, `false` and `null` are defined in it."""

    type_name: ClassVar[str] = "io.kestra.plugin.scripts.python.Script"
    program: ClassVar[str] = "python"
    ending: ClassVar[str] = ".py"

    def command(self, ctx: RunContext, runner: CommandRunner, name: str) -> str:
        """An activated environment's Python goes before the machine's."""
        if not isinstance(runner, Process):
            return f"{self.program} {name}"
        plain = f"{shlex.quote(local_python(self.wanted_version(ctx)).path)} {name}"
        if not self.before_commands and "VIRTUAL_ENV" not in (self.env or {}):
            return plain
        active = f'"$VIRTUAL_ENV/bin/python" {name}'
        return f'if [ -n "$VIRTUAL_ENV" ]; then {active}; else {plain}; fi'

    def python(self, ctx: RunContext, runner: CommandRunner) -> LoneScript | None:
        """The script alone, when there is nothing around it that a shell must do."""
        is_plain = not self.before_commands and self.interpreter == ["/bin/sh", "-c"]
        is_kept = not self.dependencies or ctx.read(self.dependency_cache_enabled, bool)
        if not (is_plain and is_kept) or not isinstance(runner, Process):
            return None
        found = local_python(self.wanted_version(ctx))
        return LoneScript(found.path, self.file_name(ctx)) if found.can_be_warm else None

    def prelude(self, text: str) -> str:
        """On the first line, so that tracebacks keep the author's line numbers.

        A script that can use none of them is left as it is, for tracebacks to show its own lines.
        """
        if not _JSON_WORDS.search(text):
            return ""
        return "true = True; false = False; null = None; "


TYPES: tuple[Any, ...] = (PythonCommands, PythonScript)
