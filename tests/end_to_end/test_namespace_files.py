"""Namespace files over the API of a real server."""

import io
import zipfile

import pytest

BASE = "/namespaces/e2e.files/files"


def put(server, path, data, name="x"):
    files = {"fileContent": (name, data)}
    return server.client.post(BASE, params={"path": path}, files=files)


def names(server, path=None):
    query = {"path": path} if path else {}
    return [e["fileName"] for e in server.client.get(f"{BASE}/directory", params=query).json()]


def test_files_are_written_listed_moved_versioned_and_deleted(server):
    put(server, "/dir/sub/a.txt", b"one").raise_for_status()
    put(server, "dir/sub/a.txt", b"two").raise_for_status()
    put(server, "/b.bin", b"\xff\x00").raise_for_status()
    server.client.post(f"{BASE}/directory", params={"path": "empty"}).raise_for_status()

    query = {"path": "/dir/sub/a.txt"}
    assert names(server) == ["dir", "empty", "b.bin"]
    assert names(server, "dir/sub") == ["a.txt"]
    assert server.client.get(BASE, params=query).content == b"two"
    assert server.client.get(BASE, params={**query, "revision": "1"}).content == b"one"
    assert server.client.get(BASE, params={"path": "b.bin"}).content == b"\xff\x00"
    stats = server.client.get(f"{BASE}/stats", params=query).json()
    assert (stats["type"], stats["size"]) == ("File", 3)
    revisions = server.client.get(f"{BASE}/revisions", params=query).json()
    assert revisions == [{"revision": 1}, {"revision": 2}]
    assert server.client.get(f"{BASE}/search", params={"q": "A.t"}).json() == ["/dir/sub/a.txt"]

    server.client.put(BASE, params={"from": "dir", "to": "moved/to"}).raise_for_status()
    assert server.client.get(BASE, params={"path": "moved/to/sub/a.txt"}).content == b"two"
    assert server.client.get(BASE, params=query).status_code == 404

    server.client.delete(BASE, params={"path": "moved"}).raise_for_status()
    assert names(server) == ["empty", "b.bin"]


def test_a_zip_goes_in_and_out_with_its_flows(server):
    base = "/namespaces/e2e.zipped/files"
    flow = "id: zipped\nnamespace: other\ntasks:\n"
    flow += "  - {id: t, type: io.kestra.plugin.core.log.Log, message: hi}\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("lib/a.py", "print()")
        archive.writestr("_flows/zipped.yml", flow)

    files = {"fileContent": ("all.zip", buffer.getvalue())}
    server.client.post(base, params={"path": "/"}, files=files).raise_for_status()
    exported = server.client.get(f"{base}/export").raise_for_status().content

    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        assert sorted(archive.namelist()) == ["_flows/zipped.yml", "lib/a.py"]
    assert server.client.get("/flows/e2e.zipped/zipped").status_code == 200


@pytest.mark.parametrize("path", ["/../x", "a/../../x", "a\\b", "a\nb", "_flows/x.yml", ""])
def test_a_path_that_leaves_the_namespace_is_refused(server, path):
    answers = [
        put(server, path, b"x"),
        server.client.get(BASE, params={"path": path}),
        server.client.delete(BASE, params={"path": path}),
        server.client.put(BASE, params={"from": path, "to": "x"}),
    ]

    assert all(answer.status_code in (404, 422) for answer in answers if path)
    assert answers[0].status_code == 422
    assert server.client.get(f"{BASE}/search", params={"q": "x.yml"}).json() == []


def test_a_zip_that_leaves_the_namespace_changes_nothing(server):
    base = "/namespaces/e2e.slip/files"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("good.txt", "x")
        archive.writestr("../evil.txt", "x")

    for data in (buffer.getvalue(), b"no zip"):
        files = {"fileContent": ("all.zip", data)}
        assert server.client.post(base, params={"path": "/"}, files=files).status_code == 422

    assert server.client.get(f"{base}/directory").json() == []
