"""Uploads: larger than what fits into memory, and what is said when one has no room."""

import tempfile

import pytest

from app.api.app import create_app
from app.storage.storage import LocalStorage
from tests.support.disks import small_disk

TAKES = """
id: takes
namespace: team.a
inputs: [{id: file, type: FILE}]
tasks: [{id: log, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.file }}"}]
"""
MB = 1_000_000


@pytest.fixture
def tiny(tmp_path):
    """A file system of 4 MB."""
    with small_disk(tmp_path / "tiny", 4) as folder:
        yield folder


def send(api, size, part='"file"; filename="big.bin"'):
    """The body as it is: the client of the tests would write a form to a file of its own."""
    head = f"--x\r\nContent-Disposition: form-data; name={part}\r\n\r\n".encode()
    body = head + b"x" * size + b"\r\n--x--\r\n"
    path = "/executions/team.a/takes"
    return api.call("POST", path, data=body, content_type="multipart/form-data; boundary=x")


def told(answer, status):
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()["message"]


def change(api, storage=None, **settings):
    rt = api.driver.rt
    object.__setattr__(rt, "settings", rt.settings.model_copy(update=settings))
    object.__setattr__(rt, "storage", storage or rt.storage)
    api.client = create_app(rt).test_client()


@pytest.fixture
def takes(api):
    assert api.call("POST", "/flows", data=TAKES).status_code == 200
    return api


def test_an_upload_that_fits_the_temporary_folder_is_stored_whole(takes, tiny, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tiny))

    started = send(takes, 3 * MB).get_json()

    shown = takes.get(f"/executions/{started['id']}")
    assert takes.driver.rt.storage.size(shown["inputs"]["file"]) == 3 * MB


def test_an_upload_that_is_larger_than_the_temporary_folder_is_told_so(takes, tiny, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tiny))

    assert "TMPDIR" in told(send(takes, 6 * MB), 507)
    monkeypatch.undo()
    assert send(takes, 6 * MB).status_code == 200


def test_an_upload_that_the_storage_has_no_room_for_is_told_so(takes, tiny):
    change(takes, LocalStorage(tiny / "stored"))

    assert "storage_url" in told(send(takes, 6 * MB), 507)
    assert list((tiny / "stored").rglob("*.writing-*")) == []
    assert send(takes, MB).status_code == 200


def test_a_limit_that_a_body_passes_is_named_by_its_setting(takes):
    change(takes, max_upload_bytes=100_000, max_body_bytes=1_000)

    assert "100000 bytes (max_upload_bytes)" in told(send(takes, MB), 413)
    assert "max_body_bytes" in told(takes.call("POST", "/flows", data="#" * 2_000), 413)


def test_a_text_of_a_form_has_a_limit_of_its_own(takes):
    assert "a text in the form" in told(send(takes, 11 * MB, part='"a"'), 413)
