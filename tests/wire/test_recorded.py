"""The calls of clients that are no Python packages, against a real server: each feature is a test.

What a test sends is what the client sends, header by header where it matters, and in its order; it
checks what the client needs of the answer. The clients are the VS Code extension, the Terraform
provider, the Go CLI (`kestractl`) and the Java CLI.
"""

import io
import json
import uuid
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
BASE = "/api/v1/main"
BASES = ["/api/v1/main", "/api/v1"]  #: with the segment of the tenant, and as of old without
LOG = "io.kestra.plugin.core.log.Log"
PAUSE = "{id: p, type: io.kestra.plugin.core.flow.Pause}"


@pytest.fixture
def plain(server):
    """A client below the address, with Basic as all of them send it."""
    with httpx.Client(base_url=server.url, auth=AUTH, timeout=60) as client:
        yield client


@pytest.fixture
def namespace():
    """A namespace of the test's own."""
    return f"wire.n{uuid.uuid4().hex[:10]}"


def saved(client, namespace, base=BASE):
    """The answer to the flow's first save."""
    return client.post(f"{base}/flows", content=FLOW.format(namespace), headers=YAML)


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


class TestVsCode:
    """The extension: it completes, checks, edits and runs flows, with and without a tenant."""

    pytestmark = pytest.mark.parametrize("base", BASES)

    def test_it_signs_in_and_reads_the_version(self, server, plain, base):
        nobody = httpx.get(server.url + base + "/configs")

        assert nobody.status_code == 401
        assert plain.get(base + "/configs").json()["version"].startswith("2.")

    def test_it_leaves_and_finds_its_flow(self, plain, base, namespace):
        text = FLOW.format(namespace)
        address = f"{base}/flows/{namespace}/recorded"

        absent = plain.put(address, content=text, headers=YAML)
        made = saved(plain, namespace, base)
        changed = plain.put(address, content=text.replace("hello", "bye"), headers=YAML)
        read = plain.get(address + "?source=true").json()
        removed = plain.delete(address)

        assert absent.status_code == 404
        assert (made.json()["revision"], changed.json()["revision"]) == (1, 2)
        assert read["source"] == text.replace("hello", "bye")
        assert removed.status_code == 204
        assert plain.get(address).status_code == 404

    def test_it_shows_what_is_wrong_with_a_flow(self, plain, base, namespace):
        content = BROKEN.format(namespace)
        verdict = plain.post(f"{base}/flows/validate", content=content, headers=YAML).json()

        assert "no.Such" in verdict[0]["constraints"]

    def test_it_draws_a_flow(self, plain, base, namespace):
        content = FLOW.format(namespace)
        graph = plain.post(f"{base}/flows/graph", content=content, headers=YAML).json()

        assert {"nodes", "edges", "clusters"} <= set(graph)
        assert "out" in {node.get("task", {}).get("id") for node in graph["nodes"]}

    def test_it_keeps_files_of_a_namespace(self, plain, base, namespace):
        files = f"{base}/namespaces/{namespace}/files"
        part = {"fileContent": ("main.py", b"print(1)")}

        empty = plain.get(files + "/directory").json()
        put = plain.post(files + "?path=%2Fmain.py", files=part)
        got = plain.get(files + "?path=%2Fmain.py")
        moved = plain.put(files + "?from=%2Fmain.py&to=%2Fa%2Fb.py")

        assert (empty, put.status_code, got.content) == ([], 200, b"print(1)")
        assert moved.status_code == 200
        assert plain.get(files + "?path=%2Fmain.py").status_code == 404
        assert plain.get(files + "?path=%2Fa%2Fb.py").content == b"print(1)"

    def test_it_runs_a_flow_and_follows_it_and_its_logs(self, plain, base, namespace):
        saved(plain, namespace, base)
        form = {"name": (None, "code")}

        started = plain.post(f"{base}/executions/{namespace}/recorded", files=form).json()
        followed = frames(plain.get(f"{base}/executions/{started['id']}/follow").text)
        logs = frames(plain.get(f"{base}/logs/{started['id']}/follow?minLevel=DEBUG").text)

        assert followed[-1][0] == "end"
        assert followed[-1][1]["state"]["current"] == "SUCCESS"
        assert "hello code" in [data["message"] for _, data in logs]


class TestVsCodeReference:
    """What the extension reads of the instance alone, without a tenant."""

    def test_it_completes_by_the_schema_of_flows(self, plain):
        schema = plain.get("/api/v1/plugins/schemas/flow").json()

        assert {"definitions", "$ref"} <= set(schema)
        assert LOG in schema["definitions"]

    def test_it_shows_the_page_of_a_type(self, plain):
        assert {"markdown", "schema"} <= set(plain.get(f"/api/v1/plugins/{LOG}").json())

    def test_it_shows_icons_of_types(self, plain):
        assert plain.get("/api/v1/plugins/icons").json()[LOG]["icon"]

    def test_it_shows_icons_of_groups(self, plain):
        groups = plain.get("/api/v1/plugins/icons/groups").json()

        assert any(name.startswith("io.kestra.plugin") and groups[name]["icon"] for name in groups)

    def test_it_lists_groups_of_types(self, plain):
        subgroups = plain.get("/api/v1/plugins/groups/subgroups").json()
        listed = {task["cls"] for group in subgroups for task in group.get("tasks", [])}

        assert LOG in listed

    @pytest.mark.parametrize(("kind", "word"), [("filters", "upper"), ("functions", "secret")])
    def test_it_completes_the_words_of_expressions(self, plain, kind, word):
        assert word in str(plain.get(f"/api/v1/pebble/{kind}").json())


class TestTerraform:
    """The provider makes, reads, changes and removes resources; a null would end it."""

    @pytest.fixture
    def place(self, namespace):
        return f"{BASE}/namespaces/{namespace}"

    def test_a_namespace(self, plain, namespace, place):
        record = {"id": namespace, "description": "made", "variables": {"a": "b"}}

        made = plain.post(f"{BASE}/namespaces", json=record)
        twice = plain.post(f"{BASE}/namespaces", json=record)
        read = plain.get(place).json()
        changed = plain.put(place, json={**record, "description": "changed"}).json()
        removed = plain.delete(place)

        assert (made.status_code, twice.status_code) == (200, 409)
        assert (read["variables"], changed["description"]) == ({"a": "b"}, "changed")
        assert not nulls([made.json(), read, changed])
        assert removed.status_code == 204
        assert plain.get(place).status_code == 404

    def test_a_flow(self, plain, namespace):
        address = f"{BASE}/flows/{namespace}/recorded"
        text = FLOW.format(namespace)

        verdict = plain.post(f"{BASE}/flows/validate", content=text, headers=YAML).json()
        made = saved(plain, namespace).json()
        read = plain.get(address + "?source=true").json()
        changed = plain.put(address, content=text.replace("hello", "bye"), headers=YAML).json()
        removed = plain.delete(address)

        assert verdict[0]["index"] == 0
        assert "constraints" not in verdict[0]
        assert (made["revision"], read["source"], changed["revision"]) == (1, text, 2)
        assert not nulls([verdict, made, read, changed])
        assert removed.status_code == 204
        assert plain.get(address).status_code == 404

    def test_a_key(self, plain, place):
        # it names no type of content
        put = plain.put(f"{place}/kv/answer", content="42", headers={"ttl": "PT1H"})
        read = plain.get(f"{place}/kv/answer").json()
        removed = plain.delete(f"{place}/kv/answer")

        assert put.status_code == 200
        assert (read["type"], read["value"]) == ("NUMBER", 42)
        assert not nulls(read)
        assert removed.status_code == 200
        assert plain.get(f"{place}/kv/answer").status_code == 404

    def test_a_secret_that_no_answer_shows(self, plain, place):
        put = plain.put(f"{place}/secrets", json={"key": "TF_KEY", "value": "tf-secret-value"})
        listed = plain.get(f"{place}/secrets")
        kind = {"Content-Type": "application/json"}
        removed = plain.delete(f"{place}/secrets/TF_KEY", headers=kind)

        assert (put.status_code, listed.status_code) == (200, 200)
        assert "TF_KEY" in listed.text
        assert "tf-secret-value" not in put.text + listed.text
        assert not nulls(listed.json())
        assert removed.status_code in (200, 204)
        assert "TF_KEY" not in plain.get(f"{place}/secrets").text

    def test_a_file(self, plain, place):
        part = {"fileContent": ("tf.txt", b"x")}

        put = plain.post(f"{place}/files?path=/tf.txt", files=part)
        read = plain.get(f"{place}/files?path=/tf.txt")
        stats = plain.get(f"{place}/files/stats?path=/tf.txt").json()
        removed = plain.delete(f"{place}/files?path=/tf.txt")

        assert (put.status_code, read.content) == (200, b"x")
        assert (stats["type"], stats["size"]) == ("File", 1)
        assert not nulls(stats)
        assert removed.status_code in (200, 204)
        assert plain.get(f"{place}/files?path=/tf.txt").status_code == 404


class TestGoCli:
    """`kestractl`: it shows a token and nothing else, and speaks the dialect of 2.0."""

    @pytest.fixture
    def bearer(self, server, plain):
        """A client with a token of its own."""
        asked = {"name": f"ctl-{uuid.uuid4().hex[:8]}", "maxAge": "PT1H"}
        token = plain.post("/api/v1/me/api-tokens", json=asked).json()
        shown = {"Authorization": f"Bearer {token['fullToken']}", "Accept": "application/json"}
        with httpx.Client(base_url=server.url, headers=shown, timeout=60) as client:
            yield client
        plain.delete(f"/api/v1/me/api-tokens/{token['id']}").raise_for_status()

    @pytest.fixture
    def deployed(self, bearer, namespace):
        """The answer to two flows, sent in one document."""
        waits = f"id: waits\nnamespace: {namespace}\ntasks: [{PAUSE}]"
        return bearer.post(
            f"{BASE}/flows/bulk?delete=false&namespace={namespace}",
            content="\n---\n".join([FLOW.format(namespace), waits]),
            headers=YAML,
        )

    def test_it_chooses_its_dialect_by_the_version(self, bearer):
        assert int(bearer.get("/api/v1/configs").json()["version"].split(".")[0]) == 2

    def test_it_deploys_and_lists_flows(self, bearer, deployed, namespace):
        query = f"filters[namespace][EQUALS]={namespace}&page=1&size=100&sort=id:asc"
        listed = bearer.get(f"{BASE}/flows/search?{query}").json()

        assert deployed.status_code == 200
        assert [flow["id"] for flow in listed["results"]] == ["recorded", "waits"]

    @pytest.mark.usefixtures("deployed")
    def test_it_runs_a_flow_and_reads_its_log(self, bearer, namespace):
        run = bearer.post(
            f"{BASE}/executions/{namespace}/recorded?wait=true&labels=ci:yes",
            files={"name": (None, "ctl")},
        ).json()
        logs = bearer.get(f"{BASE}/logs/{run['id']}?minLevel=DEBUG").json()

        assert run["state"]["current"] == "SUCCESS"
        assert {"key": "ci", "value": "yes"} in run["labels"]
        assert "hello ctl" in [line["message"] for line in logs]

    @pytest.mark.usefixtures("deployed")
    def test_it_kills_and_finds_executions(self, bearer, namespace):
        started = bearer.post(f"{BASE}/executions/{namespace}/waits").json()
        killed = bearer.delete(f"{BASE}/executions/{started['id']}/actions/kill")
        query = f"filters[flowId][IN]=[recorded,waits]&filters[namespace][EQUALS]={namespace}"
        found = bearer.get(f"{BASE}/executions/search?{query}").json()

        assert killed.json()["id"] == started["id"]
        assert [item["id"] for item in found["results"]] == [started["id"]]

    def test_it_lists_triggers(self, bearer):
        assert "total" in bearer.get(f"{BASE}/triggers/search?page=1&size=10").json()

    def test_a_token_that_is_gone_opens_nothing(self, server, plain):
        asked = {"name": f"gone-{uuid.uuid4().hex[:8]}", "maxAge": "PT1H"}
        token = plain.post("/api/v1/me/api-tokens", json=asked).json()
        shown = {"Authorization": f"Bearer {token['fullToken']}"}
        before = httpx.get(f"{server.url}{BASE}/flows/search", headers=shown)
        plain.delete(f"/api/v1/me/api-tokens/{token['id']}").raise_for_status()
        after = httpx.get(f"{server.url}{BASE}/flows/search", headers=shown)

        assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize("base", BASES)
class TestJavaCli:
    """The CLI of the reference: it replaces the flows of a namespace, and sends files and keys."""

    def both(self, namespace):
        text = FLOW.format(namespace)
        return text + "---\n" + text.replace("recorded", "second")

    def test_it_validates_many_flows(self, plain, base, namespace):
        content = self.both(namespace)
        checked = plain.post(f"{base}/flows/validate", content=content, headers=YAML)

        assert [item["index"] for item in checked.json()] == [0, 1]

    def test_it_replaces_the_flows_of_a_namespace(self, plain, base, namespace):
        place = f"{base}/flows/{namespace}?delete=true"
        text = FLOW.format(namespace)

        first = plain.post(place, content=self.both(namespace), headers=YAML).json()
        second = plain.post(place, content=text, headers=YAML).json()
        emptied = plain.post(place, content="", headers=YAML).json()

        assert {flow["id"] for flow in first} == {"recorded", "second"}
        assert [(flow["id"], flow["deleted"]) for flow in second] == [
            ("second", True),
            ("recorded", False),
        ]
        assert "recorded" in {flow["id"] for flow in emptied}
        assert plain.get(f"{base}/flows/{namespace}").json() == []

    def test_it_saves_many_flows_and_exports_them(self, plain, base, namespace):
        bulk = plain.post(
            f"{base}/flows/bulk?allowNamespaceChild=true&namespace={namespace}&delete=false",
            content=self.both(namespace),
            headers=YAML,
        )
        exported = plain.get(f"{base}/flows/export/by-query?namespace={namespace}")
        names = zipfile.ZipFile(io.BytesIO(exported.content)).namelist()

        assert len(bulk.json()) == 2
        assert set(names) == {f"{namespace}.recorded.yml", f"{namespace}.second.yml"}

    def test_it_sends_a_file_to_a_namespace(self, plain, base, namespace):
        place = f"{base}/namespaces/{namespace}/files?path={quote('/deep/a b.txt')}"
        put = plain.post(place, files={"fileContent": ("dir.txt", b"x")})

        assert put.status_code == 200
        assert plain.get(place).content == b"x"

    def test_it_sets_a_key(self, plain, base, namespace):
        place = f"{base}/namespaces/{namespace}/kv/key"
        headers = {"Content-Type": "text/plain", "ttl": "PT5M"}
        put = plain.put(place, content='"text"', headers=headers)

        assert put.status_code == 200
        assert plain.get(place).json()["value"] == "text"
