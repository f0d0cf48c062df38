"""A Git server that has files of Git LFS, and a commit with a pointer to one."""

import json
from pathlib import Path
from typing import Any

from tests.support.git_servers import GitHttp
from tests.support.repository import Repository, run


class Large(GitHttp):
    """A Git server that has the files of LFS too; keeps how each of them was asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.blobs: dict[str, bytes] = {}
        self.lfs: list[tuple[str, str | None]] = []

    def _serve(self, handler: Any) -> None:
        if "/info/lfs/" not in handler.path and "/blob/" not in handler.path:
            super()._serve(handler)
            return
        size = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(size)
        given = handler.headers.get("Authorization")
        self.lfs.append((handler.path, given))
        if given is None:
            handler.send_response(401)
            handler.send_header("WWW-Authenticate", 'Basic realm="git"')
            handler.send_header("Lfs-Authenticate", 'Basic realm="git"')
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        content = self._answer(handler.path, body)
        handler.send_response(200)
        handler.send_header("Content-Type", "application/vnd.git-lfs+json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _answer(self, path: str, body: bytes) -> bytes:
        if "/blob/" in path:
            return self.blobs[path.rpartition("/")[2]]
        objects = []
        for wanted in json.loads(body)["objects"]:
            href = self.url(f"blob/{wanted['oid']}")
            header = {"Authorization": "Basic by-the-server"}
            actions = {"download": {"href": href, "header": header}}
            objects.append({**wanted, "authenticated": True, "actions": actions})
        return json.dumps({"transfer": "basic", "objects": objects}).encode()


def put_large(
    repository: Repository, server: Large, more: dict[str, str] | None = None, name: str = "big.txt"
) -> bytes:
    """Commits a pointer; its bytes are known to the server alone."""
    data = b"large file\n" * 10
    run("git", "-C", str(repository.tree), "lfs", "install", "--local", "--skip-repo")
    (repository.tree / name).write_bytes(data)
    attributes = f"{Path(name).name[:3]}* filter=lfs diff=lfs merge=lfs -text\n"
    repository.commit({".gitattributes": attributes, **(more or {})})
    pointer = repository.git("show", f"HEAD:{name}")
    oid = next(x for x in pointer.split() if x.startswith("sha256:")).removeprefix("sha256:")
    server.blobs[oid] = data
    return data
