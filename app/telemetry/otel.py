"""The parts of OpenTelemetry that `tracing` uses; imported when traces are on (extra `otel`)."""

from opentelemetry import context as context
from opentelemetry import propagate as propagate
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer


def make_tracer(processor: SpanProcessor | None = None) -> Tracer:
    """A tracer that sends to the endpoint of the environment, or to a processor of a test."""
    provider = TracerProvider()
    provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("trunkline")
