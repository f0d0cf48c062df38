"""A publisher on a Valkey of its own."""

import subprocess
import time

import pytest
import redis

from app.cli.standalone import _server_binary as valkey_binary
from app.dispatch.celery_app import make_celery
from app.dispatch.publish import CeleryPublisher
from app.settings import Settings
from tests.support.postgres import free_port


@pytest.fixture
def publisher(tmp_path):
    port = free_port()
    command = [valkey_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL)
    ends = time.monotonic() + 20
    while True:
        try:
            redis.Redis(port=port).ping()
            break
        except redis.RedisError:
            assert time.monotonic() < ends, "the broker did not start"
            time.sleep(0.02)
    made = CeleryPublisher(make_celery(Settings(broker_url=f"redis://127.0.0.1:{port}/0")))
    yield made
    server.terminate()
    server.wait(10)
