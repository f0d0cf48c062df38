"""Graphs, dependencies and linked executions end where the caller may read no more."""

import pytest

from tests.support.people import FLOW, PASSWORD, People

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SUBFLOW = """id: {id}
namespace: {namespace}
tasks: [{{id: s, type: io.kestra.plugin.core.flow.Subflow, namespace: {other}, flowId: {flow}}}]
"""
MINE = SUBFLOW.format(id="g", namespace="a", other="veiled", flow="f")
THEIRS = SUBFLOW.format(id="veiledcaller", namespace="veiled", other="a", flow="own")


@pytest.fixture
def people(driver):
    made = People(driver)
    driver.save(FLOW.format("veiled").replace("id: a", "id: veiledtask"))
    driver.save(FLOW.format("a").replace("id: f", "id: own"))
    driver.save(THEIRS)
    made.execution = driver.run(MINE)
    grants = [{"role": "viewer", "namespace": "a"}]
    made.send("POST", "/users", {"username": "eve", "password": PASSWORD, "grants": grants}, 201)
    return made


@pytest.mark.parametrize(
    ("method", "path", "word"),
    [
        ("POST", "/flows/graph?subflows=s", "veiledtask"),
        ("GET", "/flows/a/g/graph?subflows=s", "veiledtask"),
        ("GET", "/executions/{}/graph?subflows=s", "veiledtask"),
        ("GET", "/flows/a/g/dependencies?expandAll=true", "main_veiled_f"),
        ("GET", "/flows/a/own/dependencies", "veiledcaller"),
        ("GET", "/namespaces/a/dependencies", "veiledcaller"),
        ("GET", "/executions/{}/dependencies?expandAll=true", "main_veiled_f"),
        ("GET", "/executions/{}/follow-dependencies", '"namespace": "veiled"'),
    ],
)
def test_a_picture_ends_where_the_caller_may_read_no_more(people, method, path, word):
    body = {"data": MINE, "content_type": "application/x-yaml"} if method == "POST" else {}
    path = path.format(people.execution)

    shown = {}
    for who in ("root", "eve"):
        answer = people.call(method, path, who, **body)
        shown[who] = answer.get_data(as_text=True)
        assert answer.status_code == 200, shown[who]

    assert word in shown["root"]
    assert word not in shown["eve"]
    assert len(shown["eve"]) > 20
