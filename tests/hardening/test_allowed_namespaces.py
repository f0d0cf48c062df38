"""A namespace with `allowedNamespaces` lets in the flows of those, of its own and of the system."""

import pytest

from app.errors import Invalid
from app.service import kv, namespaces
from app.service.namespace_reach import is_let_in
from tests.support.people import FLOW

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CORE = "io.kestra.plugin.core."


def close(driver, name, *allowed):
    listed = [{"namespace": one} for one in allowed]
    namespaces.create(driver.rt, {"id": name, "allowedNamespaces": listed})


@pytest.fixture
def closed(driver):
    """`c` lets in `friend`; it has a flow and a key."""
    driver.run(FLOW.format("c"))
    kv.put(driver.rt, {"namespace": "c", "key": "k", "value": "kept", "kind": "STRING"})
    close(driver, "c", "friend")
    return driver


TASKS = {
    "kv.Set": "namespace: c, key: k, value: x",
    "kv.Get": "namespace: c, key: k",
    "namespace.DownloadFiles": "namespace: c, files: ['**']",
    "execution.PurgeExecutions": "namespace: c, endDate: '{{ now() }}'",
    "flow.Subflow": "namespace: c, flowId: f, wait: true",
    "debug.Return": "format: \"{{ kv('k', 'c') }}\"",
}


def run(driver, kind, of):
    task = f"{{id: t, type: {CORE}{kind}, {TASKS[kind]}}}"
    return driver.run(f"id: g\nnamespace: {of}\ntasks: [{task}]\n")


@pytest.mark.parametrize("kind", TASKS)
def test_flows_of_others_do_not_come_in_and_those_that_it_names_do(closed, kind):
    refused = run(closed, kind, "stranger")

    assert closed.state(refused) == "FAILED"
    assert "used from 'stranger'" in str(closed.messages(refused))
    assert kv.get(closed.rt, "c", "k").value == "kept"
    for of in ("friend.team", "c.below"):
        assert closed.state(run(closed, kind, of)) == "SUCCESS", of


def test_the_nearest_that_names_any_counts_and_all_asks_everyone(closed):
    close(closed, "c.open", "stranger")
    close(closed, "d")  # an empty list closes nothing

    def may(caller, name):
        return is_let_in(closed.rt, caller, name)

    assert [may("stranger", name) for name in ("c", "c.other", "c.open", "d")] == [
        False, False, True, True,
    ]  # fmt: skip
    assert [may("friend", name) for name in ("c", "c.other", "c.open")] == [True, True, False]
    assert [may(caller, "") for caller in ("system", "friend", "c")] == [True, False, False]


@pytest.mark.parametrize("wrong", ["c", ["c"], [{"id": "c"}], [{"namespace": "No!"}], [7]])
def test_a_list_of_another_shape_is_refused(driver, wrong):
    with pytest.raises(Invalid) as refused:
        namespaces.create(driver.rt, {"id": "c", "allowedNamespaces": wrong})

    assert refused.value.violations[0].path == "allowedNamespaces"


def test_a_use_of_one_reads_its_record_and_those_of_its_parents(closed, monkeypatch):
    def every(_tx):
        raise AssertionError("every record was read")

    monkeypatch.setattr("app.service.namespace_reach.namespaces.list_declared", every)

    assert not is_let_in(closed.rt, "stranger", "c.below.it")
    assert is_let_in(closed.rt, "friend.team", "c.below.it")
    assert is_let_in(closed.rt, "stranger", "elsewhere")
