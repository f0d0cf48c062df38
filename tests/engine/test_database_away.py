"""Notes and ends that are worked off while the database is away now and then: nothing fails."""

import io
from functools import partial

import pytest

from app.service import finishing, recovery, search, timers
from app.service.inputs import Upload
from app.service.search import Wanted
from tests.support.blips import until_done

LOG = "io.kestra.plugin.core.log.Log"
PLACE = "{{ kv('place', errorOnMissing=false) ?? 'here' }}"
FLOW = """
id: parent
namespace: company.team
inputs: [{{id: file, type: FILE, required: false}}]
tasks:
{tasks}
outputs: [{{id: place, type: STRING, value: "{place}"}}]
"""
CHILD = f"""
id: child
namespace: company.team
inputs: [{{id: items, type: STRING}}]
tasks: [{{id: t, type: {LOG}, message: hello}}]
outputs: [{{id: place, type: STRING, value: "{PLACE}"}}]
"""
PAUSE = """
  - id: pause
    type: io.kestra.plugin.core.flow.Pause
    pauseDuration: "{{ kv('long', errorOnMissing=false) ?? 'PT10S' }}"
    onPause: {id: ask, type: io.kestra.plugin.core.log.Log, message: please}
"""
UNTIL = """
  - id: loop
    type: io.kestra.plugin.core.flow.LoopUntil
    condition: "{{ outputs.loop.iterationCount > (kv('often', errorOnMissing=false) ?? 1) }}"
    checkFrequency: {interval: PT10S}
    tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: hello}]
"""
LOOP = """
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [1, 2]
    tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: hello}]
    outputs: [{id: place, type: STRING, value: "{{ kv('place', errorOnMissing=false) ?? 'here' }}"}]
"""
EACH = """
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: "{{ inputs.file }}"
    batch: {rows: 1}
    namespace: company.team
    flowId: child
    inputs:
      items: "{{ kv('place', errorOnMissing=false) ?? taskrun.items }}"
"""


@pytest.fixture
def shaken(driver, monkeypatch):
    """A driver whose database is away once at each use that a note or an end makes of it."""
    for module, name in ((timers, "work_off"), (finishing, "finish")):
        known = getattr(module, name)

        def act(rt, *given, known=known):
            return until_done(rt.database, partial(known, rt, *given))

        monkeypatch.setattr(f"app.service.{module.__name__.rsplit('.', 1)[1]}.{name}", act)
    monkeypatch.setattr("app.service.settle.finish", finishing.finish)
    return driver


KINDS = {"pause": PAUSE, "until": UNTIL, "loop": LOOP, "each": EACH}


@pytest.mark.parametrize("tasks", KINDS.values(), ids=KINDS)
def test_a_database_that_is_away_fails_no_execution(shaken, tasks):
    shaken.save(CHILD)
    file = Upload("rows.txt", io.BytesIO(b"a\nb\n"))
    execution = shaken.run(FLOW.format(tasks=tasks, place=PLACE), file=file)
    for _ in range(5):
        shaken.work_timers(11)
        recovery.republish(shaken.rt, lambda _queue: 0)  # what a commit left to publish
        shaken.work()

    wanted = Wanted(exact_namespace="company.team")
    found = search.list_executions(
        shaken.rt, wanted, page=1, size=20, sort=[("state.startDate", False)]
    )[0]
    assert shaken.state(execution) == "SUCCESS"
    assert {row.state for row in found} == {"SUCCESS"}
    assert len(found) == (3 if tasks == EACH else 1)
    assert all(row.outputs == {"place": "here"} for row in found)
