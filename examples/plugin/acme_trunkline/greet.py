"""Greet: the smallest task type that has properties, an output, a log line and a failure."""

from typing import ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, Queue, RunnableTask, TaskFailed


class GreetOutput(Output):
    """What Greet gives."""

    greeting: str
    """The whole sentence."""


class Greet(RunnableTask):
    """Greet somebody by name."""

    type_name: ClassVar[str] = "com.acme.trunkline.Greet"
    aliases: ClassVar[tuple[str, ...]] = ("com.acme.Hello",)
    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = GreetOutput

    name: Dynamic[str]
    """Whom to greet; must not be blank."""
    times: Dynamic[int] = 1
    """How often, at most 10."""

    def run(self, ctx: RunContext) -> GreetOutput:
        """Raises TaskFailed for a blank name or a wrong number; another attempt cannot help."""
        name, times = str(ctx.render(self.name)).strip(), ctx.read(self.times, int) or 0
        if not name:
            raise TaskFailed("`name` is blank", is_final=True)
        if not 1 <= times <= 10:
            raise TaskFailed(f"`times` must lie between 1 and 10, not {times}", is_final=True)
        greeting = " ".join([f"Hello, {name}!"] * times)
        ctx.log.info("greeted %s", name)
        return GreetOutput(greeting=greeting)
