"""A back end of secrets that is away for a moment: what triggers were to do waits for it.

The vault is asked before the environment, which has the secret.
"""

import pytest

from app.errors import Unavailable
from app.service import executions, recovery, schedules, search, secret_backends, webhook_start
from app.service.search import Wanted
from tests.conftest import make_driver

LOG = "io.kestra.plugin.core.log.Log"
FLOW = f"id: {{}}\nnamespace: company.{{}}\ntasks: [{{{{id: t, type: {LOG}, message: x}}}}]\n"
INPUT = "inputs: [{id: a, type: STRING}]\n"
SECRET = "{{ secret('PLACE') }}"
TRIGGER = "triggers:\n  - id: on\n    type: io.kestra.plugin.core.trigger."
CLOCK = f"""{TRIGGER}Schedule
    cron: "*/30 * * * * *"
    withSeconds: true
    recoverMissedSchedules: NONE
    inputs: {{a: "{SECRET}"}}
"""
ON = TRIGGER + "Flow\n"
HOOK = f'{TRIGGER}Webhook\n    key: "{SECRET}"\n'


@pytest.fixture
def driver(tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, SECRET_PLACE="aGVyZQ==")
    yield made
    made.process.stop()
    made.rt.database.close()


def lose(driver):
    use(driver, "http://127.0.0.1:1")


def find(driver):
    use(driver, "")


def use(driver, address):
    secret_backends._kept.clear()
    settings = driver.rt.settings.model_copy(update={"vault_address": address, "vault_token": "t"})
    object.__setattr__(driver.rt, "settings", settings)


def save(driver, flow_id, more=""):
    driver.save(FLOW.format(flow_id, flow_id) + more)


def rows(driver, flow_id):
    wanted = Wanted(flow_id=flow_id)
    return search.list_executions(driver.rt, wanted, page=1, size=500, sort=())[0]


def trigger_log(driver):
    return [row.message for row in search.list_logs(driver.rt, {"trigger_id": "on"})]


def end_one(driver):
    driver.start("company.up", "up")
    driver.work()


def test_a_schedule_keeps_its_instant_and_it_does_not_count_as_missed(driver):
    save(driver, "clock", CLOCK + INPUT)
    driver.clock.advance(30)
    lose(driver)
    schedules.fire_due(driver.rt)
    away = rows(driver, "clock")
    find(driver)
    driver.clock.advance(6)
    schedules.fire_due(driver.rt)

    [fired] = rows(driver, "clock")
    assert away == []
    assert (fired.state, fired.inputs["a"] is not None) == ("CREATED", True)
    assert fired.trigger["variables"]["date"] == "2026-05-01T12:00:30Z"


@pytest.mark.parametrize(
    "asks",
    [
        f'    inputs: {{a: "{SECRET}"}}\n',
        "    when: \"{{ secret('PLACE') == 'here' }}\"\n    inputs: {a: b}\n",
        "    inputs: {a: b}\n    preconditions: {id: p, where: [{id: w, filters: "
        f'[{{field: EXPRESSION, type: EQUAL_TO, value: "{SECRET}"}}]}}]}}\n'.replace(
            "EQUAL_TO", "IS_NOT_NULL"
        ),
    ],
    ids=["inputs", "when", "preconditions"],
)
def test_a_flow_trigger_starts_once_the_secret_can_be_had(driver, asks):
    save(driver, "up")
    save(driver, "down", ON + asks + INPUT)
    save(driver, "other", ON + "    inputs: {a: b}\n    conditions: [{type: io.kestra.plugin.core."
         "condition.ExecutionFlow, namespace: company.up, flowId: up}]\n" + INPUT)  # fmt: skip
    lose(driver)
    end_one(driver)
    for _ in range(4):
        driver.work_timers(60)
    away = len(rows(driver, "down")), len(rows(driver, "other"))
    find(driver)
    driver.work_timers(300)
    driver.work_timers(300)

    assert away == (0, 1)
    started = [row for row in rows(driver, "down") if row.trigger["variables"]["flowId"] == "up"]
    assert len(started) == 1
    assert len(rows(driver, "other")) == 1
    assert "No execution was started yet: the vault gives no answer (ConnectError)" in trigger_log(
        driver
    )


def test_a_flow_trigger_gives_up_after_an_hour(driver):
    save(driver, "up")
    save(driver, "down", ON + f'    inputs: {{a: "{SECRET}"}}\n' + INPUT)
    lose(driver)
    end_one(driver)
    for _ in range(30):
        driver.work_timers(301)
    find(driver)
    left = recovery.next_timer(driver.rt)

    assert left is None
    assert rows(driver, "down") == []
    assert len(trigger_log(driver)) == 20


def test_a_webhook_whose_key_cannot_be_had_is_not_unknown(driver):
    save(driver, "hooked", HOOK)
    place = (driver.rt, "company.hooked", "hooked", "here")
    lose(driver)
    with pytest.raises(Unavailable):
        webhook_start.start(*place, body=b"", headers={}, parameters={})
    find(driver)

    assert webhook_start.start(*place, body=b"", headers={}, parameters={}) is not None


@pytest.mark.parametrize(
    "asks",
    [
        "checks: [{condition: \"{{ secret('PLACE') == 'here' }}\", message: no}]\n",
        "inputs:\n  - {id: a, type: STRING, defaults: x}\n  - {id: b, type: STRING, defaults: y, "
        "dependsOn: {inputs: [a], condition: \"{{ secret('PLACE') == 'here' }}\"}}\n",
        "inputs:\n  - {id: a, type: SELECT, defaults: here, "
        "expression: \"{{ [secret('PLACE')] }}\"}\n",
    ],
    ids=["check", "condition of an input", "choices"],
)
def test_a_start_that_asks_for_a_secret_is_not_refused_as_wrong(driver, asks):
    save(driver, "up", asks)
    lose(driver)
    with pytest.raises(Unavailable):
        executions.start(driver.rt, "company.up", "up", {})
    find(driver)

    assert executions.start(driver.rt, "company.up", "up", {})


@pytest.mark.parametrize(
    "asks",
    [
        f'outputs: [{{id: o, type: STRING, value: "{SECRET}"}}]\n',
        "sla: [{id: s, type: EXECUTION_ASSERTION, behavior: FAIL, "
        "assert: \"{{ secret('PLACE') == 'here' }}\"}]\n",
    ],
    ids=["outputs", "assertion"],
)
def test_an_execution_whose_end_asks_for_a_secret_ends_once_it_can_be_had(driver, asks):
    save(driver, "up", asks)
    lose(driver)
    execution = driver.start("company.up", "up")
    driver.work()
    for _ in range(4):
        driver.work_timers(60)
    away = driver.state(execution)
    find(driver)
    driver.work_timers(300)

    assert away == "RUNNING"
    assert driver.state(execution) == "SUCCESS"
