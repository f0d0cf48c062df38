"""An API of its own on the real server, with passwords and little patience."""

import pytest

from tests.api.conftest import api, lite  # noqa: F401 - fixtures
from tests.faults.cluster import Broker, Cluster

USER, PASSWORD = "admin@example.org", "correct horse"
READ_S = 2.0


@pytest.fixture(scope="package")
def lone(tmp_path_factory):
    """A cluster of which only the broker and the API run; its client is logged in."""
    folder = tmp_path_factory.mktemp("lone")
    broker = Broker(folder / "broker")
    made = Cluster(
        folder,
        f"sqlite:///{folder / 'lone.db'}",
        broker,
        AUTH_ENABLED="true",
        ADMIN_USERNAME=USER,
        ADMIN_PASSWORD=PASSWORD,
        API_READ_S=str(READ_S),
    )
    try:
        made.api()
        made.client.auth = (USER, PASSWORD)
        yield made
    finally:
        made.stop()
