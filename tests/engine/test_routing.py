"""Worker groups and selectors: where a step waits, and what happens when nobody serves it."""

from dataclasses import replace

import pytest

from app.engine.route import served_queues
from app.errors import Invalid
from app.service import namespaces, recovery
from app.service.presence import Presence

LOG = "io.kestra.plugin.core.log.Log"
GONE = "No worker group exist for key 'gpu'"


def flow(route, more=""):
    return f"""
id: routed
namespace: company.team
tasks:
  - {{id: bound, type: {LOG}, message: ran, {route}}}
  - {{id: after, type: {LOG}, message: after}}
{more}
"""


def a_worker(driver, *queues, seconds_ago=0.0):
    """A worker that said a while ago what it serves."""
    driver.clock.advance(-seconds_ago)
    Presence(driver.rt, "worker", queues[0], driver.clock(), queues=queues).show()
    driver.clock.advance(seconds_ago)


def nobody_came(driver):
    """A step that no worker claimed; what the broker is told then."""
    driver.publisher.jobs.clear()
    driver.clock.advance(11)
    recovery.republish(driver.rt, lambda queue: 0)
    return [job.queue for job in driver.publisher.jobs]


def start(driver, route, more=""):
    driver.save(flow(route, more))
    return driver.start("company.team", "routed")


@pytest.mark.parametrize(
    ("route", "queue"),
    [
        ("workerGroup: {key: gpu}", "default.gpu"),
        ("workerSelector: {tags: [gpu]}", "default.gpu"),
        ("workerSelector: {tags: [gpu, eu]}", "default.eu+gpu"),
        ("workerSelector: {tags: [gpu, eu], match: ANY}", "default.eu"),
    ],
)
def test_a_task_waits_where_only_its_workers_look(driver, route, queue):
    start(driver, route)

    assert [job.queue for job in driver.publisher.jobs] == [queue]


def test_a_group_of_the_flow_holds_for_what_is_not_done_in_process(driver):
    driver.save(
        "id: routed\nnamespace: company.team\nworkerGroup: {key: gpu}\ntasks:\n"
        f"  - {{id: a, type: {LOG}, message: m}}\n"
        "  - {id: b, type: io.kestra.plugin.core.storage.Write, content: c}\n"
    )
    driver.start("company.team", "routed")
    first = driver.publisher.jobs.pop()
    driver.work_one(first)

    assert [first.queue, driver.publisher.jobs[0].queue] == ["engine", "default.gpu"]


@pytest.mark.parametrize("fallback", ["WAIT", "FAIL", "CANCEL"])
def test_a_group_that_nobody_ever_served_fails_the_task(driver, fallback):
    execution = start(driver, f"workerGroup: {{key: gpu, fallback: {fallback}}}")
    nobody_came(driver)

    assert driver.state(execution) == "FAILED"
    assert driver.runs(execution) == [("bound", "FAILED")]
    assert driver.messages(execution) == [GONE]


def test_a_group_that_the_settings_name_may_have_no_workers_yet(driver):
    execution = start(driver, "workerGroup: {key: gpu}")
    settings = driver.rt.settings.model_copy(update={"worker_groups": "cpu, gpu"})
    driver.clock.advance(11)
    sent = recovery.republish(replace(driver.rt, settings=settings), lambda queue: 0)

    assert (sent, driver.state(execution)) == (1, "CREATED")


@pytest.mark.parametrize(
    ("route", "state", "message"),
    [
        ("workerGroup: {key: gpu, fallback: FAIL}", "FAILED", "key 'gpu'"),
        ("workerGroup: {key: gpu, fallback: CANCEL}", "CANCELLED", "key 'gpu'"),
        ("workerSelector: {tags: [gpu]}", "FAILED", "all of the tags gpu"),
        ("workerSelector: {tags: [a, b], match: ANY, fallback: CANCEL}", "CANCELLED",
         "any of the tags a, b"),
    ],
)  # fmt: skip
def test_a_fallback_ends_the_task_when_its_workers_are_gone(driver, route, state, message):
    a_worker(driver, "default.gpu", seconds_ago=40)
    execution = start(driver, route)
    nobody_came(driver)

    assert driver.state(execution) == state
    assert driver.messages(execution) == [f"No worker is available for {message}"]


def test_a_failure_to_find_a_worker_is_a_failure_like_any_other(driver):
    more = f"errors:\n  - {{id: rescue, type: {LOG}, message: rescued}}"
    execution = start(driver, "workerGroup: {key: gpu}, allowFailure: true", more)
    nobody_came(driver)
    driver.work()

    assert driver.runs(execution) == [("bound", "WARNING"), ("after", "SUCCESS")]


@pytest.mark.parametrize(
    "route", ["workerGroup: {key: gpu}", "workerSelector: {tags: [gpu], fallback: WAIT}"]
)
def test_a_task_waits_for_workers_that_were_there(driver, route):
    a_worker(driver, "default.gpu", seconds_ago=600)
    execution = start(driver, route)
    told = nobody_came(driver)
    waits = driver.state(execution)
    driver.work()

    assert (told, waits, driver.state(execution)) == (["default.gpu"], "CREATED", "SUCCESS")


@pytest.mark.parametrize("fallback", ["WAIT", "FAIL", "CANCEL"])
def test_a_worker_that_is_only_busy_is_waited_for(driver, fallback):
    execution = start(driver, f"workerGroup: {{key: gpu, fallback: {fallback}}}")
    a_worker(driver, "default.gpu", seconds_ago=-5)
    told = nobody_came(driver)

    assert (told, driver.state(execution)) == (["default.gpu"], "CREATED")


def test_a_step_goes_to_the_tag_that_somebody_serves(driver):
    a_worker(driver, "default.gpu")
    execution = start(driver, "workerSelector: {tags: [eu, gpu], match: ANY}")
    told = nobody_came(driver)
    driver.work()

    assert (told, driver.state(execution)) == (["default.gpu"], "SUCCESS")


def test_a_selector_that_is_ignored_leaves_the_step_to_everybody(driver):
    execution = start(driver, "workerSelector: {tags: [eu], fallback: IGNORE}")
    told = nobody_came(driver)
    driver.work()

    assert (told, driver.state(execution)) == (["default"], "SUCCESS")


def test_a_worker_serves_the_selectors_that_it_satisfies():
    found = served_queues(["script", "git.x"], ["gpu", "eu"])

    assert found == ["script", "git.x", "script.eu", "script.gpu", "script.eu+gpu"]


WRITES = """
id: routed
namespace: company.team
{more}
tasks: [{{id: a, type: io.kestra.plugin.core.storage.Write, content: c}}]
"""


@pytest.mark.parametrize(
    ("more", "queue"),
    [("", "default.near"), ("workerGroup: {key: own}", "default.own"),
     ("workerSelector: {tags: [own]}", "default.own")],
)  # fmt: skip
def test_a_flow_has_the_group_of_its_nearest_namespace_unless_it_names_one(driver, more, queue):
    for name, key in (("company", "outer"), ("company.team", "near")):
        namespaces.create(driver.rt, {"id": name, "workerGroup": {"key": key}})
    driver.save(WRITES.format(more=more))
    driver.start("company.team", "routed")

    assert [job.queue for job in driver.publisher.jobs] == [queue]


def test_a_parent_hands_its_group_on_until_it_has_none_any_more(driver):
    namespaces.create(driver.rt, {"id": "company", "workerGroup": {"key": "outer"}})
    driver.save(WRITES.format(more=""))
    driver.start("company.team", "routed")
    namespaces.replace(driver.rt, "company", {"id": "company"})
    driver.start("company.team", "routed")

    assert [job.queue for job in driver.publisher.jobs] == ["default.outer", "default"]


def test_a_group_of_a_namespace_that_is_none_is_refused(driver):
    with pytest.raises(Invalid) as refused:
        namespaces.create(driver.rt, {"id": "company", "workerGroup": {"kye": "x"}})

    assert refused.value.violations[0].path == "workerGroup.key"
