"""Who may read the figures while the database cannot say who may."""

import time

import pytest

from app.api.scrapers import Scrapers
from app.errors import DatabaseAway
from app.model.access import Caller
from app.service import observing
from app.service.access.accounts import ensure_admin
from tests.api.conftest import Api
from tests.conftest import make_driver
from tests.faults.proxy import Proxy
from tests.support.api import app_on
from tests.support.blips import away

AUTH = ("admin@trunkline.local", "correct horse")
WRONG = (AUTH[0], "wrong horse")
PROMETHEUS_WAITS_S = 10
CALLER = Caller("1", "scraper", is_admin=True)


def installed(url, tmp_path):
    driver = make_driver(url, tmp_path)
    settings = driver.rt.settings.model_copy(update={"admin_password": AUTH[1]})
    object.__setattr__(driver.rt, "settings", settings)
    ensure_admin(driver.rt)
    return Api(driver, app_on(driver.rt).test_client())


@pytest.fixture
def installation(tmp_path):
    made = installed(f"sqlite:///{tmp_path / 'd.db'}", tmp_path)
    yield made
    made.driver.rt.database.close()


def scraped(api, auth=AUTH, path="/prometheus"):
    return api.client.get(path, auth=auth).status_code


@pytest.mark.parametrize("path", ["/prometheus", "/metrics"])
def test_who_was_let_in_is_let_in_while_the_database_is_away_and_nobody_else(installation, path):
    before = scraped(installation, path=path)
    with away(installation.driver.rt.database):
        during = [scraped(installation, path=path) for _ in range(2)]
        other = scraped(installation, WRONG, path)
        elsewhere = scraped(installation, path="/api/v1/main/me")

    assert (before, during) == (200, [200, 200])
    assert (other, elsewhere) == (503, 503)


def test_nobody_is_let_in_who_was_not_before_the_database_went_away(installation):
    refused = scraped(installation, WRONG)
    with away(installation.driver.rt.database):
        during = [scraped(installation, WRONG), scraped(installation)]

    assert (refused, during) == (401, [503, 503])


def test_a_token_that_is_revoked_reads_nothing_more_also_when_the_database_goes_away(installation):
    token = installation.client.post(
        "/api/v1/main/me/api-tokens", auth=AUTH, json={"name": "prometheus"}
    ).json
    headers = {"Authorization": f"Bearer {token['fullToken']}"}

    def status():
        return installation.client.get("/prometheus", headers=headers).status_code

    before = status()
    installation.client.delete(f"/api/v1/main/me/api-tokens/{token['id']}", auth=AUTH)
    after = status()
    with away(installation.driver.rt.database):
        during = status()

    assert (before, after, during) == (200, 401, 503)


def test_a_scrape_is_answered_in_time_while_the_database_hangs(postgres, tmp_path):
    proxy = Proxy(postgres.port)
    url = postgres.new_database().replace(str(postgres.port), str(proxy.port))
    api = installed(url, tmp_path)
    figures = observing.show_database_figures(api.driver.rt)
    try:
        before = api.client.get("/prometheus", auth=AUTH).text
        proxy.swallow()
        began = time.monotonic()
        during = api.client.get("/prometheus", auth=AUTH)
        took_s = time.monotonic() - began
    finally:
        observing.hide(figures)
        proxy.close()
        api.driver.rt.database.close()

    assert "trunkline_database_up 1.0" in before
    assert during.status_code == 200
    assert "trunkline_database_up 0.0" in during.text
    assert took_s < PROMETHEUS_WAITS_S - 2


def unable():
    raise DatabaseAway("the database cannot be reached")


def test_who_has_not_come_for_a_while_is_forgotten():
    scrapers = Scrapers(kept_s=0.0)
    scrapers.find_caller("Bearer a", lambda: CALLER)

    with pytest.raises(DatabaseAway):
        scrapers.find_caller("Bearer a", unable)


def test_who_goes_on_coming_is_known_through_an_outage_of_any_length():
    scrapers = Scrapers(kept_s=0.5)
    scrapers.find_caller("Bearer a", lambda: CALLER)

    ends = time.monotonic() + 1.2
    while time.monotonic() < ends:
        assert scrapers.find_caller("Bearer a", unable) is CALLER
        time.sleep(0.1)
