"""S5, S6, S19, S24: what answers and log lines never hold, whatever is asked."""

import io
import json
import logging
import re
from itertools import product

import pytest

from app.api.describe import info_of
from app.telemetry import logging as telemetry
from tests.api.routes import path_of, rules

#: signs of the inside: traces, SQL, files of the host, classes
INSIDE = re.compile(
    r"Traceback|File \"|site-packages|sqlalchemy|psycopg|sqlite3|SELECT |INSERT |UPDATE .* SET|"
    r"/work/|/tmp/|/home/|/usr/|\.py\b|object at 0x|werkzeug",
)
SQL = ["' OR '1'='1", "'; DROP TABLE flows; --", "\\' OR 1=1 --", "1) UNION SELECT 1 --", '"', "%'"]
HOSTILE = [*SQL, "%", "_", "\\", "a\x00b", "\ud800".encode("utf-8", "surrogatepass"), "9" * 400,
           "-1", "null", "[]", "{{ secret('X') }}", "../../etc/passwd", "a" * 5000]  # fmt: skip


@pytest.fixture
def filled(lite):
    lite.flow("one", "labels: {team: a_b}\ninputs: [{id: n, type: INT, defaults: 1}]")
    lite.run("one")
    return lite


def readable(app):
    for rule in rules(app):
        if "GET" in rule.methods and not rule.endpoint.startswith("streams."):
            info = info_of(app.view_functions[rule.endpoint])
            yield rule, [name.rstrip("*") for name in info.query], info.filters


def asked(names, fields, value):
    """Queries that hold a value once in each parameter, filter and sort."""
    yield from ({name: value} for name in names)
    if fields is not None:
        for name in list(
            vars(fields).get("operators", fields) if not isinstance(fields, dict) else fields
        ):
            yield {f"filters[{name}][EQUALS]": value}
        yield {"filters[labels][EQUALS][" + str(value)[:200] + "]": "x"}
        yield {f"filters[{str(value)[:200]}][EQUALS]": "x"}
    if "sort" in names:
        yield {"sort": f"{str(value)[:200]}:asc"}


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(HOSTILE[::6], id="some"),
        pytest.param(HOSTILE, id="all", marks=pytest.mark.slow),
    ],
)
def test_no_query_breaks_a_route_or_shows_the_inside(filled, values):
    app, wrong = filled.client.application, []

    for rule, names, fields in readable(app):
        path = path_of(app, rule, namespace="team.a", flow_id="one", id="one")
        for value in values:
            for query in asked(names, fields, value):
                answer = filled.client.get(path, query_string=query)
                text = answer.get_data().decode(errors="replace")
                text = text.replace("UNION SELECT 1", "")  # what was asked may be told
                is_error = answer.status_code >= 400
                if answer.status_code >= 500 or (is_error and INSIDE.search(text)):
                    wrong.append((path, query, answer.status_code, text[:200]))
                if is_error and not answer.get_json().get("message"):
                    wrong.append((path, query, answer.status_code, "no message"))

    assert wrong[:20] == []
    assert filled.get("/flows/search")["total"] == 1


def test_sql_in_a_search_finds_nothing_and_changes_nothing(api):
    api.flow("one")
    api.run("one")
    paths = ("/flows/search", "/executions/search", "/logs/search", "/triggers/search", "/kv")

    for path, text in product(paths, SQL):
        for query in ({"q": text}, {"filters[namespace][CONTAINS]": text}, {"namespace": text}):
            answer = api.call("GET", path, query_string=query)

            assert answer.status_code in (200, 400, 422), (path, query)
            assert answer.status_code != 200 or answer.get_json()["total"] == 0, (path, query)
    assert api.get("/flows/search")["total"] == 1


def test_wildcards_of_sql_are_plain_letters(api):
    api.flow("a_b")
    api.flow("axb")

    def ids(**query):
        return sorted(flow["id"] for flow in api.get("/flows/search", **query)["results"])

    assert ids(q="a_b") == ["a_b"]
    assert ids(q="%") == []
    assert ids(**{"filters[flowId][CONTAINS]": "_"}) == ["a_b"]
    assert ids(**{"filters[flowId][STARTS_WITH]": "a_"}) == ["a_b"]
    assert ids(**{"filters[flowId][ENDS_WITH]": "_b"}) == ["a_b"]


def test_a_sort_by_what_is_no_field_is_refused(lite):
    for field in ("source", "password_hash", "(select 1)", "namespace;--", "1"):
        answer = lite.call("GET", "/flows/search", query_string={"sort": f"{field}:asc"})

        assert answer.status_code in (400, 422), field
        assert answer.get_json()["message"]


def test_what_nobody_expected_has_an_id_in_answer_and_log_and_nothing_else(lite, caplog):
    lite.flow("one")
    execution = lite.run("one")
    with lite.driver.rt.database.transaction() as tx:
        tx.exec_driver_sql("update executions set histories = 'spoiled'")

    with caplog.at_level(logging.ERROR):
        answer = lite.call("GET", f"/executions/{execution}")

    assert answer.status_code == 500
    body = answer.get_json()
    assert not INSIDE.search(json.dumps(body))
    assert "spoiled" not in json.dumps(body)
    assert body["traceId"] in {getattr(record, "trace", None) for record in caplog.records}


def test_the_file_of_another_execution_is_shown_to_nobody_who_may_not_see_it(lite):
    lite.flow("one", "inputs: [{id: f, type: FILE}]")
    lite.flow("two", namespace="other.b")
    file = {"f": (io.BytesIO(b"content"), "f")}
    mine = lite.call("POST", "/executions/team.a/one", data=file).get_json()
    other = lite.run("two", namespace="other.b")
    uri = mine["inputs"]["f"]

    own = lite.call("GET", f"/executions/{mine['id']}/file", query_string={"path": uri})
    led = lite.call("GET", f"/executions/{other}/file", query_string={"path": uri})

    assert own.data == b"content"
    assert led.status_code in (301, 302, 307)
    assert mine["id"] in led.headers["Location"]
    for path in ("kestra:///_content/aa/bb", "kestra:///team/a/_files/x", "kestra:///../x",
                 "file:///etc/passwd", "/etc/passwd", uri.replace("team", "tean"), ""):  # fmt: skip
        for route in ("file", "file/metas", "file/preview"):
            answer = lite.call("GET", f"/executions/{other}/{route}", query_string={"path": path})

            assert answer.status_code in (400, 404, 422), (route, path)


SAY = "{id: log, type: io.kestra.plugin.core.log.Log, message: '{{ inputs.t }}'}"
NASTY = 'a\r\nX-Evil: 1\x1b[31m\u202e"b.txt'


def test_names_of_files_cannot_write_headers(lite):
    lite.flow("one", "inputs: [{id: f, type: FILE}]")
    file = {"f": (io.BytesIO(b"content"), "f")}
    started = lite.call("POST", "/executions/team.a/one", data=file).get_json()
    name = NASTY.replace("\r\n", "").replace("\x1b", "")
    put = lite.call(
        "POST",
        "/namespaces/team.a/files",
        query_string={"path": f"/{name}"},
        data={"fileContent": (io.BytesIO(b"x"), "x")},
    )
    refused = lite.call(
        "POST",
        "/namespaces/team.a/files",
        query_string={"path": f"/{NASTY}"},
        data={"fileContent": (io.BytesIO(b"x"), "x")},
    )
    answers = [
        lite.call("GET", "/namespaces/team.a/files", query_string={"path": f"/{name}"}),
        lite.call("GET", f"/executions/{started['id']}/file?path={started['inputs']['f']}"),
        lite.call("GET", f"/flows/{NASTY.encode().hex()}/x"),
        lite.client.get("/api/v1/main/flows/team.a/%0d%0aX-Evil:%201"),
        lite.client.get("/ui/%0d%0aX-Evil:%201"),
    ]

    assert put.status_code == 200
    assert refused.status_code == 422
    for answer in answers:
        assert "X-Evil" not in answer.headers
        assert not any("\r" in v or "\n" in v or "\x1b" in v for _, v in answer.headers)


def test_lines_of_the_servers_own_log_stay_one_line_each(lite, capfd):
    before = logging.getLogger().handlers[:], logging.getLogger().level
    telemetry.set_up("INFO", "text")
    logging.getLogger("app.test").warning("a name: %s", "x\r\nforged line \x1b[31mred\x00")
    try:
        raise ValueError("wrong\n2026-11-25 00:00:00 ERROR app forged")
    except ValueError:
        logging.getLogger("app.test").exception("failed")
    logging.getLogger().handlers[:], logging.getLogger().level = before
    said = capfd.readouterr().err.splitlines()

    assert [line for line in said if not line.startswith(" ")] == [said[0], said[1]]
    assert said[1].endswith("failed")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", "".join(said))


def test_a_downloaded_log_holds_no_escapes_of_a_terminal(lite):
    text = "red \x1b[31mtext\x1b]0;title\x07 and \r\nsecond"
    lite.flow("one", "inputs: [{id: t, type: STRING}]", tasks=SAY)
    started = lite.call("POST", "/executions/team.a/one", data={"t": text}).get_json()
    lite.driver.work()

    loaded = lite.call("GET", f"/logs/{started['id']}/download").get_data(as_text=True)

    assert "red text and" in loaded
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", loaded)
