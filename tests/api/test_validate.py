"""The verdict on a document: everything that is wrong, each thing at its place."""

WRONG = """
id: wrong
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    mesage: hi
  - id: hello
    type: io.kestra.plugin.core.log.Logg
  - id: hello
    type: io.kestra.plugin.core.debug.Return
"""
OLD = """
id: old
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.core.tasks.log.Log
    message: "{{ 1 + }}"
  - id: echo
    type: io.kestra.plugin.core.debug.Echo
    format: hi
"""


def verdict(lite, text):
    return lite.call("POST", "/flows/validate", data=text).get_json()[0]


def test_every_violation_has_its_place_and_what_was_meant(lite):
    found = verdict(lite, WRONG)

    places = {(v["line"], v["column"], v.get("endColumn")): v for v in found["violations"]}
    assert places[(7, 5, 11)]["suggestion"] == "message"
    assert places[(9, 5, 9)]["suggestion"] == "io.kestra.plugin.core.log.Log"
    assert "Duplicate task id" in places[(10, 5, 7)]["message"]
    assert {v["severity"] for v in found["violations"]} == {"ERROR"}
    assert all(v["message"] in found["constraints"] for v in found["violations"])


def test_warnings_and_deprecations_have_a_place_and_refuse_nothing(lite):
    found = verdict(lite, OLD)

    assert "constraints" not in found
    assert found["deprecationPaths"] == ["tasks[1]"]
    assert [(v["path"], v["line"], v["severity"]) for v in found["violations"]] == [
        ("tasks[0].message", 7, "WARNING"),
        ("tasks[1]", 8, "WARNING"),
    ]


def test_a_flow_without_a_fault_has_no_violations(lite):
    found = verdict(lite, OLD.partition("  - id: echo")[0].replace("{{ 1 + }}", "hi"))

    assert "violations" not in found
    assert "constraints" not in found


def test_text_that_is_no_yaml_has_a_place_too(lite):
    found = verdict(lite, "id: a\nnamespace: [b\n")

    assert found["violations"][0]["line"] >= 2
