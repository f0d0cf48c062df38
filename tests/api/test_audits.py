"""The audit log as a file, what it says of a change, and what an account may where."""

import csv
import io
import json

import pytest

from app.service.access import audit
from tests.support.people import FLOW, PASSWORD, People

#: the database does not matter to what is asked here
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def people(driver):
    driver.save(FLOW.format("a.b"))
    return People(driver)


def note(people, count, **more):
    for n in range(count):
        act = {"actor": "eve", "action": "x", "target": f"t{n}", "verdict": audit.DONE, **more}
        audit.note(people.driver.rt, audit.Act(**act))


def export(people, **query):
    return people.call("GET", "/auditlogs/export", "root", query_string=query)


def test_all_lines_that_fit_leave_as_csv_however_many_they_are(people):
    note(people, 1_203)
    note(people, 1, actor="bob")

    answer = export(people, actor="eve")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["target"] for row in rows] == [f"t{n}" for n in reversed(range(1_203))]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    assert list(rows[0])[-1] == "detail"


def test_a_line_of_jsonl_is_what_the_list_shows(people):
    note(people, 2, detail={"a": "=1"})

    lines = export(people, format="jsonl", actor="eve").text.splitlines()

    listed = people.send("GET", "/auditlogs/search?actor=eve")["results"]
    assert list(map(json.loads, lines)) == listed


def test_a_format_that_there_is_not_is_refused(people):
    answer = export(people, format="xml")

    assert answer.status_code == 400
    assert "`format`" in answer.json["message"]


def last(people):
    return people.send("GET", "/auditlogs/search?actor=root&size=1")["results"][0]["detail"]


def test_the_log_says_what_a_change_of_an_account_changed(people):
    body = {"username": "ana", "password": PASSWORD, "grants": [{"role": "viewer"}]}
    ana = people.send("POST", "/users", body, 201)
    new = {"grants": [{"role": "editor", "namespace": "a"}], "password": "another horse"}

    people.send("PATCH", f"/users/{ana['id']}", new)

    assert last(people)["before"] == {"grants": [{"role": "viewer", "namespace": ""}]}
    assert last(people)["after"] == {"grants": [{"role": "editor", "namespace": "a"}]}
    assert "horse" not in str(last(people))


def test_the_log_says_what_a_change_of_a_role_changed(people):
    made = people.send("POST", "/roles", {"name": "w", "permissions": ["flow:read"]})

    people.send("PUT", f"/roles/{made['id']}", {"name": "w", "permissions": ["kv:read"]})

    assert last(people)["before"] == {"permissions": ["flow:read"]}
    assert last(people)["after"] == {"permissions": ["kv:read"]}


def test_the_log_says_which_revision_a_change_of_a_flow_made(people):
    text = FLOW.format("a.b") + "description: other\n"

    people.call("PUT", "/flows/a.b/f", "root", data=text, content_type="application/x-yaml")

    assert (last(people)["before"], last(people)["after"]) == ({"revision": 1}, {"revision": 2})


def may(people, account, namespace=""):
    path = f"/permissions?account={account}&namespace={namespace}"
    found = people.send("GET", path)["permissions"]
    return {one["name"]: one["by"] for one in found if one["allowed"]}


def test_what_an_account_may_in_a_namespace_names_the_grants_that_say_so(people):
    ana = people.make("ana")
    people.bind(ana, "operator", "a")
    group = people.send("POST", "/groups", {"name": "night", "membersId": [ana]})["id"]
    given = {"type": "GROUP", "externalId": group, "roleId": "viewer"}
    people.send("POST", "/bindings", given)

    below, elsewhere = may(people, ana, "a.b"), may(people, ana)

    assert below["execution:run"] == [{"role": "operator", "namespace": "a"}]
    assert below["flow:read"] == [
        {"role": "operator", "namespace": "a"},
        {"role": "viewer", "namespace": "", "group": "night"},
    ]
    assert "flow:write" not in below
    assert "execution:run" not in elsewhere
    assert elsewhere["flow:read"] == [{"role": "viewer", "namespace": "", "group": "night"}]


def test_a_closed_account_may_nothing_and_an_administrator_everything(people):
    ana = people.make("ana")
    people.bind(ana, "admin")
    people.send("PATCH", f"/users/{ana}", {"disabled": True})
    root = people.send("GET", "/users?q=root")["results"][0]["id"]

    assert may(people, "ana") == {}
    assert may(people, root)["access:admin"] == [{"role": "admin", "namespace": ""}]


def test_only_who_manages_access_asks_what_others_may(people):
    ana = people.make("ana")
    people.bind(ana, "editor")

    assert people.call("GET", "/permissions?account=ana", "ana").status_code == 403
    assert people.call("GET", "/permissions?account=nobody").status_code == 404
    assert people.call("GET", "/permissions").status_code == 400
