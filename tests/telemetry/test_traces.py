"""Traces of real processes, as a collector gets them: a request, and what workers did for it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.faults.cluster import Broker, Cluster, until

pytest.importorskip("opentelemetry.sdk")
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

FLOW = """
id: traced
namespace: faults
tasks:
  - {id: inside, type: io.kestra.plugin.core.log.Log, message: "hello"}
  - {id: routed, type: io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles}
"""
START = "POST /api/v1/main/executions/<namespace>/<flow_id>"


class Collector(BaseHTTPRequestHandler):
    """Keeps the spans that come by OTLP over HTTP."""

    spans: list = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def collector():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def cluster(collector, tmp_path, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
    broker, url = Broker(tmp_path / "broker"), f"sqlite:///{tmp_path / 'trunkline.db'}"
    made = Cluster(tmp_path / "cluster", url, broker, TRACES="true")
    with made.running():
        yield made


@pytest.mark.slow
def test_what_workers_do_for_a_request_is_in_its_trace(cluster):
    cluster.flow(FLOW)
    execution = cluster.start("traced")
    assert cluster.wait(execution)["state"]["current"] == "SUCCESS"

    def spans():
        found = {
            (attribute.value.string_value, span.name): span
            for span in Collector.spans
            for attribute in span.attributes
            if attribute.key == "trunkline.execution"
        }
        return {name: span for (about, name), span in found.items() if about == execution}

    until(lambda: len(spans()) >= 2, "the spans of the steps did not come", 60)
    request = until(
        lambda: next((span for span in Collector.spans if span.name == START), None),
        "the span of the request did not come",
        60,
    )
    steps = spans()
    inside = steps["io.kestra.plugin.core.log.Log"]
    routed = steps["io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles"]
    assert inside.parent_span_id == request.span_id
    assert {inside.trace_id, routed.trace_id} == {request.trace_id}
    assert request.start_time_unix_nano <= inside.start_time_unix_nano
