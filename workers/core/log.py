"""Log, Return and Echo: the tasks that only say something."""

import time
from typing import Any, ClassVar

from app.model.property import Dynamic
from app.model.task import LogLevel
from app.plugin.context import RunContext
from app.plugin.task import Output, Queue, RunnableTask


class Log(RunnableTask):
    """Write one or more messages to the log."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.log.Log"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.log.Log",)
    queue: ClassVar[Queue] = Queue.ENGINE
    is_pure: ClassVar[bool] = True

    message: Any
    """A text or a list of texts."""
    level: Dynamic[LogLevel] = LogLevel.INFO
    """TRACE, DEBUG, INFO, WARN or ERROR."""

    def run(self, ctx: RunContext) -> None:
        """One line for each message."""
        level = str(ctx.render(self.level))
        messages = self.message if isinstance(self.message, list | tuple) else [self.message]
        for message in messages:
            ctx.log.log(level, str(ctx.render(message) if message is not None else ""))


class ReturnOutput(Output):
    """What Return gives."""

    keep_none: ClassVar[frozenset[str]] = frozenset()
    value: str | None = None


class Return(RunnableTask):
    """Give a rendered text as output."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.debug.Return"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.debugs.Return",)
    queue: ClassVar[Queue] = Queue.ENGINE
    is_pure: ClassVar[bool] = True
    output: ClassVar[type[Output] | None] = ReturnOutput
    shows_secrets: ClassVar[bool] = True

    format: Dynamic[str] | None = None
    """What is rendered and given as `value`."""

    def run(self, ctx: RunContext) -> ReturnOutput:
        """The rendered format, or null."""
        began = time.monotonic()
        value = ctx.render(self.format) if self.format is not None else None
        if value is not None:
            ctx.log.debug("%s", value)
        tags = {"format": str(self.format)} if self.format is not None else {}
        ctx.metric("counter", "length", len(value or ""), tags)
        ctx.metric("timer", "duration", (time.monotonic() - began) * 1000, tags)
        return ReturnOutput(value=value)


class Echo(RunnableTask):
    """Older spelling of Log."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.debug.Echo"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.debugs.Echo",)
    queue: ClassVar[Queue] = Queue.ENGINE
    is_pure: ClassVar[bool] = True
    is_deprecated: ClassVar[bool] = True

    format: Dynamic[str]
    """What is logged."""
    level: Dynamic[LogLevel] = LogLevel.INFO
    """TRACE, DEBUG, INFO, WARN or ERROR."""

    def run(self, ctx: RunContext) -> None:
        """One line."""
        ctx.log.log(str(ctx.render(self.level)), str(ctx.render(self.format)))
