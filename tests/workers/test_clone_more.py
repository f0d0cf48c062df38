"""Clones of a part of a repository, and of its large files (Git LFS)."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.git_servers import PASSWORD, USER, GitHttp
from tests.support.repository import run
from tests.workers.test_clone import clone, driver, repository  # noqa: F401

needs_lfs = pytest.mark.skipif(shutil.which("git-lfs") is None, reason="git-lfs is not installed")
FILES = {"root.txt": "root\n", "a/in.txt": "in\n", "a/b/deep.txt": "deep\n", "c/out.txt": "out\n"}


def test_only_the_chosen_folders_are_checked_out(driver, repository):  # noqa: F811
    repository.commit(FILES)

    state, log, _ = clone(driver, f"url: {repository.url}", "sparsePaths: ['a/b', '{{ \"x\" }}']")

    assert state == "SUCCESS", log
    assert "root\n" in log + "\n"
    tree = log.splitlines()
    assert "a" in tree
    assert "c" not in tree


@pytest.mark.parametrize("path", ["../outside", "a/../../b"])
def test_a_sparse_path_stays_in_the_repository(driver, repository, path):  # noqa: F811
    state, log, _ = clone(driver, f"url: {repository.url}", f"sparsePaths: ['{path}']")

    assert state == "FAILED"
    assert "`sparsePaths`" in log


class Large(GitHttp):
    """A Git server that has the files of LFS too; keeps how each of them was asked for."""

    def __init__(self, folder):
        super().__init__(folder)
        self.blobs, self.lfs = {}, []

    def _serve(self, handler):
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

    def _answer(self, path, body):
        if "/blob/" in path:
            return self.blobs[path.rpartition("/")[2]]
        objects = []
        for wanted in json.loads(body)["objects"]:
            href = self.url(f"blob/{wanted['oid']}")
            header = {"Authorization": "Basic by-the-server"}
            actions = {"download": {"href": href, "header": header}}
            objects.append({**wanted, "authenticated": True, "actions": actions})
        return json.dumps({"transfer": "basic", "objects": objects}).encode()


@pytest.fixture
def server(tmp_path, repository, monkeypatch):  # noqa: F811
    monkeypatch.setenv("GIT_LFS_SKIP_PUSH", "1")
    made = Large(tmp_path)
    yield made
    made.stop()


def put_large(repository, server, more=None):  # noqa: F811
    """Commits a pointer; its bytes are known to the server alone."""
    data = b"large file\n" * 10
    run("git", "-C", str(repository.tree), "lfs", "install", "--local", "--skip-repo")
    (repository.tree / "big.txt").write_bytes(data)
    repository.commit(
        {".gitattributes": "big.txt filter=lfs diff=lfs merge=lfs -text\n", **(more or {})}
    )
    pointer = repository.git("show", "HEAD:big.txt")
    oid = next(x for x in pointer.split() if x.startswith("sha256:")).removeprefix("sha256:")
    server.blobs[oid] = data


def lines(server, *more):
    login = [f"username: {USER}", "password: \"{{ secret('GIT') }}\""]
    return [f"url: {server.url('remote.git')}", *login, *more]


@needs_lfs
def test_large_files_come_with_the_task_s_credentials(driver, repository, server):  # noqa: F811
    put_large(repository, server)

    state, log, _ = clone(driver, *lines(server, "lfs: true"))

    assert state == "SUCCESS", log
    assert PASSWORD not in log
    assert any(given and given.startswith("Basic ") for _, given in server.lfs)
    assert "M big.txt" not in log
    assert log.count("large file") == 10
    assert any("/blob/" in path for path, _ in server.lfs)


@needs_lfs
def test_without_lfs_the_pointer_stays(driver, repository, server):  # noqa: F811
    put_large(repository, server)

    state, log, _ = clone(driver, *lines(server))

    assert state == "SUCCESS"
    assert "version https://git-lfs" in log
    assert server.lfs == []


@needs_lfs
def test_a_repository_cannot_send_lfs_to_another_host(driver, repository, server):  # noqa: F811
    asked = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)

        do_GET = do_POST

        def log_message(self, *_):
            pass

    other = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    there = f"http://127.0.0.1:{other.server_port}/x"
    put_large(repository, server, {".lfsconfig": f"[lfs]\n\turl = {there}\n"})

    state, log, _ = clone(driver, *lines(server, "lfs: true"))
    other.shutdown()
    other.server_close()

    assert state == "SUCCESS", log
    assert asked == []


def test_a_worker_without_git_lfs_says_so(driver, repository, tmp_path):  # noqa: F811
    only = tmp_path / "bin"
    only.mkdir()
    for name in ("git", "sh", "ssh"):
        (only / name).symlink_to(shutil.which(name))
    environ = {**driver.rt.environ, "PATH": str(only), "GIT_EXEC_PATH": str(only)}
    object.__setattr__(driver.rt, "environ", environ)

    state, log, _ = clone(driver, f"url: {repository.url}", "lfs: true")

    assert state == "FAILED"
    assert "needs git-lfs" in log
