"""Sizes, registries and credentials as the engine wants them; no engine is needed."""

import pytest

from app.plugin.task import TaskFailed
from workers.runner.engine import auth_of, full_name, registry_host, size_of


@pytest.mark.parametrize(
    ("text", "size"),
    [("512MB", 512 << 20), ("512Mb", 512 << 20), ("0.5GB", 1 << 29), ("6m", 6 << 20), ("7", 7)],
)
def test_a_size_is_read(text, size):
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["", "x", "5XB", "-1m", "1e3"])
def test_a_wrong_size_is_refused(text):
    with pytest.raises(TaskFailed, match="Invalid size with value"):
        size_of(text)


@pytest.mark.parametrize(
    ("registry", "host"),
    [
        (None, ""),
        ("  ", ""),
        ("docker.io", ""),
        ("https://index.docker.io/v1/", ""),
        ("https://ghcr.io/v2/", "ghcr.io"),
        ("localhost:5000", "localhost:5000"),
    ],
)
def test_a_registry_is_its_host(registry, host):
    assert registry_host(registry) == host


def test_an_image_gets_its_registry_once():
    login = {"registry": "ghcr.io", "username": "u", "password": "p"}

    assert full_name("a/b:1", login) == "ghcr.io/a/b:1"
    assert full_name("ghcr.io/a/b:1", login) == "ghcr.io/a/b:1"
    assert auth_of(login) == {"username": "u", "password": "p", "serveraddress": "ghcr.io"}
    assert auth_of(None) is None
