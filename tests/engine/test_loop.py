"""Loop: iterations that are closed to the outside, and what they give to it."""

import json

import pytest

from app.service import kv, reopen, search

LOOP = """
id: looped
namespace: company.team
inputs: [{{id: n, type: STRING, defaults: x}}]
tasks:
  - id: before
    type: io.kestra.plugin.core.output.OutputValues
    values: {{v: outer}}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: {values}
    {more}
    tasks:
      - id: first
        type: io.kestra.plugin.core.output.OutputValues
        values: {{v: "{{{{ item.index }}}}={{{{ item.value }}}}{key}"}}
      - id: second
        type: io.kestra.plugin.core.debug.Return
        format: "{{{{ outputs.before.values.v }}}} {{{{ outputs.first.values.v }}}}"
        {child}
  - id: after
    type: io.kestra.plugin.core.debug.Return
    format: "{after}"
"""
GIVES = "outputs: [{id: got, type: STRING, value: '{{ outputs.second.value }}'}]"
LIST = "{{ loopOutputs(outputs.loop.outputs, 'got') | toJson }}"


def flow(values, more="", child="", after="done", key=""):
    return LOOP.format(values=values, more=more, child=child, after=after, key=key)


def got(driver, execution):
    return json.loads(driver.outputs(execution, "after")["value"])


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_each_iteration_sees_its_own_outputs_and_gives_what_it_declares(driver, limit):
    more = f"concurrencyLimit: {limit}\n    {GIVES}"
    after = LIST.replace('"', "'")

    execution = driver.run(flow("[a, a, {b: 1}]", more, after=after))

    assert driver.state(execution) == "SUCCESS"
    assert got(driver, execution) == ["outer 0=a", "outer 1=a", 'outer 2={"b":1}']
    outputs = driver.outputs(execution, "loop")
    assert [row["item"]["index"] for row in outputs["outputs"]] == [0, 1, 2]
    counts = ("iterationCount", "runningIterations", "terminatedIterations")
    assert [outputs[name] for name in counts] == [3, 0, 3]


def test_items_of_a_map_have_keys(driver):
    execution = driver.run(
        flow("{a: 1, b: two}", GIVES, key=" {{ item.key }}", after=LIST.replace('"', "'"))
    )

    assert got(driver, execution) == ["outer 0=1 a", "outer 1=two b"]


@pytest.mark.parametrize(
    "hidden", ["outputs.first", "outputs.first['0']", "outputs.second.value", "item.value"]
)
def test_nothing_of_an_iteration_is_seen_outside(driver, hidden):
    execution = driver.run(flow("[a]", after=f"{{{{ {hidden} ?? 'hidden' }}}}"))

    assert driver.outputs(execution, "after") == {"value": "hidden"}


def test_lines_of_a_stored_file_are_items_and_outputs_go_to_a_file(driver):
    text = """
id: filed
namespace: company.team
tasks:
  - id: file
    type: io.kestra.plugin.core.storage.Write
    content: "one\\ntwo\\n\\nthree\\n"
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: "{{ outputs.file.uri }}"
    concurrencyLimit: 2
    outputs: [{id: n, type: INT, value: "{{ item.index + 10 }}"}]
    tasks:
      - {id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ item.value }}"}
  - {id: read, type: io.kestra.plugin.core.debug.Return, format: "{{ read(outputs.loop.uri) }}"}
"""
    execution = driver.run(text)

    lines = driver.outputs(execution, "read")["value"].splitlines()
    assert [json.loads(line)["outputs"] for line in lines] == [{"n": 10}, {"n": 11}, {"n": 12}]
    assert [json.loads(line)["item"]["value"] for line in lines] == ["one", "two", "three"]


def test_a_failure_ends_the_loop_unless_it_is_not_transmitted(driver):
    child = "runIf: \"{{ item.value == 'b' ? fail : true }}\""
    more = f"transmitFailed: false\n    {GIVES}"

    ended = driver.run(flow("[a, b, c]", GIVES, child))
    kept = driver.run(
        flow("[a, b, c]", more, child, after=LIST.replace('"', "'")).replace("looped", "kept")
    )

    assert driver.state(ended) == "FAILED"
    assert [run for run in driver.runs(ended) if run[0] == "first"] == [("first", "SUCCESS")] * 2
    assert driver.state(kept) == "SUCCESS"
    assert got(driver, kept) == ["outer 0=a", "outer 2=c"]


def test_loops_inside_of_loops_see_their_own_item_and_the_one_around(driver):
    text = """
id: nested
namespace: company.team
tasks:
  - id: outer
    type: io.kestra.plugin.core.flow.Loop
    values: [a, b]
    outputs: [{id: all, type: JSON, value: "{{ loopOutputs(outputs.inner.outputs, 'v') }}"}]
    tasks:
      - id: inner
        type: io.kestra.plugin.core.flow.Loop
        values: [1, 2]
        concurrencyLimit: 0
        outputs: [{id: v, value: "{{ outputs.each['x'].value }}{{ outputs.mark.value }}"}]
        tasks:
          - {id: mark, type: io.kestra.plugin.core.debug.Return, format: "!"}
          - id: foreach
            type: io.kestra.plugin.core.flow.ForEach
            values: [x]
            tasks:
              - id: each
                type: io.kestra.plugin.core.debug.Return
                format: "{{ item.parent.value }}{{ item.value }}{{ taskrun.value }}"
  - id: after
    type: io.kestra.plugin.core.debug.Return
    format: "{{ loopOutputs(outputs.outer.outputs, 'all') | toJson }}"
"""
    execution = driver.run(text)

    assert got(driver, execution) == [["a1x!", "a2x!"], ["b1x!", "b2x!"]]


def test_a_restart_goes_on_with_the_iteration_that_failed(driver):
    child = "disabled: false"
    text = flow("[a, b, c]", GIVES, child, after=LIST.replace('"', "'"))
    text = text.replace('format: "{{ outputs.before', "format: \"{{ kv('go') }}{{ outputs.before")
    execution = driver.run(text)
    failed = driver.state(execution)
    kv.put(driver.rt, {"namespace": "company.team", "key": "go", "value": "+"})
    reopen.restart(driver.rt, execution)
    driver.work()

    assert failed == "FAILED"
    assert got(driver, execution) == ["+outer 0=a", "+outer 1=b", "+outer 2=c"]


def test_values_that_are_no_list_fail_the_loop(driver):
    execution = driver.run(flow('"{{ inputs.n }}"'))

    assert driver.state(execution) == "FAILED"
    assert any("no JSON list or map" in m for m in driver.messages(execution))


def test_an_empty_list_succeeds(driver):
    execution = driver.run(flow("[]", GIVES))

    assert driver.state(execution) == "SUCCESS"
    assert search.whole(driver.rt, execution)[1][1].outputs["iterationCount"] == 0
