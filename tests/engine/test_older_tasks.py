"""Tasks of the first dialect: they run as they did, or say why they do not."""

import pytest

LOG = "io.kestra.core.tasks.log.Log"


def flow(task):
    return f"id: old\nnamespace: company.team\ntasks:\n{task}"


def loop(kind):
    return flow(f"""
  - id: each
    type: io.kestra.core.tasks.flows.{kind}
    value: '["a", "b"]'
    tasks:
      - {{id: one, type: {LOG}, message: "1 {{{{ taskrun.value }}}}"}}
      - {{id: two, type: {LOG}, message: "2 {{{{ taskrun.value }}}}"}}
""")


@pytest.mark.parametrize(
    ("kind", "messages"),
    [
        ("EachSequential", ["1 a", "2 a", "1 b", "2 b"]),
        ("EachParallel", ["1 a", "1 b", "2 a", "2 b"]),
    ],
)
def test_the_older_loops_run_each_value_in_order_or_side_by_side(driver, kind, messages):
    execution = driver.run(loop(kind))
    found = driver.messages(execution)

    assert driver.state(execution) == "SUCCESS"
    assert (found if kind == "EachSequential" else sorted(found)) == messages


@pytest.mark.parametrize(
    "name", ["io.kestra.plugin.core.flow.Template", "io.kestra.core.tasks.flows.Template"]
)
def test_a_template_is_not_there(driver, name):
    task = f"  - {{id: t, type: {name}, namespace: company.team, templateId: x, args: {{a: 1}}}}\n"
    execution = driver.run(flow(task))

    assert driver.runs(execution) == [("t", "FAILED")]
    assert driver.messages(execution) == ["Can't find flow template 'company.team.x'"]
