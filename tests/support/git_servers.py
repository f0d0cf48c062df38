"""Real Git servers: HTTP with a password (git http-backend), SSH (sshd)."""

import base64
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.postgres import free_port
from tests.support.repository import run

USER, PASSWORD = "hook", "a-token-nobody-may-see"


class GitHttp:
    """Serves every bare repository of a folder; counts requests, may be told to be away."""

    def __init__(
        self,
        folder: Path,
        address: tuple[str, int] = ("127.0.0.1", 0),
        *,
        is_open: bool = False,
    ) -> None:
        self.folder, self.is_away, self.is_open = folder, False, is_open
        self.moved_to = ""  #: another server that every request is sent to
        self.seen: list[str | None] = []  #: how each request authenticated
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._serve(self)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(address, Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{name}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _serve(self, handler: Any) -> None:
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        given = handler.headers.get("Authorization")
        self.seen.append(given)
        if self.is_away or not (self.is_open or given == expected):
            handler.send_response(503 if self.is_away else 401)
            handler.send_header("WWW-Authenticate", 'Basic realm="git"')
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        if self.moved_to:
            handler.send_response(302)
            handler.send_header("Location", self.moved_to + handler.path)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        path, _, query = handler.path.partition("?")
        size = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(size) if size else _chunks(handler)
        environ = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": handler.command,
            "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
            "REMOTE_USER": USER,
        }
        done = subprocess.run(
            ["git", "-c", "http.receivepack=true", "http-backend"],
            input=body, env=environ, capture_output=True, check=False,
        )  # fmt: skip
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        status = 200
        headers = []
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            elif name:
                headers.append((name, value))
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)


def _chunks(handler: Any) -> bytes:
    if handler.headers.get("Transfer-Encoding") != "chunked":
        return b""
    body = b""
    while size := int(handler.rfile.readline().strip() or b"0", 16):
        body += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return body


class GitSsh:
    """An sshd of its own with one host key and one allowed user key."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("host", "user", "other"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
        shutil.copy(folder / "user.pub", folder / "authorized")
        config = folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\n"
            f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nPidFile none\n"
            "PasswordAuthentication no\nUsePAM no\nPermitRootLogin yes\n"
        )
        Path("/run/sshd").mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [str(shutil.which("sshd")), "-D", "-e", "-f", str(config)],
            stderr=(folder / "log").open("wb"),
        )

    @property
    def key(self) -> str:
        return (self.folder / "user").read_text()

    def known_hosts(self, name: str = "host") -> str:
        words = (self.folder / f"{name}.pub").read_text().split()
        return f"[127.0.0.1]:{self.port} {words[0]} {words[1]}"

    @property
    def fingerprint(self) -> str:
        """As a host publishes it: `SHA256:…`."""
        return run("ssh-keygen", "-l", "-f", str(self.folder / "host.pub")).split()[1]

    def url(self, path: Path) -> str:
        user = os.environ.get("USER") or "root"
        return f"ssh://{user}@127.0.0.1:{self.port}{path}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


if __name__ == "__main__":  # a host within a stack of containers: FOLDER PORT
    GitHttp(Path(sys.argv[1]), ("0.0.0.0", int(sys.argv[2])))
    threading.Event().wait()
