"""Script tasks: inline scripts and lists of commands, on any task runner."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from app.model.property import Dynamic
from app.model.task import AnyTaskRunner
from app.plugin.context import RunContext
from app.plugin.task import Queue, Result, RunnableTask, TaskFailed
from workers import files
from workers.core.process_runner import Process
from workers.globs import is_name
from workers.runner.command import SHELLS, Command, CommandRunner, LoneScript
from workers.runner.docker import Docker
from workers.runner.output import AFTER, BEFORE, ScriptOutput

_URI = re.compile(r"(?:kestra|nsfile):///?[^\s'\"<>|;&)]+")


class ScriptTask(RunnableTask):
    """What every script task has in common."""

    queue: ClassVar[Queue] = Queue.SCRIPT
    image: ClassVar[str] = ""

    task_runner: AnyTaskRunner | None = None
    """Where the commands run; a Docker container when absent."""
    runner: str | None = Field(None, pattern="PROCESS|DOCKER")
    """Older spelling of the task runner; goes before it."""
    docker: dict[str, Any] | None = None
    """Older spelling of the Docker runner's options."""
    container_image: Dynamic[str] | None = None
    """The image of the container; a language has one of its own."""
    before_commands: Dynamic[list[str]] | None = None
    """Run in the same shell before the commands; logged at DEBUG."""
    interpreter: list[str] = Field(default_factory=lambda: ["/bin/sh", "-c"])
    """The command that is given the script."""
    fail_fast: Dynamic[bool] = True
    """Whether the first command that fails ends the script."""
    env: Dynamic[dict[str, Any]] | None = None
    """Environment variables."""
    input_files: Dynamic[dict[str, Any]] | str | None = None
    """Files for the working directory: contents or URIs by relative path."""
    output_files: Dynamic[list[str]] | None = None
    """Patterns of files that are stored at the end."""
    namespace_files: dict[str, Any] | None = None
    """Namespace files for the working directory: `enabled`, `include`, `exclude`, `namespaces`,
    `ifExists`."""
    target_os: str = Field("AUTO", alias="targetOS", pattern="AUTO|LINUX|WINDOWS")
    """What the commands run on: WINDOWS ends their lines so, and has no fail fast."""
    output_directory: Dynamic[bool] | None = None
    """Whether files below `{{ outputDir }}` are kept as well (older way)."""
    warning_on_std_err: Dynamic[bool] | None = None
    """Accepted and without effect: standard error alone never changes a state."""

    def runner_of(self) -> CommandRunner:
        """The task runner, after the older spellings."""
        if self.runner == "PROCESS":
            return Process(type=Process.type_name)
        if self.runner == "DOCKER" or self.task_runner is None:
            return Docker.of(self.docker or {})
        if isinstance(self.task_runner, Docker) and self.docker:
            given = self.task_runner.model_dump(exclude_unset=True, by_alias=True)
            return Docker.of({**self.docker, **given})
        if isinstance(self.task_runner, CommandRunner):
            return self.task_runner
        raise TaskFailed(f"the task runner {self.task_runner.type} is not installed", is_final=True)

    def queue_of(self) -> Queue:
        """Containers start where an engine is."""
        if self.runner == "PROCESS":
            return Queue.SCRIPT
        is_docker = self.runner == "DOCKER" or not isinstance(self.task_runner, Process)
        return Queue.DOCKER if is_docker else Queue.SCRIPT

    def lines(self, ctx: RunContext, runner: CommandRunner, extra: Mapping[str, Any]) -> list[str]:
        """The commands of the task itself, rendered."""
        raise NotImplementedError

    def prepare(self, ctx: RunContext, runner: CommandRunner, image: str) -> dict[str, str]:
        """What a language adds to the environment."""
        return {}

    def python(self, ctx: RunContext, runner: CommandRunner) -> LoneScript | None:
        """What the command amounts to, when it is one Python script and nothing else."""
        return None

    def run(self, ctx: RunContext) -> Result:
        """Exit code 0 is a success; outputs are kept either way."""
        directory = ctx.working_dir
        files.write_inputs(ctx, directory, self.namespace_files, self.input_files)
        context = files.write_context(ctx, directory) if self._reads_context() else None
        runner = self.runner_of()
        output_dir = self._output_dir(ctx, directory)
        extra = self._extra(ctx, directory, output_dir)
        image = self._image(ctx)
        env = {**self.environ(ctx, extra), **self.prepare(ctx, runner, image)}
        text = ("\r\n" if self._is_windows else "\n").join(self._script(ctx, runner, extra))
        argv = [*self.interpreter, self._unseen(ctx, _with_files(ctx, directory, text), env)]
        output = ScriptOutput(ctx)
        needs_files = self.output_files is not None or output_dir is not None
        command = Command(
            argv=argv,
            directory=directory,
            env=env,
            image=image,
            needs_files=needs_files or ctx.shares_directory,
            python=self.python(ctx, runner),
        )
        try:
            ran = runner.execute(ctx, command, output.line)
        finally:
            if context is not None:
                context.unlink(missing_ok=True)
        return self._result(ctx, output, ran.exit_code, ran.details, output_dir)

    def _result(
        self,
        ctx: RunContext,
        output: ScriptOutput,
        exit_code: int,
        details: Mapping[str, Any],
        output_dir: Path | None,
    ) -> Result:
        """The outputs. Raises TaskFailed, which has them too, for an exit code other than 0."""
        outputs: dict[str, Any] = {"vars": output.vars(), "exitCode": exit_code}
        outputs["stdOutLineCount"] = output.lines["stdout"]
        outputs["stdErrLineCount"] = output.lines["stderr"]
        if details:
            outputs["taskRunner"] = dict(details)
        if self.output_files is not None or output_dir is not None:
            outputs["outputFiles"] = self._collect(ctx, ctx.working_dir, output_dir)
        if exit_code != 0:
            raise TaskFailed(f"Command failed with exit code {exit_code}", outputs)
        return Result(outputs=outputs)

    def _reads_context(self) -> bool:
        """Whether the script may read what the flow knows: gathering it costs others too much."""
        if self.namespace_files is not None or self.input_files is not None:
            return True
        text = str([getattr(self, name, None) for name in ("script", "commands")])
        return "kestra" in text.lower()

    def _unseen(self, ctx: RunContext, text: str, env: dict[str, str]) -> str:
        """The argument of a shell; commands that show a secret go by its environment.

        Arguments of a process can be read by everybody on its machine.
        """
        name = Path(self.interpreter[0]).name if self.interpreter else ""
        if name not in SHELLS or not ctx.shows_secret(text):
            return text
        env["COMMANDS_TEXT"] = text
        return 'set -- "$COMMANDS_TEXT"; unset COMMANDS_TEXT; eval "shift; $1"'

    def _image(self, ctx: RunContext) -> str:
        given = ctx.render((self.docker or {}).get("image"))
        return str(given or ctx.render(self.container_image) or self.image)

    def _output_dir(self, ctx: RunContext, directory: Path) -> Path | None:
        wanted = self.output_directory
        is_on = ctx.read(wanted, bool) if wanted is not None else self.runner is not None
        if not is_on:
            return None
        folder = directory / f".output-{ctx.ids.task_run_id}"
        folder.mkdir(exist_ok=True)
        return folder

    def _extra(self, ctx: RunContext, directory: Path, output_dir: Path | None) -> dict[str, Any]:
        """Variables that commands see beside those of the flow."""
        extra: dict[str, Any] = {"workingDir": str(directory)}
        if output_dir is not None:
            extra["outputDir"] = str(output_dir)
        names = files.rendered_patterns(ctx, self.output_files)
        extra["outputFiles"] = {n: str(directory / n) for n in names if is_name(n)}
        return extra

    def _collect(self, ctx: RunContext, directory: Path, output_dir: Path | None) -> dict[str, str]:
        found = files.collect(ctx, directory, self.output_files)
        if output_dir is not None:
            for path in files.every_file(output_dir):
                name = path.relative_to(output_dir).as_posix()
                found[name] = files.store(ctx, output_dir, name)
        return found

    @property
    def _is_windows(self) -> bool:
        return self.target_os == "WINDOWS"

    def _script(
        self, ctx: RunContext, runner: CommandRunner, extra: Mapping[str, Any]
    ) -> list[str]:
        found = []
        if not self._is_windows and ctx.read(self.fail_fast, bool):
            is_powershell = "pwsh" in self.interpreter[0] if self.interpreter else False
            found.append("$ErrorActionPreference = 'Stop'" if is_powershell else "set -e")
        if self.before_commands:
            before = [str(line) for line in ctx.render(self.before_commands, extra)]
            found += [f"echo '{BEFORE}'", *before, f"echo '{AFTER}'"]
        return [*found, *self.lines(ctx, runner, extra)]

    def environ(self, ctx: RunContext, extra: Mapping[str, Any]) -> dict[str, str]:
        """The task's own environment, rendered. Raises TaskFailed."""
        own = ctx.render(self.env, extra) if self.env is not None else {}
        if not isinstance(own, Mapping):
            raise TaskFailed("`env` must be a map")
        texts = {str(k): "" if v is None else str(v) for k, v in own.items()}
        texts["WORKING_DIR"] = str(ctx.working_dir)
        if "outputDir" in extra:
            texts["OUTPUT_DIR"] = extra["outputDir"]
        return texts


def _with_files(ctx: RunContext, directory: Path, text: str) -> str:
    """Every stored file that a command names is fetched; its path stands there instead."""
    names: dict[str, str] = {}

    def path_of(match: re.Match[str]) -> str:
        uri = match.group()
        if uri not in names:
            name = f".input-{ctx.ids.task_run_id}-{len(names)}"
            with ctx.open_uri(uri) as stream, files.create(directory, name) as file:
                shutil.copyfileobj(stream, file, 1 << 20)
            names[uri] = str(directory / name)
        return names[uri]

    return _URI.sub(path_of, text)


class CommandsTask(ScriptTask):
    """A list of commands in one shell."""

    commands: Dynamic[list[str]]
    """Run one after the other."""

    def lines(self, ctx: RunContext, runner: CommandRunner, extra: Mapping[str, Any]) -> list[str]:
        """The commands."""
        rendered = ctx.render(self.commands, extra)
        return [rendered] if isinstance(rendered, str) else [str(line) for line in rendered]


class InlineTask(ScriptTask):
    """A script in the flow itself: written to a file, run by its program."""

    program: ClassVar[str] = ""  #: the command before the file's name
    ending: ClassVar[str] = ""

    script: Dynamic[str]
    """The program."""

    def lines(self, ctx: RunContext, runner: CommandRunner, extra: Mapping[str, Any]) -> list[str]:
        """The program with the script's file; a shell script is its own text."""
        text = str(ctx.render(self.script, extra))
        if not self.ending:
            return [text]
        text = _with_files(ctx, ctx.working_dir, text)
        name = self.file_name(ctx)
        with files.create(ctx.working_dir, name) as file:
            file.write((self.prelude(text) + text).encode())
        return [self.command(ctx, runner, name)]

    def command(self, ctx: RunContext, runner: CommandRunner, name: str) -> str:
        """The line that runs the script's file."""
        return f"{self.program} {name}".strip()

    def file_name(self, ctx: RunContext) -> str:
        """The name of the script's file in the working directory."""
        return f"script-{ctx.ids.task_run_id}{self.ending}"

    def prelude(self, text: str) -> str:
        """What stands on the script's first line before its own text."""
        return ""
