"""Who may use which route: the one table, walked against the URL map; roles on real requests."""

import io

import pytest

from app.api import permissions
from app.api.auth import OPEN
from app.api.permissions import RULES, rule_of
from app.errors import Forbidden
from app.model.access import Caller, Permission
from app.model.filter import Group
from app.service.access import accounts
from tests.api.routes import path_of, rules
from tests.support.api import app_on

#: the database does not matter to what is asked here
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FLOW = "id: {id}\nnamespace: {namespace}\ntasks: [{{id: a, type: {log}, message: hi}}]\n"
LOG = "io.kestra.plugin.core.log.Log"


def flow(namespace, name="f"):
    return FLOW.format(id=name, namespace=namespace, log=LOG)


@pytest.fixture
def app(driver):
    return app_on(driver.rt)


@pytest.fixture
def call(driver, app):
    """Makes a user with grants; a function that sends a request as them."""

    def make(*grants):
        name = f"user{len(made)}"
        made.append(name)
        entries = [{"role": role, "namespace": namespace} for role, namespace in grants]
        accounts.create(driver.rt, name, password="correct horse", grants=entries)
        client = app.test_client()

        def send(method, path, **more):
            auth = (name, "correct horse")
            return client.open("/api/v1/main" + path, method=method, auth=auth, **more)

        return send

    made: list[str] = []
    return make


#: every address that answers without credentials (HTTP API 2.8), written out by hand
OPEN_ADDRESSES = {
    "/", "/ui", "/ui/", "/ui/<path:path>", "/ping", "/health", "/health/liveness",
    "/health/readiness", "/login", "/logout", "/login/oidc/<provider>",
    "/login/oidc/<provider>/callback", "API/setup", "API/basicAuth", "API/configs/login",
    "API/gitops/webhooks/<token>", "API/executions/webhook/<namespace>/<flow_id>/<key>",
    "API/executions/webhook/<namespace>/<flow_id>/<key>/<path:path>",
}  # fmt: skip


def endpoints(app):
    return {rule.endpoint.replace("_plain.", ".") for rule in app.url_map.iter_rules()}


def test_every_route_is_open_or_in_the_table(app):
    missing = sorted(name for name in endpoints(app) - OPEN if rule_of(name) is None)

    assert missing == [], "each endpoint needs a line in app/api/permissions.py"


def test_the_table_and_the_open_list_name_only_what_is_there(app):
    assert sorted(set(RULES) - endpoints(app)) == []
    assert sorted(OPEN - endpoints(app)) == []


def test_what_is_open_is_this_and_nothing_else(app):
    found = {
        rule.rule.replace("/api/v1/main/", "API/").replace("/api/v1/", "API/")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.replace("_plain.", ".") in OPEN
    }

    assert found == OPEN_ADDRESSES


def test_without_credentials_every_route_that_is_not_open_answers_401(app):
    client = app.test_client()
    wrong = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.replace("_plain.", ".") in OPEN:
            continue
        path = rule.build(dict.fromkeys(rule.arguments, "x") | any_of(rule))[1]
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            if client.open(path, method=method).status_code != 401:
                wrong.append(f"{method} {path}")

    assert wrong == []


def test_who_was_granted_nothing_gets_nothing_but_their_own(call, app, driver):
    """Also of the routes that look for themselves, or only list what one may see."""
    driver.run(flow("c"))
    send, let_in = call(), []
    for rule in rules(app):
        permission = rule_of(rule.endpoint) and rule_of(rule.endpoint).permission
        if rule.endpoint in OPEN or permission is Permission.SELF:
            continue
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            path = path_of(app, rule, namespace="c", flow_id="f", id="f")
            if send(method, path.removeprefix("/api/v1/main")).status_code != 403:
                let_in.append(f"{method} {path}")

    assert let_in == []


def test_a_list_of_nothing_that_one_may_see_is_refused_and_not_endless(app, driver):
    """Without the guard before it: an empty choice of namespaces must not mean every one."""
    with app.test_request_context(), pytest.raises(Forbidden):
        permissions.narrowed(Caller("x", "x"), "flows.find", Group())


def test_a_route_that_nobody_wrote_into_the_table_is_closed_to_administrators_too(
    call, monkeypatch
):
    monkeypatch.delitem(RULES, "audits.search")

    assert call(("admin", ""))("GET", "/auditlogs/search").status_code == 403


@pytest.mark.parametrize(
    ("kind", "key"),
    [("FLOW", "c/f"), ("FILE", "c:f"), ("FLOW", "/c/f"), ("FLOW", ""), ("SOURCE", "a"),
     ("BINDING", "a/x"), ("DASHBOARD", "a")],
)  # fmt: skip
def test_where_a_resource_comes_from_is_told_in_its_namespace_only(call, driver, kind, key):
    """Sources, bindings and dashboards lie in no namespace, whatever their name begins with."""
    query = {"kind": kind, "key": key}

    refused = call(("editor", "a"))("GET", "/gitops/origin", query_string=query)
    told = call(("viewer", ""))("GET", "/gitops/origin", query_string=query)

    assert (refused.status_code, told.status_code) == (403, 200 if key else 400)


def any_of(rule):
    """Values for the arguments that allow only some."""
    found = {}
    for name, converter in rule._converters.items():
        items = getattr(converter, "items", None)
        if items:
            found[name] = sorted(items)[0]
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/main/flows/search;x=/configs/login",
        "/api/v1/main//flows/search",
        "/api/v1/main/flows/../configs/login",
        "/api/v1/main/flows/%2e%2e/configs/login",
        "/API/v1/main/flows/search",
        "/api/v1/main/configs/login/../../flows/search",
    ],
)
def test_no_spelling_of_a_path_gets_past_the_guard(app, driver, path):
    driver.save(flow("a.b"))

    answer = app.test_client().get(path)

    assert answer.status_code in (301, 308, 401, 404)
    assert "a.b" not in answer.text


def test_a_viewer_reads_and_changes_nothing(call, driver):
    driver.save(flow("a.b"))
    send = call(("viewer", "a"))

    assert send("GET", "/flows/a.b/f").status_code == 200
    for method, path in [
        ("PUT", "/flows/a.b/f"),
        ("DELETE", "/flows/a.b/f"),
        ("POST", "/executions/a.b/f"),
        ("PUT", "/namespaces/a.b/kv/k"),
        ("POST", "/namespaces/a.b/files?path=/x"),
        ("GET", "/users"),
        ("GET", "/auditlogs/search"),
        ("POST", "/gitops/sources"),
    ]:
        data = flow("a.b") if "flows" in path else b"1"
        assert send(method, path, data=data).status_code == 403, path


def test_an_operator_runs_flows_of_their_namespace_only(call, driver):
    driver.save(flow("a.b"))
    driver.save(flow("c"))
    send = call(("operator", "a"))

    mine = send("POST", "/executions/a.b/f")
    other = send("POST", "/executions/c/f")

    assert (mine.status_code, other.status_code) == (200, 403)


def test_lists_hold_what_the_caller_may_see(call, driver):
    for namespace in ("a", "a.b", "ab", "c"):
        driver.run(flow(namespace))
    send = call(("viewer", "a"))

    flows = send("GET", "/flows/search").json
    executions = send("GET", "/executions/search").json
    logs = send("GET", "/logs/search").json

    assert sorted(item["namespace"] for item in flows["results"]) == ["a", "a.b"]
    assert flows["total"] == executions["total"] == 2
    assert {line["namespace"] for line in logs["results"]} == {"a", "a.b"}


def test_figures_count_what_the_caller_may_see(call, driver):
    for namespace in ("a", "a.b", "ab", "c"):
        driver.run(flow(namespace))
    send = call(("viewer", "a"))

    def ask(path, **body):
        answer = send("POST", f"/stats/{path}", json=body)
        assert answer.status_code == 200, answer.json
        return answer.json

    summary, elsewhere = ask("summary"), ask("summary", namespace="c")
    places = [{"namespace": "a", "id": "f"}, {"namespace": "c", "id": "f"}]
    last = ask("executions/latest/group-by-flow", flows=places)

    assert (summary["flows"], summary["states"]) == (2, {"SUCCESS": 2})
    assert (elsewhere["flows"], elsewhere["executions"]) == (0, 0)
    assert set(ask("executions/daily/group-by-namespace")) == {"a", "a.b"}
    assert set(ask("executions/daily/group-by-flow")) == {"a", "a.b"}
    assert ask("executions/durations")["current"]["count"] == 2
    assert sum(bucket["duration"]["count"] for bucket in ask("executions/daily")) == 2
    assert [item["namespace"] for item in last] == ["a"]


def test_a_filter_cannot_widen_what_the_caller_may_see(call, driver):
    driver.save(flow("a"))
    driver.save(flow("c"))
    send = call(("viewer", "a"))

    found = send("GET", "/flows/search", query_string={"filters[namespace][EQUALS]": "c"}).json

    assert found["results"] == []


def test_an_execution_of_another_namespace_is_closed(call, driver):
    execution = driver.run(flow("c"))
    send = call(("admin", "a"))

    for method, path in [
        ("GET", f"/executions/{execution}"),
        ("GET", f"/logs/{execution}"),
        ("DELETE", f"/executions/{execution}/kill"),
        ("POST", f"/executions/{execution}/restart"),
        ("GET", f"/outputs/{execution}"),
    ]:
        assert send(method, path).status_code == 403, path


def test_a_bulk_act_is_refused_for_one_id_of_another_namespace(call, driver):
    mine, other = driver.run(flow("a")), driver.run(flow("c"))
    send = call(("operator", "a"))

    answer = send("DELETE", "/executions/by-ids", json=[mine, other])

    assert answer.status_code == 403
    assert driver.state(mine) == driver.state(other) == "SUCCESS"


def test_an_editor_cannot_save_a_flow_into_another_namespace(call, driver):
    send = call(("editor", "a"))

    assert send("POST", "/flows", data=flow("a.b")).status_code == 200
    assert send("POST", "/flows", data=flow("c")).status_code == 403
    assert send("PUT", "/flows/a.b/f", data=flow("c")).status_code == 403
    assert send("GET", "/flows/c/f").status_code == 403


def test_an_administrator_of_a_namespace_manages_no_accounts(call):
    send = call(("admin", "a"))

    assert send("POST", "/users", json={"username": "x"}).status_code == 403


def test_an_account_is_made_changed_and_closed(call, driver):
    send = call(("admin", ""))

    made = send("POST", "/users", json={"username": "bob", "password": "battery staple"}).json
    grants = [{"role": "viewer", "namespace": "a"}]
    changed = send("PUT", f"/users/{made['id']}", json={"grants": grants}).json
    token = send("POST", f"/users/{made['id']}/api-tokens", json={"name": "ci"})
    closed = send("DELETE", f"/users/{made['id']}")

    assert changed["grants"] == grants
    assert token.json["fullToken"].startswith("tk_")
    assert closed.status_code == 204
    assert send("GET", f"/users/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "username"),
        ({"username": ""}, "username"),
        ({"username": "x", "password": "short"}, "password"),
        ({"username": "x", "grants": [{"role": "king"}]}, "grants[0].role"),
        ({"username": "x", "grants": "all"}, "grants"),
        ({"username": "x", "superAdmin": "yes"}, "superAdmin"),
        ([], "object"),
    ],
)
def test_a_wrong_account_is_refused_by_the_name_of_what_is_wrong(call, body, named):
    send = call(("admin", ""))

    answer = send("POST", "/users", json=body)

    assert answer.status_code == 422
    assert named in answer.json["message"]
    assert send("GET", "/users?q=x").json["total"] == 0


def test_writes_and_refusals_are_kept_in_the_audit_log(call, driver):
    admin, viewer = call(("admin", "")), call(("viewer", "a"))
    admin("POST", "/flows", data=flow("a"))
    viewer("DELETE", "/flows/a/f")
    admin("POST", "/executions/a/f")
    admin("POST", "/executions/a/none")

    found = admin("GET", "/auditlogs/search").json["results"]

    assert [(act["actor"], act["verdict"], act["target"]) for act in found] == [
        ("user0", "FAILED", "POST /api/v1/main/executions/a/none"),
        ("user0", "DONE", "POST /api/v1/main/executions/a/f"),
        ("user1", "REFUSED", "DELETE /api/v1/main/flows/a/f"),
        ("user0", "DONE", "POST /api/v1/main/flows"),
    ]


def test_no_read_shows_what_lies_in_a_namespace_of_others(call, driver, app):
    trigger = "triggers: [{id: t, type: io.kestra.plugin.core.trigger.Webhook, key: abcdefgh}]\n"
    driver.run(flow("veiled.place", "veiledflow") + trigger + "labels: {team: veiledlabel}\n")
    everything, some = call(("admin", "")), call(("editor", "a"))
    everything("PUT", "/namespaces/veiled.place/kv/veiledkey", data='"v"')
    secret = {"key": "VEILEDKEY", "value": "value"}
    everything("PUT", "/namespaces/veiled.place/secrets", json=secret)
    text = {"fileContent": (io.BytesIO(b"veiled"), "f")}
    everything("POST", "/namespaces/veiled.place/files?path=/veiledfile", data=text)
    shown, seen = [], 0

    for rule in rules(app):
        if "GET" not in rule.methods or rule.endpoint.startswith("streams.") or rule.arguments:
            continue
        path = rule.rule.removeprefix("/api/v1/main")
        query = {"field": "flowId", "q": "veiled", "size": "100"}
        queries = ({}, query, {"namespace": "veiled.place", "flowId": "veiledflow"})
        for asked in queries:
            seen += b"veiled" in everything("GET", path, query_string=asked).data.lower()
            answer = some("GET", path, query_string=asked)
            text = answer.get_data().lower().replace(b"veiled.place&", b"")
            if answer.status_code == 200 and b"veiled" in text:
                shown.append((path, asked, text[:200]))

    assert seen > 15
    assert "\n".join(f"{path} {asked}" for path, asked, _ in shown) == ""


def test_sources_of_others_are_neither_searched_nor_replaced(call, driver):
    driver.save(flow("hidden.place"))
    driver.save(flow("a.b"))
    send = call(("editor", "a"))
    body = {"query": "message", "replacement": "message"}
    other = [{"namespace": "hidden.place", "id": "f"}]

    found = send("GET", "/flows/source?q=message").json
    seen = send("POST", "/flows/source/replace/preview", json=body).json
    refused = [
        send("POST", "/flows/source/replace/apply", json={**body, "flows": other}),
        send("POST", "/flows/source/replace/line", json={**body, **other[0], "line": 3}),
        send(
            "POST", "/flows/source/replace/line", json={**body, "flows": [], **other[0], "line": 3}
        ),
        send(
            "PUT",
            "/triggers/set-disabled",
            json={"triggers": [], "namespace": "hidden.place", "flowId": "f", "triggerId": "t"},
        ),
    ]

    assert [item["namespace"] for item in found["results"]] == ["a.b"]
    assert [item["namespace"] for item in seen["flows"]] == ["a.b"]
    assert [answer.status_code for answer in refused] == [403] * 4


@pytest.mark.parametrize(
    "kind", ["application/x-yaml", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_no_content_type_hides_the_namespace_of_a_flow(call, driver, kind):
    driver.save(flow("c"))
    send = call(("editor", "a"))
    mine, other = flow("a", "mine"), flow("c", "other")

    def sent(method, path, data):
        return send(method, path, data=data, content_type=kind).status_code

    refused = [
        sent("POST", "/flows", other),
        sent("POST", "/flows", f"{mine}---\n{other}"),
        sent("PUT", "/flows/a/mine", other),
        sent("POST", "/flows/a", other),
        sent("POST", "/flows/bulk?delete=false", f"{mine}---\n{other}"),
        sent("POST", "/tests", "id: t\nnamespace: c\nflowId: f\ntestCases: []\n"),
    ]

    assert set(refused) == {403}
    assert call(("viewer", ""))("GET", "/flows/search").json["total"] == 1


def test_of_test_suites_those_are_listed_that_one_may_see(call):
    case = (
        "{id: c, type: io.kestra.core.tests.flow.UnitTest, assertions: [{value: a, isNull: true}]}"
    )
    for place in ("a.b", "c"):
        text = f"id: t\nnamespace: {place}\nflowId: f\ntestCases: [{case}]\n"
        assert call(("editor", ""))("POST", "/tests", data=text).status_code == 200

    mine, everything = (call(("viewer", place))("GET", "/tests/search") for place in ("a", ""))

    assert [row["namespace"] for row in mine.json["results"]] == ["a.b"]
    assert everything.json["total"] == 2


def test_flows_of_others_are_not_replaced_by_what_a_body_leaves_out(call, driver):
    """With `delete`, which is the default, the flows go that a body does not name."""
    for namespace in ("a", "a.b", "c"):
        driver.save(flow(namespace))
    send, everything = call(("editor", "a")), call(("editor", ""))
    mine = flow("a", "mine")

    refused = [
        send("POST", "/flows/bulk", data=mine),
        send("POST", "/flows/bulk"),
        send("POST", "/flows/bulk?namespace=c"),
        send("POST", "/flows/bulk?namespace=c&delete=false"),
        send("POST", "/flows/bulk?namespace=&delete=true", data=mine),
        send("POST", "/flows/c"),
    ]
    left = everything("GET", "/flows/search").json["total"]
    kept = send("POST", "/flows/bulk?delete=false", data=mine)
    own = send("POST", "/flows/bulk?namespace=a&allowNamespaceChild=true", data=mine)
    found = everything("GET", "/flows/search").json["results"]

    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert left == 3
    assert (kept.status_code, own.status_code) == (200, 200)
    assert [(one["namespace"], one["id"]) for one in found] == [("a", "mine"), ("c", "f")]


def test_an_empty_body_never_means_that_every_flow_goes(call, driver):
    driver.save(flow("a"))
    send = call(("admin", ""))

    answers = [
        send("POST", f"/flows/bulk{q}", data=d) for q in ("", "?delete=true") for d in ("", "\n")
    ]

    assert [answer.status_code for answer in answers] == [422] * 4
    assert "names no flow" in answers[0].json["message"]
    assert send("GET", "/flows/search").json["total"] == 1
