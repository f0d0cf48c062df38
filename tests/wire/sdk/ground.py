"""What the checks of the real `kestrapy` 1.x and 2.x stand on: a client that notes its calls."""

import functools
import inspect
import re
import secrets
import sys
import time

import kestrapy
from kestrapy.models.query_filter import QueryFilter

HOST, USER, PASSWORD = sys.argv[1:4]
T = "main"
NS = "wire.sdk" + secrets.token_hex(4)  # one of its own for each run
#: the methods that have answered, of the check that runs now
called = set()
#: those that were refused as they should be
told = set()
#: every public method of every room of the client
methods = []


def connect(user=USER, password=PASSWORD, **more):
    return kestrapy.KestraClient(host=HOST, username=user, password=password, **more)


def _noting(name, method):
    @functools.wraps(method)
    def call(*args, **kwargs):
        try:
            answer = method(*args, **kwargs)
        except kestrapy.exceptions.ApiException:
            told.add(name)
            raise
        called.add(name)
        return answer

    return call


def _noted(made):
    """The client, whose methods tell `called` of each answer that was no error."""
    for room in sorted(vars(type(made))):
        if not isinstance(getattr(type(made), room), property):
            continue
        kind = type(getattr(made, room))
        for name, method in sorted(vars(kind).items()):
            if inspect.isfunction(method) and not name.startswith("_"):
                methods.append(f"{room}.{name}")
                setattr(kind, name, _noting(f"{room}.{name}", method))
    return made


client = _noted(connect())
flows, executions = client.flows, client.executions
newer = hasattr(client, "metrics")  # 2.x has more rooms than 1.x


def log(message="hello"):
    return f"{{id: out, type: io.kestra.plugin.core.log.Log, message: {message}}}"


def source(flow_id, task=None, more=""):
    return f"id: {flow_id}\nnamespace: {NS}\ntasks: [{task or log()}]\n{more}"


def made_flow(flow_id, task=None, more=""):
    """The place of a flow that is there now, with this source."""
    flows.bulk_update_flows(T, body=source(flow_id, task, more), delete=False)
    return {"tenant": T, "namespace": NS, "id": flow_id}


def one(answer):
    return answer[0] if isinstance(answer, list) else answer


def ran(flow_id, task=None, more="", **options):
    """The id of an execution of a flow that has ended."""
    place = made_flow(flow_id, task, more)
    return one(executions.create_execution(**place, wait=True, **options)).id


def current(execution):
    found = execution.state.current
    return str(getattr(found, "value", found))


def state(execution_id):
    return current(executions.execution(execution_id, T))


def until(execution_id, wanted):
    ends = time.monotonic() + 60
    while (seen := state(execution_id)) != wanted:
        assert time.monotonic() < ends, (seen, wanted)
        time.sleep(0.05)
    return execution_id


def paused(flow_id="pause", more=""):
    """The id of an execution that waits at a pause."""
    place = made_flow(flow_id, "{id: p, type: io.kestra.plugin.core.flow.Pause}", more)
    return until(one(executions.create_execution(**place)).id, "PAUSED")


def having(field, value, operation="EQUALS"):
    """One filter; 1.x has names of its own for fields, and takes maps only as values."""
    if not newer:
        field = "QUERY" if field == "q" else re.sub("([A-Z])", r"_\1", field).upper()
        value = value if isinstance(value, dict) else {"value": value}
    return QueryFilter(field=field, operation=operation, value=value)


def of_flow(flow_id):
    """The filters that find what belongs to one flow."""
    return [having("namespace", NS), having("flowId", flow_id)]


def refused(status, call):
    try:
        call()
        got = None
    except kestrapy.exceptions.ApiException as error:
        got = error.status
    assert got == status, got


def rows(page):
    """The items of a page, which a client gives as it came or as an object."""
    return page["results"] if isinstance(page, dict) else page.results


def count(answer):
    """How many a bulk act says it reached."""
    got = answer if isinstance(answer, dict) else answer.to_dict()
    return got.get("count", got.get("totalItems"))


def get(item, name):
    return item.get(name) if isinstance(item, dict) else getattr(item, name)
