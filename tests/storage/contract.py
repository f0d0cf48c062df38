"""What every storage promises."""

import io
import threading

import pytest

from app.errors import Invalid
from app.storage.storage import Storage, StoredFileNotFound


class StorageContract:
    """Inherited by the tests of each storage, which give the fixture `storage`."""

    @pytest.fixture
    def storage(self) -> Storage:
        raise NotImplementedError

    def test_what_was_put_can_be_opened(self, storage):
        uri = storage.put("/a/b.txt", io.BytesIO(b"data"))

        assert uri == "kestra:///a/b.txt"
        assert storage.open(uri).read() == b"data"
        assert storage.size(uri) == 4
        assert storage.exists(uri)

    def test_a_second_put_replaces_the_first(self, storage):
        storage.put("/a", io.BytesIO(b"long first"))
        uri = storage.put("/a", io.BytesIO(b"2"))

        assert storage.open(uri).read() == b"2"

    def test_an_empty_file_is_a_file(self, storage):
        uri = storage.put("/empty", io.BytesIO(b""))

        assert storage.exists(uri)
        assert storage.open(uri).read() == b""

    def test_what_is_not_there_is_said_to_be_absent(self, storage):
        uri = "kestra:///none/here"

        assert not storage.exists(uri)
        assert not storage.delete(uri)
        for ask in (storage.size, lambda u: storage.open(u).read()):
            with pytest.raises(StoredFileNotFound):
                ask(uri)

    def test_a_deleted_file_is_gone(self, storage):
        uri = storage.put("/a", io.BytesIO(b"x"))

        assert storage.delete(uri)
        assert not storage.exists(uri)

    def test_every_file_is_below_no_folder(self, storage):
        for name in ("a/one", "b/c/two", "three"):
            storage.put(name, io.BytesIO(b"x"))

        assert sorted(storage.list("")) == [
            "kestra:///a/one",
            "kestra:///b/c/two",
            "kestra:///three",
        ]

    def test_a_folder_is_listed_and_deleted_as_a_whole(self, storage):
        for name in ("f/a", "f/deep/b", "f/deep/c", "other/d", "f2/e"):
            storage.put("/" + name, io.BytesIO(b"x"))

        assert list(storage.list("/f")) == [
            "kestra:///f/a",
            "kestra:///f/deep/b",
            "kestra:///f/deep/c",
        ]
        assert storage.delete_prefix("/f") == 3
        assert list(storage.list("/f")) == []
        assert storage.exists("kestra:///other/d")
        assert storage.exists("kestra:///f2/e")

    @pytest.mark.parametrize("name", ["Ünï cöde.txt", "a b/c+d.txt", "x%20y", "semi;colon&and"])
    def test_any_name_is_kept(self, storage, name):
        uri = storage.put(f"/names/{name}", io.BytesIO(b"x"))

        assert storage.open(uri).read() == b"x"
        assert list(storage.list("/names")) == [uri]

    @pytest.mark.parametrize(
        "name", ["../x", "/a/../../x", "a\\b", "a\x00b", "", "/", "kestra://x"]
    )
    def test_a_path_that_leaves_the_storage_is_refused(self, storage, name):
        with pytest.raises(Invalid):
            storage.put(name, io.BytesIO(b"x"))

    def test_a_stream_that_breaks_leaves_nothing(self, storage):
        class Broken(io.RawIOBase):
            def __init__(self):
                self.parts = [b"x" * 100]

            def readable(self):
                return True

            def read(self, size=-1):
                if self.parts:
                    return self.parts.pop()
                raise ConnectionError("gone")

        with pytest.raises(ConnectionError):
            storage.put("/broken", Broken())

        assert not storage.exists("kestra:///broken")
        assert list(storage.list("/broken")) == []

    def test_large_files_go_through_in_parts(self, storage):
        size = 24 << 20

        class Endless(io.RawIOBase):
            left = size

            def readable(self):
                return True

            def read(self, count=-1):
                assert 0 < count <= 16 << 20, "the whole stream was asked for at once"
                part = min(count, self.left)
                self.left -= part
                return b"z" * part

        uri = storage.put("/large", Endless())

        assert storage.size(uri) == size
        with storage.open(uri) as stream:
            assert stream.read(1 << 20) == b"z" * (1 << 20)

    def test_a_reader_never_sees_two_versions_mixed(self, storage):
        uri = storage.put("/v", io.BytesIO(b"a" * 100_000))
        seen = set()

        def read():
            for _ in range(15):
                try:
                    with storage.open(uri) as stream:
                        data = stream.read()
                except OSError:
                    continue  # it was replaced meanwhile, and the storage says so
                seen.add((len(data), data[:1], data[-1:]))

        reader = threading.Thread(target=read)
        reader.start()
        for n in range(15):
            storage.put("/v", io.BytesIO(b"ab"[n % 2 : n % 2 + 1] * 100_000))
        reader.join(30)

        assert seen
        assert seen <= {(100_000, b"a", b"a"), (100_000, b"b", b"b")}
