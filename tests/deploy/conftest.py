"""A stack that the tests of this folder share: bringing one up is what takes time."""

import os
import shutil

import pytest

from tests.deploy import standins
from tests.deploy.stack import PROJECT, ROOT, SECRETS, Stack, run
from tests.support.docker import engine


@pytest.fixture(scope="package")
def stack(tmp_path_factory):
    engine()
    for tool in ("docker-compose", "debootstrap"):
        if shutil.which(tool) is None:
            if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
                pytest.fail(f"{tool} is required here and is not installed")
            pytest.skip(f"{tool} is not installed")
    standins.build()
    standins.fill_wheels(ROOT / "wheels")
    run("docker", "build", "-q", "-f", "deploy/docker/Dockerfile", "-t", "trunkline:test", ".")
    run("python3", "deploy/docker/make_secrets.py")
    made = Stack(SECRETS, tmp_path_factory.mktemp("repositories"))
    try:
        made.up()
        made.keep_token()
        yield made
    finally:
        made.remove()
    for kind in (("ps", "-a"), ("volume", "ls"), ("network", "ls")):
        label = f"label=com.docker.compose.project={PROJECT}"
        assert run("docker", *kind, "-q", "--filter", label) == "", kind
