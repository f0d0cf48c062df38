"""Builds for BuildKit: when they are needed, and the command that does them."""

import json
import os
import stat
import subprocess
from contextlib import suppress

import pytest
from docker.errors import NotFound

from tests.support.docker import SHELL_IMAGE, engine, shell_image
from workers.docker import buildx
from workers.docker.buildx import Wanted

FLOW = """
id: several
namespace: company.team
tasks:
  - id: build
    type: io.kestra.plugin.docker.Build
    dockerfile: |
      FROM scratch
      LABEL a=b
    tags: ["registry.example.org/app:1"]
    platforms: [linux/amd64, linux/arm64]
    credentials: {registry: registry.example.org, username: me, password: hush-hush}
    push: true
"""
#: stands where the command is: it says what it was given, as `docker` would find it
COMMAND = """#!/bin/sh
[ "$2" = version ] && exit 0
echo "given: $*"
echo "at: $DOCKER_HOST"
grep -c auths "$DOCKER_CONFIG/config.json"
while [ "$1" != --iidfile ]; do shift; done
echo sha256:abc > "$2"
"""


def wanted(tmp_path, text="FROM x\n", **more):
    (tmp_path / "Dockerfile").write_text(text)
    values = {"platforms": [], "tags": ["a:1", "b:2"], "build_args": {"K": "v w"}, "target": None}
    values |= {"labels": {"l": "1"}, "pull": True, "push": False, **more}
    return Wanted(directory=tmp_path, dockerfile="Dockerfile", **values)


@pytest.mark.parametrize(
    ("text", "platforms", "is_needed"),
    [
        ("FROM x\nRUN a\n", [], False),
        ("FROM x\nRUN a\n", ["linux/amd64"], False),
        ("FROM x\n", ["linux/amd64", "linux/arm64"], True),
        ("# syntax=docker/dockerfile:1\nFROM x\n", [], True),
        ("FROM x\nRUN --mount=type=cache,target=/c a\n", [], True),
        ("FROM x\nCOPY --link a b\n", [], True),
        ("FROM x\nRUN <<EOF\na\nEOF\n", [], True),
        ("FROM x\nrun cat > /a 2<<-'eof'\na\neof\n", [], True),
        ("FROM x\nCOPY <<EOF /a\na\nEOF\n", [], True),
        ("FROM x\nRUN echo $((1<<A)) $((1 << 2))\n", [], False),
        ("FROM x\nCOPY --from=y --chmod=755 a b\n", [], True),
        ("FROM x\nCOPY --from=y --chown=1 a b\n", [], False),
        ("FROM x\nRUN tool --mount here\n", [], False),
    ],
)
def test_buildkit_is_needed_for_several_platforms_and_for_its_own_words(
    tmp_path, text, platforms, is_needed
):
    assert buildx.is_needed(wanted(tmp_path, text, platforms=platforms)) is is_needed


def test_the_command_has_every_property(tmp_path):
    argv = buildx.arguments(wanted(tmp_path, platforms=["p/1"], target="t"), "/id")

    assert argv == [
        *("docker", "buildx", "build", "--progress", "plain", "--iidfile", "/id"),
        *("--file", "Dockerfile", "--platform", "p/1", "--pull", "--load", "--target", "t"),
        *("--build-arg", "K=v w", "--label", "l=1", "--tag", "a:1", "--tag", "b:2", "."),
    ]


def test_several_platforms_are_pushed_and_never_loaded(tmp_path):
    argv = buildx.arguments(wanted(tmp_path, platforms=["p/1", "p/2"], push=True), "/id")

    assert ("--push" in argv, "--load" in argv) == (True, False)
    assert argv[argv.index("--platform") + 1] == "p/1,p/2"


def test_the_credentials_are_in_a_private_file_and_in_no_argument(driver, tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "docker"
    command.write_text(COMMAND)
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    execution = driver.run(FLOW)

    said = driver.messages(execution)
    assert driver.state(execution) == "SUCCESS", said
    assert driver.outputs(execution, "build") == {"imageId": "sha256:abc"}
    (given,) = [line for line in said if line.startswith("given: ")]
    assert "--platform linux/amd64,linux/arm64" in given
    assert "--push" in given
    assert "1" in said
    assert "hush" not in " ".join(said)


@pytest.mark.parametrize(
    ("head", "is_told"), [("", True), ("# syntax=docker/dockerfile:1\n", False)]
)
def test_an_old_engine_that_reads_no_heredoc_is_explained(
    driver, tmp_path, monkeypatch, head, is_told
):
    command = tmp_path / "docker"
    command.write_text('#!/bin/sh\n[ "$2" = version ] && exit 0\nexit 1\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    dockerfile = json.dumps(head + "FROM x\nRUN <<EOF\na\nEOF\n")

    execution = driver.run(
        "id: old\nnamespace: company.team\ntasks:\n  - id: build\n"
        f"    type: io.kestra.plugin.docker.Build\n    dockerfile: {dockerfile}\n    tags: [a]\n"
    )

    said = " ".join(driver.messages(execution))
    assert "failed with exit code 1" in said
    assert ("begins with `# syntax=docker/dockerfile:1`" in said) is is_told


def test_without_the_command_the_reason_is_told(driver, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    execution = driver.run(FLOW)

    assert driver.state(execution) == "FAILED"
    assert "need `docker buildx`" in " ".join(driver.messages(execution))


REAL = f"""
id: real
namespace: company.team
tasks:
  - id: build
    type: io.kestra.plugin.docker.Build
    inputFiles: {{given.txt: from-the-context}}
    dockerfile: |
      FROM {SHELL_IMAGE}
      ARG NAME
      COPY given.txt /given.txt
      RUN --mount=type=cache,target=/cache echo "$NAME" > /cache/n && cp /cache/n /named.txt
    buildArgs: {{NAME: by-argument}}
    labels: {{made: here}}
    pull: false
    tags: ["trunkline-test-buildkit:1"]
  - id: run
    type: io.kestra.plugin.docker.Run
    containerImage: trunkline-test-buildkit:1
    pullPolicy: NEVER
    commands: [cat, /given.txt, /named.txt]
"""


@pytest.fixture
def client():
    made = engine()
    shell_image(made)
    if subprocess.run(["docker", "buildx", "version"], capture_output=True).returncode != 0:
        pytest.skip("`docker buildx` is not installed")
    yield made
    with suppress(NotFound):
        made.images.remove("trunkline-test-buildkit:1", force=True)
    made.close()


@pytest.mark.docker
def test_a_dockerfile_for_buildkit_is_built_by_the_real_command(driver, client):
    execution = driver.run(REAL)

    assert driver.state(execution) == "SUCCESS", "\n".join(driver.messages(execution))
    image = client.images.get("trunkline-test-buildkit:1")
    assert image.id == driver.outputs(execution, "build")["imageId"]
    assert image.labels["made"] == "here"
    said = "".join(driver.messages(execution))
    assert "from-the-context" in said
    assert "by-argument" in said
