"""Run by `test_flow_client.py` with the real package `kestra`, in an environment of its own.

Prints `{check: what went wrong, or null}` as JSON.
"""

import inspect
import json
import os
import sys
import traceback

HOST, USER, PASSWORD, TOKEN = sys.argv[1:5]
os.environ["KESTRA_HOSTNAME"] = HOST

from kestra import Flow  # noqa: E402 - it reads the environment

NS = "wire.flowclient"
#: the oldest one knows no tenant, tells no id of an execution, and has no tokens
TELLS_ID = "tenant" in inspect.signature(Flow).parameters


def client(tenant=None, **options):
    if TELLS_ID:
        options["tenant"] = tenant
    made = Flow(poll_interval=0.1, **options)
    made.user, made.password = USER, PASSWORD
    return made


def finished(made, flow="told", **inputs):
    result = made.execute(NS, flow, inputs or None)
    assert result.error is None, result
    return result


def seen(made, execution_id):
    return made.check_status(execution_id).json()


def check_start_and_wait_without_a_tenant():
    result = finished(client())
    assert result.status == "SUCCESS", result
    assert "INFO hello world" in result.log, result.log


def check_start_and_wait_with_a_tenant():
    result = finished(client("main"), name="ada")
    assert (result.status, "INFO hello ada" in result.log) == ("SUCCESS", True), result


def check_start_without_waiting():
    made = client(wait_for_completion=False)
    result = finished(made)
    assert result.status == "STARTED", result
    if TELLS_ID:
        assert seen(made, result.execution_id)["id"] == result.execution_id


def check_labels_from_inputs():
    made = client("main", labels_from_inputs=True)
    result = finished(made, name="ada")
    assert "hello ada" in result.log, result.log
    if TELLS_ID:
        labels = seen(made, result.execution_id)["labels"]
        assert {"key": "name", "value": "ada"} in labels, labels


def check_a_file_as_an_input():
    made = client("main")
    result = made.execute(NS, "filed", {"files": ("doc", b"content of it", "text/plain")})
    assert (result.status, "content of it" in result.log) == ("SUCCESS", True), result


def check_a_flow_that_fails_and_one_that_warns():
    assert finished(client(), "failing").status == "FAILED"
    assert finished(client(), "warning").status == "WARNING"


def check_logs_and_status():
    made = client("main", wait_for_completion=False)
    result = finished(made)
    if not TELLS_ID:
        return
    found = result.execution_id
    while seen(made, found)["state"]["current"] != "SUCCESS":
        pass
    assert "hello world" in made.get_logs(found).text


def check_an_api_token():
    made = client()
    if not TELLS_ID:  # neither has it tokens
        return
    made.user, made.password, made.api_token = None, None, TOKEN
    assert finished(made).status == "SUCCESS"


def refusal(made, flow, inputs=None):
    """What the client says of a start that cannot be; "" when it was one."""
    try:
        made.execute(NS, flow, inputs)
    except Exception as error:
        return str(error)
    return ""


def check_refusals_are_final():
    """It tries 408, 429 and 5xx again, for half a minute: what cannot work has another status."""
    made = client()
    assert "Client Error" in refusal(made, "nothing")
    assert "Client Error" in refusal(made, "told", {"number": "x"})
    made.password = "wrong horse"
    assert "Authentication required" in refusal(made, "told")


def outcome(check):
    try:
        check()
    except Exception:
        return traceback.format_exc()
    return None


CHECKS = {name: check for name, check in list(globals().items()) if name.startswith("check_")}
sys.stdout.write(json.dumps({name: outcome(check) for name, check in CHECKS.items()}))
