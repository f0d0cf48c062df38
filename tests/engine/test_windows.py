"""Flow triggers that wait for several executions within a window, and windows that are missed."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.database.schema import executions as rows
from app.service import schedules

LOG = "io.kestra.plugin.core.log.Log"


def upstream(name, state="SUCCESS"):
    more = "  - {id: bad, type: io.kestra.plugin.core.execution.Fail}" if state == "FAILED" else ""
    return f"""
id: {name}
namespace: company.team
tasks:
  - {{id: a, type: io.kestra.plugin.core.output.OutputValues, values: {{from: {name}}}}}
{more}
outputs: [{{id: value, type: STRING, value: "{name}"}}]
"""


def listener(how):
    return f"""
id: hears
namespace: company.team
tasks:
  - {{id: a, type: {LOG}, message: "{{{{ trigger.outputs | toJson }}}}"}}
triggers:
  - id: t
    type: io.kestra.plugin.core.trigger.Flow
{how}
"""


BOTH = """    dependsOn:
      - {flowId: a, namespace: company.team}
      - {flowId: b, namespace: company.team}
"""


def ran(driver, name, at=None, state="SUCCESS"):
    """An execution of a flow, ended at a moment of the day."""
    if at is not None:
        driver.clock.now = datetime(2026, 5, int(at[:2]), int(at[3:5]), int(at[6:8]), tzinfo=UTC)
    driver.run(upstream(name, state))
    driver.work_timers(0)


def look(driver, at):
    """Beat wakes at a moment."""
    driver.clock.now = datetime(2026, 5, int(at[:2]), int(at[3:5]), int(at[6:8]), tzinfo=UTC)
    schedules.fire_due(driver.rt)
    driver.work_timers(0)


def heard(driver):
    with driver.rt.database.reading() as tx:
        wanted = select(rows).where(rows.c.flow_id == "hears").order_by(rows.c.created_at)
        return list(tx.execute(wanted))


def states(driver):
    return [row.state for row in heard(driver)]


def begin(driver, how, at="01 06:00"):
    driver.clock.now = datetime(2026, 5, int(at[:2]), int(at[3:5]), int(at[6:8]), tzinfo=UTC)
    driver.save(listener(how))


@pytest.mark.parametrize(
    ("window", "first", "second", "fires"),
    [
        ("{deadline: '09:00'}", "01 07:00", "01 08:59", 1),
        ("{deadline: '09:00'}", "01 07:00", "01 09:01", 0),
        ("{deadline: '09:00'}", "01 07:00", "02 07:00", 0),
        ("{from: '07:00', to: '09:00'}", "01 06:59", "01 08:00", 0),
        ("{every: PT6H}", "01 11:00", "01 13:00", 0),
        ("{every: PT6H, offset: PT1H}", "01 11:00", "01 12:30", 1),
        ("{lookback: PT1H}", "01 11:00", "01 11:59", 1),
        ("{lookback: PT1H}", "01 11:00", "01 12:01", 0),
    ],
)
def test_all_that_a_trigger_depends_on_ends_within_its_window(driver, window, first, second, fires):
    begin(driver, BOTH + f"    window: {window}")
    ran(driver, "a", first)
    ran(driver, "b", second)

    assert states(driver) == ["SUCCESS"] * fires


@pytest.mark.parametrize(
    ("mode", "fires"),
    [("mode: ANY", 2), ("mode: AT_LEAST\n    minSatisfied: 2", 1), ("mode: ALL", 1)],
)
def test_a_mode_says_how_much_has_to_end(driver, mode, fires):
    begin(driver, BOTH + f"    {mode}")
    ran(driver, "a")
    ran(driver, "b")

    assert states(driver) == ["SUCCESS"] * fires


def test_outputs_are_by_flow_and_in_short(driver):
    begin(driver, BOTH)
    ran(driver, "a")
    ran(driver, "b")
    found = driver.messages(heard(driver)[0].id)

    assert '"a":{"value":"a"}' in found[0]
    assert '"b":{"value":"b"}' in found[0]
    assert '"value":"b"' in found[0]


def test_a_state_a_label_and_an_expression_narrow_what_counts(driver):
    begin(
        driver,
        "    dependsOn:\n      - {flowId: a, namespace: company.team, states: [FAILED], "
        "when: \"{{ execution.state == 'FAILED' }}\"}",
    )
    ran(driver, "a")
    before = states(driver)
    ran(driver, "a", state="FAILED")

    assert (before, states(driver)) == ([], ["SUCCESS"])


MISS = BOTH + "    window: {deadline: '09:00'}\n    onMiss: {behavior: FAIL, labels: {late: b}}"


def test_a_missed_window_is_an_execution_that_failed_from_its_start(driver):
    begin(driver, MISS)
    ran(driver, "a", "01 07:00")
    look(driver, "01 08:59")
    early = states(driver)
    look(driver, "01 09:01")
    look(driver, "01 10:00")

    (missed,) = heard(driver)
    assert early == []
    assert (missed.state, missed.labels["late"]) == ("FAILED", "b")
    assert "was not met until 2026-05-01T09:00:00Z" in missed.error
    assert missed.trigger["variables"]["windowStart"] == "2026-05-01T00:00:00Z"
    assert driver.runs(missed.id) == []


def test_a_window_that_was_met_is_not_missed_and_the_next_one_is(driver):
    begin(driver, MISS)
    ran(driver, "a", "01 07:00")
    ran(driver, "b", "01 08:00")
    look(driver, "01 09:01")
    met = states(driver)
    look(driver, "02 09:01")

    assert (met, states(driver)) == (["SUCCESS"], ["SUCCESS", "FAILED"])


def test_what_ended_in_time_and_is_heard_of_late_counts(driver):
    begin(driver, MISS)
    ran(driver, "a", "01 07:00")
    ran(driver, "b", "01 08:59")
    driver.clock.now = datetime(2026, 5, 1, 9, 0, 5, tzinfo=UTC)
    schedules.fire_due(driver.rt)
    driver.work_timers(0)

    assert states(driver) == ["SUCCESS"]


def test_a_trigger_that_is_off_misses_nothing(driver):
    begin(driver, MISS + "\n    disabled: true")
    look(driver, "01 09:01")

    assert states(driver) == []


def test_days_without_a_server_are_told_once(driver):
    begin(driver, MISS)
    look(driver, "05 12:00")
    look(driver, "05 12:01")

    assert states(driver) == ["FAILED"]
