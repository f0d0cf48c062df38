"""Signing on by a provider, against a real one."""

import base64
import dataclasses
import hmac
import json
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select

from app.database.schema_instance import audit
from app.service.access import accounts, providers, roles
from app.settings import SignOn
from tests.support.api import app_on
from tests.support.identity import CLIENT, SECRET, IdentityProvider

#: the database does not matter to what is asked here
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def provider():
    made = IdentityProvider()
    yield made
    made.close()


@pytest.fixture
def client(driver, provider):
    way = {
        "id": "corp",
        "name": "Corp",
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "roles_claim": "groups",
        "roles": {
            "data": [{"role": "editor", "namespace": "company.data"}],
            "night": [{"role": "watch", "namespace": "company"}],
        },
    }
    settings = driver.rt.settings.model_copy(update={"oidc": [SignOn.model_validate(way)]})
    return app_on(dataclasses.replace(driver.rt, settings=settings)).test_client()


def path_of(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def sign_on(client, following=""):
    """Goes to the provider as a browser would, and comes back."""
    away = client.get("/login/oidc/corp", query_string={"next": following})
    back = httpx.get(away.headers["Location"], follow_redirects=False).headers["Location"]
    return client.get(path_of(back))


def test_who_signs_on_gets_a_session_and_what_their_groups_give(client):
    answer = sign_on(client, "/ui/main/flows")

    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"] == "/ui/main/flows"
    me = client.get("/api/v1/me").json
    assert me["username"] == "ana@example.org"
    assert me["grants"] == [{"role": "editor", "namespace": "company.data"}]


def test_a_session_by_a_provider_ends_with_its_logout_for_every_copy(client):
    sign_on(client)
    copy = client.application.test_client()
    copy.set_cookie("JWT", client.get_cookie("JWT").value)
    before = copy.get("/api/v1/me").status_code

    client.post("/logout")

    assert (before, copy.get("/api/v1/me").status_code) == (200, 401)


def test_grants_follow_the_groups_at_each_sign_on(client, provider):
    sign_on(client)
    provider.claims["groups"] = []

    sign_on(client)

    assert client.get("/api/v1/me").json["grants"] == []


def test_a_claim_gives_a_role_of_our_own(client, provider, driver):
    roles.create(driver.rt, "watch", ["flow:read", "execution:run"])
    provider.claims["groups"] = ["night", "night"]

    sign_on(client)

    me = client.get("/api/v1/me").json
    assert me["grants"] == [{"role": "watch", "namespace": "company"}]
    assert me["permissions"] == ["flow:read", "execution:run", "self"]


def test_a_role_of_the_setting_that_is_not_there_is_named_by_its_place(client, provider):
    provider.claims["groups"] = ["data", "night"]

    answer = sign_on(client)

    assert answer.status_code == 422
    assert "oidc.corp.roles.night[0].role: there is no role 'watch'" in answer.json["message"]
    assert client.get("/api/v1/me").status_code == 401


def test_a_role_that_is_not_there_is_told_by_its_place_before_anybody_signs_on(client, driver):
    rt = client.application.config["RUNTIME"]

    before = providers.missing_roles(rt)
    roles.create(rt, "watch", ["flow:read"])

    assert before == ["setting oidc.corp.roles.night[0].role: there is no role 'watch'"]
    assert providers.missing_roles(rt) == []


def test_a_role_that_the_setting_names_is_neither_renamed_nor_deleted(client, driver):
    made = roles.create(driver.rt, "watch", ["flow:read"])
    accounts.create(driver.rt, "root", password="correct horse", is_admin=True)
    path, body = f"/api/v1/roles/{made.id}", {"name": "watch", "permissions": ["kv:read"]}

    def send(method, data=None):
        return client.open(path, method=method, json=data, auth=("root", "correct horse"))

    renamed, gone, changed = send("PUT", body | {"name": "w"}), send("DELETE"), send("PUT", body)

    assert (renamed.status_code, gone.status_code, changed.status_code) == (409, 409, 200)
    assert "oidc.corp.roles.night[0].role" in gone.json["message"]


def test_the_login_page_learns_the_ways_to_sign_on(client):
    found = client.get("/api/v1/configs/login").json["sso"]

    assert found == [{"id": "corp", "name": "Corp", "url": "/login/oidc/corp"}]


@pytest.mark.parametrize(
    "broken",
    [
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"iss": "other"},
        {"nonce": "x"},
        {"exp": 1},
        {"nbf": 9999999999},
        {"sub": 7},
        {"email": ["ana@example.org"]},
        {"email_verified": False},
    ],
)
def test_a_token_made_for_another_place_or_time_opens_nothing(client, provider, broken):
    provider.broken = broken

    answer = sign_on(client)

    assert answer.status_code == 403
    assert client.get("/api/v1/me").status_code == 401


def test_a_token_signed_by_another_key_opens_nothing(client, provider):
    provider.sign_with = RSAKey.generate_key(2048, {"kid": "one"})

    assert sign_on(client).status_code == 403


def made_by_hand(algorithm, claims):
    parts = (json.dumps(part).encode() for part in ({"alg": algorithm, "kid": "one"}, claims))
    return ".".join(map(in_base64, parts))


def in_base64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unsigned(_key, claims):
    return made_by_hand("none", claims) + "."


def signed_by_the_public_key(key, claims):
    """As a check that takes any algorithm would believe it: the key is no secret."""
    text = made_by_hand("HS256", claims)
    return f"{text}.{in_base64(hmac.digest(key.as_pem(private=False), text.encode(), 'sha256'))}"


@pytest.mark.parametrize("forge", [unsigned, signed_by_the_public_key, lambda *_: "", lambda *_: 7])
def test_a_token_that_its_provider_did_not_sign_opens_nothing(client, provider, forge):
    provider.forge = lambda claims: forge(provider.key, claims)

    assert sign_on(client).status_code == 403
    assert client.get("/api/v1/me").status_code == 401


def test_a_token_without_a_subject_belongs_to_nobody(client, provider):
    del provider.claims["sub"]

    answer = sign_on(client)

    assert answer.status_code == 403
    assert "'sub'" in answer.json["message"]


def test_an_answer_is_of_use_once_and_with_its_own_state(client):
    away = client.get("/login/oidc/corp")
    back = httpx.get(away.headers["Location"], follow_redirects=False).headers["Location"]
    other = client.application.test_client()
    other.get("/login/oidc/corp")

    assert other.get(path_of(back)).status_code == 400
    assert client.get(path_of(back)).status_code == 302
    assert client.get(path_of(back)).status_code == 400


def test_each_sign_on_and_each_refusal_is_a_line_of_the_audit_log(client, provider, driver):
    sign_on(client)
    provider.broken = {"nonce": "x"}
    sign_on(client)
    client.get("/login/oidc/corp/callback?state=x")  # of nobody in particular: no line

    with driver.rt.database.reading() as tx:
        lines = [(row.actor, row.verdict) for row in tx.execute(select(audit))]

    assert lines == [("ana@example.org", "DONE"), ("", "REFUSED")]


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(client):
    away = client.get("/login/oidc/corp")
    back = httpx.get(away.headers["Location"], follow_redirects=False).headers["Location"]
    client.delete_cookie("signOn")

    assert client.get(path_of(back)).status_code == 400


def test_a_local_account_is_not_taken_over_by_its_name(client, driver):
    accounts.create(driver.rt, "ana@example.org", password="correct horse", is_admin=True)

    assert sign_on(client).status_code == 403


@pytest.mark.parametrize(
    "following", ["https://evil.example/", "//evil.example", "/\\evil.example"]
)
def test_the_way_back_leads_nowhere_else(client, following):
    assert sign_on(client, following).headers["Location"] == "/ui/"


def test_an_unknown_provider_is_not_found(client):
    assert client.get("/login/oidc/none").status_code == 404
