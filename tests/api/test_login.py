"""Coming in: sessions of browsers, Basic, tokens."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select

from app.database import users
from app.database.schema_instance import browser_sessions
from app.errors import Conflict
from app.service import purging
from app.service.access import accounts, audit, tokens
from tests.support.api import app_on

#: the database does not matter to what is asked here
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PASSWORD = "correct horse"


@pytest.fixture
def ana(driver):
    return accounts.create(driver.rt, "ana", password=PASSWORD, is_admin=True)


@pytest.fixture
def client(driver, ana):
    return app_on(driver.rt).test_client()


def come_in(client, password=PASSWORD):
    return client.post("/login", json={"username": "ana", "password": password})


def shown(client):
    return {"X-CSRF-TOKEN": client.get_cookie("csrfToken").value}


def test_a_browser_that_logged_in_is_known_until_it_logs_out(client):
    assert come_in(client).status_code == 200
    assert client.get("/api/v1/me").json["username"] == "ana"

    client.post("/logout")

    assert client.get("/api/v1/me").status_code == 401


def with_cookie(app_client, cookie):
    """A browser that has got hold of a cookie."""
    other = app_client.application.test_client()
    other.set_cookie("JWT", cookie)
    return other


@contextmanager
def counting(driver):
    """The statements that are sent meanwhile."""
    sent, engine = [], driver.rt.database.engine

    def note(connection, cursor, sql, *rest):
        sent.append(sql)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def count_sessions(driver):
    with driver.rt.database.reading() as tx:
        return tx.execute(select(func.count()).select_from(browser_sessions)).scalar_one()


def test_a_copied_cookie_opens_nothing_after_the_logout(client, driver):
    come_in(client)
    copy = with_cookie(client, client.get_cookie("JWT").value)
    before = copy.get("/api/v1/me").status_code

    client.post("/logout")

    assert (before, copy.get("/api/v1/me").status_code) == (200, 401)
    [line, entered] = audit.find_page(driver.rt, audit.AuditFilter(), 1, 10)[0]
    assert (line.actor, line.action, entered.action) == ("ana", "logout", "login")


def test_a_logout_leaves_the_other_sessions_of_the_account(client):
    come_in(client)
    other = client.application.test_client()
    come_in(other)

    client.post("/logout")

    assert client.get("/api/v1/me").status_code == 401
    assert other.get("/api/v1/me").json["username"] == "ana"


def test_a_logout_with_a_cookie_that_opens_nothing_writes_nothing(client, driver):
    come_in(client)
    copy = with_cookie(client, client.get_cookie("JWT").value)
    client.post("/logout")

    again = copy.post("/logout")
    forged = with_cookie(client, "forged").post("/logout")
    none = client.application.test_client().post("/logout")

    assert (again.status_code, forged.status_code, none.status_code) == (204, 204, 204)
    assert audit.find_page(driver.rt, audit.AuditFilter(action="logout"), 1, 10)[1] == 1


def test_a_request_of_a_session_reads_as_much_as_one_of_a_password(client, driver):
    come_in(client)
    client.get("/api/v1/me", auth=("ana", PASSWORD))

    with counting(driver) as of_session:
        client.get("/api/v1/me")
    client.delete_cookie("JWT")
    with counting(driver) as of_password:
        client.get("/api/v1/me", auth=("ana", PASSWORD))

    assert len(of_session) == len(of_password) > 0


def test_retention_removes_sessions_that_are_too_old_and_no_other(client, driver):
    come_in(client)
    driver.clock.advance(6.5 * 3600)
    other = client.application.test_client()
    come_in(other)
    driver.clock.advance(6 * 3600)

    purging.purge(driver.rt)

    assert count_sessions(driver) == 1
    assert client.get("/api/v1/me").status_code == 401
    assert other.get("/api/v1/me").status_code == 200


def test_a_closed_account_leaves_no_session_behind(client, driver):
    bob = accounts.create(driver.rt, "bob", password=PASSWORD)
    client.post("/login", json={"username": "bob", "password": PASSWORD})

    accounts.remove(driver.rt, bob.id)

    assert client.get("/api/v1/me").status_code == 401
    assert count_sessions(driver) == 0


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    cookie = next(h for h in come_in(client).headers.getlist("Set-Cookie") if h.startswith("JWT="))

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client):
    wrong = come_in(client, "wrong password")
    unknown = client.post("/login", json={"username": "bob", "password": PASSWORD})

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json["message"] == unknown.json["message"]


def test_a_form_logs_in_as_well(client):
    answer = client.post("/login", data={"username": "ana", "password": PASSWORD})

    assert answer.status_code == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"username": 1, "password": "x"}', b"\xff", b""])
def test_a_malformed_login_is_refused_with_what_is_wrong(client, body):
    answer = client.post("/login", data=body, content_type="application/json")

    assert answer.status_code == 422


def test_with_the_cookie_alone_nothing_can_be_changed(client):
    come_in(client)

    without = client.post("/api/v1/me/api-tokens", json={"name": "mine"})
    other = client.post(
        "/api/v1/me/api-tokens", json={"name": "mine"}, headers={"X-CSRF-TOKEN": "guess"}
    )
    good = client.post("/api/v1/me/api-tokens", json={"name": "mine"}, headers=shown(client))

    assert (without.status_code, other.status_code, good.status_code) == (403, 403, 200)


def test_the_token_of_another_session_or_a_planted_one_is_refused(client):
    come_in(client)
    other = client.application.test_client()
    come_in(other)
    own = shown(client)

    def write(headers):
        return client.post("/api/v1/me/api-tokens", json={"name": "mine"}, headers=headers)

    answers = []
    for token in (other.get_cookie("csrfToken").value, "planted"):
        client.set_cookie("csrfToken", token)
        answers.append(write(shown(client)))
    client.set_cookie("csrfToken", own["X-CSRF-TOKEN"])
    good = write(own)
    come_in(client)  # a session of its own has a token of its own
    old = write(own)

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "is not of this session" in answers[0].get_json()["message"]
    assert (good.status_code, old.status_code) == (200, 403)


def test_a_forged_request_is_a_line_of_the_one_in_whose_name_it_came(client, driver):
    come_in(client)

    client.post("/api/v1/me/api-tokens", json={"name": "mine"})
    evil = {**shown(client), "Origin": "https://evil.example"}
    client.post("/api/v1/me/api-tokens", json={"name": "mine"}, headers=evil)

    rows, _ = audit.find_page(driver.rt, audit.AuditFilter(verdict=audit.REFUSED), 1, 10)
    assert [(row.actor, row.target) for row in rows] == [("ana", "POST /api/v1/me/api-tokens")] * 2


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "file://", "http://[::1"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
def test_a_page_of_another_site_changes_nothing(client, kind, origin):
    come_in(client)
    headers = {**shown(client), "Origin": origin}

    answer = client.post(
        "/api/v1/me/api-tokens", data='{"name": "x"}', content_type=kind, headers=headers
    )

    assert answer.status_code == 403
    assert client.get("/api/v1/me/api-tokens").json["results"] == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_page_of_another_site_logs_nobody_in_or_out(client, ana, origin):
    data = {"username": "ana", "password": PASSWORD}

    entered = client.post("/login", data=data, headers={"Origin": origin})
    left = client.post("/logout", headers={"Origin": origin})

    assert (entered.status_code, left.status_code) == (403, 403)
    assert client.get_cookie("JWT") is None


def test_a_new_password_ends_the_sessions_and_the_old_password(client, driver, ana):
    come_in(client)

    accounts.change(driver.rt, ana.id, {"password": "another horse"})

    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/api/v1/me", auth=("ana", PASSWORD)).status_code == 401
    assert client.get("/api/v1/me", auth=("ana", "another horse")).status_code == 200


def test_a_forged_session_is_nobody(client):
    come_in(client)
    good = client.get_cookie("JWT").value

    client.set_cookie("JWT", good[:-2] + ("aa" if good[-2:] != "aa" else "bb"))

    assert client.get("/api/v1/me").status_code == 401


def test_the_page_carries_the_token_that_its_calls_have_to_show(client):
    page = client.get("/ui/login")
    if page.status_code == 404:
        pytest.skip("the web UI is not built here (make ui)")

    before = client.get_cookie("csrfToken").value
    assert f'content="{before}"' in page.text
    come_in(client)
    token = shown(client)
    client.delete_cookie("csrfToken")
    page = client.get("/ui/")
    assert shown(client) == token != {"X-CSRF-TOKEN": before}
    assert f'content="{token["X-CSRF-TOKEN"]}"' in page.text


def test_a_token_may_less_than_its_owner(client, driver, ana):
    _, full = tokens.create_token(
        driver.rt, ana.id, "ci", scopes=[{"role": "viewer", "namespace": "company"}]
    )

    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {full}"}).json

    assert me["superAdmin"] is False
    assert me["grants"] == [{"role": "viewer", "namespace": "company"}]


def test_only_the_hash_of_a_token_is_kept(driver, ana):
    _, full = tokens.create_token(driver.rt, ana.id, "ci")

    with driver.rt.database.reading() as tx:
        rows = users.list_tokens(tx, ana.id)

    assert all(full not in str(tuple(row)) for row in rows)


def test_the_last_administrator_stays_one(driver, ana):
    for change in ({"is_admin": False}, {"disabled": True}):
        with pytest.raises(Conflict):
            accounts.change(driver.rt, ana.id, change)

    assert accounts.get(driver.rt, ana.id).is_admin


@pytest.mark.parametrize(
    "headers", [{"X-Requested-With": "XMLHttpRequest"}, {"Accept": "text/event-stream"}]
)
def test_pages_get_no_challenge_at_which_a_browser_asks_for_a_password(client, headers):
    asked = client.get("/api/v1/me", headers=headers)
    by_hand = client.get("/api/v1/me")

    assert asked.status_code == by_hand.status_code == 401
    assert "WWW-Authenticate" not in asked.headers
    assert by_hand.headers["WWW-Authenticate"] == "Basic realm=Kestra"
