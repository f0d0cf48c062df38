"""Checks on the wire: in the answer to a refused start, and in a form's validation."""

CHECKS = """
inputs: [{id: age, type: INT, defaults: 1}]
checks:
  - {condition: "{{ inputs.age > 5 }}", message: too young, style: WARNING}
"""


def test_the_message_of_a_check_is_in_the_answer(api):
    api.flow("checked", CHECKS)

    found = api.send("POST", "/executions/team.a/checked", status=422)

    assert "too young" in found["message"]
    assert api.get("/executions/search")["total"] == 0


def test_a_form_hears_of_checks_before_anything_starts(api):
    api.flow("checked", CHECKS)

    found = api.send("POST", "/executions/team.a/checked/validate")

    expected = {"message": "too young", "style": "WARNING", "behavior": "BLOCK_EXECUTION"}
    assert found["checks"] == [expected]
