"""Files into and out of a working directory: inputFiles, namespaceFiles, outputFiles."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from app.storage.paths import matches_glob, safe_path

_URIS = ("kestra://", "nsfile://", "file://")


def target(directory: Path, name: str) -> Path:
    """A path below a directory, its parents made. Raises TaskFailed for one outside of it."""
    if name.startswith(("./", "/", "..")):
        raise TaskFailed(f"the file name {name!r} must be relative, without `./` or `..`")
    path = directory / safe_path(name, "file name")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.parent.resolve().is_relative_to(directory.resolve()) or path.is_symlink():
        raise TaskFailed(f"the file name {name!r} leaves the working directory")
    return path


def write_inputs(
    ctx: RunContext,
    directory: Path,
    namespace_files: Mapping[str, Any] | None,
    input_files: Any,
) -> None:
    """Namespace files first, then inputFiles. Raises TaskFailed."""
    if namespace_files is not None:
        _namespace_files(ctx, directory, ctx.render_typed(dict(namespace_files)))
    if input_files is None:
        return
    rendered = ctx.render(input_files)
    if isinstance(rendered, str):
        try:
            rendered = json.loads(rendered)
        except ValueError:
            raise TaskFailed("`inputFiles` is no JSON map") from None
    if not isinstance(rendered, Mapping):
        raise TaskFailed("`inputFiles` must be a map of file names to contents")
    for name, content in rendered.items():
        _write(ctx, target(directory, name), content)


def _write(ctx: RunContext, path: Path, content: Any) -> None:
    if isinstance(content, str) and content.startswith(_URIS):
        with ctx.open_uri(content) as stream, path.open("wb") as file:
            shutil.copyfileobj(stream, file)
        return
    text = "" if content is None else content
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")


def _namespace_files(ctx: RunContext, directory: Path, options: Mapping[str, Any]) -> None:
    if options.get("enabled", True) in (False, "false"):
        return
    include, exclude = _globs(options.get("include")), _globs(options.get("exclude"))
    for namespace in options.get("namespaces") or [ctx.ids.namespace]:
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        snapshot = ctx.ids.snapshot if namespace == ctx.ids.namespace else None
        for path, uri in ctx.services.files.list(namespace, snapshot).items():
            wanted = not include or any(matches_glob(path, glob) for glob in include)
            if not wanted or any(matches_glob(path, glob) for glob in exclude):
                continue
            with ctx.storage.open(uri) as stream, target(directory, path).open("wb") as file:
                shutil.copyfileobj(stream, file)


def _globs(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def collect(ctx: RunContext, directory: Path, patterns: Any) -> dict[str, str]:
    """Stores the files that fit the patterns; relative path to URI."""
    if patterns is None:
        return {}
    rendered = ctx.render(patterns)
    if isinstance(rendered, str):
        rendered = json.loads(rendered) if rendered.startswith("[") else [rendered]
    found: dict[str, str] = {}
    for path in every_file(directory):
        relative = path.relative_to(directory).as_posix()
        if any(relative == glob or matches_glob(relative, glob) for glob in _sequence(rendered)):
            found[relative] = ctx.put_file(path, relative)
    return found


def _sequence(value: Any) -> Sequence[str]:
    return [str(item) for item in value]


def every_file(directory: Path) -> list[Path]:
    """Regular files below a directory, links left out, sorted."""
    return sorted(p for p in directory.rglob("*") if p.is_file() and not p.is_symlink())
