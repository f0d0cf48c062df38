"""The web UI's addresses."""

import gzip

import pytest

from app.api.ui import BUILD
from tests.support.api import app_on

pytestmark = [
    pytest.mark.skipif(
        not (BUILD / "index.html").exists(), reason="the web UI is not built here (make ui)"
    ),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def client(driver):
    return app_on(driver.rt).test_client()


@pytest.mark.parametrize("path", ["/ui/", "/ui/login", "/ui/main/flows/edit/a.b/c/edit"])
def test_every_address_of_the_ui_shows_its_one_page_without_credentials(client, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert '<base href="/ui/" />' in answer.text
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]


def test_below_a_prefix_the_page_knows_where_it_is(client):
    answer = client.get("/ui/", environ_overrides={"SCRIPT_NAME": "/tools/trunkline"})

    assert '<base href="/tools/trunkline/ui/" />' in answer.text


def test_an_asset_is_kept_by_browsers_and_a_missing_one_is_no_page(client):
    asset = next((BUILD / "assets").iterdir()).name

    assert "immutable" in client.get(f"/ui/assets/{asset}").headers["Cache-Control"]
    assert client.get("/ui/assets/none.js").status_code == 404


def test_a_script_travels_packed_to_a_browser_that_takes_it_so(client):
    asset = max((BUILD / "assets").glob("*.js"), key=lambda file: file.stat().st_size)
    path = f"/ui/assets/{asset.name}"

    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    plain = client.get(path)

    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert "immutable" in packed.headers["Cache-Control"]
    assert gzip.decompress(packed.data) == plain.data == asset.read_bytes()


def test_a_path_out_of_the_build_shows_nothing_of_the_machine(client):
    answer = client.get("/ui/assets/..%2f..%2f..%2fapi/app.py")

    assert answer.status_code == 404
