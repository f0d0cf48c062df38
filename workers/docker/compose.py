"""Compose: services of a compose file, by the command of the worker.

The command runs as the worker's own user, beside the engine's socket: no shell, no environment and
no file of the task's author gets near it. What it starts is the very text that was checked.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from app.errors import Invalid
from app.language.document import read_document
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Queue, Result, TaskFailed
from app.storage import beneath
from workers import files
from workers.docker import compose_policy as allowed
from workers.runner import engine, process
from workers.runner.confine import environ
from workers.runner.output import ScriptOutput
from workers.script.base import ScriptTask

_SHELL = ["/bin/sh", "-c"]
_MOST_BYTES = 1_000_000  #: of a compose file
_PROJECT = "COMPOSE_PROJECT_NAME"


class Compose(ScriptTask):
    """Run `docker compose` with a compose file.

    The command runs on the worker: `beforeCommands` and `interpreter` are refused, and `env` is
    known to the compose file alone. `docker_allow` says what services may have of the machine.
    """

    type_name: ClassVar[str] = "io.kestra.plugin.docker.cli.Compose"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.docker.Compose",)
    queue: ClassVar[Queue] = Queue.DOCKER
    image: ClassVar[str] = "docker:27.5.1-cli"

    host: Dynamic[str] | None = None
    """The address of the engine."""
    config: Dynamic[dict[str, Any]] | None = None
    """Docker's own configuration with credentials of registries."""
    credentials: Dynamic[dict[str, Any]] | None = None
    """Of one registry: `registry`, `username`, `password`."""
    compose_file: Dynamic[str] | None = None
    """The file's text, its path in the working directory, or its URI."""
    compose_files: Dynamic[list[str]] | None = None
    """As `composeFile`, several: later ones add to earlier ones."""
    compose_args: Dynamic[list[str]]
    """Arguments of `docker compose`: `[up, --detach]`; the files are given by `composeFile`."""

    def queue_of(self) -> Queue:
        """Where an engine is."""
        return Queue.DOCKER

    def run(self, ctx: RunContext) -> Result:
        """Exit code 0 is a success. Raises TaskFailed, PolicyRefused for what is not allowed."""
        if self.before_commands or self.interpreter != _SHELL:
            name = "beforeCommands" if self.before_commands else "interpreter"
            raise TaskFailed(f"`{name}`: Compose runs no script", is_final=True)
        directory = ctx.working_dir
        files.write_inputs(ctx, directory, self.namespace_files, self.input_files)
        output_dir = self._output_dir(ctx, directory)
        extra = self._extra(ctx, directory, output_dir)
        output = ScriptOutput(ctx)
        with TemporaryDirectory(prefix="trunkline-compose-") as name:
            argv = self._argv(ctx, Path(name), extra)
            code = self._call(ctx, argv, output.line)
        return self._result(ctx, output, code, {}, output_dir)

    def _call(self, ctx: RunContext, argv: list[str], on_line: Any) -> int:
        """The exit code of the command, which gets no environment but the worker's allowed one."""
        env = environ(ctx.settings, {"DOCKER_HOST": engine.host_of(ctx, ctx.render(self.host))})
        return process.run(argv, ctx.working_dir, env, on_line, ctx.lease, cut=ctx.safe_cut)

    def _argv(self, ctx: RunContext, folder: Path, extra: Mapping[str, Any]) -> list[str]:
        """The command with the checked file, which lies in a folder of its own."""
        given = ctx.read(self.compose_files, list) or []
        if self.compose_file is not None:
            given = [ctx.render(self.compose_file, extra), *given]
        if not given:
            raise TaskFailed("`composeFile` or `composeFiles` must be given", is_final=True)
        options, rest = allowed.split([str(p) for p in ctx.render(self.compose_args, extra)])
        names = [_copied(ctx, folder / f"given-{n}.yml", str(t)) for n, t in enumerate(given)]
        own = self.environ(ctx, extra)
        if _PROJECT in own and not {"-p", "--project-name"} & {o.split("=")[0] for o in options}:
            options = ["-p", own[_PROJECT], *options]
        base = [*_command(), "--project-directory", str(ctx.working_dir), *options]
        variables, nothing, file = (folder / n for n in ("given.env", "no.env", "compose.json"))
        variables.write_text(_variables(ctx, own), encoding="utf-8")
        nothing.touch()
        file.write_text(self._checked(ctx, [*base, "--env-file", str(variables)], names), "utf-8")
        return [*base, "--env-file", str(nothing), "-f", str(file), *rest]

    def _checked(self, ctx: RunContext, argv: list[str], names: list[str]) -> str:
        """What the files amount to, as the command itself reads them, once all of it is allowed."""
        lines: dict[str, list[str]] = {"stdout": [], "stderr": []}
        asked = [*argv, *(part for name in names for part in ("-f", name)), "config"]
        code = self._call(ctx, asked, lambda stream, line: lines[stream].append(line))
        if code != 0:
            reason = " ".join(lines["stderr"] or lines["stdout"])
            raise TaskFailed(f"the compose file is not valid: {reason[:1000]}")
        data = _read("\n".join(lines["stdout"]))
        allowed.check_values(ctx, data)
        return json.dumps(allowed.bounded(ctx, data))


def _command() -> list[str]:
    plugins = Path("/usr/libexec/docker/cli-plugins"), Path("/usr/lib/docker/cli-plugins")
    if any((folder / "docker-compose").exists() for folder in plugins):
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise TaskFailed("neither `docker compose` nor `docker-compose` is installed", is_final=True)


def _copied(ctx: RunContext, target: Path, text: str) -> str:
    """The path of a copy of a compose file, which holds only what the command may read."""
    plain = text.strip().removeprefix(f"{ctx.working_dir}/")
    if "\n" not in plain and plain.startswith("kestra://"):
        with ctx.open_uri(plain) as stream:
            text = stream.read(_MOST_BYTES + 1).decode("utf-8", "replace")
    elif "\n" not in plain and "{" not in plain and ":" not in plain:
        try:
            with beneath.open_read(ctx.working_dir, plain) as stream:
                text = stream.read(_MOST_BYTES + 1).decode("utf-8", "replace")
        except FileNotFoundError:
            where = f"no file {plain[:200]!r} in the working directory"
            raise TaskFailed(f"`composeFile`: {where}", is_final=True) from None
    allowed.check_keys(ctx, _read(text))
    target.write_text(text, encoding="utf-8")
    return str(target)


def _read(text: str) -> dict[str, Any]:
    try:
        data = read_document(text).data
    except Invalid as error:
        found = "; ".join(str(violation) for violation in error.violations)
        raise TaskFailed(f"the compose file is no YAML: {found}", is_final=True) from None
    if not isinstance(data, dict):
        raise TaskFailed("the compose file must be a map", is_final=True)
    return data


def _variables(ctx: RunContext, own: Mapping[str, str]) -> str:
    """The text of a file of variables: `.env` of the working directory, then the task's own."""
    try:
        with beneath.open_read(ctx.working_dir, ".env") as stream:
            text = stream.read(_MOST_BYTES).decode("utf-8", "replace") + "\n"
    except FileNotFoundError:
        text = ""
    for name, value in own.items():
        if any(char in value for char in "'\\\n\r") or not name.isidentifier():
            what = f"`env`: {name!r} must be a name, its value without quotes, backslashes and"
            raise TaskFailed(f"{what} line breaks", is_final=True)
        text += f"{name}='{value}'\n"
    return text
