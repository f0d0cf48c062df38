"""The life of accounts by their routes: people, programs, and their tokens."""

import pytest

PEOPLE, PROGRAMS = "/users", "/service-accounts"


@pytest.mark.parametrize(("kind", "made"), [(PEOPLE, 201), (PROGRAMS, 200)])
def test_an_account_is_made_read_changed_and_closed(lite, kind, made):
    body = {"name": "robot", "grants": [{"role": "viewer", "namespace": "a"}]}
    account = lite.send("POST", kind, body, status=made)
    path = f"{kind}/{account['id']}"

    changed = lite.send("PATCH", path, {"disabled": True, "grants": []})
    listed = lite.get(kind, q="rob")

    assert lite.get(path) == changed
    assert (changed["username"], changed["disabled"], changed["grants"]) == ("robot", True, [])
    assert [one["id"] for one in listed["results"]] == [account["id"]]
    lite.send("DELETE", path, status=204)
    lite.send("GET", path, status=404)


def test_a_person_is_no_program_and_a_program_no_person(lite):
    person = lite.send("POST", PEOPLE, {"name": "ana"}, status=201)
    program = lite.send("POST", PROGRAMS, {"name": "robot"})

    lite.send("GET", f"{PROGRAMS}/{person['id']}", status=404)
    lite.send("DELETE", f"{PEOPLE}/{program['id']}", status=404)


def test_a_person_is_replaced_by_put_and_gets_a_password_by_its_own_route(lite):
    path = f"{PEOPLE}/{lite.send('POST', PEOPLE, {'name': 'ana'}, status=201)['id']}"

    replaced = lite.send("PUT", path, {"superAdmin": False, "disabled": False, "grants": []})
    lite.send("PATCH", f"{path}/password", {"password": "correct horse"})
    refused = lite.send("PATCH", f"{path}/password", {"password": "short"}, status=422)

    assert replaced["superAdmin"] is False
    assert "8 characters" in refused["message"]
    assert lite.client.post("/login", json={"username": "ana", "password": "correct horse"}).json


@pytest.mark.parametrize("kind", [PEOPLE, PROGRAMS])
def test_tokens_of_an_account_are_shown_once_and_revoked(lite, kind):
    made = lite.call("POST", kind, json={"name": "robot"}).get_json()
    path = f"{kind}/{made['id']}/api-tokens"

    token = lite.send("POST", path, {"name": "t", "maxAge": "P1D"}, status=201)
    [shown] = lite.get(path)["results"]

    assert token["fullToken"].startswith("tk_")
    assert "fullToken" not in shown
    assert shown["expired"] is False
    lite.send("DELETE", f"{path}/{token['id']}", status=204)
    lite.send("DELETE", f"{path}/{token['id']}", status=404)
    assert lite.get(path)["results"] == []
