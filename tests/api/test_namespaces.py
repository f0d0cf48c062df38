"""Namespaces and their secrets."""

import io
import json
import zipfile
from types import SimpleNamespace

from app.service import kv_text
from app.service.crypto import Keyring


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


def test_what_is_handed_down_tells_where_it_comes_from(lite):
    def default(level):
        return {"type": "io.kestra.plugin.core.log.Log", "values": {"level": level}}

    for name, given in (("a", {"x": 1, "y": 1}), ("a.b", {"y": 2})):
        body = {"id": name, "variables": given, "pluginDefaults": [default(name)]}
        lite.send("POST", "/namespaces", body)

    found = lite.get("/namespaces/a.b.c/handed-down")

    assert found["variables"] == [
        {"key": "x", "value": 1, "namespace": "a"},
        {"key": "y", "value": 2, "namespace": "a.b"},
    ]
    assert found["pluginDefaults"] == [
        {"value": default("a.b"), "namespace": "a.b"},
        {"value": default("a"), "namespace": "a"},
    ]


def test_each_namespace_tells_how_much_it_holds_itself(lite):
    lite.flow("one", namespace="a.b")
    lite.flow("two", namespace="a.b")
    lite.send("PUT", "/namespaces/a/secrets", {"key": "TOKEN", "value": "s3cr3t"})
    lite.call("PUT", "/namespaces/a/kv/day", data="1")
    for path in ("x.txt", "sql/all.sql", "sql/deep/one.sql"):
        put_file(lite, "a", path)

    found = {item.pop("id"): item for item in lite.get("/stats/namespaces")}

    assert found == {
        "a": {"flows": 0, "files": 3, "keys": 1, "secrets": 1},
        "a.b": {"flows": 2, "files": 0, "keys": 0, "secrets": 0},
    }


def put_file(lite, namespace, path):
    data = {"fileContent": (io.BytesIO(b"text"), "content")}
    where = f"/namespaces/{namespace}/files"
    answer = lite.call("POST", where, data=data, query_string={"path": path})
    assert answer.status_code == 200, answer.get_data(as_text=True)


def test_a_folder_is_downloaded_by_itself(lite):
    lite.flow("one", namespace="a")
    for path in ("x.txt", "sql/all.sql", "sql/deep/one.sql", "sql_old/two.sql"):
        put_file(lite, "a", path)
    where = "/namespaces/a/files/export"

    whole = lite.call("GET", where)
    part = lite.call("GET", where, query_string={"path": "/sql"})

    names = zipfile.ZipFile(io.BytesIO(part.get_data())).namelist()
    assert names == ["all.sql", "deep/one.sql"]
    assert 'filename="sql.zip"' in part.headers["Content-Disposition"]
    assert len(zipfile.ZipFile(io.BytesIO(whole.get_data())).namelist()) == 5
    for path, status in (("x.txt", 400), ("none", 404)):
        assert lite.call("GET", where, query_string={"path": path}).status_code == status


def test_a_list_of_keys_shows_how_their_values_begin(lite):
    lite.call("PUT", "/namespaces/a/kv/short", data='{"to": ["ops"]}')
    lite.call("PUT", "/namespaces/a/kv/long", data=json.dumps("x" * 500))

    found = {item["key"]: item["preview"] for item in lite.get("/kv")["results"]}

    assert found["short"] == '{"to": ["ops"]}'
    assert (len(found["long"]), found["long"][-1]) == (100, "…")


def test_what_is_encrypted_is_not_in_a_preview():
    sealed = Keyring((bytes(32),), "here").seal("s3cr3t")

    shown = kv_text.preview(SimpleNamespace(value={"user": "ana", "all": [sealed, 1]}))

    assert shown == '{"user": "ana", "all": ["******", 1]}'
