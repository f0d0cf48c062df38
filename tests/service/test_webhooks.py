"""Webhooks: keys, conditions, signatures, what a caller that waits hears."""

import hashlib
import hmac

import pytest

from app.errors import Forbidden, NotFound, TrunklineError
from app.service import executions, webhook_start
from tests.conftest import make_driver

FLOW = """
id: hook
namespace: company.team
inputs: [{{id: name, type: STRING, required: false}}]
tasks: [{{id: t, type: io.kestra.plugin.core.{task}}}]
outputs: [{{id: answer, type: STRING, value: "{{{{ trigger.parameters.token[0] ?? 'none' }}}}"}}]
triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: "{{{{ secret('HOOK') }}}}"
    wait: true
{more}
"""


@pytest.fixture
def driver(tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path, SECRET_HOOK="a2V5LW9uZQ==")
    yield made
    made.process.stop()
    made.rt.database.close()


def save(driver, *more, task="log.Log, message: x"):
    driver.save(FLOW.format(more="".join(f"    {line}\n" for line in more), task=task))


def call(driver, body=b"", key="key-one", headers=None, **parameters):
    found = webhook_start.start(
        driver.rt,
        "company.team",
        "hook",
        key,
        body=body,
        headers=headers or {},
        parameters={name: [value] for name, value in parameters.items()},
    )
    driver.work()
    return found


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"[1, 2]", [1, 2]),
        (b'"text"', '"text"'),
        (b"12", "12"),
        (b"{broken", "{broken"),
        (b"", None),
    ],
)
def test_a_body_is_data_when_it_is_a_map_or_a_list(driver, body, seen):
    save(driver)
    execution_id, _ = call(driver, body)

    assert executions.get(driver.rt, execution_id).trigger["variables"]["body"] == seen


@pytest.mark.parametrize("key", ["wrong", ""])
def test_a_wrong_key_and_an_unknown_flow_are_the_same(driver, key):
    save(driver)

    with pytest.raises(NotFound, match="no such webhook"):
        call(driver, key=key)
    with pytest.raises(NotFound, match="no such webhook"):
        webhook_start.start(
            driver.rt, "company.team", "no", "key-one", body=b"", headers={}, parameters={}
        )


@pytest.mark.parametrize(
    "more",
    [
        "when: \"{{ trigger.body.go == 'yes' }}\"",
        "conditions: [{type: io.kestra.plugin.core.condition.Expression,"
        " expression: \"{{ trigger.body.go == 'yes' }}\"}]",
    ],
)
def test_conditions_refuse_quietly(driver, more):
    save(driver, more)

    assert call(driver, b'{"go": "no"}') is None
    assert call(driver, b"") is None
    assert call(driver, b'{"go": "yes"}') is not None


def test_inputs_are_rendered_and_labels_too(driver):
    save(driver, 'inputs: {name: "{{ trigger.body.name }}"}', 'labels: {who: "{{ flow.id }}"}')
    row = executions.get(driver.rt, call(driver, b'{"name": "Ada"}')[0])

    assert row.inputs == {"name": "Ada"}
    assert row.labels["who"] == "hook"


def test_a_signature_proves_the_body(driver):
    save(driver, "signature: {secret: \"{{ secret('HOOK') }}\"}")
    body = b'{"a": 1}'
    good = "sha256=" + hmac.new(b"key-one", body, hashlib.sha256).hexdigest()

    assert call(driver, body, headers={"x-hub-signature-256": [good]}) is not None
    for headers in ({}, {"X-Hub-Signature-256": ["sha256=00"]}):
        with pytest.raises(Forbidden):
            call(driver, body, headers=headers)


@pytest.mark.parametrize(
    ("more", "task", "wanted"),
    [
        ([], "log.Log, message: x", (200, None, False)),
        (["returnOutputs: true"], "log.Log, message: x", (200, {"answer": "abc"}, False)),
        (
            ["returnOutputs: true", "responseContentType: text/plain"],
            "log.Log, message: x",
            (200, {"answer": "abc"}, True),
        ),
        (["responseCode: 202"], "log.Log, message: x", (202, None, False)),
        (['responseCode: "{{ 200 + 1 }}"'], "log.Log, message: x", (201, None, False)),
        ([], "execution.Fail", (500, None, False)),
    ],
)
def test_a_caller_that_waits_hears_the_end(driver, more, task, wanted):
    save(driver, *more, task=task)
    execution_id, trigger = call(driver, token="abc")
    told = webhook_start.answer_of(driver.rt, execution_id, trigger)

    assert (told.code, told.outputs, told.is_text) == wanted


@pytest.mark.parametrize(
    "more",
    [
        "responseContentType: text/html",
        "conditions: [{id: m, type: io.kestra.plugin.core.condition.MultipleCondition,"
        " conditions: {a: {type: io.kestra.plugin.core.condition.ExecutionStatus}}}]",
    ],
)
def test_what_a_webhook_cannot_have_is_refused(driver, more):
    with pytest.raises(TrunklineError, match=r"hook|responseContentType"):
        save(driver, more)
