"""What Docker tasks without a container of their own have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Queue, RunnableTask
from workers.runner import engine, logins


class DockerTask(RunnableTask):
    """A task that asks the engine for something."""

    queue: ClassVar[Queue] = Queue.DOCKER

    host: Dynamic[str] | None = None
    """The address of the engine, as `unix:///var/run/docker.sock`."""
    config: Dynamic[dict[str, Any]] | None = None
    """Docker's own configuration with credentials of registries, as in `config.json`."""
    credentials: Dynamic[dict[str, Any]] | None = None
    """`registry`, `username`, `password` and the like."""

    @contextmanager
    def engine(self, ctx: RunContext) -> Iterator[Any]:
        """The engine's client. Raises TaskFailed when none answers or it refuses."""
        with engine.connected(ctx, ctx.render(self.host)) as client:
            yield client

    def login(self, ctx: RunContext, image: str = "") -> dict[str, Any] | None:
        """The credentials for an image's registry; their secrets are masked from now on."""
        return logins.of_image(ctx, self.credentials, self.config, image)
