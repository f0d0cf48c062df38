"""Text beside an expression is text, wherever a value may be of another type; STRING means text."""

from app.service.search import whole

CHILD = """
id: child
namespace: company.team
inputs:
  - {id: name, type: STRING}
  - {id: number, type: STRING}
  - {id: list, type: STRING}
  - {id: plain, type: STRING}
  - {id: count, type: INT}
  - {id: data, type: JSON}
outputs:
  - {id: text, type: STRING, value: "{{ inputs.count }}"}
  - {id: mixed, type: STRING, value: "{{ inputs.name }}/{{ inputs.count }}"}
  - {id: more, type: JSON, value: {a: "n {{ inputs.count }}", b: "{{ inputs.count }}"}}
  - {id: count, type: INT, value: "{{ inputs.count }}"}
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]
"""
PARENT = """
id: parent
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a]
    tasks:
      - id: call
        type: io.kestra.plugin.core.flow.Subflow
        namespace: company.team
        flowId: child
        labels: {run: "number {{ taskrun.iteration }}"}
        inputs:
          name: "item {{ taskrun.iteration }}"
          number: "{{ 1 + 1 }}"
          list: "{{ [1, 2] }}"
          plain: 7
          count: "{{ 4 }}"
          data: {k: "v {{ 5 }}", n: "{{ 5 }}"}
  - id: shown
    type: io.kestra.plugin.core.output.OutputValues
    values: {a: "n {{ 1 }}", b: "{{ 1 }}{{ 2 }}", c: "{{ [1] }}"}
"""


def test_text_beside_an_expression_is_text_in_inputs_outputs_and_labels(driver):
    driver.save(CHILD)
    parent = driver.run(PARENT)
    assert driver.state(parent) == "SUCCESS"

    called = driver.outputs(parent, "call")
    child = whole(driver.rt, called["executionId"])[0]
    assert child.inputs == {
        "name": "item 0", "number": "2", "list": "[1,2]", "plain": "7", "count": 4,
        "data": {"k": "v 5", "n": 5},
    }  # fmt: skip
    assert child.labels["run"] == "number 0"
    assert called["outputs"] == {
        "text": "4", "mixed": "item 0/4", "more": {"a": "n 4", "b": 4}, "count": 4,
    }  # fmt: skip
    assert driver.outputs(parent, "shown") == {"values": {"a": "n 1", "b": "12", "c": "[1]"}}
