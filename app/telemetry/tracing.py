"""Traces from the request to the task, when the extra `otel` is installed and `traces` is on.

Where they go is told by the usual variables (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`).
A job carries the context in its message's headers, so that what a worker does hangs below the
request that started it.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

log = logging.getLogger(__name__)

_otel: Any = None  #: `otel.py`, whose libraries are heavy: once traces are on
_tracer: Any = None


def set_up(processor: Any = None) -> bool:
    """Begins to trace this process, after any fork; False without the extra."""
    global _otel, _tracer
    try:
        _otel = import_module("app.telemetry.otel")
    except ImportError:
        log.warning("traces are on, and the extra `otel` is not installed")
        return False
    _tracer = _otel.make_tracer(processor)
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
        _otel.propagate.inject(headers)
    return headers


@contextmanager
def following(headers: Mapping[str, Any]) -> Iterator[None]:
    """The block goes on in the context that a message carried."""
    if _tracer is None:
        yield
        return
    token = _otel.context.attach(_otel.propagate.extract(headers))
    try:
        yield
    finally:
        _otel.context.detach(token)
