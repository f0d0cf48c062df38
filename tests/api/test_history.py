"""The history of a flow: when, by whom and from where each revision came."""

from app.service import flows

TEXT = """id: told
namespace: team.a
description: {0}
tasks: [{{id: a, type: io.kestra.plugin.core.log.Log, message: hi}}]
"""
GIT = {"commit": "a" * 40, "author": "Ana", "message": "Load users", "url": "https://git/c"}


def test_each_revision_tells_where_it_came_from(api):
    api.flow("told", "description: one")
    flows.save(api.driver.rt, TEXT.format("two"), author="Ana", git=GIT)
    headers = {"Content-Type": "application/x-yaml", "X-Requested-With": "XMLHttpRequest"}
    made = api.call("PUT", "/flows/team.a/told", data=TEXT.format("three"), headers=headers)

    found = api.get("/flows/team.a/told/history")

    assert made.status_code == 200
    latest, from_git, first = found["results"]
    assert found["total"] == 3
    assert (latest["revision"], latest["origin"]) == (3, "UI")
    assert (from_git["origin"], from_git["commit"]) == ("GIT", "a" * 40)
    assert (from_git["message"], from_git["url"]) == ("Load users", "https://git/c")
    assert first["origin"] == "API"
    assert "source" not in latest
    assert first["date"] < latest["date"]


def test_the_history_is_paged_and_of_a_flow_that_is_there(api):
    api.flow("told", "description: one")
    flows.save(api.driver.rt, TEXT.format("two"))

    found = api.get("/flows/team.a/told/history", page=2, size=1)

    assert [row["revision"] for row in found["results"]] == [1]
    assert found["total"] == 2
    api.send("GET", "/flows/team.a/nothing/history", status=404)


def test_a_revision_that_came_with_others_tells_who_saved_it(lite):
    for number, path in enumerate(("/flows/bulk", "/flows/team.a")):
        text = TEXT.format(f"number {number}")
        saved = lite.call("POST", path, query_string={"delete": "false"}, data=text)

        latest = lite.get("/flows/team.a/told/history")["results"][0]
        assert saved.status_code == 200
        assert (latest["author"], latest["origin"]) == ("anonymous", "API")


def test_a_deletion_is_of_who_deleted_and_not_of_who_saved_before(lite):
    here = lite.driver.rt
    paths = ("/flows/team.a/told", "/flows/delete/by-ids")
    for path in paths:
        flows.save(here, TEXT.format(path), author="Ana", git=GIT)
        body = [{"namespace": "team.a", "id": "told"}] if "by-ids" in path else None
        assert lite.call("DELETE", path, json=body).status_code in (200, 204)
    flows.save(here, TEXT.format("again"))

    told = lite.get("/flows/team.a/told/history")["results"]

    gone = [row for row in told if row["revision"] in (2, 4)]
    assert [(row["author"], row["origin"]) for row in gone] == [("anonymous", "API")] * 2
