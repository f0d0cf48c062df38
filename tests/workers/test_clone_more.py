"""Clones of a part of a repository, and of its large files (Git LFS)."""

import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.git_large import Large, put_large
from tests.support.git_servers import PASSWORD, USER
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


@pytest.fixture
def server(tmp_path, repository, monkeypatch):  # noqa: F811
    monkeypatch.setenv("GIT_LFS_SKIP_PUSH", "1")
    made = Large(tmp_path)
    yield made
    made.stop()


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
