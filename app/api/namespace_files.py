"""Routes of namespace files (HTTP API 3.6)."""

from typing import Any

from flask import Blueprint, Response, request, send_file
from flask.typing import ResponseReturnValue

from app.api.auth import current_caller
from app.api.describe import takes
from app.api.web import answer, attachment, came_with, runtime
from app.errors import BadRequest, Invalid
from app.model.access import Permission
from app.service import downloads
from app.service import namespace_files as files
from app.service.namespace_files import Entry

bp = Blueprint("namespace_files", __name__, url_prefix="/namespaces/<namespace>/files")
_BYTES = "application/octet-stream"


def _needed(name: str) -> str:
    value = request.args.get(name)
    if value is None:
        raise BadRequest(f"the parameter `{name}` is missing")
    return value


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "fileName": entry.name,
        "type": "Directory" if entry.is_folder else "File",
        "size": entry.size,
        "lastModifiedTime": int(entry.changed_at.timestamp() * 1000),
        "creationTime": int(entry.created_at.timestamp() * 1000),
    }


@bp.get("")
@takes("path* revision", gives="application/octet-stream")
def read(namespace: str) -> ResponseReturnValue:
    """A file's bytes, of an earlier `revision` when that is given."""
    text = request.args.get("revision")
    if text is not None and not text.isdecimal():
        raise Invalid(f"`revision` is no number: {text[:20]!r}")
    version = int(text) if text is not None else None
    stream = files.read(runtime(), namespace, _needed("path"), version)
    return send_file(stream, mimetype=_BYTES)


@bp.post("")
@takes("path", body="file:fileContent")
def create(namespace: str) -> ResponseReturnValue:
    """Stores the part `fileContent` at `path`; a ZIP is unpacked, with flows where one may."""
    part = request.files.get("fileContent")
    if part is None:
        raise Invalid("the form has no part `fileContent`")
    name = part.filename or ""
    if name.endswith(".zip"):
        _unpack(namespace, part.stream)
    else:
        files.write(runtime(), namespace, _needed("path"), part.stream)  # type: ignore[arg-type]
    return Response(status=200)


def _unpack(namespace: str, stream: Any) -> None:
    caller = current_caller()
    may_write = caller.may(Permission.FLOW_WRITE, namespace)
    who = {"author": caller.username, "via": came_with()}
    files.import_zip(runtime(), namespace, stream, with_flows=may_write, **who)


@bp.put("")
@takes("from=text* to*")
def move(namespace: str) -> ResponseReturnValue:
    """Gives a file or folder another path."""
    files.move(runtime(), namespace, _needed("from"), _needed("to"))
    return Response(status=200)


@bp.delete("")
@takes("path*")
def delete(namespace: str) -> ResponseReturnValue:
    """Removes a file, or a folder with all in it."""
    files.delete(runtime(), namespace, _needed("path"))
    return Response(status=200)


@bp.get("/stats")
@takes("path", gives="FileAttributes")
def stats(namespace: str) -> ResponseReturnValue:
    """What a path is; the root without one."""
    return answer(_shown(files.stats(runtime(), namespace, request.args.get("path"))))


@bp.get("/directory")
@takes("path", gives="FileAttributes[]")
def children(namespace: str) -> ResponseReturnValue:
    """What lies directly in a folder."""
    found = files.children(runtime(), namespace, request.args.get("path"))
    return answer([_shown(entry) for entry in found])


@bp.post("/directory")
@takes("path*")
def make_folder(namespace: str) -> ResponseReturnValue:
    """Makes a folder."""
    files.make_folder(runtime(), namespace, _needed("path"))
    return Response(status=200)


@bp.get("/search")
@takes("q*", gives="string[]")
def search(namespace: str) -> ResponseReturnValue:
    """Paths that contain a text."""
    return answer(files.search(runtime(), namespace, _needed("q")))


@bp.get("/revisions")
@takes("path*", gives="FileRevision[]")
def revisions(namespace: str) -> ResponseReturnValue:
    """The versions of a file."""
    rows = files.versions(runtime(), namespace, _needed("path"))
    return answer([{"revision": row.version} for row in rows])


@bp.get("/export")
@takes("path", gives="application/octet-stream")
def export(namespace: str) -> ResponseReturnValue:
    """A ZIP of all files, and of the flows that the caller may read; of a folder with `path`."""
    folder = request.args.get("path", "").strip("/")
    name = folder.rpartition("/")[2] or f"{namespace}_files"
    if folder and not files.stats(runtime(), namespace, folder).is_folder:
        raise BadRequest(f"`path`: {folder[:100]!r} is no folder")
    may_read = current_caller().may(Permission.FLOW_READ, namespace)
    below = f"{folder}/" if folder else ""
    parts = downloads.archive(runtime(), namespace, below, with_flows=may_read)
    return attachment(parts, f"{name}.zip", _BYTES)
