"""Build: an image from a Dockerfile and the working directory."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, ClassVar

from docker.utils import parse_repository_tag
from pydantic import Field

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, TaskFailed
from app.storage import beneath
from app.storage.paths import safe_path
from workers import files
from workers.docker import buildx
from workers.docker.base import DockerTask
from workers.docker.buildx import Wanted
from workers.runner import engine


class BuildOutput(Output):
    """The image that was built."""

    image_id: str


class Build(DockerTask):
    """Build an image, and push it where that is asked for."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.cli.Build"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.docker.Build",)
    output: ClassVar[type[Output] | None] = BuildOutput

    dockerfile: Dynamic[str] | None = None
    """Its text, or its path in the working directory; `Dockerfile` when absent."""
    tags: Dynamic[Annotated[list[str], Field(min_length=1)]]
    """Names of the image."""
    push: Dynamic[bool] = False
    """Whether the image is pushed afterwards."""
    pull: Dynamic[bool] = True
    """Whether newer versions of the base images are looked for."""
    platforms: Dynamic[list[str]] | None = None
    """Platforms that the image is for, as `linux/amd64`."""
    build_args: Dynamic[dict[str, Any]] | None = None
    """Values of `ARG`."""
    labels: Dynamic[dict[str, Any]] | None = None
    """Labels of the image."""
    target: Dynamic[str] | None = None
    """The stage that is built."""
    input_files: Dynamic[dict[str, Any]] | str | None = None
    """Files for the build: contents or URIs by relative path."""
    namespace_files: dict[str, Any] | None = None
    """Namespace files for the build."""

    def run(self, ctx: RunContext) -> BuildOutput:
        """Gives the image's id. Raises TaskFailed with the engine's reason."""
        directory = ctx.working_dir
        files.write_inputs(ctx, directory, self.namespace_files, self.input_files)
        given = ctx.read(self.tags, list) or []
        login = self.login(ctx, str(given[0]) if given else "")
        tags = [_tag(text, login) for text in given]
        if not tags:
            raise TaskFailed("At least one tag must be provided", is_final=True)
        wanted = Wanted(
            directory=directory,
            dockerfile=_dockerfile(ctx.render(self.dockerfile), directory),
            tags=tags,
            platforms=[str(one) for one in ctx.render(self.platforms) or []],
            pull=bool(ctx.read(self.pull, bool)),
            push=bool(ctx.read(self.push, bool)),
            build_args={str(k): str(v) for k, v in (ctx.render(self.build_args) or {}).items()},
            labels={str(k): str(v) for k, v in (ctx.render(self.labels) or {}).items()},
            target=ctx.render(self.target),
        )
        if buildx.is_needed(wanted):
            host = engine.host_of(ctx, ctx.render(self.host))
            return BuildOutput(image_id=buildx.build(ctx, host, wanted, login))
        with self.engine(ctx) as client:
            return BuildOutput(image_id=_build(ctx, client, wanted, login))


def _build(ctx: RunContext, client: Any, wanted: Wanted, login: dict[str, Any] | None) -> str:
    """By the engine's own builder: one platform."""
    stream = client.api.build(
        path=str(wanted.directory),
        dockerfile=wanted.dockerfile,
        tag=wanted.tags[0],
        pull=wanted.pull,
        rm=True,
        forcerm=True,
        decode=True,
        platform=wanted.platforms[0] if wanted.platforms else None,
        buildargs=wanted.build_args,
        labels=wanted.labels,
        target=wanted.target,
    )
    _follow(ctx, stream)
    image = client.images.get(wanted.tags[0])
    for tag in wanted.tags[1:]:
        image.tag(*parse_repository_tag(tag))
    if wanted.push:
        for tag in wanted.tags:
            push(ctx, client, tag, login)
    return str(image.id)


def _tag(text: str, login: dict[str, Any] | None) -> str:
    name = str(text)
    return engine.full_name(name.partition("://")[2] or name, login)


def _dockerfile(text: str | None, directory: Path) -> str:
    """The path of the Dockerfile; an inline one is written to the working directory.

    Raises Invalid for a path that leaves it: an engine tells lines of a file that is none.
    """
    if not text:
        return _plain(directory, "Dockerfile")
    plain = text.strip().removeprefix(f"{directory}/")
    if "\n" not in plain and (directory / plain).is_file():
        return _plain(directory, plain)
    name = "Dockerfile.inline"
    with files.create(directory, name) as file:
        file.write(text.encode())
    return name


def _plain(directory: Path, name: str) -> str:
    """The path, where it leads to no file of others."""
    with suppress(FileNotFoundError), beneath.open_read(directory, name):
        pass
    return safe_path(name)


def _follow(ctx: RunContext, events: Iterable[dict[str, Any]]) -> None:
    """Logs what the engine says. Raises TaskFailed for an error among it."""
    for event in events:
        if ctx.lease.cancelled.is_set():
            raise TaskFailed("cancelled")
        if event.get("error"):
            raise TaskFailed(str(event["error"]))
        for line in str(event.get("stream") or "").splitlines():
            if line.strip():
                ctx.log.info("%s", line)


def push(ctx: RunContext, client: Any, tag: str, login: dict[str, Any] | None) -> None:
    """Pushes one tag. Raises TaskFailed with the registry's reason."""
    repository, name = parse_repository_tag(tag)
    stream = client.api.push(
        repository,
        tag=name or "latest",
        stream=True,
        decode=True,
        auth_config=engine.auth_of(login),
    )
    sent: dict[str, int] = {}
    for event in stream:
        if event.get("error"):
            raise TaskFailed(f"{tag} could not be pushed: {event['error']}")
        progress = event.get("progressDetail") or {}
        if event.get("id") and progress.get("current"):
            sent[event["id"]] = int(progress["current"])
        ctx.log.debug("%s %s", event.get("status", ""), event.get("id", ""))
    ctx.metric("counter", "bytes", float(sum(sent.values())))
    ctx.log.info("pushed %s", tag)
