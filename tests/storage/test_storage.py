"""Local disk and S3 keep the same promises."""

import io
import os
import socket
import uuid
from collections.abc import Iterator

import pytest

from app.storage.storage import LocalStorage, open_storage
from tests.storage.contract import StorageContract

boto3 = pytest.importorskip("botocore.session")


class TestLocalStorage(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path):
        return LocalStorage(tmp_path / "stored")

    def test_nobody_else_may_look_in(self, tmp_path):
        LocalStorage(tmp_path / "stored")

        assert (tmp_path / "stored").stat().st_mode & 0o077 == 0

    def test_workers_of_the_same_group_read_each_other_s_files(self, storage):
        storage.put("/a/b.txt", io.BytesIO(b"x"))

        assert (storage.root / "a" / "b.txt").stat().st_mode & 0o777 == 0o660


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 service on this machine."""
    moto = pytest.importorskip("moto.server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


class TestS3Storage(StorageContract):
    @pytest.fixture
    def storage(self, s3, monkeypatch):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3)
        bucket = f"trunkline-{uuid.uuid4().hex[:12]}"
        client = boto3.Session().create_client("s3", endpoint_url=s3)
        client.create_bucket(Bucket=bucket)
        assert os.environ["AWS_ENDPOINT_URL"]
        return open_storage(f"s3://{bucket}/folder")
