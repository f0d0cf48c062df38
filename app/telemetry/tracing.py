"""Traces from the request to the task, when the extra `otel` is installed and `traces` is on.

Where they go is told by the usual variables (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`).
A job carries the context in its message's headers, so that what a worker does hangs below the
request that started it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

try:
    from opentelemetry import context, propagate
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
except ImportError:  # the extra is not installed
    IS_INSTALLED = False
else:
    IS_INSTALLED = True

_tracer: Any = None


def set_up(processor: "SpanProcessor | None" = None) -> bool:
    """Begins to trace this process, after any fork; False without the extra."""
    global _tracer
    if not IS_INSTALLED:
        return False
    provider = TracerProvider()
    provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer("trunkline")
    return True


def stop() -> None:
    """Traces no more."""
    global _tracer
    _tracer = None


@contextmanager
def span(name: str, **facts: str | int) -> Iterator[None]:
    """A span around the block, below the present one; nothing when traces are off."""
    if _tracer is None:
        yield
        return
    attributes = {f"trunkline.{key}": value for key, value in facts.items()}
    with _tracer.start_as_current_span(name, attributes=attributes):
        yield


def carried() -> dict[str, str]:
    """The present context as headers of a message; empty when traces are off."""
    headers: dict[str, str] = {}
    if _tracer is not None:
        propagate.inject(headers)
    return headers


@contextmanager
def following(headers: Mapping[str, Any]) -> Iterator[None]:
    """The block goes on in the context that a message carried."""
    if _tracer is None:
        yield
        return
    token = context.attach(propagate.extract(headers))
    try:
        yield
    finally:
        context.detach(token)
