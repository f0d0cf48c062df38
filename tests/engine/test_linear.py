"""The work of the database grows with the size of an execution, not with its square.

Counted in steps of SQLite's virtual machine, so that a scan shows as what it costs and no clock has
a say.
"""

import io
import os

import pytest
from sqlalchemy import event

from app.service.inputs import Upload
from tests.conftest import make_driver

LOG = "io.kestra.plugin.core.log.Log"
FLOW = "io.kestra.plugin.core.flow"
EVERY = 50


def for_each(n, limit):
    values = "[" + ", ".join(str(i) for i in range(n)) + "]"
    return f"""
  - id: loop
    type: {FLOW}.ForEach
    values: {values}
    concurrencyLimit: {limit}
    tasks: [{{id: say, type: {LOG}, message: "{{{{ taskrun.value }}}}"}}]
"""


def dag(n):
    nodes = "".join(
        f"      - task: {{id: t{i}, type: {LOG}, message: x}}\n"
        + (f"        dependsOn: [t{i - 1}, t{i // 2}]\n" if i > 1 and i % 10 else "")
        for i in range(n)
    )
    return f"\n  - id: loop\n    type: {FLOW}.Dag\n    tasks:\n{nodes}"


def rounds(n):
    return f"""
  - id: loop
    type: {FLOW}.LoopUntil
    condition: "{{{{ outputs.loop.iterationCount == {n} and outputs.say.values is defined }}}}"
    checkFrequency: {{interval: PT0S}}
    tasks: [{{id: say, type: io.kestra.plugin.core.output.OutputValues, values: {{a: 1}}}}]
"""


def batches(_n):
    return f"""
  - id: loop
    type: {FLOW}.ForEachItem
    items: "{{{{ inputs.file }}}}"
    namespace: company.team
    flowId: child
"""


#: `TRUNKLINE_BRANCHES=5000` for what the engine is built for
MOST = int(os.environ.get("TRUNKLINE_BRANCHES", "1500"))
KINDS = {
    "ForEach, one at a time": lambda n: for_each(n, 1),
    "ForEach, all at once": lambda n: for_each(n, 0),
    "ForEach, four at a time": lambda n: for_each(n, 4),
    "Dag": dag,
    "LoopUntil": rounds,
    "ForEachItem": batches,
}


class Counted:
    """A driver on SQLite whose database says how much it worked."""

    def __init__(self, folder):
        folder.mkdir()
        self.driver = make_driver(f"sqlite:///{folder / 'n.db'}", folder)
        self.steps = 0
        self.driver.save(
            f"id: child\nnamespace: company.team\ntasks: [{{id: a, type: {LOG}, message: x}}]\n"
        )
        event.listen(self.driver.rt.database.engine, "checkout", self._count)

    def _count(self, connection, _record, _proxy):
        connection.set_progress_handler(self._step, EVERY)

    def _step(self):
        self.steps += EVERY

    def work(self, kind, n):
        head = "id: big\nnamespace: company.team\ninputs: [{id: file, type: FILE}]\ntasks:"
        self.driver.save(head + KINDS[kind](n))
        self.steps = 0
        rows = Upload("rows.txt", io.BytesIO(b"row\n" * n))
        execution = self.driver.start("company.team", "big", file=rows)
        self.driver.work(most=10**9)
        self.driver.work_timers(1)
        assert self.driver.state(execution) == "SUCCESS"
        self.driver.rt.database.close()
        return self.steps


def growth(tmp_path, kind, small, times):
    few = Counted(tmp_path / "few").work(kind, small)
    many = Counted(tmp_path / "many").work(kind, small * times)
    return many / few


@pytest.mark.parametrize("kind", KINDS)
def test_eight_times_the_branches_are_eight_times_the_work(tmp_path, kind):
    assert growth(tmp_path, kind, 20, 8) <= 9.6


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_branches_are_ten_times_the_work_of_a_tenth(tmp_path, kind):
    assert growth(tmp_path, kind, MOST // 10, 10) <= 12
