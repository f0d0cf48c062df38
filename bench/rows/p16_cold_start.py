"""P16: `trunkline standalone` on an empty folder, to the end of its first execution."""

import shutil
import time

import httpx

from bench.support.bench import NAMESPACE, Bench
from bench.support.cluster import PASSWORD, USER, Cluster, wait_for
from bench.support.figures import Goal, Report, median
from bench.support.proc import cpu_seconds
from tests.support.postgres import free_port

ROW = "P16"
ITEM = "cold start of standalone to the first finished execution"
FLOW = f"""
id: p16
namespace: {NAMESPACE}
tasks:
  - {{id: one, type: io.kestra.plugin.core.log.Log, message: hello}}
"""


def measure(bench: Bench) -> Report:
    """Broker, database, tables, keys, the first user: all are made on the way."""
    starts = [_start(bench.cluster) for _ in range(bench.size(3, 1))]
    seconds, cpu = ([one[part] for one in starts] for part in (0, 1))
    return Report(
        ROW,
        ITEM,
        [Goal("time", median(seconds), 8, 4, unit="s")],
        {"fastest, s": min(seconds), "median, s": median(seconds), "CPU, s": median(cpu)},
    )


def _start(cluster: Cluster) -> tuple[float, float]:
    """Seconds and CPU seconds."""
    port, folder = free_port(), cluster.folder / "cold"
    environ = cluster.environment("")
    for name in ("DATABASE_URL", "BROKER_URL", "DATA_DIR", "ENCRYPTION_KEY"):
        environ.pop("TRUNKLINE_" + name)
    began = time.monotonic()
    arguments = ["--port", str(port), "--data-dir", str(folder)]
    cluster.spawn("standalone", "standalone", *arguments, environ=environ)
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: httpx.get(f"{url}/ping").is_success, 120, "the server")
    with httpx.Client(base_url=f"{url}/api/v1/main", auth=(USER, PASSWORD), timeout=60) as client:
        client.post("/flows", content=FLOW.encode()).raise_for_status()
        path = f"/executions/{NAMESPACE}/p16"
        ended = client.post(path, params={"wait": "true"}).raise_for_status().json()
    seconds, cpu = time.monotonic() - began, cpu_seconds(cluster.pid("standalone"))
    cluster.end("standalone")
    shutil.rmtree(folder, ignore_errors=True)
    if ended["state"]["current"] != "SUCCESS":
        raise RuntimeError(f"the first execution ended in {ended['state']['current']}")
    return seconds, cpu
