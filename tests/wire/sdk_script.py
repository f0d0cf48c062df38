"""Run by `test_sdk.py` with the real `kestrapy`, in an environment of its own."""

import sys

import kestrapy

host, user, password = sys.argv[1:4]
client = kestrapy.KestraClient(host=host, username=user, password=password)
SOURCE = """id: sdk
namespace: wire.sdk
inputs: [{id: name, type: STRING, defaults: world}]
tasks: [{id: out, type: io.kestra.plugin.core.debug.Return, format: "hello {{ inputs.name }}"}]
"""
PLACE = {"namespace": "wire.sdk", "id": "sdk", "tenant": "main"}


def state(execution):
    current = execution.state.current
    return str(getattr(current, "value", current))


made = client.flows.create_flow(tenant="main", body=SOURCE)
assert made.id == "sdk"
assert client.flows.flow(**PLACE, source=True).source == SOURCE

started = client.executions.create_execution(**PLACE, wait=True, inputs={"name": "sdk"})
started = started[0] if isinstance(started, list) else started
seen = [state(e) for e in client.executions.follow_execution(started.id, tenant="main")]
assert seen[-1] == "SUCCESS", seen
assert state(client.executions.execution(started.id, tenant="main")) == "SUCCESS"

client.kv.set_key_value(namespace="wire.sdk", key="k", tenant="main", body='"v"')
found = client.kv.key_value(namespace="wire.sdk", key="k", tenant="main")
assert "v" in str(found.value)

client.flows.delete_flow(**PLACE)
sys.stdout.write("done")
