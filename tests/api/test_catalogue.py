"""The catalogue: types by group, their pages, the schema that editors read."""

import pytest

from app.plugin.registry import default_registry
from app.plugin.schema import language_schema

LOG = "io.kestra.plugin.core.log.Log"
RETURN = "io.kestra.plugin.core.debug.Return"


def test_the_schema_of_flows_is_the_whole_language(lite):
    served = lite.get("/plugins/schemas/flow")
    listed = lite.get("/plugins/schemas/TASK", arrayOf="true")

    assert served == language_schema("flow", default_registry())
    assert LOG in served["definitions"]
    assert listed["type"] == "array"
    assert LOG in listed["definitions"]


@pytest.mark.parametrize("kind", ["dashboard", "testsuites"])
def test_dashboards_and_test_suites_have_a_schema(lite, kind):
    served = lite.get(f"/plugins/schemas/{kind}")

    assert served["$schema"].startswith("http://json-schema.org/draft-07")
    assert "id" in served["properties"]
    assert lite.get(f"/plugins/properties/{kind}") == served["properties"]


def test_an_unknown_schema_or_type_is_not_found(lite):
    for path in ("schemas/poem", "properties/poem", "no.such.Type", "inputs/POEM"):
        lite.send("GET", f"/plugins/{path}", status=404)


def test_the_properties_of_a_flow_are_listed(lite):
    assert {"id", "namespace", "tasks", "triggers"} <= set(lite.get("/plugins/properties/flow"))


def test_a_type_has_a_page_with_its_properties_and_outputs(lite):
    found = lite.get(f"/plugins/{RETURN}")

    assert found["markdown"].startswith("# Return")
    assert "format" in found["schema"]["properties"]["properties"]
    assert "value" in found["schema"]["outputs"]["properties"]
    assert lite.get(f"/plugins/{LOG}")["schema"]["outputs"] == {"properties": {}}


def test_a_type_has_one_version(lite):
    versions = lite.get(f"/plugins/{LOG}/versions")["versions"]

    assert lite.get(f"/plugins/{LOG}/versions/{versions[0]}") == lite.get(f"/plugins/{LOG}")
    lite.send("GET", f"/plugins/{LOG}/versions/0.0.1", status=404)


def test_plugins_are_a_list_or_a_page(lite):
    everything = lite.get("/plugins")
    page = lite.get("/plugins", page=1, size=1)
    split = lite.get("/plugins/groups/subgroups")

    assert page == {"results": everything[:1], "total": len(everything)}
    classes = [task["cls"] for group in split for task in group["tasks"]]
    assert LOG in classes
    assert len(classes) == len(set(classes))


def test_types_and_groups_have_icons(lite):
    icons = lite.get("/plugins/icons")
    picture = lite.call("GET", f"/plugins/icons/{LOG}/icon.svg")

    assert icons[LOG]["flowable"] is False
    assert icons["io.kestra.plugin.core.flow.If"]["flowable"] is True
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "public, max-age=3600"
    assert "io.kestra.plugin.core" in lite.get("/plugins/icons/groups")


def test_inputs_triggers_filters_and_functions_are_listed(lite):
    triggers = lite.get("/plugins/triggers", size=100)["results"]

    assert "FILE" in [item["type"] for item in lite.get("/plugins/inputs")]
    assert "io.kestra.plugin.core.trigger.Schedule" in [item["type"] for item in triggers]
    assert lite.get("/plugins/inputs/int")["markdown"].startswith("# INT")
    assert "upper" in lite.get("/pebble/filters")
    assert "now" in [item["name"] for item in lite.get("/pebble/functions")]


def test_who_has_the_schema_already_is_not_sent_it_again(lite):
    first = lite.call("GET", "/plugins/schemas/flow")
    tag = first.headers["ETag"]

    again = lite.call("GET", "/plugins/schemas/flow", headers={"If-None-Match": tag})

    assert (again.status_code, again.get_data()) == (304, b"")


def where(lite, text):
    return {item["cls"]: item["found"] for item in lite.get("/plugins/search", q=text)}


def test_types_are_found_by_name_property_and_example(lite):
    by_name = where(lite, "debug.return")
    by_property = where(lite, "containerImage")
    by_example = where(lite, "approve-before-deploy")

    assert next(iter(by_name.items())) == (RETURN, ["name", *by_name[RETURN][1:]])
    assert by_name[LOG] == [f"example {name}" for name in ("hello-world", "branches-in-parallel")]
    assert "property containerImage" in by_property["io.kestra.plugin.scripts.python.Script"]
    assert LOG not in by_property
    assert by_example["io.kestra.plugin.core.flow.Pause"] == ["example approve-before-deploy"]
    assert where(lite, "no such thing anywhere") == {}
    assert next(iter(where(lite, "core.log.log"))) == LOG  # those by example come after


def test_a_page_tells_queue_other_names_and_flows_that_use_the_type(lite):
    log = lite.get(f"/plugins/{LOG}")
    script = lite.get("/plugins/io.kestra.plugin.scripts.python.Script")
    flowable = lite.get("/plugins/io.kestra.plugin.core.flow.Parallel")

    assert (log["kind"], log["deprecated"]) == ("tasks", False)
    assert all("id: " in example["code"] for example in log["examples"])
    assert log["examples"][0]["title"]
    assert "io.kestra.core.tasks.log.Log" in log["aliases"]
    assert script["queue"] == "script"
    assert "queue" not in flowable
