"""S18: archives of users, unpacked into a namespace or imported as flows: all of it or nothing."""

import io
import stat
import zipfile

import pytest

from app.errors import TooLarge
from app.service import archives

LOG = "io.kestra.plugin.core.log.Log"
FLOW = "id: {}\nnamespace: team.a\ntasks: [{{id: a, type: " + LOG + ", message: a}}]\n"


def zipped(*entries, **more):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good.yml", FLOW.format("good"))
        for name, data, *mode in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = (mode[0] if mode else 0) << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def damaged():
    """The same archive with another byte in a file's content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("good.yml", FLOW.format("good"))
        archive.writestr("other.yml", FLOW.format("other"))
    whole = buffer.getvalue()
    at = whole.index(b"id: other")
    return whole[:at] + b"xx" + whole[at + 2 :]


def encrypted():
    """An archive whose second file says that it is encrypted."""
    data = bytearray(zipped(("secret.yml", FLOW.format("secret"))))
    for mark, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.rindex(mark)
        data[at + flag] |= 1
    return bytes(data)


HOSTILE = {
    "climbs": zipped(("../../up.yml", "x")),
    "absolute": zipped(("/etc/up.yml", "x\x00"), ("a/../../b.yml", "x")),
    "backslash": zipped(("..\\up.yml", "x")),
    "nothing": zipped(("./", "x"), ("..", "x")),
    "link": zipped(("link.yml", "/etc/passwd", stat.S_IFLNK | 0o777)),
    "device": zipped(("zero.yml", "", stat.S_IFCHR | 0o666)),
    "bomb": zipped(("bomb.yml", b"0" * 60_000_000)),
    "many": zipped(*[(f"f{n}.yml", "") for n in range(10_001)]),
    "damaged": damaged(),
    "encrypted": encrypted(),
    "truncated": zipped(("b.yml", "x"))[:-40],
    "no archive": b"PK\x03\x04 and nothing else",
    "empty": b"",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_of_it_stays(lite, kind):
    file = (io.BytesIO(HOSTILE[kind]), "files.zip")
    unpacked = lite.call("POST", "/namespaces/team.a/files?path=/", data={"fileContent": file})
    file = (io.BytesIO(HOSTILE[kind]), "flows.zip")
    imported = lite.call("POST", "/flows/import", data={"fileUpload": file})

    assert (unpacked.status_code, imported.status_code) in {(422, 422), (413, 413)}
    assert unpacked.get_json()["message"]
    assert lite.get("/namespaces/team.a/files/directory") == []
    assert lite.get("/flows/search")["total"] == 0


def test_a_good_archive_is_unpacked(lite):
    file = (io.BytesIO(zipped(("sub/a.txt", "hello"))), "files.zip")

    answer = lite.call("POST", "/namespaces/team.a/files?path=/", data={"fileContent": file})

    assert answer.status_code == 200
    names = {entry["fileName"] for entry in lite.get("/namespaces/team.a/files/directory")}
    assert names == {"good.yml", "sub"}


@pytest.mark.parametrize(("files", "size"), [(2, 10_000), (3, 119)])
def test_files_are_counted_and_added_up_before_one_is_read(files, size):
    stream = io.BytesIO(zipped(("a.txt", "a" * 60), ("b.txt", "b" * 60)))

    with pytest.raises(TooLarge), archives.opened(stream, most_files=files, most_bytes=size):
        pytest.fail("the archive was opened")
