"""Namespaces and their secrets."""


def test_a_namespace_is_made_replaced_and_removed(lite):
    made = lite.send("POST", "/namespaces", {"id": "a.b", "description": "one"})
    again = lite.call("POST", "/namespaces", json={"id": "a.b"})
    lite.send("PUT", "/namespaces/a.b", {"id": "a.b", "description": "two", "variables": {"x": 1}})
    changed = lite.get("/namespaces/a.b")
    lite.send("DELETE", "/namespaces/a.b", status=204)
    lite.send("DELETE", "/namespaces/a.b", status=204)

    assert made["id"] == "a.b"
    assert again.status_code in (409, 422)
    assert (changed["description"], changed["variables"]) == ("two", {"x": 1})
    lite.send("GET", "/namespaces/a.b", status=404)
    lite.send("PUT", "/namespaces/a.b", {"id": "a.b"}, status=404)


def test_parents_of_a_namespace_are_listed_too(lite):
    lite.flow("one", namespace="deep.er.est")

    found = {item["id"]: item for item in lite.get("/namespaces/search", size=50)["results"]}
    asked = lite.send("POST", "/namespaces/autocomplete", {"q": "er."})

    assert {"deep", "deep.er", "deep.er.est"} <= set(found)
    assert found["deep"].get("disabled") is True
    assert not found["deep.er.est"].get("disabled")
    assert asked == ["deep.er.est"]


def test_variables_come_from_the_parents(lite):
    for name, variables in (("a", {"x": 1, "y": 1}), ("a.b", {"y": 2})):
        lite.send("POST", "/namespaces", {"id": name, "variables": variables})

    assert lite.get("/namespaces/a.b.c/inherited-variables") == {"x": 1, "y": 2}


def test_a_secret_is_kept_and_its_value_never_shown(lite):
    entry = {"key": "TOKEN", "value": "s3cr3t-value", "description": "of a test",
             "tags": [{"key": "team", "value": "a"}]}  # fmt: skip
    put = lite.call("PUT", "/namespaces/a.b/secrets", json=entry)
    listed = lite.call("GET", "/namespaces/a.b/secrets")
    everywhere = lite.call("GET", "/secrets")
    below = lite.call("GET", "/namespaces/a.b.c/inherited-secrets")
    patched = lite.call("PATCH", "/namespaces/a.b/secrets/TOKEN", json={"description": "new"})

    answers = (put, listed, everywhere, below, patched)
    assert [answer.status_code for answer in answers] == [200] * 5
    assert all("s3cr3t-value" not in answer.get_data(as_text=True) for answer in answers)
    assert [item["key"] for item in listed.get_json()["results"]] == ["TOKEN"]
    assert "TOKEN" in below.get_json()["a.b"]
    after = lite.get("/namespaces/a.b/secrets")["results"]
    assert after[0]["description"] == "new"


def test_a_removed_secret_is_gone(lite):
    lite.send("PUT", "/namespaces/a.b/secrets", {"key": "TOKEN", "value": "x"})

    first = lite.call("DELETE", "/namespaces/a.b/secrets/TOKEN")

    assert first.status_code in (200, 204)
    assert lite.get("/namespaces/a.b/secrets")["results"] == []
    assert lite.call("DELETE", "/namespaces/a.b/secrets/TOKEN").status_code == 404
