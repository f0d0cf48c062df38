"""Images: Pull, Push, Tag, ImageLs, Prune."""

from enum import StrEnum
from typing import Any, ClassVar

from docker.utils import parse_repository_tag

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, TaskFailed
from workers.docker.base import DockerTask
from workers.docker.build import push
from workers.runner import engine


class Pull(DockerTask):
    """Pull an image."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.cli.Pull"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.docker.Pull",)

    image: Dynamic[str]
    """The image, as `alpine:3`."""

    def run(self, ctx: RunContext) -> None:
        """Raises TaskFailed naming the image."""
        image = str(ctx.render(self.image))
        login = self.login(ctx, image)
        with self.engine(ctx) as client:
            engine.pull(ctx, client, engine.full_name(image, login), login)


class Push(DockerTask):
    """Push images."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.cli.Push"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.docker.Push",)

    tags: Dynamic[list[str]]
    """Names of images that are pushed."""

    def run(self, ctx: RunContext) -> None:
        """Raises TaskFailed with the registry's reason."""
        tags = ctx.read(self.tags, list)
        if not tags:
            raise TaskFailed("At least one tag must be provided", is_final=True)
        with self.engine(ctx) as client:
            for tag in tags:
                login = self.login(ctx, str(tag))
                push(ctx, client, engine.full_name(str(tag), login), login)


class Tag(DockerTask):
    """Give an image another name."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.cli.Tag"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.docker.Tag",)

    source_image: Dynamic[str]
    """The image."""
    target_image: Dynamic[str]
    """Its further name."""

    def run(self, ctx: RunContext) -> None:
        """Raises TaskFailed for an image that is not there."""
        repository, tag = parse_repository_tag(str(ctx.render(self.target_image)))
        with self.engine(ctx) as client:
            image = client.images.get(str(ctx.render(self.source_image)))
            image.tag(repository, tag or "latest")


class ImageLsOutput(Output):
    """The images that were found."""

    images: list[dict[str, Any]]
    count: int


class ImageLs(DockerTask):
    """List images."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.cli.ImageLs"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.docker.ImageLs",)
    output: ClassVar[type[Output] | None] = ImageLsOutput

    show_all: Dynamic[bool] = False
    """Whether layers in between are listed too."""
    image_name_filter: Dynamic[str] | None = None
    """Only images of this name."""
    label_filter: Dynamic[dict[str, Any]] | None = None
    """Only images with these labels."""

    def run(self, ctx: RunContext) -> ImageLsOutput:
        """Gives id, names, size and labels of each."""
        labels = ctx.render(self.label_filter) or {}
        filters = {"label": [f"{k}={v}" for k, v in labels.items()]} if labels else {}
        name = ctx.render(self.image_name_filter) or None
        with self.engine(ctx) as client:
            rows = client.api.images(
                name=name, all=bool(ctx.read(self.show_all, bool)), filters=filters
            )
        names = ("Id", "RepoTags", "RepoDigests", "Size", "Created", "Labels")
        images = [{n[0].lower() + n[1:]: row.get(n) for n in names} for row in rows]
        return ImageLsOutput(images=images, count=len(images))


class PruneType(StrEnum):
    """What is pruned."""

    BUILD = "BUILD"
    CONTAINERS = "CONTAINERS"
    IMAGES = "IMAGES"
    NETWORKS = "NETWORKS"
    VOLUMES = "VOLUMES"


class Prune(DockerTask):
    """Remove what is not in use."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.cli.Prune"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.docker.Prune",)

    prune_type: Dynamic[PruneType]
    """What is removed."""
    dangling: Dynamic[bool] = False
    """For images: only those without a name."""
    until: Dynamic[str] | None = None
    """Only what is older, as `24h`."""
    label_filters: Dynamic[list[str]] | None = None
    """Only what has these labels."""

    def run(self, ctx: RunContext) -> None:
        """Logs how many bytes became free."""
        kind = PruneType(str(ctx.render(self.prune_type)))
        filters: dict[str, Any] = {}
        if until := ctx.render(self.until):
            filters["until"] = until
        if labels := ctx.render(self.label_filters):
            if kind is PruneType.BUILD:  # an engine would remove all of it
                raise TaskFailed("`labelFilters`: a cache of builds has no labels", is_final=True)
            filters["label"] = labels
        if kind is PruneType.IMAGES:
            filters["dangling"] = ["true" if ctx.read(self.dangling, bool) else "false"]
        with self.engine(ctx) as client:
            if kind is PruneType.BUILD:
                done = client.api.prune_builds(filters)
            else:
                done = getattr(client.api, f"prune_{kind.value.lower()}")(filters)
        ctx.log.info("%s bytes are free again", (done or {}).get("SpaceReclaimed") or 0)
