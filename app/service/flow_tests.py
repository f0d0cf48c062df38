"""Flow tests: kept, run, judged. A case is one execution of the kind TEST."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

from sqlalchemy import Row

from app.database import filters, flow_tests
from app.engine.index import FlowIndex
from app.errors import BadRequest, Invalid, NotFound, TrunklineError
from app.expression.evaluate import render_deep_typed
from app.language.suite import parse_suite
from app.model.filter import Group
from app.model.ids import new_id
from app.model.state import State
from app.model.suite import Case, Suite
from app.service import executions, flows, inputs, judging, kept, operations, scope, starting
from app.service.flow_outputs import world_of
from app.service.masking import masked
from app.service.runtime import Runtime
from app.service.search import asked
from app.service.settle import settle
from app.service.world import OpenWorld
from app.storage.paths import execution_folder, safe_path

MOST_SECONDS = 120.0
KIND = "TEST"
_WORST = ("ERROR", "FAILED", "SUCCESS")
Wait = Callable[[Runtime, str], None]


class SuiteNotFound(NotFound):
    """No suite with this id exists in this namespace."""

    def __init__(self, namespace: str, suite_id: str) -> None:
        super().__init__(f"no test suite {suite_id!r} in namespace {namespace!r}")


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """How one case went: SUCCESS, FAILED, ERROR (it could not be judged) or SKIPPED."""

    test_id: str
    state: str
    execution_id: str | None = None
    judgements: tuple[Mapping[str, Any], ...] = ()
    errors: tuple[str, ...] = ()


def save(rt: Runtime, text: str) -> Suite:
    """Creates or replaces a suite. Raises InvalidSuite."""
    suite = parse_suite(text)
    values = {
        "namespace": suite.namespace,
        "id": suite.id,
        "flow_id": suite.flow_id,
        "source": text,
        "updated_at": rt.clock(),
    }
    with rt.database.transaction() as tx:
        flow_tests.put(tx, values)
    return suite


def get(rt: Runtime, namespace: str, suite_id: str) -> Row[Any]:
    """A suite's row. Raises SuiteNotFound."""
    with rt.database.reading() as tx:
        row = flow_tests.find(tx, namespace, suite_id)
    if row is None:
        raise SuiteNotFound(namespace, suite_id)
    return row


def page(
    rt: Runtime, where: Group, *, page: int, size: int, sort: Sequence[tuple[str, bool]] = ()
) -> tuple[Sequence[Row[Any]], int]:
    """A page of suites with their last state, and how many fit. Raises BadRequest for the sort."""
    for name, _ in sort:
        if name not in flow_tests.SORTABLE:
            raise BadRequest(f"cannot sort by {name[:40]!r}")
    condition = filters.condition(filters.SUITES, where, asked(rt))
    with rt.database.reading() as tx:
        return flow_tests.page(tx, condition, sort=sort, offset=(page - 1) * size, limit=size)


def page_results(
    rt: Runtime, namespace: str, suite_id: str, *, page: int, size: int
) -> tuple[Sequence[Row[Any]], int]:
    """A page of a suite's results, the newest first, and how many there are."""
    with rt.database.reading() as tx:
        return flow_tests.page_results(
            tx, namespace, suite_id, offset=(page - 1) * size, limit=size
        )


def delete(rt: Runtime, namespace: str, suite_id: str) -> None:
    """Removes a suite with its results, which nobody could ask for then. Raises SuiteNotFound."""
    with rt.database.transaction() as tx:
        if not flow_tests.drop(tx, namespace, suite_id):
            raise SuiteNotFound(namespace, suite_id)
        flow_tests.drop_results(tx, namespace, suite_id)


def wait_for_end(rt: Runtime, execution_id: str) -> None:
    """Until the execution has ended, or two minutes are over."""
    executions.wait(rt, execution_id, seconds=MOST_SECONDS)


def run(rt: Runtime, suite: Suite, *, wait: Wait = wait_for_end) -> dict[str, Any]:
    """Runs every case, one after the other, and keeps the result, which it gives.

    Raises FlowNotFound when the flow is not there.
    """
    started = rt.clock()
    flows.get(rt, suite.namespace, suite.flow_id)
    results = [_run_case(rt, suite, case, wait) for case in suite.test_cases]
    states = {result.state for result in results}
    values: dict[str, Any] = {
        "id": new_id(),
        "namespace": suite.namespace,
        "suite_id": suite.id,
        "flow_id": suite.flow_id,
        "state": next((state for state in _WORST if state in states), "SKIPPED"),
        "cases": [asdict(result) for result in results],
        "started_at": started,
        "ended_at": rt.clock(),
    }
    with rt.database.transaction() as tx:
        flow_tests.add_result(tx, values)
    return values


def _run_case(rt: Runtime, suite: Suite, case: Case, wait: Wait) -> CaseResult:
    if case.disabled or suite.disabled:
        return CaseResult(test_id=case.id, state="SKIPPED")
    try:
        execution_id = _start(rt, suite, case)
    except TrunklineError as error:
        return CaseResult(test_id=case.id, state="ERROR", errors=(str(error),))
    wait(rt, execution_id)
    execution = executions.get(rt, execution_id)
    if not State(execution.state).is_terminated:
        message = f"the execution is still {execution.state} after {MOST_SECONDS:g} s: killed"
        operations.kill(rt, execution_id)
        return CaseResult(
            test_id=case.id, state="ERROR", execution_id=execution_id, errors=(message,)
        )
    return _judged(rt, case, execution)


def _judged(rt: Runtime, case: Case, execution: Row[Any]) -> CaseResult:
    names = scope.of_execution(rt, execution, flows.index_of(rt, execution))
    names["execution"] = {**names["execution"], "outputs": kept.read(rt, execution.outputs)}
    world = world_of(rt, execution)
    names["outputs"].on_secret = world.masks.add
    found: list[Mapping[str, Any]] = []
    errors: list[str] = []
    for index, assertion in enumerate(case.assertions):
        about = {
            "assertion": index,
            "task_id": assertion.task_id,
            "description": assertion.description,
        }
        try:
            judgements = judging.judge(assertion, names, world)
        except TrunklineError as error:
            errors.append(world.masked(str(error)))
            continue
        found += [masked(world.masks, {**asdict(item), **about}) for item in judgements]
    is_good = all(item["is_success"] for item in found)
    return CaseResult(
        test_id=case.id,
        state="ERROR" if errors else "SUCCESS" if is_good else "FAILED",
        execution_id=execution.id,
        judgements=tuple(found),
        errors=tuple(errors),
    )


def _start(rt: Runtime, suite: Suite, case: Case) -> str:
    saved = flows.get(rt, suite.namespace, suite.flow_id)
    index = flows.index(rt, saved.namespace, saved.id, saved.revision)
    _check_tasks(index, case)
    execution_id = new_id()
    world = OpenWorld(rt, saved.namespace, saved.id, execution_id)
    names = {"files": _store_files(rt, suite, case, execution_id)}
    given = render_deep_typed(case.fixtures.inputs, names, world)
    trigger = case.fixtures.trigger
    birth = starting.Birth(
        namespace=saved.namespace,
        flow_id=saved.id,
        revision=saved.revision,
        inputs=inputs.accept(rt, index.flow.inputs, given, index.flow, execution_id, world.masks),
        trigger=trigger.model_dump() if trigger is not None else None,
        execution_id=execution_id,
        kind=KIND,
        fixtures={
            task.id: {
                "state": task.state,
                "outputs": render_deep_typed(task.outputs, names, world),
            }
            for task in case.fixtures.tasks
        },
    )
    with rt.database.transaction() as tx:
        _, progress = starting.create(tx, rt, index, birth)
    settle(rt, progress)
    return execution_id


def _check_tasks(index: FlowIndex, case: Case) -> None:
    """Raises Invalid for a task that the flow does not have: nothing would stand for it."""
    named = {task.id for task in case.fixtures.tasks}
    named |= {assertion.task_id for assertion in case.assertions if assertion.task_id}
    unknown = sorted(named - index.tasks.keys())
    if unknown:
        raise Invalid(f"the flow has no task {', '.join(map(repr, unknown))}")


def _store_files(rt: Runtime, suite: Suite, case: Case, execution_id: str) -> dict[str, str]:
    """Addresses of the files of a case; a text that is an address already stays."""
    folder = execution_folder(suite.namespace, suite.flow_id, execution_id)
    found = {}
    for name, content in case.fixtures.files.items():
        if content.startswith("kestra://"):
            found[name] = content
            continue
        path = f"{folder}/fixtures/{safe_path(name, 'file name')}"
        found[name] = rt.storage.put(path, BytesIO(content.encode()))
    return found
