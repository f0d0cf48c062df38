"""An S3 service on this machine, and buckets in it."""

import socket
import uuid
from collections.abc import Iterator

import pytest


def service() -> Iterator[str]:
    """The address of a service, for as long as a fixture lives."""
    moto = pytest.importorskip("moto.server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def new_bucket(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a folder in a bucket of its own; the environment says where the service is."""
    boto3 = pytest.importorskip("botocore.session")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    bucket = f"trunkline-{uuid.uuid4().hex[:12]}"
    boto3.Session().create_client("s3", endpoint_url=address).create_bucket(Bucket=bucket)
    return f"s3://{bucket}/folder"
