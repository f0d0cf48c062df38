"""The calls of clients that are no Python packages, in their order, against a real server.

Each line is what the client sends, header by header where it matters, and what it needs of the
answer: the VS Code extension, the Terraform provider, the Go CLI (`kestractl`), the Java CLI.
"""

import io
import json
import zipfile
from urllib.parse import quote

import httpx
import pytest

AUTH = ("admin@example.org", "correct horse")
FLOW = """id: recorded
namespace: {}
inputs: [{{id: name, type: STRING, defaults: world}}]
tasks:
  - id: out
    type: io.kestra.plugin.core.debug.Return
    format: "hello {{{{ inputs.name }}}}"
"""
BROKEN = "id: broken\nnamespace: {}\ntasks: [{{id: a, type: no.Such}}]\n"
YAML = {"Content-Type": "application/x-yaml"}


@pytest.fixture
def plain(server):
    """A client below the address, with Basic as all of them send it."""
    with httpx.Client(base_url=server.url, auth=AUTH, timeout=60) as client:
        yield client


def nulls(value):
    """Whether a null stands anywhere: the Terraform provider casts without looking."""
    if isinstance(value, dict):
        return any(nulls(item) for item in value.values())
    if isinstance(value, list):
        return any(nulls(item) for item in value)
    return value is None


def frames(text):
    """(name, data) of an event stream."""
    parts = [part.split("\n") for part in text.strip().split("\n\n") if part.startswith("id: ")]
    return [(lines[0][4:], json.loads(lines[1][6:])) for lines in parts]


@pytest.mark.parametrize("base", ["/api/v1/main", "/api/v1"])
def test_the_vs_code_extension_signs_in_edits_and_runs_a_flow(server, plain, base):
    namespace = "wire.code" + base.count("m") * "m"
    nobody = httpx.get(server.url + base + "/configs")
    configs = plain.get(base + "/configs")
    schema = plain.get("/api/v1/plugins/schemas/flow")
    page = plain.get("/api/v1/plugins/io.kestra.plugin.core.log.Log")
    icons = plain.get("/api/v1/plugins/icons")
    groups = plain.get("/api/v1/plugins/icons/groups")
    subgroups = plain.get("/api/v1/plugins/groups/subgroups")
    words = [plain.get(f"/api/v1/pebble/{kind}") for kind in ("filters", "functions")]

    assert nobody.status_code == 401
    assert configs.json()["version"].startswith("2.")
    assert {"definitions", "$ref"} <= set(schema.json())
    assert {"markdown", "schema"} <= set(page.json())
    assert icons.json()["io.kestra.plugin.core.log.Log"]["icon"]
    assert groups.status_code == 200
    assert isinstance(subgroups.json(), list)
    assert all(isinstance(answer.json(), list) and answer.json() for answer in words)

    text = FLOW.format(namespace)
    absent = plain.put(f"{base}/flows/{namespace}/recorded", content=text, headers=YAML)
    made = plain.post(f"{base}/flows", content=text, headers=YAML)
    verdict = plain.post(f"{base}/flows/validate", content=BROKEN.format(namespace), headers=YAML)
    graph = plain.post(f"{base}/flows/graph", content=text, headers=YAML)
    read = plain.get(f"{base}/flows/{namespace}/recorded?source=true")
    folder = plain.get(f"{base}/namespaces/{namespace}/files/directory")
    part = {"fileContent": ("main.py", b"print(1)")}
    put = plain.post(f"{base}/namespaces/{namespace}/files?path=%2Fmain.py", files=part)
    got = plain.get(f"{base}/namespaces/{namespace}/files?path=%2Fmain.py")
    moved = plain.put(f"{base}/namespaces/{namespace}/files?from=%2Fmain.py&to=%2Fa%2Fb.py")

    assert absent.status_code == 404
    assert made.json()["revision"] == 1
    assert "no.Such" in verdict.json()[0]["constraints"]
    assert {"nodes", "edges", "clusters"} <= set(graph.json())
    assert read.json()["source"] == text
    assert (folder.json(), put.status_code, got.content) == ([], 200, b"print(1)")
    assert moved.status_code == 200

    form = {"name": (None, "code")}
    started = plain.post(f"{base}/executions/{namespace}/recorded", files=form).json()
    followed = frames(plain.get(f"{base}/executions/{started['id']}/follow").text)
    logs = frames(plain.get(f"{base}/logs/{started['id']}/follow?minLevel=DEBUG").text)

    assert followed[-1][0] == "end"
    assert followed[-1][1]["state"]["current"] == "SUCCESS"
    assert "hello code" in [data["message"] for _, data in logs]
    plain.delete(f"{base}/flows/{namespace}/recorded").raise_for_status()


def test_the_terraform_provider_makes_reads_changes_and_removes_its_resources(plain):
    base, namespace = "/api/v1/main", "wire.terraform"
    place = f"{base}/namespaces/{namespace}"
    json_type = {"Content-Type": "application/json"}
    record = {"id": namespace, "description": "made", "variables": {"a": "b"}}
    steps = [
        plain.post(f"{base}/namespaces", json=record),
        plain.get(place),
        plain.put(place, json={**record, "description": "changed"}),
        plain.post(f"{base}/flows", content=FLOW.format(namespace), headers=YAML),
        plain.post(f"{base}/flows/validate", content=FLOW.format(namespace), headers=YAML),
        plain.get(f"{base}/flows/{namespace}/recorded?source=true"),
        plain.put(
            f"{base}/flows/{namespace}/recorded",
            content=FLOW.format(namespace).replace("hello", "bye"),
            headers=YAML,
        ),
        plain.put(f"{place}/kv/answer", content="42", headers={"ttl": "PT1H"}),
        plain.get(f"{place}/kv/answer"),
        plain.put(f"{place}/secrets", json={"key": "TF_KEY", "value": "tf-secret-value"}),
        plain.get(f"{place}/secrets"),
        plain.post(f"{place}/files?path=/tf.txt", files={"fileContent": ("tf.txt", b"x")}),
        plain.get(f"{place}/files?path=/tf.txt"),
        plain.get(f"{place}/files/stats?path=/tf.txt"),
    ]
    answers = [step.json() for step in steps if "json" in step.headers.get("Content-Type", "")]

    assert [step.status_code for step in steps] == [200] * len(steps)
    assert not any(nulls(answer) for answer in answers)
    assert "tf-secret-value" not in str(answers)
    assert steps[2].json()["description"] == "changed"
    assert steps[4].json()[0]["index"] == 0
    assert steps[6].json()["revision"] == 2
    assert steps[8].json()["value"] == 42
    assert plain.post(f"{base}/namespaces", json=record).status_code in (409, 422)

    gone = [
        plain.delete(f"{place}/files?path=/tf.txt"),
        plain.delete(f"{place}/secrets/TF_KEY", headers=json_type),
        plain.delete(f"{place}/kv/answer"),
        plain.delete(f"{base}/flows/{namespace}/recorded"),
        plain.delete(place),
    ]
    after = [
        plain.get(f"{place}/files?path=/tf.txt"),
        plain.get(f"{place}/kv/answer"),
        plain.get(f"{base}/flows/{namespace}/recorded"),
    ]

    assert all(step.status_code in (200, 204) for step in gone)
    assert [step.status_code for step in after] == [404] * 3


def test_the_go_cli_deploys_runs_reads_and_kills(plain):
    base, namespace = "/api/v1/main", "wire.ctl"
    token = plain.post("/api/v1/me/api-tokens", json={"name": "ctl", "maxAge": "PT1H"}).json()
    bearer = {"Authorization": f"Bearer {token['fullToken']}", "Accept": "application/json"}
    plain.auth = None
    pause = "\n---\n".join(
        [FLOW.format(namespace), f"id: waits\nnamespace: {namespace}\ntasks: [{PAUSE}]"]
    )

    version = plain.get("/api/v1/configs", headers=bearer).json()["version"]
    deployed = plain.post(
        f"{base}/flows/bulk?delete=false&namespace={namespace}",
        content=pause,
        headers={**bearer, **YAML},
    )
    query = f"filters[namespace][EQUALS]={namespace}&page=1&size=100&sort=id:asc"
    listed = plain.get(f"{base}/flows/search?{query}", headers=bearer).json()
    run = plain.post(
        f"{base}/executions/{namespace}/recorded?wait=true&labels=ci:yes",
        headers=bearer,
        files={"name": (None, "ctl")},
    ).json()
    waits = plain.post(f"{base}/executions/{namespace}/waits", headers=bearer).json()
    until_paused = plain.get(f"{base}/executions/{waits['id']}", headers=bearer)
    killed = plain.delete(f"{base}/executions/{waits['id']}/actions/kill", headers=bearer)
    logs = plain.get(f"{base}/logs/{run['id']}?minLevel=DEBUG", headers=bearer).json()
    query = f"filters[flowId][IN]=[recorded,waits]&filters[namespace][EQUALS]={namespace}"
    found = plain.get(f"{base}/executions/search?{query}", headers=bearer).json()
    triggers = plain.get(f"{base}/triggers/search?page=1&size=10", headers=bearer)
    plain.auth = AUTH
    plain.delete(f"/api/v1/me/api-tokens/{token['id']}").raise_for_status()
    plain.auth = None

    assert int(version.split(".")[0]) == 2
    assert deployed.status_code == until_paused.status_code == triggers.status_code == 200
    assert [flow["id"] for flow in listed["results"]] == ["recorded", "waits"]
    assert run["state"]["current"] == "SUCCESS"
    assert killed.json()["id"] == waits["id"]
    assert "hello ctl" in [line["message"] for line in logs]
    assert found["total"] == 2
    assert plain.get(f"{base}/flows/search", headers=bearer).status_code == 401


PAUSE = "{id: p, type: io.kestra.plugin.core.flow.Pause}"


@pytest.mark.parametrize("base", ["/api/v1/main", "/api/v1"])
def test_the_java_cli_replaces_a_namespace_and_its_files(plain, base):
    namespace = "wire.java" + base.count("m") * "m"
    both = FLOW.format(namespace) + "---\n" + FLOW.format(namespace).replace("recorded", "second")

    checked = plain.post(f"{base}/flows/validate", content=both, headers=YAML)
    first = plain.post(f"{base}/flows/{namespace}?delete=true", content=both, headers=YAML)
    second = plain.post(
        f"{base}/flows/{namespace}?delete=true", content=FLOW.format(namespace), headers=YAML
    )
    bulk = plain.post(
        f"{base}/flows/bulk?allowNamespaceChild=true&namespace={namespace}&delete=false",
        content=both,
        headers=YAML,
    )
    exported = plain.get(f"{base}/flows/export/by-query?namespace={namespace}")
    part = {"fileContent": ("dir.txt", b"x")}
    path = quote("/deep/a b.txt")
    put = plain.post(f"{base}/namespaces/{namespace}/files?path={path}", files=part)
    kv = plain.put(
        f"{base}/namespaces/{namespace}/kv/key",
        content='"text"',
        headers={"Content-Type": "text/plain", "ttl": "PT5M"},
    )
    emptied = plain.post(f"{base}/flows/{namespace}?delete=true", content="", headers=YAML)

    assert [item["index"] for item in checked.json()] == [0, 1]
    assert {flow["id"] for flow in first.json()} == {"recorded", "second"}
    assert [(f["id"], f["deleted"]) for f in second.json()] == [
        ("second", True),
        ("recorded", False),
    ]
    assert len(bulk.json()) == 2
    names = zipfile.ZipFile(io.BytesIO(exported.content)).namelist()
    assert set(names) == {f"{namespace}.recorded.yml", f"{namespace}.second.yml"}
    assert (put.status_code, kv.status_code) == (200, 200)
    assert {flow["id"] for flow in emptied.json()} == {"recorded", "second"}
    assert plain.get(f"{base}/flows/{namespace}").json() == []
