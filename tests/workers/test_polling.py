"""Polling triggers: evaluated at their interval on a worker, one execution for each answer."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.service import executions, schedules, search, trigger_state
from app.service.presence import Presence
from workers.polls import evaluate_trigger

FLOW = """
id: polled
namespace: company.team
inputs: [{{id: body, type: STRING, defaults: none}}]
tasks:
  - id: say
    type: io.kestra.plugin.core.debug.Return
    format: "{{{{ trigger.code }}}} {{{{ inputs.body }}}}"
  {more_tasks}
triggers:
  - id: watch
    type: io.kestra.plugin.core.http.Trigger
    uri: "{uri}"
    interval: PT30S
    {more}
"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked += 1
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"ready" if self.server.status == 200 else b"no")

    def log_message(self, *args):
        pass


@pytest.fixture
def site(driver):
    settings = driver.rt.settings.model_copy(update={"outgoing_allow_private": True})
    object.__setattr__(driver.rt, "settings", settings)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.status, server.asked = 404, 0
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.uri = f"http://127.0.0.1:{server.server_port}/"
    yield server
    server.shutdown()
    server.server_close()


def flow(site, more="", more_tasks=""):
    return FLOW.format(uri=site.uri, more=more, more_tasks=more_tasks)


def started(driver):
    return search.list_ids(driver.rt, search.Wanted(flow_id="polled"))


def state_of(driver):
    return trigger_state.list_of_flow(driver.rt, "company.team", "polled")[0]


def warnings_of(driver):
    return [row.message for row in search.list_logs(driver.rt, {"trigger_id": "watch"})]


def pass_time(driver, seconds):
    driver.clock.advance(seconds)
    driver.poll()


def test_an_answer_that_is_wanted_starts_an_execution(driver, site):
    driver.save(flow(site, 'inputs: {body: "{{ trigger.body }}"}'))
    driver.poll()
    unwanted = started(driver)
    site.status = 200
    pass_time(driver, 20)
    early = site.asked
    pass_time(driver, 15)

    assert (unwanted, early) == ([], 1)
    (execution,) = started(driver)
    assert driver.state(execution) == "SUCCESS"
    assert driver.outputs(execution, "say") == {"value": "200 ready"}
    assert executions.get(driver.rt, execution).trigger["id"] == "watch"


def test_an_execution_that_runs_locks_its_trigger(driver, site):
    site.status = 200
    driver.save(flow(site, more_tasks="- {id: wait, type: io.kestra.plugin.core.flow.Pause}"))
    driver.poll()
    pass_time(driver, 60)
    pass_time(driver, 60)
    locked = site.asked

    assert locked == 1
    assert len(started(driver)) == 1
    assert state_of(driver).execution_id == started(driver)[0]


def test_without_a_lock_each_evaluation_starts_one(driver, site):
    site.status = 200
    pause = "- {id: wait, type: io.kestra.plugin.core.flow.Pause}"
    driver.save(flow(site, "allowConcurrent: true", pause))
    driver.poll()
    pass_time(driver, 31)

    assert len(started(driver)) == 2


def test_a_server_that_is_away_is_a_warning_and_no_execution(driver, site):
    driver.save(flow(site).replace(site.uri, "http://127.0.0.1:9/"))
    driver.poll()

    assert started(driver) == []
    assert any("The trigger was not evaluated" in message for message in warnings_of(driver))
    assert state_of(driver).next_at > driver.rt.clock()


def test_a_failed_evaluation_can_be_a_failed_execution(driver, site):
    driver.save(flow(site, "failOnTriggerError: true").replace(site.uri, "http://127.0.0.1:9/"))
    driver.poll()

    assert [driver.state(execution) for execution in started(driver)] == ["FAILED"]


@pytest.mark.parametrize("more", ['when: "{{ false }}"', "disabled: true"])
def test_a_condition_or_a_switch_keeps_the_server_from_being_asked(driver, site, more):
    driver.save(flow(site, more))
    driver.poll()

    assert site.asked == 0


def test_an_end_in_a_state_of_stop_after_switches_the_trigger_off(driver, site):
    site.status = 200
    driver.save(flow(site, "stopAfter: [SUCCESS]"))
    driver.poll()
    pass_time(driver, 40)

    assert len(started(driver)) == 1
    assert state_of(driver).disabled


def test_a_doubled_message_and_a_late_one_record_nothing(driver, site):
    site.status = 200
    driver.save(flow(site, "allowConcurrent: true"))
    schedules.fire_due(driver.rt)
    ((_queue, *place),) = driver.publisher.asked
    driver.publisher.asked.clear()
    evaluate_trigger(driver.process, *place)
    evaluate_trigger(driver.process, *place)

    assert len(started(driver)) == 1


def test_an_evaluation_that_was_lost_is_handed_out_again(driver, site):
    site.status = 200
    driver.save(flow(site))
    schedules.fire_due(driver.rt)
    driver.publisher.asked.clear()
    pass_time(driver, 299)
    early = started(driver)
    pass_time(driver, 2)

    assert early == []
    assert len(started(driver)) == 1


def test_a_worker_that_stops_gives_an_evaluation_back_at_once(driver, site):
    site.status = 200
    driver.save(flow(site))
    schedules.fire_due(driver.rt)
    ((_queue, *place),) = driver.publisher.asked
    driver.publisher.asked.clear()
    driver.process.draining.set()
    evaluate_trigger(driver.process, *place)
    driver.process.draining.clear()
    before = started(driver)
    pass_time(driver, 1)

    assert before == []
    assert len(started(driver)) == 1


def serving(driver, *queues):
    Presence(driver.rt, "worker", queues[0], driver.clock(), queues=queues).show()


def test_a_trigger_of_a_worker_group_is_evaluated_where_its_workers_look(driver, site):
    serving(driver, "default.far")
    driver.save(flow(site, "workerGroup: {key: far}"))
    schedules.fire_due(driver.rt)

    assert [asked[0] for asked in driver.publisher.asked] == ["default.far"]


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        ("workerGroup: {key: far}", "No worker group exist for key 'far'"),
        ("workerSelector: {tags: [far]}", "No worker is available for all of the tags far"),
    ],
)
def test_a_trigger_whose_workers_are_not_there_says_so_at_each_interval(
    driver, site, route, reason
):
    driver.save(flow(site, route))
    driver.poll()
    pass_time(driver, 31)

    assert driver.publisher.asked == []
    assert warnings_of(driver) == [f"The trigger was not evaluated: {reason}"] * 2
    assert state_of(driver).next_at > driver.rt.clock()


def test_the_group_of_the_flow_is_that_of_its_triggers(driver, site):
    serving(driver, "default.far")
    driver.save(flow(site).replace("inputs:", "workerGroup: {key: far}\ninputs:"))
    schedules.fire_due(driver.rt)

    assert [asked[0] for asked in driver.publisher.asked] == ["default.far"]
