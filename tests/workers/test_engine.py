"""Sizes, registries and credentials as the engine wants them; no engine is needed."""

from types import SimpleNamespace
from typing import ClassVar

import pytest
from docker.errors import DockerException

from app.plugin.task import TaskFailed
from workers.runner import engine
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


class Client:
    """What an engine's client is asked for here; `answers` is set by the test."""

    answers = True
    made: ClassVar[list["Client"]] = []

    def __init__(self, base_url, timeout):
        if not Client.answers:
            raise DockerException("away")
        self.is_closed = False
        self.made.append(self)

    def ping(self):
        if not Client.answers:
            raise DockerException("away")

    def close(self):
        self.is_closed = True


@pytest.fixture
def clients(monkeypatch):
    monkeypatch.setattr(engine.docker, "DockerClient", Client)
    monkeypatch.setattr(engine, "_idle", [])
    monkeypatch.setattr(Client, "answers", True)
    monkeypatch.setattr(Client, "made", [])
    return Client.made


CTX = SimpleNamespace(settings={})


def use(host):
    with engine.connected(CTX, host) as client:
        return client


def test_a_client_is_used_again_for_its_own_engine_alone(clients):
    first = use("tcp://a")

    assert use("tcp://b") is not first
    assert use("tcp://a") is first
    assert len(clients) == 2


def test_two_at_once_have_a_client_each(clients):
    with engine.connected(CTX, "tcp://a") as one, engine.connected(CTX, "tcp://a") as two:
        assert one is not two


def test_a_client_whose_engine_went_away_is_dropped(clients):
    first = use("tcp://a")
    Client.answers = False

    with pytest.raises(TaskFailed, match="no Docker engine answers at tcp://a"):
        use("tcp://a")
    assert first.is_closed
    Client.answers = True
    assert use("tcp://a") is not first


def test_a_client_that_saw_a_failure_is_not_kept(clients):
    with (
        pytest.raises(TaskFailed, match="broken"),
        engine.connected(CTX, "tcp://a") as first,
    ):
        raise DockerException("broken")

    assert first.is_closed
    assert use("tcp://a") is not first


def test_a_process_leaves_the_clients_of_another(clients, monkeypatch):
    first = use("tcp://a")
    monkeypatch.setattr(engine.os, "getpid", lambda: -1)

    assert use("tcp://a") is not first


def test_no_more_than_a_few_are_kept(clients):
    for number in range(9):
        use(f"tcp://host-{number}")

    assert sum(not one.is_closed for one in clients) == 4
