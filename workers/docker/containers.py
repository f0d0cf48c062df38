"""Containers: Stop and Rm."""

from typing import Any, ClassVar

from docker.errors import NotFound

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.docker.base import DockerTask


class Stop(DockerTask):
    """Stop a container, then remove it."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.cli.Stop"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.docker.Stop",)

    container_id: Dynamic[str]
    """An id, a prefix of one, or a name."""
    kill: Dynamic[bool] = False
    """Whether it is killed at once."""
    delete: Dynamic[bool] = True
    """Whether it is removed afterwards."""

    def run(self, ctx: RunContext) -> None:
        """Raises TaskFailed for a container that is not there."""
        name = str(ctx.render(self.container_id))
        with self.engine(ctx) as client:
            container = _container(client, name)
            if ctx.read(self.kill, bool):
                container.kill()
            else:
                container.stop()
            if ctx.read(self.delete, bool):
                container.remove(force=True, v=True)


class Rm(DockerTask):
    """Remove containers and images."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.cli.Rm"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.docker.Rm",)

    container_ids: Dynamic[list[str]] | None = None
    """Containers that are removed."""
    image_ids: Dynamic[list[str]] | None = None
    """Images that are removed."""
    remove_volumes: Dynamic[bool] = False
    """Whether the volumes of containers go with them."""
    force: Dynamic[bool] = False
    """Whether what is in use is removed as well."""

    def run(self, ctx: RunContext) -> None:
        """Containers first, then images. Raises TaskFailed for one that is not there."""
        is_forced = bool(ctx.read(self.force, bool))
        volumes = bool(ctx.read(self.remove_volumes, bool))
        with self.engine(ctx) as client:
            for name in ctx.render(self.container_ids) or []:
                _container(client, str(name)).remove(force=is_forced, v=volumes)
            for name in ctx.render(self.image_ids) or []:
                client.images.remove(str(name), force=is_forced)


def _container(client: Any, name: str) -> Any:
    try:
        return client.containers.get(name)
    except NotFound:
        raise TaskFailed(f"no container {name[:100]!r}") from None
