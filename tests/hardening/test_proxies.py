"""Behind a proxy the limits count clients, and nobody chooses the address they are counted by."""

from collections import OrderedDict

import pytest

from app.api.app import create_app
from app.errors import Invalid
from app.service.access import accounts, audit, login
from app.settings import load_settings

#: the database does not matter to what is asked here
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PROXY, FAR = "10.1.0.7", "203.0.113.9"
PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def nobody_failed_yet(monkeypatch):
    """The counters live as long as the process, which other tests use too."""
    monkeypatch.setattr(login, "_failures", OrderedDict())


@pytest.fixture
def client(driver):
    return behind(driver, "10.1.0.0/16, 192.0.2.1, fd00::/8")


def behind(driver, trusted):
    settings = driver.rt.settings.model_copy(update={"trusted_proxies": trusted})
    object.__setattr__(driver.rt, "settings", settings)
    return create_app(driver.rt).test_client()


def guess(client, name, forwarded, peer=PROXY):
    return client.post(
        "/login",
        json={"username": name, "password": "wrong"},
        headers={"X-Forwarded-For": forwarded},
        environ_overrides={"REMOTE_ADDR": peer},
    ).status_code


def seen(driver, client, forwarded, peer=PROXY):
    """The address that the audit log keeps of a login."""
    guess(client, f"{forwarded} of {peer}"[:60], forwarded, peer)
    rows, _ = audit.find_page(driver.rt, audit.AuditFilter(), 1, 1)
    return rows[0].address


def test_clients_behind_one_proxy_are_counted_apart(client):
    codes = [guess(client, f"one{n}", "203.0.113.1") for n in range(22)]

    assert codes == [401] * 20 + [429] * 2
    assert guess(client, "two", "203.0.113.2") == 401


def test_a_client_that_writes_addresses_of_its_own_is_counted_by_its_real_one(client):
    codes = [guess(client, f"liar{n}", f"198.51.100.{n}, 203.0.113.3") for n in range(22)]

    assert codes == [401] * 20 + [429] * 2


def test_who_is_no_trusted_proxy_is_not_believed(client):
    codes = [guess(client, f"far{n}", f"198.51.100.{n}", peer=FAR) for n in range(22)]

    assert codes == [401] * 20 + [429] * 2


def test_without_the_setting_nobody_is_believed(driver):
    client = behind(driver, "")

    assert seen(driver, client, "203.0.113.4", "127.0.0.1") == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("203.0.113.5:4711", "203.0.113.5"),
        ("198.51.100.1, 203.0.113.5, 192.0.2.1, 10.1.9.9", "203.0.113.5"),
        ("10.1.2.3", "10.1.2.3"),
        ("[2001:db8::1]:4711, fd00::7", "2001:db8::1"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("203.0.113.5, unknown", PROXY),
        ("203.0.113.5, <script>, 10.1.2.3", "10.1.2.3"),
        ("", PROXY),
        (", ,", PROXY),
    ],
)
def test_the_client_is_the_rightmost_address_that_is_no_proxy(driver, client, forwarded, address):
    assert seen(driver, client, forwarded) == address


def test_a_trusted_proxy_says_whether_the_browser_came_by_tls(driver, client):
    accounts.create(driver.rt, "ana", password=PASSWORD)

    def cookie(proto, peer):
        answer = client.post(
            "/login",
            json={"username": "ana", "password": PASSWORD},
            headers={"X-Forwarded-Proto": proto},
            environ_overrides={"REMOTE_ADDR": peer},
        )
        return answer.headers["Set-Cookie"]

    assert "Secure" in cookie("https", PROXY)
    assert "Secure" not in cookie("https", FAR)
    assert "Secure" not in cookie("gopher", PROXY)


def test_a_network_that_is_none_is_refused_with_the_name_of_the_setting(database_url):
    with pytest.raises(Invalid, match="trusted_proxies") as refused:
        load_settings({"TRUNKLINE_TRUSTED_PROXIES": "127.0.0.1, 10.1.0.0/99"})

    assert "10.1.0.0/99" in str([vars(one) for one in refused.value.violations])
