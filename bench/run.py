"""Runs the benchmarks: all of them, or those that are named (`bench/run.py P1 P4`).

Each row prints its figures and writes `bench/results/<row>.json`; at the end stands a table, also
in `bench/results/report.md`. Ratios count: they hold on a slow or busy machine as well.
"""

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    # the task types of the rows are installed for this process alone, not for one that imports it
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent / "plugin")]

from bench.support.bench import Bench
from bench.support.cluster import Cluster
from bench.support.figures import Report, details, table

RESULTS = Path(__file__).parent / "results"
ROWS = {
    module.stem.split("_")[0].upper().replace("P0", "P"): module.stem
    for module in sorted((Path(__file__).parent / "rows").glob("p*.py"))
}


def run(names: list[str], *, tiny: bool, results: Path) -> list[Report]:
    """Measures rows on one cluster."""
    cluster = Cluster()
    reports = []
    try:
        cluster.start()
        bench = Bench(cluster, tiny)
        for name in names:
            reports.append(_measure(bench, name, results))
    finally:
        cluster.stop()
    return reports


def _measure(bench: Bench, name: str, results: Path) -> Report:
    began = time.monotonic()
    report: Report = import_module(f"bench.rows.{ROWS[name]}").measure(bench)
    report.save(results)
    print(f"{report.row} {report.item} ({time.monotonic() - began:.0f} s)")
    print(details(report), flush=True)
    return report


def main() -> int:
    """0 when every row is within its must."""
    parser = argparse.ArgumentParser(description="Benchmarks against raw Celery")
    parser.add_argument("rows", nargs="*", help=f"of {', '.join(ROWS)}; default: all")
    parser.add_argument("--tiny", action="store_true", help="sizes of the smoke test")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder of the reports")
    given = parser.parse_args()
    names = [name.upper() for part in given.rows for name in part.split(",") if name]
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}")
    reports = run(names or list(ROWS), tiny=given.tiny, results=given.results)
    text = table(reports)
    (given.results / "report.md").write_text(text + "\n", encoding="utf-8")
    print("\n" + text)
    return any(goal.verdict == "MISS" for report in reports for goal in report.goals)


if __name__ == "__main__":
    sys.exit(main())
