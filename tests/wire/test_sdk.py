"""The released Python SDK 2.x and 1.x, unmodified, on a real server: each feature a named check.

The checks are in `sdk/`; one run of the client does them all. What it answers of every public
method is the table of docs/clients.md, which `TRUNKLINE_WRITE=1` writes anew.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
FOLDER = Path(__file__).with_name("sdk")
PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
RELEASES = {"1": "kestrapy==1.3.1", "2": "kestrapy==2.0.3"}
_FOUND = re.compile(r"^( *)def check_(\w+)", re.MULTILINE)
#: those that are indented need a room or a method that came with 2.x
CHECKS = [
    (release, name)
    for release in RELEASES
    for file in sorted(FOLDER.glob("*_checks.py"))
    for indent, name in _FOUND.findall(file.read_text())
    if release == "2" or not indent
]
_ran = {}


def outcome(server, release):
    """What the checks say of a release; they run once for all tests."""
    if release not in _ran:
        _ran[release] = run(server, RELEASES[release])
    return _ran[release]


def run(server, package):
    uv = Path(sys.executable).with_name("uv")
    uv = uv if uv.exists() else shutil.which("uv")
    # the package needs `regex` and does not say so
    command = [str(uv), "run", "-q", "--no-project", "--isolated", "--with", package]
    command += ["--with", "regex", "python", "-W", "ignore", str(FOLDER)]
    environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run(
        [*command, server.url, "admin@example.org", "correct horse"],
        capture_output=True, text=True, timeout=600, env=environ, check=False,
    )  # fmt: skip

    if "Failed to fetch" in done.stderr and not os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
        pytest.skip("the package registry cannot be reached")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("release", "feature"), CHECKS)
def test_the_sdk_works_unmodified(server, release, feature):
    wrong = outcome(server, release)["wrong"][f"check_{feature}"]

    assert wrong is None, wrong


def row(room, methods, called, told):
    """A line of the table: what a room's methods are to a caller of this server."""
    parts = [[], [], []]
    for name in methods:
        place = 0 if name in called else 1 if name in told else 2
        parts[place].append(name.partition(".")[2])
    if not parts[0] and not parts[1]:
        return f"| `{room}` | | | all {len(methods)} |"
    return f"| `{room}` | " + " | ".join(", ".join(part) for part in parts) + " |"


@pytest.mark.parametrize("release", RELEASES)
def test_the_page_tells_of_every_method_what_the_server_makes_of_it(server, release):
    found = outcome(server, release)
    called, told = (
        {name for names in found[kind].values() for name in names} for kind in ("called", "told")
    )
    rooms = {}
    for name in found["methods"]:
        rooms.setdefault(name.partition(".")[0], []).append(name)
    table = "\n".join(row(room, methods, called, told) for room, methods in rooms.items())
    before, start, rest = PAGE.read_text(encoding="utf-8").partition(f"<!-- {release}.x -->\n")
    stands, end, after = rest.partition("\n<!-- end -->")

    assert start
    assert end
    if os.environ.get("TRUNKLINE_WRITE"):
        PAGE.write_text(before + start + table + end + after, encoding="utf-8")
    else:
        assert stands.split("\n") == table.split("\n")
