"""A real registry of images on loopback, with a password: Debian's package `docker-registry`."""

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.postgres import free_port

USER, PASSWORD = "carrier", "keep-it-quiet"
#: the password as htpasswd's bcrypt has it
_LINE = f"{USER}:$2b$10$Bd1tUQmlaVi8w0o.uqIH2udlY0ihtX2gyGMAJyHojyfeCP3eIyvLu\n"
_CONFIG = """version: 0.1
log: {{level: info, accesslog: {{disabled: false}}}}
storage: {{filesystem: {{rootdirectory: {folder}/images}}}}
http: {{addr: "127.0.0.1:{port}", secret: only-of-a-test}}
auth: {{htpasswd: {{realm: test, path: {folder}/htpasswd}}}}
"""


class Registry:
    """One server; the engine takes loopback for safe without TLS."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("docker-registry")
        if program is None:
            if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
                pytest.fail("docker-registry is required here and is not installed")
            pytest.skip("docker-registry is not installed")
        port = free_port()
        self.host, self.log = f"127.0.0.1:{port}", folder / "log"
        (folder / "htpasswd").write_text(_LINE, encoding="ascii")
        config = folder / "config.yml"
        config.write_text(_CONFIG.format(folder=folder, port=port), encoding="ascii")
        with self.log.open("wb") as log:
            command = [program, "serve", str(config)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        ends = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < ends, self.log.read_text("utf-8")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://{self.host}/v2/", verify=False).status_code == 401
        except httpx.HTTPError:
            return False

    def tags(self, name: str) -> Any:
        """The tags of an image that was pushed; none where there is no such image."""
        url = f"http://{self.host}/v2/{name}/tags/list"
        return httpx.get(url, auth=(USER, PASSWORD), verify=False).json().get("tags") or []

    def asked_for(self, name: str) -> int:
        """How many requests named an image."""
        return self.log.read_text("utf-8", "replace").count(f"/v2/{name}/")

    def stop(self) -> None:
        """Stops the server; its folder is the test's."""
        self.process.terminate()
        self.process.wait(30)
