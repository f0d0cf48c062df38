"""Namespaces with their keys, secrets and files; dashboards, blueprints, tests of flows."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import kestrapy
from ground import NS, T, client, get, having, made_flow, newer, refused, rows

kv, files, spaces, boards = client.kv, client.files, client.namespaces, client.dashboards
NOW = datetime.now(UTC)
START, END = ((NOW + timedelta(days=n)).isoformat() for n in (-1, 1))
BOARD = """id: {}
title: Told
timeWindow: {{default: P30D, max: P365D}}
charts:
  - id: states
    type: io.kestra.plugin.core.dashboard.chart.Table
    data:
      type: io.kestra.plugin.core.dashboard.data.Executions
      columns: {{count: {{agg: COUNT}}, state: {{field: STATE}}}}
"""
SUITE = """id: suite
namespace: {}
flowId: tested
testCases:
  - id: says
    type: io.kestra.core.tests.flow.UnitTest
    assertions: [{{value: "{{{{ outputs.out.value }}}}", equalTo: "{}"}}]
"""


def check_kv():
    kv.set_key_value(NS, "one", T, '"v"')
    kv.set_key_value(NS, "two", T, "2")
    kv.set_key_value(NS, "three", T, "PT5M")
    kinds = {"one": ("STRING", "v"), "two": ("NUMBER", 2), "three": ("DURATION", "PT5M")}
    for key, (kind, value) in kinds.items():
        found = kv.key_value(NS, key, T)
        assert (str(get(found.type, "value")), found.value) == (kind, value), found
    listed = rows(kv.list_all_keys(T, size=50, filters=[having("namespace", NS)]))
    assert set(kinds) == {entry.key for entry in listed}
    kv.set_key_value(NS + ".below", "low", T, '"x"')
    inherited = kv.list_keys_with_inheritance(NS + ".below", T)
    assert set(kinds) <= {entry.key for entry in inherited}
    assert kv.delete_key_value(NS, "one", T) is True
    assert kv.delete_key_value(NS, "one", T) is False
    asked = kestrapy.KVControllerApiDeleteBulkRequest(keys=["two", "three"])
    assert set(kv.delete_key_values(NS, T, asked).keys) == {"two", "three"}
    refused(404, lambda: kv.key_value(NS, "two", T))
    refused(422, lambda: kv.set_key_value(NS, "bad", T, "{no json"))


def check_namespaces():
    name = NS + ".made"
    told = kestrapy.Namespace(id=name, deleted=False, description="d", variables={"a": {"b": 1}})
    assert spaces.create_namespace(T, told).id == name
    refused(409, lambda: spaces.create_namespace(T, told))
    assert spaces.namespace(name, T).description == "d"
    told.description = "e"
    assert spaces.update_namespace(name, T, told).description == "e"
    more = {"filters": [having("q", name)]} if newer else {"q": name}
    assert [one.id for one in rows(spaces.search_namespaces(T, size=50, **more))] == [name]
    asked = kestrapy.ApiAutocomplete(q="made") if newer else {"q": "made"}
    assert name in spaces.autocomplete_namespaces(T, asked)
    assert spaces.inherited_variables(name + ".below", T) == {"a": {"b": 1}}
    if not newer:
        assert spaces.inherited_plugin_defaults(name, T) == []
    spaces.delete_namespace(name, T)
    refused(404, lambda: spaces.namespace(name, T))


def check_secrets():
    value = {"key": "SDK", "value": "squeamish ossifrage", "description": "d", "tags": []}
    secret = kestrapy.ApiSecretValue(**value)
    assert spaces.put_secrets(NS, T, secret)[0].key == "SDK"
    changed = kestrapy.ApiSecretMetaEE(key="SDK", description="e", tags=[])
    assert spaces.patch_secret(NS, "SDK", T, changed)[0].description == "e"
    page = spaces.list_secrets(T, filters=[having("namespace", NS)])
    assert [one.key for one in page.results] == ["SDK"]
    assert "squeamish" not in str(page)
    assert spaces.inherited_secrets(NS + ".below", T)[NS] == ["SDK"]
    spaces.delete_secret(NS, "SDK", T)
    assert rows(spaces.list_secrets(T, filters=[having("namespace", NS)])) == []


def check_namespace_files():
    files.create_namespace_directory(NS, T, "/d")
    files.create_namespace_file(NS, "/d/a b.txt", T, b"hey")
    assert files.file_content(NS, "/d/a b.txt", T) == b"hey"
    assert files.file_metadatas(NS, T, "/d/a b.txt").size == 3
    listed = files.list_namespace_directory_files(NS, T, "/d")
    assert [one.file_name for one in listed] == ["a b.txt"]
    files.create_namespace_file(NS, "/d/a b.txt", T, b"hey you")
    revisions = [get(one, "revision") for one in files.file_revisions(NS, T, "/d/a b.txt")]
    assert sorted(revisions) == [1, 2]
    assert files.file_content(NS, "/d/a b.txt", T, revision=1) == b"hey"
    assert files.search_namespace_files(NS, "a b", T) == ["/d/a b.txt"]
    files.move_file_directory(NS, "/d/a b.txt", "/d/b.txt", T)
    packed = io.BytesIO(files.export_namespace_files(NS, T))
    assert zipfile.ZipFile(packed).read("d/b.txt") == b"hey you"
    files.delete_file_directory(NS, "/d", T)
    refused(404, lambda: files.file_content(NS, "/d/b.txt", T))
    refused(422, lambda: files.create_namespace_file(NS, "/../x", T, b"x"))


def check_dashboards():
    name, text = NS.replace(".", "-"), BOARD.format(NS.replace(".", "-"))
    assert boards.validate_dashboard(T, text).constraints is None
    assert boards.validate_dashboard(T, text.replace("Table", "No")).constraints
    assert boards.create_dashboard(T, text)["title"] == "Told"
    assert boards.update_dashboard(name, T, text.replace("Told", "Seen"))["title"] == "Seen"
    assert boards.dashboard(name, T)["title"] == "Seen"
    page = boards.search_dashboards(T, page=1, size=100, q="Seen")
    assert name in {get(one, "id") for one in rows(page)}
    asked = {"startDate": START, "endDate": END, "filters": []}
    assert isinstance(rows(boards.dashboard_chart_data(name, "states", T, asked)), list)
    boards.delete_dashboard(name, T)
    refused(404, lambda: boards.dashboard(name, T))


def check_charts():
    chart = BOARD.split("charts:\n")[1].format().replace("  - id", "    id")
    chart = "\n".join(line[4:] for line in chart.splitlines())
    assert boards.validate_chart(T, chart).constraints is None
    asked = {"chart": chart, "globalFilter": {"startDate": START, "endDate": END, "filters": []}}
    made_flow("charted")
    assert isinstance(rows(boards.preview_chart(T, asked)), list)
    exported = boards.export_chart(T, asked) if newer else boards.export_chart_to_csv(T, asked)
    assert exported is not None


def check_blueprints():
    prints = client.blueprints
    kind = next(one for one in kestrapy.BlueprintControllerKind if one.value.lower() == "flow")
    page = rows(prints.search_blueprints(kind, T, page=1, size=5))
    assert page
    name = get(page[0], "id")
    assert get(prints.blueprint(name, kind, T), "id") == name
    assert "namespace:" in prints.blueprint_source(name, kind, T)
    assert prints.blueprint_graph(name, kind, T)


def check_tests_of_flows():
    made_flow("tested", "{id: out, type: io.kestra.plugin.core.debug.Return, format: hi}")
    suites, text = client.test_suites, SUITE.format(NS, "hi")
    assert suites.validate_test_suite(T, text).constraints is None
    assert suites.create_test_suite(T, text).id == "suite"
    assert suites.test_suite(NS, "suite", T).flow_id == "tested"
    assert suites.create_test_suite(T, SUITE.format(NS, "ho")).id == "suite"
    assert "suite" in {one.id for one in rows(suites.search_test_suites(T, namespace=NS))}
    result = suites.run_test_suite(NS, "suite", T)
    assert "FAILED" in str(result.state), result
    suites.delete_test_suite(NS, "suite", T)
    refused(404, lambda: suites.test_suite(NS, "suite", T))
