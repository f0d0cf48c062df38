"""A real PostgreSQL server of our own, on a free port."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg


def find_binaries() -> Path | None:
    """The folder of initdb and pg_ctl; None when PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    path = shutil.which("initdb")
    return Path(path).parent if path else None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class PostgresServer:
    """Started once for a test process; makes a database for each test."""

    def __init__(self, binaries: Path, *, durable: bool = False) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="trunkline-pg-"))
        self.port = free_port()
        self._count, self.durable = 0, durable
        self._as = "postgres" if os.geteuid() == 0 else None
        if self._as:
            owner = pwd.getpwnam(self._as)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        data = self.folder / "data"
        self._run("initdb", "-D", str(data), "-U", "trunkline", "-A", "trust", "--no-sync")
        self._start()

    def _start(self) -> None:
        data = self.folder / "data"
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        if not self.durable:  # nobody cuts the power of these databases
            options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        log = self.folder / "log"
        self._run("pg_ctl", "-D", str(data), "-l", str(log), "-w", "-o", options, "start")

    def _run(self, name: str, *arguments: str) -> None:
        command = [str(self.binaries / name), *arguments]
        if self._as:
            command = ["runuser", "-u", self._as, "--", *command]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)

    def new_database(self, template: str | None = None) -> str:
        """The URL of a database: empty, or a copy of one that nobody is connected to."""
        self._count += 1
        name = f"test_{self._count}_{time.monotonic_ns()}"
        url = f"postgresql://trunkline@127.0.0.1:{self.port}"
        with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
            source = f" template {template.rpartition('/')[2]}" if template else ""
            connection.execute(f"create database {name}{source}")
        return f"{url}/{name}"

    def demand_tls(self, certificate: Path, key: Path, password: str) -> None:
        """From now on only TLS connections with a password are let in."""
        data = self.folder / "data"
        with psycopg.connect(
            f"postgresql://trunkline@127.0.0.1:{self.port}/postgres", autocommit=True
        ) as connection:
            connection.execute(f"alter user trunkline password '{password}'")
        for source, name in ((certificate, "server.crt"), (key, "server.key")):
            target = data / name
            target.write_bytes(source.read_bytes())
            target.chmod(0o600)
            if self._as:
                owner = pwd.getpwnam(self._as)
                os.chown(target, owner.pw_uid, owner.pw_gid)
        with (data / "postgresql.conf").open("a", encoding="ascii") as file:
            file.write("\nssl = on\n")
        rules = "hostssl all all 127.0.0.1/32 scram-sha-256\n"
        (data / "pg_hba.conf").write_text(rules, encoding="ascii")
        self.restart()

    def restart(self) -> None:
        """Cuts every connection, stops, starts again: what an upgrade of the server does."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "fast", "-w", "stop")
        self._start()

    def stop(self) -> None:
        """Stops the server and removes its data."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
