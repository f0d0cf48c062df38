"""Roles of the users' own in grants of accounts, scopes of tokens, claims of a sign-on."""

import pytest

from app.service.access import accounts, roles
from tests.support.people import FLOW, PASSWORD, People

ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # asks no SQL
WATCH = ["flow:read", "execution:run"]


@pytest.fixture
def people(driver):
    driver.save(FLOW.format("a.b"))
    driver.save(FLOW.format("c"))
    return People(driver)


@pytest.fixture
def watch(people):
    """The id of a role of our own."""
    return people.send("POST", "/roles", {"name": "watch", "permissions": WATCH})["id"]


def make(people, *grants, **more):
    body = {"username": "ana", "password": PASSWORD, "grants": list(grants), **more}
    return people.send("POST", "/users", body, 201)


def test_a_grant_of_an_account_names_a_role_of_our_own(people, watch):
    made = make(people, {"role": "watch", "namespace": "a"})

    assert made["grants"] == [{"role": "watch", "namespace": "a"}]
    assert people.reads("ana")
    assert not people.reads("ana", "c")
    assert people.call("POST", "/executions/a.b/f", "ana").status_code == 200
    assert people.call("GET", "/triggers/search", "ana").status_code == 403
    assert people.call("DELETE", "/flows/a.b/f", "ana").status_code == 403
    assert people.call("GET", "/me", "ana").json["grants"] == made["grants"]


def test_a_role_in_a_grant_is_known_by_its_id_as_well_and_shown_by_name(people, watch):
    made = make(people, {"role": watch})

    listed = people.send("GET", "/users?q=ana")["results"]

    assert made["grants"] == listed[0]["grants"] == [{"role": "watch", "namespace": ""}]


def test_a_role_that_is_renamed_or_changed_is_so_in_grants_and_scopes(people, watch):
    ana = make(people, {"role": "watch", "namespace": "a"})
    token = people.token(ana["id"], scopes=[{"role": "watch"}])
    body = {"name": "guard", "permissions": ["trigger:read"]}

    people.send("PUT", f"/roles/{watch}", body)

    assert people.send("GET", f"/users/{ana['id']}")["grants"] == [
        {"role": "guard", "namespace": "a"}
    ]
    [shown] = people.send("GET", f"/users/{ana['id']}/api-tokens")["results"]
    assert shown["scopes"] == [{"role": "guard", "namespace": ""}]
    assert not people.reads("ana")
    assert people.as_token(token, "GET", "/flows/a.b/f") == 403
    assert people.as_token(token, "GET", "/triggers/search") == 200


def test_a_role_that_is_deleted_gives_nothing_by_grants_and_leaves_a_token_limited(people, watch):
    ana = make(people, {"role": "watch"}, {"role": "viewer", "namespace": "c"})
    wide = people.token(ana["id"], scopes=[{"role": "watch"}, {"role": "viewer"}])
    bare = people.token(ana["id"], scopes=[{"role": watch}])
    assert people.as_token(bare, "GET", "/flows/c/f") == 200

    people.send("DELETE", f"/roles/{watch}", status=204)

    assert people.send("GET", f"/users/{ana['id']}")["grants"] == [
        {"role": "viewer", "namespace": "c"}
    ]
    assert not people.reads("ana")
    assert people.reads("ana", "c")
    assert people.as_token(wide, "GET", "/flows/c/f") == 200
    assert people.as_token(bare, "GET", "/flows/c/f") == 403
    tokens = people.send("GET", f"/users/{ana['id']}/api-tokens")["results"]
    assert [token["scopes"] for token in tokens] == [[{"role": "viewer", "namespace": ""}], []]


def test_a_new_role_of_an_old_name_gives_nothing_to_who_had_the_old_one(people, watch):
    make(people, {"role": "watch"})
    people.send("DELETE", f"/roles/{watch}", status=204)

    people.send("POST", "/roles", {"name": "watch", "permissions": WATCH})

    assert not people.reads("ana")


def test_a_token_limited_to_a_role_of_our_own_may_what_both_may(people, watch):
    ana = make(people, {"role": "editor", "namespace": "a"})
    token = people.token(ana["id"], scopes=[{"role": "watch", "namespace": ""}])

    assert people.as_token(token, "GET", "/flows/a.b/f") == 200
    assert people.as_token(token, "POST", "/executions/a.b/f") == 200
    assert people.as_token(token, "GET", "/flows/c/f") == 403
    assert people.as_token(token, "PUT", "/flows/a.b/f", data=FLOW.format("a.b")) == 403
    assert people.as_token(token, "GET", "/triggers/search") == 403


@ON_ONE
def test_a_token_of_an_administrator_may_what_its_role_of_our_own_holds(people, watch):
    root = people.send("GET", "/users?q=root")["results"][0]["id"]
    token = people.token(root, scopes=[{"role": "watch", "namespace": "a"}])

    assert people.as_token(token, "GET", "/flows/a.b/f") == 200
    assert people.as_token(token, "GET", "/flows/c/f") == 403
    assert people.as_token(token, "GET", "/users") == 403


@ON_ONE
@pytest.mark.parametrize("more", [{"scopes": [{"role": "admin"}]}, {"maxAge": "PT1H"}])
def test_a_token_with_limits_makes_and_revokes_none(people, more):
    ana = make(people, {"role": "editor"})
    token = people.token(ana["id"], **more)
    [shown] = people.send("GET", f"/users/{ana['id']}/api-tokens")["results"]

    made = people.as_token(token, "POST", "/me/api-tokens", json={"name": "free"})
    gone = people.as_token(token, "DELETE", f"/me/api-tokens/{shown['id']}")

    assert (made, gone) == (403, 403)
    left = people.send("GET", f"/users/{ana['id']}/api-tokens")["results"]
    assert [token["id"] for token in left] == [shown["id"]]


@ON_ONE
def test_a_token_without_limits_makes_others(people):
    token = people.token(make(people)["id"])

    assert people.as_token(token, "POST", "/me/api-tokens", json={"name": "other"}) == 200


@ON_ONE
@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"role": "none"}, "[1].role: there is no role 'none'; fixed are viewer,"),
        ({"role": 3}, "[1].role: must be a text"),
        ({"role": ["viewer"]}, "[1].role: must be a text"),
        ({"role": "viewer", "namespace": 3}, "[1].namespace: must be a text"),
        ("viewer", "[1].role: must be a text"),
    ],
)
def test_a_wrong_grant_or_scope_is_refused_with_its_place(people, watch, entry, named):
    given = [{"role": "watch"}, entry]
    root = people.send("GET", "/users?q=root")["results"][0]["id"]
    token = {"name": "t", "scopes": given}

    made = people.send("POST", "/users", {"username": "x", "grants": given}, status=422)
    changed = people.send("PATCH", f"/users/{root}", {"grants": given}, status=422)
    scoped = people.send("POST", f"/users/{root}/api-tokens", token, status=422)

    assert "grants" + named in made["message"]
    assert "grants" + named in changed["message"]
    assert "scopes" + named in scoped["message"]
    assert people.send("GET", "/users?q=x")["total"] == 0


@ON_ONE
def test_the_audit_log_says_what_an_account_and_a_token_got(people, watch):
    ana = make(people, {"role": watch, "namespace": "a"})
    people.token(ana["id"], scopes=[{"role": "watch"}])

    tokens, users = people.send("GET", "/auditlogs/search?actor=root")["results"][:2]

    assert users["detail"]["grants"] == [{"role": "watch", "namespace": "a"}]
    assert tokens["detail"]["scopes"] == [{"role": "watch"}]
    assert "tk_" not in str(tokens)


@ON_ONE
def test_an_administrator_with_such_a_grant_comes_in(people, watch):
    accounts.create(
        people.driver.rt, "eve", password=PASSWORD, is_admin=True, grants=[{"role": "watch"}]
    )

    assert people.call("GET", "/me", "eve").json["grants"] == [{"role": "watch", "namespace": ""}]
    assert people.call("GET", "/users", "eve").status_code == 200


def test_a_role_by_a_name_that_is_the_id_of_another_is_that_of_the_name(driver):
    one = roles.create(driver.rt, "one", ["flow:read"])
    two = roles.create(driver.rt, one.id, ["kv:read"])

    made = accounts.create(driver.rt, "ana", grants=[{"role": one.id}])

    assert made.roles == [{"role": two.id, "namespace": ""}]
