"""Bodies at every route that changes something, on an installation that has one of everything.

What is refused has changed nothing, in any table; it is refused by its size before it is read; and
the answer names the line, or the field. All walk the routes, so that none is forgotten.
"""

import io
import json
import re
import sqlite3

import pytest

from app.api.app import create_app
from app.api.describe import info_of
from app.api.openapi import document
from tests.api.routes import METHODS, path_of, rules
from tests.api.test_bad_input import BODIES

#: who did what, and what was refused (of deliveries too): written for a refusal as well
ALSO_WRITTEN = {"audit", "git_deliveries", "sqlite_stat1"}
SUITE = """
id: suite
namespace: team.a
flowId: one
testCases: [{id: a, type: io.kestra.core.tests.flow.UnitTest,
             assertions: [{value: "1", equalTo: "1"}]}]
"""
BOARD = """
id: board
title: Board
charts: [{id: text, type: io.kestra.plugin.core.dashboard.chart.Markdown, content: hello}]
"""


@pytest.fixture
def stocked(lite):
    """One of everything; `names` is what the arguments of routes are filled with."""
    schedule = (
        "triggers: [{id: cron, type: io.kestra.plugin.core.trigger.Schedule, cron: '@daily'},"
    )
    schedule += " {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: secretkey}]"
    lite.flow("one", schedule)
    execution = lite.run("one")
    assert lite.call("PUT", "/namespaces/team.a/kv/K", data='"v"').status_code == 200
    assert lite.call("POST", "/namespaces", json={"id": "team.a"}).status_code < 300
    at, form = {"path": "/x.txt"}, {"fileContent": (io.BytesIO(b"x"), "x.txt")}
    made = lite.call("POST", "/namespaces/team.a/files", query_string=at, data=form)
    assert made.status_code == 200
    lite.send("PUT", "/namespaces/team.a/secrets", {"key": "S", "value": "sesame"})
    assert lite.call("POST", "/tests", data=SUITE).status_code == 200
    assert lite.call("POST", "/dashboards", data=BOARD).status_code == 200
    source = {"name": "src", "url": "https://example.org/team/flows.git"}
    lite.send("POST", "/gitops/sources", source)
    binding = {"source": "src", "name": "bind", "namespace": "team.b"}
    lite.send("POST", "/gitops/bindings", binding)
    hook = lite.send("POST", "/gitops/webhooks", {"name": "hook"})
    lite.send("POST", "/gitops/connections", {"name": "host"})
    person = {"username": "ana@example.org", "password": "correct horse 1"}
    lite.names = {
        "token": hook["token"], "endpoint": hook["id"], "name": "host",
        "user_id": lite.send("POST", "/users", person, 201)["id"], "chart_id": "text",
        "account_id": lite.send("POST", "/service-accounts", {"name": "robot"})["id"],
        "namespace": "team.a", "flow_id": "one", "execution_id": execution, "trigger_id": "cron",
        "task_run_id": lite.get(f"/executions/{execution}")["taskRunList"][0]["id"],
        "suite_id": "suite", "source": "src", "binding": "bind", "dashboard_id": "board",
    }  # fmt: skip
    return lite


def changing(api):
    """(rule, method, path), with those that remove something last."""
    app = api.client.application
    found = [
        (rule, method, path_of(app, rule, **api.names, key=_key(rule)))
        for rule in rules(app)
        if "_plain." not in rule.endpoint
        for method in sorted(rule.methods & set(METHODS) - {"GET"})
    ]
    return sorted(found, key=lambda one: one[1] == "DELETE")


#: what routes ask for beside their body; what a query means to change is not there
QUERIES = {"newStatus": "SUCCESS", "path": "/x.txt", "from": "/x.txt", "to": "/y.txt"}
BY_QUERY = {"filters[namespace][EQUALS]": "not.there"}
#: without credentials or a signature, or after the setup, nobody looks into the body
UNREAD = (401, 405)
#: bodies of any kind, which no shape describes
UNDECLARED = {
    ("webhooks.call", "POST"), ("webhooks.call", "PUT"),
}  # fmt: skip


def asked(api, rule):
    """The query parameters that a route must have."""
    needed = info_of(api.client.application.view_functions[rule.endpoint]).query
    names = {re.split(r"[=*]", name)[0] for name in needed}
    found = {name: value for name, value in QUERIES.items() if name in names}
    return found | (BY_QUERY if rule.rule.endswith("/by-query") else {})


def _key(rule):
    return "secretkey" if "webhook" in rule.rule else "S" if "secrets" in rule.rule else "K"


def body_of(api, rule):
    return info_of(api.client.application.view_functions[rule.endpoint]).body


def reading(api):
    """The routes that read a body: (rule, method, path, the body as it is declared)."""
    for rule, method, path in changing(api):
        declared = body_of(api, rule)
        if declared is not None or (rule.endpoint, method) in UNDECLARED:
            yield rule, method, path, declared or ""


class Rows:
    """All that the database holds."""

    def __init__(self, api):
        self.path = api.driver.rt.settings.database_url.removeprefix("sqlite:///")
        self.database = sqlite3.connect(self.path)
        names = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
        found = [name for (name,) in self.database.execute(names)]
        self.tables = [name for name in found if name not in ALSO_WRITTEN]
        self.version, self.rows = None, {}

    def read(self):
        version = self.database.execute("pragma data_version").fetchone()
        if version != self.version:  # somebody else has committed since
            self.version = version
            query = "select * from {}"
            self.rows = {n: self.database.execute(query.format(n)).fetchall() for n in self.tables}
        return self.rows


def test_no_other_route_reads_a_body(stocked):
    known = {(rule.endpoint, method) for rule, method, _, _ in reading(stocked)}
    limited(stocked)

    for rule, method, path in changing(stocked):
        if (rule.endpoint, method) not in known and not WAITS.search(path):
            query = asked(stocked, rule)
            answer = stocked.client.open(path, method=method, data=LARGE, query_string=query)
            assert answer.status_code != 413, (method, path)


@pytest.mark.parametrize(
    "bodies",
    [pytest.param(BODIES[1::9], id="some"), pytest.param(BODIES, id="all", marks=pytest.mark.slow)],
)
def test_what_is_refused_has_changed_nothing(stocked, bodies):
    rows, wrong = Rows(stocked), []

    for rule, method, path, _ in reading(stocked):
        for body, kind in bodies:
            before = rows.read()
            answer = stocked.client.open(
                path, method=method, data=body, content_type=kind, query_string=asked(stocked, rule)
            )
            if answer.status_code >= 500 and answer.status_code != 503:
                wrong.append((method, path, body[:40], answer.status_code))
            if answer.status_code >= 400 and rows.read() != before:
                changed = [name for name in before if before[name] != rows.rows[name]]
                wrong.append((method, path, body[:40], answer.status_code, changed))

    assert not wrong, "\n".join(map(str, wrong))


def test_a_body_over_the_limit_is_refused_by_every_route_that_reads_one(stocked):
    limited(stocked)
    rows, wrong = Rows(stocked), []
    before = rows.read()

    for rule, method, path, _ in reading(stocked):
        for kind in ("application/json", "multipart/form-data; boundary=x"):
            answer = stocked.client.open(
                path,
                method=method,
                data=LARGE,
                content_type=kind,
                query_string=asked(stocked, rule),
            )
            is_delivery = "gitops/webhooks" in path and kind.startswith("multipart")
            if answer.status_code not in (413, *UNREAD) and not is_delivery:
                wrong.append((method, path, kind, answer.status_code, answer.get_data()[:80]))

    assert not wrong, "\n".join(map(str, wrong))
    assert rows.read() == before


#: paths that wait for a worker, of which there is none here
WAITS = re.compile(r"/bindings/bind/|/tests/.*/run$")


def limited(api):
    """Limits that a body of a test is over."""
    rt = api.driver.rt
    small = {"max_body_bytes": 1000, "max_upload_bytes": 100_000, "max_webhook_bytes": 1000}
    object.__setattr__(rt, "settings", rt.settings.model_copy(update=small))
    api.client = create_app(rt).test_client()


LARGE = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 200_000 + b"\r\n--x--"


def test_the_line_of_a_malformed_body_is_named_by_every_route(stocked):
    wrong = []

    for rule, method, path, declared in reading(stocked):
        if not declared.startswith(("json", "yaml")):
            continue
        kind = "application/json" if declared.startswith("json") else "application/x-yaml"
        text = b'{\n"a": }' if declared.startswith("json") else b"id: a\nb: [\n"
        answer = stocked.client.open(
            path, method=method, data=text, content_type=kind, query_string=asked(stocked, rule)
        )
        told = answer.get_data(as_text=True)
        is_told = answer.status_code in (400, 422) or "validate" in path
        if answer.status_code not in UNREAD and (not is_told or "line" not in told):
            wrong.append((method, path, declared, answer.status_code, told[:100]))

    assert not wrong, "\n".join(map(str, wrong))


def test_a_field_that_is_missing_or_of_the_wrong_type_is_named_by_every_route(stocked):
    made, wrong = document(stocked.client.application), []
    shapes = made["components"]["schemas"]

    for rule, method, path, body in reading(stocked):
        declared = body.removeprefix("json:")
        shape = shapes.get(declared.removesuffix("[]"))
        if shape is None or not shape.get("properties"):
            continue
        for fields in (shape.get("required") or (), shape["properties"]):
            is_wrong = fields is shape["properties"]
            value = {name: [[1]] for name in fields} if is_wrong else {}
            body = [value] if declared.endswith("[]") else value
            if not fields or (not value and rule.rule.endswith("/namespaces/<namespace>")):
                continue  # the path names it
            answer = stocked.client.open(path, method=method, json=body)
            told = json.dumps(answer.get_json())
            is_told = answer.status_code in (400, 422) and any(name in told for name in fields)
            if answer.status_code not in UNREAD and not is_told:
                wrong.append((method, path, declared, body, answer.status_code, told[:160]))

    assert not wrong, "\n".join(map(str, wrong))
