"""Roles that users make, groups, bindings: what each gives, and what takes it back."""

import pytest

from tests.support.people import FLOW, PASSWORD, People

ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # asks no SQL


@pytest.fixture
def people(driver):
    driver.save(FLOW.format("a.b"))
    driver.save(FLOW.format("c"))
    return People(driver)


def test_a_binding_gives_a_fixed_role_in_a_namespace_and_below_it_only(people):
    ana = people.make("ana")
    assert not people.reads("ana")

    made = people.bind(ana, "viewer", "a")

    assert made["role"] == {"id": "viewer", "name": "viewer"}
    assert made["user"]["username"] == "ana"
    assert made["namespace"] == "a"
    assert people.reads("ana")
    assert not people.reads("ana", "c")
    assert people.call("DELETE", "/flows/a.b/f", "ana").status_code == 403


def test_a_binding_without_a_namespace_is_for_everywhere(people):
    people.bind(people.make("ana"), "viewer")

    assert people.reads("ana")
    assert people.reads("ana", "c")
    me = people.call("GET", "/me", "ana").json
    assert me["everywhere"] == me["permissions"]


def test_what_a_binding_gave_ends_with_it_at_once(people):
    made = people.bind(people.make("ana"), "viewer", "a")
    assert people.reads("ana")

    people.send("DELETE", f"/bindings/{made['id']}", status=204)

    assert not people.reads("ana")
    people.send("GET", f"/bindings/{made['id']}", status=404)


def test_a_role_of_our_own_allows_what_it_names_and_nothing_else(people):
    ana = people.make("ana")
    role = people.send(
        "POST", "/roles", {"name": "Night watch", "permissions": ["flow:read", "execution:run"]}
    )
    people.bind(ana, role["id"], "a")

    assert role["permissions"] == {"EXECUTION": ["RUN"], "FLOW": ["READ"]}
    assert people.reads("ana")
    assert people.call("POST", "/executions/a.b/f", "ana").status_code == 200
    assert people.call("GET", "/triggers/search", "ana").status_code == 403
    assert people.call("PUT", "/flows/a.b/f", "ana", data=FLOW.format("a.b")).status_code == 403
    me = people.call("GET", "/me", "ana").json
    assert me["grants"] == [{"role": "Night watch", "namespace": "a"}]
    assert {"flow:read", "execution:run"} <= set(me["permissions"])
    assert not {"flow:read", "execution:run"} & set(me["everywhere"])


def test_a_role_that_changes_changes_for_everybody_who_has_it(people):
    role = people.send("POST", "/roles", {"name": "some", "permissions": ["flow:read"]})
    people.bind(people.make("ana"), role["id"])
    assert people.reads("ana")

    shown = people.send("GET", f"/roles/{role['id']}")
    shown["permissions"] = {"TRIGGER": ["READ"]}
    people.send("PUT", f"/roles/{role['id']}", shown)

    assert not people.reads("ana")
    assert people.call("GET", "/triggers/search", "ana").status_code == 200


def test_a_role_that_is_deleted_is_taken_from_everybody(people):
    role = people.send("POST", "/roles", {"name": "some", "permissions": ["flow:read"]})
    made = people.bind(people.make("ana"), role["id"])

    people.send("DELETE", f"/roles/{role['id']}", status=204)

    assert not people.reads("ana")
    people.send("GET", f"/bindings/{made['id']}", status=404)
    people.send("GET", f"/roles/{role['id']}", status=404)


def test_a_member_has_what_the_group_was_given_while_they_are_in_it(people):
    ana, ben = people.make("ana"), people.make("ben")
    group = people.send("POST", "/groups", {"name": "data", "membersId": [ana]})
    people.bind(group["id"], "viewer", "a", kind="GROUP")
    assert (people.reads("ana"), people.reads("ben")) == (True, False)

    people.send("PUT", f"/groups/{group['id']}/members/{ben}")
    people.send("PUT", f"/groups/{group['id']}/members/{ben}")
    people.send("DELETE", f"/groups/{group['id']}/members/{ana}")

    assert (people.reads("ana"), people.reads("ben")) == (False, True)
    members = people.send("GET", f"/groups/{group['id']}/members")
    assert [member["username"] for member in members["results"]] == ["ben"]
    people.send("DELETE", f"/groups/{group['id']}/members/{ana}", status=404)


def test_a_group_that_is_closed_gives_nothing_more(people):
    group = people.send("POST", "/groups", {"name": "data", "membersId": [people.make("ana")]})
    people.bind(group["id"], "viewer", kind="GROUP")
    assert people.reads("ana")

    people.send("DELETE", f"/groups/{group['id']}")

    assert not people.reads("ana")
    assert people.send("GET", "/bindings/search")["total"] == 0


def test_a_group_gets_another_name_and_keeps_its_members(people):
    group = people.send("POST", "/groups", {"name": "data", "membersId": [people.make("ana")]})
    path = f"/groups/{group['id']}"

    people.send("PUT", path, {"name": "people", "description": "of data"})

    assert people.send("GET", path) == {**group, "name": "people", "description": "of data"}
    assert people.send("GET", f"{path}/members")["total"] == 1
    assert people.send("GET", "/groups/search?q=PEOP")["total"] == 1


def test_an_account_that_is_closed_leaves_no_membership_and_no_binding(people):
    ana = people.make("ana")
    group = people.send("POST", "/groups", {"name": "data", "membersId": [ana]})
    people.bind(ana, "viewer")

    people.send("DELETE", f"/users/{ana}", status=204)

    assert people.send("GET", f"/groups/{group['id']}/members")["total"] == 0
    assert people.send("GET", "/bindings/search")["total"] == 0


def test_an_account_tells_its_groups_and_is_put_into_others_by_its_own_route(people):
    one = people.send("POST", "/groups", {"name": "one"})
    two = people.send("POST", "/groups", {"name": "two"})
    body = {"username": "ana", "password": PASSWORD, "groups": [one["id"]]}
    ana = people.send("POST", "/users", body, status=201)
    assert ana["groups"] == [{"id": one["id"], "name": "one"}]

    changed = people.send("PATCH", f"/users/{ana['id']}", {"groups": [two["id"]]})
    kept = people.send("PATCH", f"/users/{ana['id']}", {"disabled": False})
    refused = people.send("PATCH", f"/users/{ana['id']}", {"groups": ["none"]}, status=404)

    assert changed["groups"] == kept["groups"] == [{"id": two["id"], "name": "two"}]
    assert "no such group" in refused["message"]


@ON_ONE
def test_an_account_with_a_group_that_is_not_there_is_not_made(people):
    body = {"username": "ana", "password": PASSWORD, "groups": ["none"]}

    people.send("POST", "/users", body, status=404)

    assert people.send("GET", "/users?q=ana")["total"] == 0


@ON_ONE
def test_a_token_is_no_stronger_than_the_bindings_of_its_owner(people):
    ana = people.make("ana")
    role = people.send("POST", "/roles", {"name": "some", "permissions": ["flow:read"]})
    people.bind(ana, role["id"], "a")
    scopes = [{"role": "admin", "namespace": "a"}]
    made = people.send("POST", f"/users/{ana}/api-tokens", {"name": "t", "scopes": scopes}, 201)
    headers = {"Authorization": f"Bearer {made['fullToken']}"}

    read = people.client.get("/api/v1/main/flows/a.b/f", headers=headers)
    removed = people.client.delete("/api/v1/main/flows/a.b/f", headers=headers)

    assert (read.status_code, removed.status_code) == (200, 403)


def test_bindings_are_found_by_what_they_join(people):
    ana = people.make("ana")
    group = people.send("POST", "/groups", {"name": "data"})
    people.bind(ana, "viewer", "a")
    people.bind(group["id"], "editor", kind="GROUP")

    def found(query):
        rows = people.send("GET", f"/bindings/search?{query}")["results"]
        return [row["role"]["id"] for row in rows]

    assert found("") == ["viewer", "editor"]
    assert found("type=GROUP") == ["editor"]
    assert found(f"id={ana}") == ["viewer"]
    assert found("namespace=a") == ["viewer"]
    assert found("roleId=editor&type=USER") == []


@ON_ONE
@pytest.mark.parametrize(
    ("path", "body", "status", "named"),
    [
        ("/roles", {"permissions": ["flow:read"]}, 422, "name"),
        ("/roles", {"name": "r"}, 422, "permissions"),
        ("/roles", {"name": "r", "permissions": ["flow:fly"]}, 422, "'flow:fly' is none of"),
        (
            "/roles",
            {"name": "r", "permissions": {"EXECUTION": ["REPLAY"]}},
            422,
            "execution:replay",
        ),
        ("/roles", {"name": "r", "permissions": ["access:admin"]}, 422, "give the role admin"),
        ("/roles", {"name": "r", "permissions": "flow:read"}, 422, "list of texts"),
        ("/roles", {"name": "admin", "permissions": ["flow:read"]}, 409, "already"),
        ("/groups", {"name": " "}, 422, "name"),
        ("/groups", {"name": "g", "membersId": ["none"]}, 404, "no such account"),
        ("/groups", {"name": "taken"}, 409, "already"),
        ("/bindings", {"type": "USER", "externalId": "none", "roleId": "viewer"}, 404, "account"),
        ("/bindings", {"type": "GROUP", "externalId": "none", "roleId": "viewer"}, 404, "group"),
        ("/bindings", {"type": "ROBOT", "externalId": "none", "roleId": "viewer"}, 422, "type"),
        ("/bindings", {"type": "USER", "roleId": "viewer"}, 422, "externalId"),
    ],
)
def test_what_cannot_be_given_is_refused_with_its_place(people, path, body, status, named):
    people.send("POST", "/groups", {"name": "taken"})

    answer = people.send("POST", path, body, status=status)

    assert named in answer["message"] + str(answer.get("errors", ""))


def test_a_role_must_be_there_and_is_given_once(people):
    ana = people.make("ana")
    people.bind(ana, "viewer", "a")
    same = {"type": "USER", "externalId": ana, "roleId": "viewer", "namespaceId": "a"}

    people.send("POST", "/bindings", same, status=409)
    people.send("POST", "/bindings", same | {"roleId": "none"}, status=404)


@ON_ONE
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_the_fixed_roles_stay_as_they_are(people, method):
    body = {"name": "viewer", "permissions": ["flow:write"]} if method == "PUT" else None

    answer = people.send(method, "/roles/viewer", body, status=409)

    assert "fixed" in answer["message"]


@ON_ONE
def test_the_list_of_roles_holds_the_fixed_ones_and_ours(people):
    people.send("POST", "/roles", {"name": "night", "permissions": ["flow:read"]})

    found = people.send("GET", "/roles/search")
    some = people.send("GET", "/roles/search?q=NIG")

    names = [role["name"] for role in found["results"]]
    assert names == ["viewer", "operator", "editor", "admin", "night"]
    assert [role["permissions"] for role in some["results"]] == [["flow:read"]]


@ON_ONE
def test_only_who_manages_access_gives_anything(people):
    ana = people.make("ana")
    people.bind(ana, "editor")
    people.bind(people.make("ben"), "admin", "a")
    body = {"type": "USER", "externalId": ana, "roleId": "admin"}

    for who in ("ana", "ben"):
        assert people.call("POST", "/bindings", who, json=body).status_code == 403
        assert people.call("GET", "/groups/search", who).status_code == 403


@ON_ONE
def test_the_audit_log_says_what_was_given_to_whom(people):
    ana = people.make("ana")
    people.bind(ana, "viewer", "a")

    line = people.send("GET", "/auditlogs/search?action=access:admin grants.create_binding")

    [act] = line["results"]
    assert act["verdict"] == "DONE"
    assert act["detail"] | {"status": 0} == {
        "status": 0, "type": "USER", "subject": ana, "role": "viewer", "namespace": "a",
    }  # fmt: skip
