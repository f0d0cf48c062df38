"""With `isolated_namespaces` no task of a flow reaches a namespace beside its own."""

import io

import pytest

from app.plugin.exchange import IncomingDashboard, IncomingFlow, Order
from app.service import kv, namespace_files
from app.service.task_services import TaskServices
from tests.support.people import FLOW

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NEW = "io.kestra.plugin.core."
TASKS = {
    "kv.Set": "key: k, value: x",
    "kv.Get": "key: k, errorOnMissing: true",
    "kv.Delete": "key: k",
    "kv.GetKeys": "prefix: k",
    "namespace.DeleteFiles": "files: ['**']",
    "namespace.DownloadFiles": "files: ['**']",
    "execution.PurgeExecutions": "endDate: '{{ now() }}'",
    "log.PurgeLogs": "endDate: '{{ now() }}'",
    "execution.Count": "startDate: '{{ now() }}', expression: '{{ true }}'",
    "trigger.Toggle": "flowId: f, trigger: t, enabled: false",
}
TRIGGER = "triggers: [{id: t, type: io.kestra.plugin.core.trigger.Webhook, key: abcdefgh}]\n"


@pytest.fixture
def alone(driver):
    settings = driver.rt.settings.model_copy(update={"isolated_namespaces": True})
    object.__setattr__(driver.rt, "settings", settings)
    driver.other = driver.run(FLOW.format("c") + TRIGGER)
    for namespace in ("a", "a.b", "c"):
        kv.put(driver.rt, {"namespace": namespace, "key": "k", "value": "kept", "kind": "STRING"})
        namespace_files.write(driver.rt, namespace, "file", io.BytesIO(b"text"))
    return driver


def run(driver, kind, target, of="a.b"):
    place = f"namespaces: [{target}]" if kind == "execution.Count" else f"namespace: {target}"
    task = f"{{id: t, type: {NEW}{kind}, {place}, {TASKS[kind]}}}"
    return driver.run(f"id: g\nnamespace: {of}\ntasks: [{task}]\n")


def test_no_task_uses_a_namespace_beside_its_own(alone):
    for kind in TASKS:
        found = run(alone, kind, "c")

        assert alone.state(found) == "FAILED", kind
        assert "may not be used from 'a.b'" in str(alone.messages(found)), kind
    assert kv.get(alone.rt, "c", "k").value == "kept"
    assert alone.state(alone.other) == "SUCCESS"


def test_parents_are_read_and_not_changed_and_what_lies_below_is_both(alone):
    for kind, state in (("kv.Get", "SUCCESS"), ("kv.Set", "FAILED"), ("kv.Delete", "FAILED")):
        assert alone.state(run(alone, kind, "a")) == state, kind
        assert alone.state(run(alone, kind, "a.b", of="a")) == "SUCCESS", kind


def test_the_system_namespace_uses_all(alone):
    assert alone.state(run(alone, "kv.Set", "c", of="system")) == "SUCCESS"


def test_expressions_read_no_key_and_no_file_of_others(alone):
    for call in ("kv('k', 'c')", "read('kestra:///c/_files/file')"):
        text = f'{{id: t, type: {NEW}debug.Return, format: "{{{{ {call} }}}}"}}'
        assert alone.state(alone.run(f"id: g\nnamespace: a\ntasks: [{text}]\n")) == "FAILED", call


def refusals(services, other):
    """What tasks do without naming a namespace in a property, or without asking first."""
    flow = IncomingFlow(path="f", text=FLOW.format("c"))
    there = IncomingFlow(path="f", text=FLOW.format("a"), namespace="c")
    yield lambda: services.exchange.bring(Order(flows=[flow]))
    yield lambda: services.exchange.bring(Order(flows=[there]))
    yield lambda: services.exchange.bring(Order(flow_namespaces=["c"], missing="DELETE"))
    yield lambda: services.exchange.bring(Order(file_folders=[("c", "")], missing="DELETE"))
    board = IncomingDashboard(path="d", text="id: d\ntitle: t\ncharts: []\n")
    yield lambda: services.exchange.bring(Order(dashboards=[board]))
    yield lambda: services.exchange.flows("c", children=False)
    yield lambda: services.files.list("c")
    yield lambda: services.files.write("c", "file", io.BytesIO(b"x"), "OVERWRITE")
    yield lambda: list(services.records.fetch_logs(other, (), "INFO"))
    yield lambda: services.records.kill(other, cascade=True)
    yield lambda: services.keys.purge(["c"], "*", expired_only=False)


def test_what_tasks_ask_of_the_server_ends_at_their_namespace(alone):
    services = TaskServices(alone.rt, "a", "g", lambda _: None)
    messages = []
    for act in refusals(services, alone.other):
        with pytest.raises(Exception, match="used from 'a'") as refused:
            act()
        messages.append(type(refused.value).__name__)

    assert set(messages) == {"Forbidden"}
    assert services.exchange.bring(Order(flows=[IncomingFlow(path="f", text=FLOW.format("a"))]))


def test_as_in_the_reference_all_is_open_to_all_tasks_without_the_setting(driver):
    driver.run(FLOW.format("c"))

    assert driver.state(run(driver, "kv.Set", "c")) == "SUCCESS"
