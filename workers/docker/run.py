"""Run: a container with its own command."""

from typing import Any, ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Queue, Result, RunnableTask, TaskFailed
from workers import files
from workers.runner.command import Command
from workers.runner.docker import ContainerOptions, run_container
from workers.runner.output import ScriptOutput


class Run(ContainerOptions, RunnableTask):
    """Run a container; `commands` are its arguments, without a shell."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.cli.Run"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.docker.Run",)
    queue: ClassVar[Queue] = Queue.DOCKER

    container_image: Dynamic[str]
    """The image."""
    commands: Dynamic[list[str]] = []
    """The command and its arguments; the image's own if none."""
    env: Dynamic[dict[str, Any]] | None = None
    """Environment variables."""
    input_files: Dynamic[dict[str, Any]] | str | None = None
    """Files for the working directory: contents or URIs by relative path."""
    output_files: Dynamic[list[str]] | None = None
    """Patterns of files that are stored at the end."""
    namespace_files: dict[str, Any] | None = None
    """Namespace files for the working directory."""
    warning_on_std_err: Dynamic[bool] | None = None
    """Accepted and without effect."""

    def run(self, ctx: RunContext) -> Result:
        """Exit code 0 is a success; outputs are kept either way."""
        directory = ctx.working_dir
        files.write_inputs(ctx, directory, self.namespace_files, self.input_files)
        extra = {"workingDir": str(directory)}
        own = ctx.render(self.env, extra) or {}
        env = {str(k): "" if v is None else str(v) for k, v in own.items()}
        commands = ctx.render(self.commands, extra)
        output = ScriptOutput(ctx)
        command = Command(
            argv=[commands] if isinstance(commands, str) else [str(c) for c in commands],
            directory=directory,
            env={**env, "WORKING_DIR": str(directory)},
            image=str(ctx.render(self.container_image)),
            needs_files=self.output_files is not None or ctx.shares_directory,
        )
        ran = run_container(ctx, self, command, output.line)
        outputs: dict[str, Any] = {
            "vars": output.vars(),
            "exitCode": ran.exit_code,
            "taskRunner": dict(ran.details),
        }
        if self.output_files is not None:
            outputs["outputFiles"] = files.collect(ctx, directory, self.output_files)
        if ran.exit_code != 0:
            raise TaskFailed(f"Command failed with exit code {ran.exit_code}", outputs)
        return Result(outputs=outputs)
