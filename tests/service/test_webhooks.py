"""Webhooks: keys, conditions, signatures, what a caller that waits hears."""

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor

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
def driver(database_url, tmp_path):
    made = make_driver(database_url, tmp_path, migrated=True, SECRET_HOOK="a2V5LW9uZQ==")
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


SIGNED = "signature: {secret: \"{{ secret('HOOK') }}\"}"
TIMED = SIGNED.replace('}}"}', '}}", timestampHeader: X-At}')


def proof(text):
    return "sha256=" + hmac.new(b"key-one", text, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "again",
    [
        {"X-GitHub-Delivery": ["one"]},
        {"x-github-delivery": ["two"]},
        {},
    ],
    ids=["as it was", "with another id", "without its id"],
)
def test_a_signed_delivery_that_comes_again_starts_nothing(driver, again):
    save(driver, SIGNED)
    signed = {"X-Hub-Signature-256": [proof(b"{}")]}
    first, _ = call(driver, b"{}", headers={**signed, "X-GitHub-Delivery": ["one"]})

    second, _ = call(driver, b"{}", headers={**signed, **again})
    padded = {"X-Hub-Signature-256": [proof(b"{}") + " "], **again}
    third, _ = call(driver, b"{}", headers=padded)

    assert first == second == third


def test_deliveries_of_different_ids_and_bodies_each_start_something(driver):
    save(driver, SIGNED)

    found = {
        call(driver, body, headers={"X-Hub-Signature-256": [proof(body)],
                                    "X-GitHub-Delivery": [body.decode()]})[0]
        for body in (b"1", b"2", b"3")
    }  # fmt: skip

    assert len(found) == 3


def test_an_id_that_came_before_is_known_with_another_body_too(driver):
    save(driver, SIGNED)
    headers = {"X-GitHub-Delivery": ["one"]}
    first, _ = call(driver, b"1", headers={**headers, "X-Hub-Signature-256": [proof(b"1")]})

    again, _ = call(driver, b"2", headers={**headers, "X-Hub-Signature-256": [proof(b"2")]})

    assert again == first


def test_equal_bodies_of_a_sender_without_ids_are_no_replays(driver):
    save(driver, SIGNED)
    headers = {"X-Hub-Signature-256": [proof(b"{}")], "X-Request-Id": ["by a proxy"]}

    assert call(driver, b"{}", headers=headers)[0] != call(driver, b"{}", headers=headers)[0]


def test_a_signed_time_is_proven_and_must_be_near(driver):
    save(driver, TIMED)
    now = int(driver.rt.clock().timestamp())

    def timed(at, signed=None):
        text = f"{signed or at}.{{}}".encode()
        return call(
            driver, b"{}", headers={"X-At": [str(at)], "X-Hub-Signature-256": [proof(text)]}
        )

    first = timed(now)[0]
    assert timed(now)[0] == first
    assert timed(now - 200)[0] != first
    for at, signed in ((now - 400, None), (now + 400, None), (now, now - 400), ("soon", None)):
        with pytest.raises(Forbidden):
            timed(at, signed)


def test_what_came_with_a_wrong_signature_is_not_remembered(driver):
    save(driver, SIGNED)
    headers = {"X-GitHub-Delivery": ["one"]}
    with pytest.raises(Forbidden):
        call(driver, b"{}", headers={**headers, "X-Hub-Signature-256": ["sha256=00"]})

    assert call(driver, b"{}", headers={**headers, "X-Hub-Signature-256": [proof(b"{}")]})


def test_one_delivery_that_comes_twice_at_once_starts_one_execution(driver):
    save(driver, SIGNED)
    headers = {"X-Hub-Signature-256": [proof(b"{}")], "X-GitHub-Delivery": ["one"]}

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: start(driver, b"{}", headers), range(8)))

    assert len(found) == 1


def start(driver, body, headers):
    found = webhook_start.start(
        driver.rt, "company.team", "hook", "key-one", body=body, headers=headers, parameters={}
    )
    return found[0]


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


def test_key_conditions_and_inputs_see_what_every_expression_sees_before_a_start(driver):
    driver.save("""
id: hook
namespace: company.team
variables: {a: var}
inputs: [{id: d, type: STRING, defaults: given}, {id: x, type: STRING}]
tasks: [{id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.x }}"}]
triggers:
  - id: in
    type: io.kestra.plugin.core.trigger.Webhook
    key: "{{ vars.a }}-key"
    when: "{{ inputs.d == 'given' and kestra.url is defined }}"
    inputs: {x: "{{ vars.a }} {{ namespace.id }} {{ trigger.body.a }}"}
""")
    started = call(driver, b'{"a": 1}', key="var-key")

    assert driver.outputs(started[0], "say") == {"value": "var company.team 1"}
