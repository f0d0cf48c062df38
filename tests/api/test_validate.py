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
    assert "Duplicate task id" in places[(8, 5, 7)]["message"]
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


def test_what_is_wrong_and_what_is_old_are_told_in_one_answer(lite):
    found = verdict(lite, OLD.replace("format: hi", "formt: hi"))

    assert "tasks[1].formt" in found["constraints"]
    assert found["deprecationPaths"] == ["tasks[1]"]
    assert found["infos"] == [
        "io.kestra.core.tasks.log.Log is replaced by io.kestra.plugin.core.log.Log"
    ]
    assert [(v["line"], v["severity"]) for v in found["violations"]] == [
        (7, "WARNING"),
        (8, "ERROR"),
        (8, "WARNING"),
        (10, "ERROR"),
    ]


def part(lite, text, kind="task", **query):
    return lite.call("POST", f"/flows/validate/{kind}", data=text, query_string=query).get_json()


def test_a_task_on_its_own_is_told_everything_at_its_own_place(lite):
    text = (
        "id: a\ntype: io.kestra.plugin.core.flow.If\ncondition: x\nthen:\n  - {id: b, type: Logg}\n"
    )
    found = part(lite, text + "taks: []\n")

    assert [(v["path"], v["line"], v["column"]) for v in found["violations"]] == [
        ("then[0].type", 5, 13),
        ("taks", 6, 1),
    ]
    assert "then[0].type" in found["constraints"]
    assert "tasks[0]" not in found["constraints"]


def test_a_trigger_on_its_own_is_told_what_was_meant_and_what_is_old(lite):
    text = (
        "id: s\ntype: io.kestra.core.models.triggers.types.Schedule\ncron: '* * * * *'\n"
        "scheduleConditions: []\nlabel: {}\n"
    )
    found = part(lite, text, "trigger")

    assert [(v["path"], v["line"], v["severity"]) for v in found["violations"]] == [
        ("scheduleConditions", 4, "WARNING"),
        ("label", 5, "ERROR"),
    ]
    assert found["violations"][1]["suggestion"] == "labels"
    assert found["deprecationPaths"] == ["scheduleConditions"]
    assert "scheduleConditions is replaced by conditions" in found["infos"]


def test_a_part_that_is_no_map_or_no_yaml_is_refused_at_its_place(lite):
    assert part(lite, "- a\n")["violations"][0]["line"] == 1
    assert part(lite, "a: [\n")["violations"][0]["line"] == 2


def test_a_valid_part_has_nothing_to_say(lite):
    text = "id: a\ntype: io.kestra.plugin.core.log.Log\nmessage: m\n"

    assert part(lite, text) == {"index": 0, "outdated": False}
