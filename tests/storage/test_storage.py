"""Local disk and S3 keep the same promises."""

import io

import pytest

from app.errors import Invalid
from app.storage.storage import LocalStorage, open_storage
from tests.storage.contract import StorageContract
from tests.support.s3 import new_bucket


@pytest.mark.parametrize("scheme", ["gcs", "nope"])  # a library that is not there, and none at all
def test_a_store_that_cannot_be_opened_here_is_refused_by_the_name_of_its_setting(scheme):
    with pytest.raises(Invalid, match=f"`storage_url`: {scheme}://"):
        open_storage(f"{scheme}://bucket/files")


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


class TestS3Storage(StorageContract):
    @pytest.fixture
    def storage(self, s3, monkeypatch):
        return open_storage(new_bucket(s3, monkeypatch))
