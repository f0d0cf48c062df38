"""S2, S3: the first password, guessing passwords, what a page of another site can do."""

import statistics
import time

import httpx
import pytest

from app.api.app import create_app
from app.service.access import accounts
from tests.api.routes import METHODS, path_of, rules
from tests.faults.cluster import Broker, Cluster
from tests.support.api import app_on

#: the database does not matter to what is asked here
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PASSWORD = "correct horse"


def guess(client, name, password, address):
    return client.post(
        "/login",
        json={"username": name, "password": password},
        environ_overrides={"REMOTE_ADDR": address},
    )


def test_the_first_password_is_made_up_once_and_told_once(driver):
    first, second = accounts.ensure_admin(driver.rt), accounts.ensure_admin(driver.rt)
    auth = (driver.rt.settings.admin_username, first)

    assert first is not None
    assert len(first) >= 16
    assert second is None
    assert app_on(driver.rt).test_client().get("/api/v1/me", auth=auth).json["superAdmin"] is True


@pytest.mark.slow
def test_a_started_server_tells_the_password_that_it_made_up_only_at_its_first_start(
    driver, tmp_path
):
    folder = tmp_path / "first"
    cluster = Cluster(folder, f"sqlite:///{folder / 'x.db'}", Broker(folder / "broker"))
    try:
        api = cluster.api(auth_enabled="true")
        said = api.said()
        words = said.split()
        name, password = words[words.index("password") - 3], words[words.index("password") + 1]
        me = httpx.get(f"http://127.0.0.1:{cluster.port}/api/v1/me", auth=(name, password))
        api.kill_group()
        api.restart()
        cluster.wait_api()

        assert me.json()["superAdmin"] is True
        assert api.said().count("with the password") == 1
        assert password not in api.said().replace(said, "")
    finally:
        cluster.stop()


def test_after_some_wrong_passwords_for_one_name_that_name_has_to_wait(driver):
    accounts.create(driver.rt, "ana", password=PASSWORD)
    client = app_on(driver.rt).test_client()

    codes = [guess(client, "ana", f"wrong{n}", f"10.0.0.{n}").status_code for n in range(60)]
    good = guess(client, "ana", PASSWORD, "10.9.9.9")

    assert codes[:20] == [401] * 20
    assert set(codes[20:]) == {429}
    assert good.status_code == 429
    assert int(good.headers["Retry-After"]) > 0


def test_after_some_wrong_passwords_from_one_address_that_address_has_to_wait(driver):
    client = app_on(driver.rt).test_client()

    codes = [guess(client, f"name{n}", "wrong", "10.0.1.1").status_code for n in range(60)]
    other = guess(client, "somebody", "wrong", "10.0.1.2")

    assert codes[:20] == [401] * 20
    assert set(codes[20:]) == {429}
    assert other.status_code == 401


def test_the_limit_holds_for_basic_as_well(driver):
    accounts.create(driver.rt, "bea", password=PASSWORD)
    client = app_on(driver.rt).test_client()
    at = {"REMOTE_ADDR": "10.0.2.1"}

    codes = [
        client.get("/api/v1/me", auth=("bea", f"no{n}"), environ_overrides=at).status_code
        for n in range(25)
    ]

    assert codes == [401] * 20 + [429] * 5


def test_a_known_and_an_unknown_name_take_the_same_time(driver):
    accounts.create(driver.rt, "carl", password=PASSWORD)
    client = app_on(driver.rt).test_client()
    times = {"carl": [], "nobody": []}

    for n in range(12):
        for name, taken in times.items():
            began = time.process_time()
            assert guess(client, name, "wrong", f"10.0.3.{n}").status_code == 401
            taken.append(time.process_time() - began)
    known, unknown = (statistics.median(taken) for taken in times.values())

    assert 0.5 < known / unknown < 2


def test_passwords_are_kept_by_argon2(driver):
    row = accounts.create(driver.rt, "dora", password=PASSWORD)

    assert row.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_form_of_another_site_changes_nothing_by_any_route(driver, kind):
    accounts.create(driver.rt, "eve", password=PASSWORD, is_admin=True)
    app = create_app(driver.rt)
    client = app.test_client()
    assert client.post("/login", json={"username": "eve", "password": PASSWORD}).status_code == 200
    let_in = []

    for rule in rules(app):
        for method in sorted(rule.methods & set(METHODS) - {"GET"}):
            answer = client.open(
                path_of(app, rule),
                method=method,
                data="a=b",
                content_type=kind,
                headers={"Origin": "https://evil.example"},
            )
            is_open = rule.endpoint in ("webhooks.call", "gitops.deliver")
            if answer.status_code != 403 and not is_open and "make_first" not in rule.endpoint:
                let_in.append((method, rule.rule, answer.status_code))

    assert let_in == []


def test_no_other_origin_may_read_an_answer(driver):
    accounts.create(driver.rt, "fay", password=PASSWORD, is_admin=True)
    client = app_on(driver.rt).test_client()
    origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}

    plain = client.get("/api/v1/me", auth=("fay", PASSWORD), headers=origin)
    preflight = client.options("/api/v1/flows/search", headers=origin)

    for answer in (plain, preflight):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_cookies_are_secure_behind_tls(driver):
    accounts.create(driver.rt, "gil", password=PASSWORD)
    settings = driver.rt.settings.model_copy(update={"url": "https://flows.example"})
    object.__setattr__(driver.rt, "settings", settings)
    client = app_on(driver.rt).test_client()

    answer = client.post("/login", json={"username": "gil", "password": PASSWORD})

    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("Secure" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
