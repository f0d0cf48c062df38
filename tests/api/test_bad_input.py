"""Hostile bodies at every route that changes something: never a 5xx, never a partial change.

The routes are walked, so that none is forgotten. What is there before is there after.
"""

import io
import zipfile
from urllib.parse import unquote

import pytest
from sqlalchemy import text

from tests.api.routes import METHODS, path_of, rules

DEEP = "[" * 5000 + "]" * 5000
BODIES = [
    (b"", "application/json"),
    (b"{", "application/json"),
    (b'{"a": }', "application/json"),
    (b"[1, 2", "application/x-yaml"),
    (DEEP.encode(), "application/json"),
    (b'{"namespace": null, "id": null}', "application/json"),
    (b'[{"namespace": 1, "id": {}}]', "application/json"),
    (b'["x\\u0000y"]', "application/json"),
    (b'{"namespace": "x\\u0000y", "flowId": "a", "triggerId": "a", "id": "a"}', "application/json"),
    (b'{"name": "\\ud800"}', "application/json"),
    (b"[" + b"9" * 6000 + b"]", "application/json"),
    (b"[1e999, NaN, -Infinity]", "application/json"),
    (b"\xff\xfe\x00\x01", "application/json"),
    (b"\xff\xfe\x00\x01", "application/x-yaml"),
    (b"a: &a [*a]", "application/x-yaml"),
    (b"a: !!python/object/apply:os.system [id]", "application/x-yaml"),
    (b"id: x\nid: y\nnamespace: a.b\ntasks: []", "application/x-yaml"),
    (b"null", "application/json"),
    (b"true", "application/json"),
    (b'"text"', "application/json"),
    (b"12345678901234567890123", "application/json"),
    (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--", "multipart/form-data; boundary=x"),
    (
        b'--x\r\nContent-Disposition: form-data; name="a\x00b"\r\n\r\n\xff\xfe\r\n--x--',
        "multipart/form-data; boundary=x",
    ),
    (b"anything", "multipart/form-data"),
    (b"a=%ff%00&a=2", "application/x-www-form-urlencoded"),
    (b"<xml/>", "application/xml; charset=nonsense"),
]
TABLES = ("flows", "flow_revisions", "executions", "triggers", "kv", "secrets", "users")


@pytest.fixture
def filled(lite):
    lite.flow("one", "inputs: [{id: n, type: INT}]")
    return lite


def counts(api):
    with api.driver.rt.database.reading() as tx:
        return {t: tx.execute(text(f"select count(*) from {t}")).scalar() for t in TABLES}


def changing(api):
    for rule in rules(api.client.application):
        if "_plain." not in rule.endpoint:
            for method in sorted(rule.methods & set(METHODS) - {"GET"}):
                yield rule, method, path_of(api.client.application, rule)


@pytest.mark.parametrize(
    "bodies",
    [pytest.param(BODIES[::4], id="some"), pytest.param(BODIES, id="all", marks=pytest.mark.slow)],
)
def test_no_body_breaks_a_route_that_changes_something(filled, bodies):
    before = counts(filled)
    broken = []

    for _, method, path in changing(filled):
        for body, kind in bodies:
            if not body and path.endswith("/flows/bulk"):
                continue  # means what it says: no flow is wanted any more
            # without a condition a query means everything
            query = {"namespace": "not.there"} if path.endswith("/by-query") else {}
            answer = filled.client.open(
                path, method=method, data=body, content_type=kind, query_string=query
            )
            if answer.status_code >= 500 and answer.status_code != 503:
                broken.append((method, path, body[:40], answer.status_code))
            if answer.status_code >= 400 and not answer.get_json().get("message"):
                broken.append((method, path, body[:40], "no message"))

    assert broken == []
    after = counts(filled)
    assert after["flows"] == before["flows"]
    assert after["executions"] == before["executions"]
    assert after["flow_revisions"] == before["flow_revisions"]


NAMES = ("%00", "a%00b", "..", "%2e%2e%2f", "%ff%fe", "a" * 3000, "'", "%25", "%E2%80%AE")


@pytest.mark.parametrize(
    "names",
    [pytest.param(NAMES[::3], id="some"), pytest.param(NAMES, id="all", marks=pytest.mark.slow)],
)
def test_no_name_in_a_path_breaks_a_route(filled, names):
    broken = []

    for rule, method, _ in changing(filled):
        for name in names:
            path = rule.rule
            for argument in rule.arguments:
                for kind in ("", "path:"):
                    path = path.replace(f"<{kind}{argument}>", name)
            if "<" in path:
                continue
            answer = filled.client.open(path, method=method, data=b"{}")
            if answer.status_code >= 500 and answer.status_code != 503:
                broken.append((method, path[:80], answer.status_code))

    assert broken == []


def test_a_wrong_body_names_its_place(filled):
    cases = [
        ("POST", "/flows", b"id: x\nnamespace: a\ntasks: [{id: a, type: no.Such}]", "line 3"),
        ("POST", "/flows", b"id: x\n  bad: [", "line 2"),
        ("POST", "/triggers/unlock/by-triggers", b'[{"namespace": "a"}]', "[0].flowId"),
        ("POST", "/executions/latest", b'{"a": 1}', "list"),
        ("PUT", "/namespaces/a.b/secrets", b'{"key": "K", "value": 1}', "value"),
        ("POST", "/executions/kill/by-ids", b"{}", ""),
        ("POST", "/flows/disable/by-ids", b"[\n{", "line"),
    ]
    for method, path, body, where in cases:
        answer = filled.call(method, path, data=body)

        assert 400 <= answer.status_code < 500, path
        assert where in answer.get_json()["message"], answer.get_json()["message"]


def test_a_body_over_the_limit_is_refused(filled):
    large = b"x" * 2_000_000

    for path in ("/flows", "/flows/validate", "/executions/latest", "/expressions/eval"):
        answer = filled.call("POST", path, data=large)

        assert answer.status_code == 413, path


def test_a_length_that_is_not_true_is_no_way_round_the_limit(filled):
    stream = io.BytesIO(b"x" * 2_000_000)

    answer = filled.call("POST", "/flows", input_stream=stream, content_length=10)

    assert 400 <= answer.status_code < 500


def test_a_bulk_act_with_one_wrong_id_changes_nothing(filled):
    filled.flow("two")
    ended = filled.run("two")

    body = {
        "executionsId": [ended, "0" * 22],
        "executionLabels": [{"key": "a", "value": "b"}],
    }
    answer = filled.call("POST", "/executions/labels/by-ids", json=body)

    assert answer.status_code == 400
    assert answer.get_json()["invalids"][0]["invalidValue"] == "0" * 22
    labels = filled.get(f"/executions/{ended}")["labels"]
    assert {"key": "a", "value": "b"} not in labels


def test_values_that_no_column_takes_are_refused_by_every_database(api):
    nul = api.call("GET", "/flows/search", query_string={"q": "a\x00b"})
    large = api.call("GET", "/flows/team.a/none", query_string={"revision": "999999999"})

    assert nul.status_code in (200, 422)
    assert large.status_code == 404
    for path in ("/executions/search", "/logs/search", "/triggers/search", "/kv", "/secrets"):
        answer = api.call("GET", path, query_string={"filters[namespace][EQUALS]": "a\x00b"})

        assert answer.status_code in (200, 422), path


def test_labels_without_a_key_or_a_value_are_refused(lite):
    lite.flow("one")

    for label in (":value", "key:", "key", ""):
        answer = lite.call("POST", "/executions/team.a/one", query_string={"labels": label})

        assert answer.status_code == 422, label
    assert lite.get("/executions/search")["total"] == 0


def test_a_key_that_is_none_is_refused_by_every_method(lite):
    for method in ("GET", "PUT", "DELETE"):
        answer = lite.call(method, "/namespaces/team.a/kv/bad$key", data='"content"')

        assert answer.status_code == 422, method


@pytest.mark.parametrize("name", ["bad%20ns", "Team", ".team", "a" * 151, "team%0A", "%C3%A9"])
def test_a_name_that_no_namespace_may_have_is_refused_by_every_write(lite, name):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("x.txt", "x")
    below, at = f"/namespaces/{name}", {"query_string": {"path": "/x"}}
    asked = [
        ("PUT", f"{below}/kv/k", {"data": '"v"'}),
        ("PUT", f"{below}/secrets", {"json": {"key": "K", "value": "v"}}),
        ("POST", f"{below}/files", {"data": {"fileContent": (io.BytesIO(b"x"), "x.txt")}, **at}),
        (
            "POST",
            f"{below}/files",
            {"data": {"fileContent": (io.BytesIO(archive.getvalue()), "x.zip")}, **at},
        ),
        ("POST", f"{below}/files/directory", at),
        ("POST", "/namespaces", {"json": {"id": unquote(name)}}),
    ]

    for method, path, sent in asked:
        answer = lite.call(method, path, **sent)

        assert answer.status_code == 422, (method, path, answer.get_json())
        (wrong,) = answer.get_json()["errors"]
        assert wrong["path"] == ("id" if path == "/namespaces" else "namespace")
    assert lite.get("/namespaces/search")["total"] == 0


def test_a_key_with_a_slash_is_told_as_a_key_that_may_not_be(lite):
    for method in ("GET", "PUT", "DELETE"):
        answer = lite.call(method, "/namespaces/team.a/kv/k%2F1", data='"content"')

        assert answer.status_code == 422, method
        assert "'k/1' must match" in answer.get_json()["message"]
