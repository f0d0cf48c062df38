"""Routed steps that do next to nothing: a rendered text and one log line on each queue.

A plug-in of a third party, found by its entry point: what is measured is the way to the queue.
"""

from typing import ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, Queue, RunnableTask


class StepOutput(Output):
    """What a step gives."""

    value: str


class DefaultStep(RunnableTask):
    """A step on the queue `default`."""

    type_name: ClassVar[str] = "org.trunkline.bench.Default"
    queue: ClassVar[Queue] = Queue.DEFAULT

    format: Dynamic[str]

    def run(self, ctx: RunContext) -> StepOutput:
        """Renders, logs one line, gives the text."""
        value = str(ctx.render(self.format))
        ctx.log.info("%s", value)
        return StepOutput(value=value)


class GitStep(DefaultStep):
    """A step on the queue `git`."""

    type_name: ClassVar[str] = "org.trunkline.bench.Git"
    queue: ClassVar[Queue] = Queue.GIT


class ScriptStep(DefaultStep):
    """A step on the queue `script`."""

    type_name: ClassVar[str] = "org.trunkline.bench.Script"
    queue: ClassVar[Queue] = Queue.SCRIPT


class DockerStep(DefaultStep):
    """A step on the queue `docker`."""

    type_name: ClassVar[str] = "org.trunkline.bench.Docker"
    queue: ClassVar[Queue] = Queue.DOCKER
