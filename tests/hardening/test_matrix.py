"""Every route that reads, asked about a namespace by somebody who may do everything in another one.

Whoever is an administrator of `team` has every permission there, so all that a viewer, an operator
or an editor of `team` is shown is shown here too. What lies in `other`, and what belongs to the
whole installation, is called or says `veiled`. `test_walk.py` asks those that change something.
"""

import io
import json
import zipfile

import pytest

from app.api.auth import OPEN
from app.api.permissions import rule_of
from app.model.access import Permission
from tests.api.routes import path_of, rules
from tests.support.people import PASSWORD, People

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CORE = "io.kestra.plugin.core."
WORD = b"veiled"
OTHER = f"""
id: {{}}
namespace: other
description: veiled
labels: {{{{owner: veiled}}}}
variables: {{{{v: veiled}}}}
inputs: [{{{{id: i, type: STRING, defaults: veiled}}}}]
outputs: [{{{{id: o, type: STRING, value: veiled}}}}]
tasks:
  - {{{{id: veiledtask, type: {CORE}log.Log, message: veiled}}}}
  - id: veiledmetric
    type: {CORE}metric.Publish
    metrics: [{{{{name: veiled, type: counter, value: 4}}}}]
"""
TRIGGERS = f"""
triggers:
  - {{id: t, type: {CORE}trigger.Schedule, cron: "0 0 1 1 *"}}
  - {{id: veiledtrigger, type: {CORE}trigger.Webhook, key: veiledkey}}
"""
FAILS = f"id: veiledfail\nnamespace: other\ntasks: [{{id: x, type: {CORE}execution.Fail}}]\n"
CALLS = (
    "id: f\nnamespace: {}\ntasks: [{{id: s, type: " + CORE + "flow.Subflow, "
    "namespace: other, flowId: f, wait: false}}]\n"
)
SUITE = """
id: {}
namespace: other
flowId: f
testCases: [{{id: veiled, type: io.kestra.core.tests.flow.UnitTest,
              assertions: [{{value: "veiled", equalTo: "1"}}]}}]
"""
BOARD = f"""
id: veiledboard
title: veiled
charts: [{{id: text, type: {CORE}dashboard.chart.Markdown, content: veiled}}]
"""
CHART = f"""
id: x
type: {CORE}dashboard.chart.Table
data:
  type: {CORE}dashboard.data.Executions
  columns: {{n: {{field: FLOW_ID}}, l: {{field: LABELS}}}}
"""
#: part of the word, so that what an answer repeats of its question does not count
PART = "eile"
PLACE = {"namespace": "other", "id": "f", "flowId": "f", "triggerId": "t", "key": "k"}


@pytest.fixture
def people(driver):
    """`ana` of `team`; `names` are what the arguments of routes are filled with."""
    made = People(driver)
    made.theirs = driver.run(OTHER.format("f") + TRIGGERS)
    driver.run(OTHER.format("veiledflow"))
    driver.run(FAILS)
    made.own = driver.run(CALLS.format("team"))
    for name, value in (("k", "veiled"), ("veiledkey", "v")):
        made.call("PUT", f"/namespaces/other/kv/{name}", json=value)
    for key in ("k", "VEILED"):
        secret = {"key": key, "value": "value", "description": "veiled"}
        made.send("PUT", "/namespaces/other/secrets", secret)
    for name in ("file", "veiledfile"):
        part = {"fileContent": (io.BytesIO(WORD), "f")}
        made.call("POST", f"/namespaces/other/files?path=/{name}", data=part)
    defaults = [{"type": CORE + "veiled", "values": {"v": "veiled"}}]
    about = {"description": "veiled", "variables": {"veiled": "veiled"}}
    made.send("PUT", "/namespaces/other", about | {"pluginDefaults": defaults})
    for name in ("f", "veiledsuite"):
        assert made.call("POST", "/tests", data=SUITE.format(name)).status_code == 200
    assert made.call("POST", "/dashboards", data=BOARD).status_code == 200
    source = {"name": "veiledsource", "url": "https://example.org/veiled.git"}
    made.send("POST", "/gitops/sources", source)
    binding = {"source": "veiledsource", "name": "veiled", "namespace": "other"}
    made.send("POST", "/gitops/bindings", binding)
    for kind in ("webhooks", "connections"):
        made.send("POST", f"/gitops/{kind}", {"name": "veiled"})
    made.send("POST", "/roles", {"name": "veiledrole", "permissions": ["flow:read"]})
    made.send("POST", "/groups", {"name": "veiledgroup"})
    made.make("veileduser")
    grants = [{"role": "admin", "namespace": "team"}]
    made.send("POST", "/users", {"username": "ana", "password": PASSWORD, "grants": grants}, 201)
    return made


def queries(execution):
    """What reading routes are asked with."""
    yield {}
    yield {
        **PLACE, "q": PART, "field": "flowId", "size": "100", "kind": "FLOW", "path": "/file",
        "subflows": "s", "expandAll": "true", "since": "2020-01-01T00:00:00Z", "account": "root",
        "key": "other/f", "topics": f"execution:{execution},log:{execution}", "binding": "x",
    }  # fmt: skip
    yield {"filters[namespace][EQUALS]": "other", "size": "100", "field": "triggerId"}


def bodies(execution):
    """What names the other namespace, in each way that reading routes take it."""
    data = {
        **PLACE, "q": PART, "query": PART, "replacement": "x", "executionId": execution,
        "expressions": ["{{ vars }}", "{{ inputs }}", "{{ outputs }}", "{{ kv('k') }}"],
        "template": "{{ kv('k') }}", "context": {"flow": {"namespace": "other", "id": "f"}},
        "flows": [PLACE], "chart": CHART, "globalFilter": {"timeRange": "P7D"},
    }  # fmt: skip
    source = {name: CALLS.format(name) for name in ("other", "team")}
    yield from ({"json": {}}, {"json": data}, {"json": [PLACE]}, {"json": [execution]})
    yield {"json": {"flow": source["other"], "expressions": data["expressions"]}}
    opened = {"content_type": "application/x-yaml", "query_string": {"subflows": "s"}}
    yield from ({"data": text, **opened} for text in source.values())


def requests(people):
    """(method, path, more) of every route that reads: of `other`, and of what `team` has."""
    app = people.client.application
    both = {"flow_id": "f", "trigger_id": "t", "id": "f", "key": "k", "suite_id": "f"}
    for rule in rules(app):
        asked = rule_of(rule.endpoint)
        if rule.endpoint in OPEN or asked is None:
            continue
        is_read = asked.permission.endswith(":read") or asked.permission in (
            Permission.SELF, Permission.EXECUTION_EVAL,
        )  # fmt: skip
        places = [("other", people.theirs)]
        if rule.arguments and not rule.endpoint.startswith("streams."):
            places.append(("team", people.own))
        for namespace, execution in places:
            path = path_of(app, rule, namespace=namespace, execution_id=execution, **both)
            path = path.removeprefix("/api/v1/main")
            if "GET" in rule.methods:
                yield from (("GET", path, {"query_string": q}) for q in queries(people.theirs))
            if "POST" in rule.methods and is_read:
                yield from (("POST", path, more) for more in bodies(people.theirs))


def shown(answer):
    """All that an answer says; of a ZIP the names and what the members hold."""
    if answer.mimetype == "text/event-stream":
        answer.close()
        return WORD  # none of those that are asked for here may be followed
    data = answer.get_data()
    if not data.startswith(b"PK"):
        return data.lower()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [name.encode() + archive.read(name) for name in archive.namelist()]
    return b"".join(parts).lower()


def test_no_answer_shows_what_lies_in_a_namespace_of_others(people):
    told, broken = [], []

    for method, path, more in requests(people):
        answer = people.call(method, path, "ana", **more)
        line = f"{answer.status_code} {method} {path} {json.dumps(more)[:300]}"
        if WORD in shown(answer):
            told.append(line)
        if answer.status_code >= 500:
            broken.append(line)

    assert "\n".join(told) == ""
    assert broken == []


def test_the_same_questions_show_it_to_who_may_see_everything(people):
    """Else the test above would see nothing, whatever there is to see."""
    seen = set()

    for method, path, more in requests(people):
        if path not in seen and "/follow" not in path and path != "/events":
            answer = people.call(method, path, **more)
            if answer.status_code == 200 and WORD in shown(answer):
                seen.add(path)

    assert len(seen) > 60
