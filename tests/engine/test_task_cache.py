"""`taskCache`: what an earlier run gave stands in for a run, and goes when it is of no more use."""

from dataclasses import replace

import pytest

from app.errors import Invalid
from app.service import flows, purging
from tests.support.driver import Driver

RETURN = "io.kestra.plugin.core.debug.Return"
WRITE = "io.kestra.plugin.core.storage.Write"
USED = "the outputs of an earlier run are used"


def flow(
    more="", *, kind=RETURN, told="format: '{{ inputs.day }} {{ uuid() | length }}'", cache="{}"
):
    return f"""
id: costly
namespace: company.team
inputs: [{{id: day, type: STRING, defaults: monday}}]
tasks:
  - {{id: load, type: {kind}, {told}, taskCache: {cache}{more}}}
"""


def hits(driver: Driver, text: str, **inputs: str) -> list[bool]:
    """Of two runs: whether each used what an earlier one gave."""
    runs = [driver.run(text, **inputs) for _ in range(2)]
    assert {driver.state(run) for run in runs} == {"SUCCESS"}
    return [USED in driver.messages(run) for run in runs]


def stored(driver: Driver) -> list[str]:
    return sorted(driver.rt.storage.list("/company/team/costly/load/cache"))


def test_the_same_properties_give_the_same_outputs(driver):
    text = flow()

    assert hits(driver, text) == [False, True]
    assert hits(driver, text, day="tuesday") == [False, True]
    again = driver.run(text)
    assert driver.outputs(again, "load") == {"value": "monday 36"}


def test_what_never_renders_the_same_is_never_used_again(driver):
    assert hits(driver, flow(told="format: '{{ execution.id }}'")) == [False, False]


def test_common_properties_are_no_part_of_the_key(driver):
    driver.run(flow())

    assert USED in driver.messages(driver.run(flow(", description: other, timeout: PT1M")))


def test_a_cache_that_is_off_does_nothing(driver):
    assert hits(driver, flow(cache="{enabled: false}")) == [False, False]
    assert stored(driver) == []


def test_files_are_copied_into_the_execution_that_uses_them(driver):
    text = flow(kind=WRITE, told="content: 'of {{ inputs.day }}', extension: .txt")
    first = driver.run(text)
    before = driver.outputs(first, "load")["uri"]
    driver.rt.storage.delete(before)
    second = driver.run(text)
    uri = driver.outputs(second, "load")["uri"]

    assert second in uri
    assert uri.endswith(".txt")
    with driver.rt.storage.open(uri) as stream:
        assert stream.read() == b"of monday"


def test_outputs_are_good_for_their_time_to_live(driver):
    text = flow(cache="{ttl: PT5M}")
    first = hits(driver, text)
    driver.clock.advance(301)

    assert first == [False, True]
    assert hits(driver, text) == [False, True]


def test_a_shorter_time_to_live_counts_at_once(driver):
    driver.run(flow(cache="{ttl: PT1H}"))
    driver.clock.advance(60)

    assert USED not in driver.messages(driver.run(flow(cache="{ttl: PT30S}")))


def test_outputs_that_a_later_run_replaced_go_with_their_files(driver):
    text = flow(cache="{ttl: PT5M}", kind=WRITE, told="content: x")
    driver.run(text)
    before = stored(driver)
    driver.clock.advance(301)
    driver.run(text)

    assert len(before) == 2
    assert len(stored(driver)) == 2
    assert not set(before) & set(stored(driver))


def test_what_is_over_is_purged(driver):
    driver.run(flow(cache="{ttl: PT5M}"))
    early = purging.purge(driver.rt)
    driver.clock.advance(301)

    assert (early, purging.purge(driver.rt)) == (0, 1)
    assert stored(driver) == []


def test_what_nothing_used_for_as_long_as_executions_are_kept_is_purged(driver):
    settings = driver.rt.settings.model_copy(update={"retention_days": 2})
    rt = replace(driver.rt, settings=settings)
    driver.run(flow())
    driver.clock.advance(86_400)
    driver.run(flow())
    driver.clock.advance(86_400 + 60)
    purging.purge(rt)
    used_in_time = stored(driver)
    driver.clock.advance(86_400)
    purging.purge(rt)

    assert len(used_in_time) == 1
    assert stored(driver) == []


def test_a_deleted_flow_leaves_nothing(driver):
    driver.run(flow())
    flows.delete(driver.rt, "company.team", "costly")
    purging.purge(driver.rt)
    left = stored(driver)
    again = driver.run(flow())

    assert left == []
    assert USED not in driver.messages(again)


def test_a_failed_run_is_not_kept(driver):
    text = flow(kind="io.kestra.plugin.core.execution.Fail", told="errorMessage: no")
    runs = [driver.run(text) for _ in range(2)]

    assert {driver.state(run) for run in runs} == {"FAILED"}
    assert stored(driver) == []


def test_what_changes_the_execution_is_done_each_time(driver):
    labels = "io.kestra.plugin.core.execution.Labels"

    assert hits(driver, flow(kind=labels, told="labels: {a: b}")) == [False, False]


def test_a_secret_is_sealed_in_what_is_kept(driver):
    text = flow(told="""format: "{{ secret('TOKEN') }}" """)
    runs = [driver.run(text) for _ in range(2)]

    assert [driver.outputs(run, "load") for run in runs] == [{"value": "s3cr3t-value"}] * 2
    for uri in stored(driver):
        with driver.rt.storage.open(uri) as stream:
            assert b"s3cr3t" not in stream.read()


def test_a_child_of_a_directory_always_runs(driver):
    files = "io.kestra.plugin.core.storage.LocalFiles"
    text = f"""
id: costly
namespace: company.team
tasks:
  - id: dir
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks:
      - {{id: load, type: {files}, inputs: {{a.txt: x}}, taskCache: {{enabled: true}}}}
      - {{id: read, type: {files}, outputs: [a.txt]}}
"""
    assert hits(driver, text) == [False, False]


def test_properties_that_cannot_be_rendered_cost_a_warning_only(driver):
    text = flow(told="format: '{{ nothing ?? raise }}'")
    execution = driver.run(text)

    assert driver.state(execution) == "FAILED"
    assert any("its outputs are not cached" in line for line in driver.messages(execution))


def test_a_property_that_is_unknown_is_refused(driver):
    with pytest.raises(Invalid, match=r"taskCache"):
        driver.save(flow(cache="{ttll: PT1S}"))
