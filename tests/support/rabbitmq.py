"""A real RabbitMQ node of our own, on loopback and free ports."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.postgres import free_port

BINARIES = Path("/usr/lib/rabbitmq/bin")


def is_installed() -> bool:
    """Whether a node can be started here."""
    return (BINARIES / "rabbitmq-server").exists() and shutil.which("erl") is not None


def started(folder: Path, tls: "Tls | None" = None, **configured: object) -> "RabbitServer":
    """A node; without RabbitMQ the test is skipped, or fails where everything must be there."""
    if not is_installed():
        if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
            pytest.fail("RabbitMQ is required here and is not installed")
        pytest.skip("RabbitMQ is not installed")
    return RabbitServer(folder, tls, **configured)


@dataclass(frozen=True)
class Tls:
    """A node that speaks TLS alone, and knows one user, `trunkline`."""

    authority: Path
    certificate: Path
    key: Path
    password: str

    def configure(self, port: int) -> str:
        """The node's configuration."""
        lines = {
            "listeners.tcp": "none",
            "listeners.ssl.1": f"127.0.0.1:{port}",
            "ssl_options.cacertfile": self.authority,
            "ssl_options.certfile": self.certificate,
            "ssl_options.keyfile": self.key,
            "default_user": "trunkline",
            "default_pass": self.password,
        }
        return "".join(f"{name} = {value}\n" for name, value in lines.items())


class RabbitServer:
    """One node with a data folder of its own; `kill` and `start` are a crash and what follows."""

    def __init__(self, folder: Path, tls: Tls | None = None, **configured: object) -> None:
        """`configured`: variables of the node's application `rabbit`."""
        self.folder, self.port = folder, free_port()
        folder.mkdir(parents=True, exist_ok=True)
        plugins = folder / "enabled_plugins"
        plugins.write_text("[].", encoding="ascii")
        variables = "".join(f" -rabbit {name} {value}" for name, value in configured.items())
        self.environ = {
            **os.environ,
            "HOME": str(folder),
            "RABBITMQ_NODENAME": f"trunkline{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}"
            + variables,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(free_port()),
            "ERL_CRASH_DUMP": str(folder / "erl_crash.dump"),
        }
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        if tls is None:
            self.environ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1"
            self.environ["RABBITMQ_NODE_PORT"] = str(self.port)
        else:
            (folder / "rabbitmq.conf").write_text(tls.configure(self.port), encoding="ascii")
            self.environ["RABBITMQ_CONFIG_FILE"] = str(folder / "rabbitmq.conf")
            self.url = f"amqps://trunkline:{tls.password}@127.0.0.1:{self.port}//"
            self.url += f"?ssl_ca_certs={tls.authority}"
        self.start()

    def start(self) -> None:
        """Starts the node, with the data it had; returns when it answers."""
        out = (self.folder / "out").open("ab")
        command = [str(BINARIES / "rabbitmq-server")]
        self.popen = subprocess.Popen(
            command, env=self.environ, stdout=out, stderr=out, start_new_session=True
        )
        ends = time.monotonic() + 120
        while not self.answers():
            assert time.monotonic() < ends, (self.folder / "out").read_text()
            time.sleep(0.5)

    def answers(self) -> bool:
        """Whether the node is up and takes connections."""
        return self._run("rabbitmq-diagnostics", "-q", "check_port_connectivity") == 0

    def kill(self) -> None:
        """kill -9 of the node."""
        os.killpg(self.popen.pid, 9)
        self.popen.wait(30)

    def may_use(self, part: float) -> None:
        """Of the machine's memory; 0: the node takes nothing from those who publish."""
        assert self._run("rabbitmqctl", "set_vm_memory_high_watermark", str(part)) == 0

    def stop(self) -> None:
        """Stops the node and the port mapper that it started."""
        self.kill()
        subprocess.run(["epmd", "-kill"], env=self.environ, capture_output=True, check=False)

    def _run(self, name: str, *arguments: str) -> int:
        command = [str(BINARIES / name), *arguments]
        return subprocess.run(
            command, env=self.environ, capture_output=True, check=False
        ).returncode
