"""Builds that the engine's own builder cannot do: by `docker buildx`, where it is installed."""

import base64
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.runner import engine, process
from workers.runner.confine import environ

_FLAGS = "mount|network|security|link|chmod|parents|exclude|checksum|keep-git-dir|unpack"
_SYNTAX = re.compile(r"^#\s*syntax\s*=", re.MULTILINE | re.IGNORECASE)
_HEREDOCS = re.compile(
    r"^[ \t]*(?:RUN|COPY|ADD)\s(?:.*\s)?\d*<<-?[\"']?[A-Za-z_]", re.MULTILINE | re.IGNORECASE
)
_OPTIONS = re.compile(
    rf"^[ \t]*(?:RUN|COPY|ADD)\s+(?:--\S+\s+)*--(?:{_FLAGS})\b", re.MULTILINE | re.IGNORECASE
)
_NEEDS = (_SYNTAX, _HEREDOCS, _OPTIONS)
_FRONTEND = "# syntax=docker/dockerfile:1"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be built; `directory` is the context, `dockerfile` a path in it."""

    directory: Path
    dockerfile: str
    tags: Sequence[str]
    platforms: Sequence[str]
    pull: bool
    push: bool
    build_args: Mapping[str, str]
    labels: Mapping[str, str]
    target: str | None


def is_needed(wanted: Wanted) -> bool:
    """Several platforms, or a Dockerfile with what only BuildKit knows."""
    if len(wanted.platforms) > 1:
        return True
    text = _text(wanted)
    return any(part.search(text) for part in _NEEDS)


def _text(wanted: Wanted) -> str:
    path = wanted.directory / wanted.dockerfile
    return path.read_text("utf-8", errors="replace") if path.is_file() else ""


def _advice(wanted: Wanted) -> str:
    """What may help: an engine's own reader of Dockerfiles is as old as the engine."""
    text = _text(wanted)
    if _SYNTAX.search(text) or not _HEREDOCS.search(text):
        return ""
    return (
        "; an engine before version 23 reads `<<` only where the Dockerfile begins with "
        f"`{_FRONTEND}`"
    )


def build(ctx: RunContext, host: str, wanted: Wanted, login: Mapping[str, str] | None) -> str:
    """Builds, and pushes where that is asked for; the image's id. Raises TaskFailed."""
    _check_installed()
    with _login_folder(login) as folder:
        env = environ(ctx.settings, {"DOCKER_HOST": host, "DOCKER_CONFIG": str(folder)})
        written = folder / "image-id"
        argv = arguments(wanted, str(written))
        code = process.run(
            argv, wanted.directory, env, lambda _stream, line: ctx.log.info("%s", line), ctx.lease
        )
        if code != 0:
            raise TaskFailed(f"`docker buildx build` failed with exit code {code}{_advice(wanted)}")
        return written.read_text(encoding="ascii").strip()


def arguments(wanted: Wanted, id_file: str) -> list[str]:
    """The command. Images for several platforms fit into no local store: they are only pushed."""
    argv = ["docker", "buildx", "build", "--progress", "plain", "--iidfile", id_file]
    argv += ["--file", wanted.dockerfile]
    if wanted.platforms:
        argv += ["--platform", ",".join(wanted.platforms)]
    argv += ["--pull"] if wanted.pull else []
    argv += ["--push"] if wanted.push else ["--load"] if len(wanted.platforms) < 2 else []
    argv += ["--target", wanted.target] if wanted.target else []
    for flag, values in (("--build-arg", wanted.build_args), ("--label", wanted.labels)):
        for name, value in values.items():
            argv += [flag, f"{name}={value}"]
    for tag in wanted.tags:
        argv += ["--tag", tag]
    return [*argv, "."]


def _check_installed() -> None:
    command = shutil.which("docker")
    asked = [command or "docker", "buildx", "version"]
    if command is None or subprocess.run(asked, capture_output=True, check=False).returncode != 0:
        raise TaskFailed(
            "several platforms, and Dockerfiles for BuildKit, need `docker buildx`, which is not "
            "installed on this worker",
            is_final=True,
        )


@contextmanager
def _login_folder(login: Mapping[str, str] | None) -> Iterator[Path]:
    """A private folder with the command's configuration, outside of the working directory."""
    with tempfile.TemporaryDirectory(prefix="trunkline-docker-") as name:
        auth = engine.auth_of(login)
        if auth:
            pair = f"{auth.get('username', '')}:{auth.get('password', '')}"
            registry = auth.get("serveraddress") or "https://index.docker.io/v1/"
            entry = {"auth": base64.b64encode(pair.encode()).decode()}
            config = Path(name) / "config.json"
            config.touch(mode=0o600)
            config.write_text(json.dumps({"auths": {registry: entry}}), encoding="utf-8")
        yield Path(name)
