"""Figures, goals and verdicts: what a row reports."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Goal:
    """One number with its bound; `aim` is what the floor says is there."""

    name: str
    value: float
    must: float
    aim: float | None = None
    unit: str = "×"
    at_least: bool = False  #: the bound is a minimum

    @property
    def verdict(self) -> str:
        """AIM, PASS or MISS."""
        if self.aim is not None and self._holds(self.aim):
            return "AIM"
        return "PASS" if self._holds(self.must) else "MISS"

    def _holds(self, bound: float) -> bool:
        return self.value >= bound if self.at_least else self.value <= bound


@dataclass
class Report:
    """What one row measured."""

    row: str
    item: str
    goals: list[Goal] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)  #: by name with its unit

    def as_json(self) -> str:
        """Everything, with the verdicts."""
        data = asdict(self)
        data["goals"] = [{**asdict(goal), "verdict": goal.verdict} for goal in self.goals]
        return json.dumps(data, indent=2)

    def save(self, folder: Path) -> None:
        """Writes `<row>.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.row}.json").write_text(self.as_json() + "\n", encoding="utf-8")


def shown(value: float) -> str:
    """Three significant digits."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(reports: Sequence[Report]) -> str:
    """The goals of some reports as a table that is Markdown too."""
    lines = [
        "| row | item | figure | measured | must | aim | |",
        "|---|---|---|---|---|---|---|",
    ]
    for report in reports:
        for goal in report.goals:
            sign = "≥" if goal.at_least else "≤"
            aim = f"{sign} {shown(goal.aim)}" if goal.aim is not None else ""
            cells = [
                report.row,
                report.item,
                goal.name,
                f"{shown(goal.value)} {goal.unit}",
                f"{sign} {shown(goal.must)}",
                aim,
                goal.verdict,
            ]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def details(report: Report) -> str:
    """The plain figures of a report."""
    return "\n".join(f"  {name:<44} {shown(value)}" for name, value in report.figures.items())


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which `part` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def interleaved(times: int, **acts: Callable[[], float]) -> dict[str, list[float]]:
    """Runs each act in turn, so that all of them meet the same noise."""
    found: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(times):
        for name, act in acts.items():
            found[name].append(act())
    return found
