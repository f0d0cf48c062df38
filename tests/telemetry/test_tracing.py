"""Traces: from the one who starts an execution to the task, over the headers of a message."""

import pytest

from app.telemetry import tracing

pytest.importorskip("opentelemetry.sdk")
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


@pytest.fixture
def spans():
    exporter = InMemorySpanExporter()
    assert tracing.set_up(SimpleSpanProcessor(exporter))
    yield exporter.get_finished_spans
    tracing.stop()


def test_what_a_message_carried_hangs_below_the_request(spans):
    with tracing.span("POST /executions"):
        headers = tracing.carried()
    with tracing.following(headers), tracing.span("Log", execution="abc", task="one"):
        pass

    request, task = spans()
    assert task.context.trace_id == request.context.trace_id
    assert task.parent.span_id == request.context.span_id
    assert task.attributes == {"trunkline.execution": "abc", "trunkline.task": "one"}


def test_a_step_that_a_worker_runs_is_a_span(spans, driver):
    driver.run(
        """
id: traced
namespace: telemetry.traces
tasks:
  - {id: one, type: io.kestra.plugin.core.log.Log, message: "hello"}
"""
    )

    (span,) = [span for span in spans() if span.name == "io.kestra.plugin.core.log.Log"]
    assert span.attributes["trunkline.task"] == "one"


def test_nothing_is_carried_while_traces_are_off():
    with tracing.span("anything"):
        assert tracing.carried() == {}
