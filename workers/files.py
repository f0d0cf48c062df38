"""Files into and out of a working directory: inputFiles, namespaceFiles, outputFiles."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from app.errors import TrunklineError
from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from app.service.masking import Masks
from app.storage import beneath
from workers.globs import matches_any, read_patterns

_URIS = ("kestra://", "nsfile://", "file://")
_CHUNK = 1 << 20
CONTEXT = ".kestra-execution-context.json"
_CONTEXT_NAMES = (
    "labels", "inputs", "vars", "trigger", "outputs", "flow", "execution", "taskrun",
)  # fmt: skip
DEPENDENCIES = ".dependencies-"  #: a folder of packages that was put beside a script


def create(directory: Path, name: str) -> BinaryIO:
    """A file below a directory, its folders made. Raises TaskFailed, Invalid for one outside."""
    if name.startswith(("./", "/", "..")):
        raise TaskFailed(f"the file name {name!r} must be relative, without `./` or `..`")
    return beneath.open_write(directory, name)


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
        with create(directory, name) as file:
            _write(ctx, file, content)


def write_context(ctx: RunContext, directory: Path) -> Path:
    """A file of what expressions see, as the package `kestra` reads it; gives its path.

    Secrets are masked: a script is given those that its flow names, and no others. What is too
    large to be rendered is left out.
    """
    found = []
    for name in _CONTEXT_NAMES:
        try:
            found.append(f'"{name}": ' + ctx.render(f"{{{{ ({name} ?? {{}}) | toJson }}}}"))
        except TrunklineError as error:
            ctx.log.warning("%s has no `%s`: %s", CONTEXT, name, error)
    masks = Masks()
    for value in ctx.secret_values():
        masks.add(value)
    with create(directory, CONTEXT) as file:
        file.write(masks.apply("{" + ", ".join(found) + "}").encode())
    return directory / CONTEXT


def _write(ctx: RunContext, file: BinaryIO, content: Any) -> None:
    if isinstance(content, str) and content.startswith(_URIS):
        with ctx.open_uri(content) as stream:
            shutil.copyfileobj(stream, file, _CHUNK)
        return
    text = "" if content is None else content
    file.write((text if isinstance(text, str) else json.dumps(text)).encode())


# -- namespace files


def _namespace_files(ctx: RunContext, directory: Path, options: Mapping[str, Any]) -> None:
    if options.get("enabled", True) in (False, "false"):
        return
    include, exclude = read_patterns(options.get("include")), read_patterns(options.get("exclude"))
    has_folders = options.get("folderPerNamespace") in (True, "true")
    if_exists = str(options.get("ifExists") or "OVERWRITE").upper()
    given = options.get("namespaces") or [ctx.ids.namespace]
    for namespace in [given] if isinstance(given, str) else given:
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        snapshot = ctx.ids.snapshot if namespace == ctx.ids.namespace else None
        for path, uri in ctx.services.files.list(namespace, snapshot).items():
            wanted = not include or matches_any(path, include, anywhere=True)
            if not wanted or matches_any(path, exclude, anywhere=True):
                continue
            name = f"{namespace}/{path}" if has_folders else path
            if _may_write(ctx, directory, name, if_exists):
                with ctx.storage.open(uri) as stream, create(directory, name) as file:
                    shutil.copyfileobj(stream, file, _CHUNK)


def _may_write(ctx: RunContext, directory: Path, name: str, if_exists: str) -> bool:
    """What `ifExists` says of a file that is there already. Raises TaskFailed."""
    if not (directory / name).exists():
        return True
    if if_exists == "FAIL":
        raise TaskFailed(f"the namespace file {name!r} exists already", is_final=True)
    if if_exists == "WARN":
        ctx.log.warning("the namespace file %s exists already and was left as it is", name)
    if if_exists not in ("OVERWRITE", "SKIP", "WARN"):
        raise TaskFailed(f"`ifExists` is one of OVERWRITE, SKIP, FAIL, WARN, not {if_exists!r}")
    return if_exists == "OVERWRITE"


# -- output files


def rendered_patterns(ctx: RunContext, patterns: Any) -> list[str]:
    """`outputFiles` as a list; an expression may give JSON text. Raises TaskFailed."""
    rendered = ctx.render(patterns)
    if isinstance(rendered, str) and rendered.lstrip().startswith("["):
        try:
            rendered = json.loads(rendered)
        except ValueError:
            raise TaskFailed("`outputFiles` is no JSON list") from None
    return read_patterns(rendered)


def collect(ctx: RunContext, directory: Path, patterns: Any) -> dict[str, str]:
    """Stores the files that fit the patterns; relative path to URI."""
    if patterns is None:
        return {}
    globs = rendered_patterns(ctx, patterns)
    found: dict[str, str] = {}
    for path in every_file(directory):
        relative = path.relative_to(directory).as_posix()
        if relative.startswith(DEPENDENCIES):
            continue
        if relative in globs or matches_any(relative, globs):
            found[relative] = store(ctx, directory, relative)
    return found


def store(ctx: RunContext, directory: Path, relative: str) -> str:
    """Stores one file of a directory; its URI."""
    with beneath.open_read(directory, relative) as stream:
        return ctx.put_stream(stream, relative)


def every_file(directory: Path) -> list[Path]:
    """Regular files below a directory, links left out, sorted."""
    return sorted(p for p in directory.rglob("*") if p.is_file() and not p.is_symlink())
