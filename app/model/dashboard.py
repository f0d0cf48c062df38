"""Dashboards: charts over executions, logs, metrics, flows and triggers, as a document of YAML."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, model_validator

from app.model.flow import FLOW_ID_PATTERN
from app.model.property import WireModel

CHARTS = "io.kestra.plugin.core.dashboard.chart."
DATA = "io.kestra.plugin.core.dashboard.data."
_PLACE = frozenset({"NAMESPACE", "FLOW_ID"})
_RUN = _PLACE | {"EXECUTION_ID", "TASK_ID", "TASK_RUN_ID", "ATTEMPT_NUMBER"}
#: the fields of each source of data
FIELDS: Mapping[str, frozenset[str]] = {
    "Executions": _PLACE
    | {
        "ID", "FLOW_REVISION", "STATE", "DURATION", "LABELS", "START_DATE", "END_DATE",
        "TRIGGER_EXECUTION_ID",
    },
    "Logs": _RUN | {"TRIGGER_ID", "LEVEL", "MESSAGE", "DATE"},
    "Metrics": _RUN | {"NAME", "TYPE", "VALUE", "DATE"},
    "Flows": frozenset({"ID", "NAMESPACE", "REVISION"}),
    "Triggers": _PLACE | {"ID", "TRIGGER_ID", "TYPE", "DISABLED", "NEXT_EXECUTION_DATE",
                          "LAST_TRIGGERED_DATE"},
}  # fmt: skip
DATES = frozenset({"START_DATE", "END_DATE", "DATE", "NEXT_EXECUTION_DATE", "LAST_TRIGGERED_DATE"})
Aggregation = Literal["COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"]
Comparison = Literal[
    "EQUAL_TO", "NOT_EQUAL_TO", "GREATER_THAN", "GREATER_THAN_OR_EQUAL_TO", "LESS_THAN",
    "LESS_THAN_OR_EQUAL_TO", "IN", "NOT_IN", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "REGEX",
    "IS_NULL", "IS_NOT_NULL", "IS_TRUE", "IS_FALSE", "OR",
]  # fmt: skip


class Column(WireModel):
    """A column of a chart's data: a field, or what its values add up to."""

    field: str | None = None
    agg: Aggregation | None = None
    label_key: str | None = None
    """Of the field LABELS: which label."""
    display_name: str | None = None
    column_alignment: Literal["LEFT", "CENTER", "RIGHT"] | None = None
    graph_style: Literal["LINES", "BARS", "POINTS"] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Column":
        if self.field is None and self.agg != "COUNT":
            raise ValueError("`field` must be given, or `agg: COUNT`")
        return self


class Where(WireModel):
    """A condition on rows; OR holds when one of `values` does."""

    type: Comparison
    field: str | None = None
    label_key: str | None = None
    value: Any = None
    values: tuple["Where | Any", ...] = ()


class OrderBy(WireModel):
    """Rows are ordered by a column."""

    column: str
    order: Literal["ASC", "DESC"] = "ASC"


class Data(WireModel):
    """Where a chart's rows come from."""

    type: str
    columns: dict[str, Column] | Column
    where: tuple[Where, ...] = ()
    numerator: tuple[Where, ...] = ()
    """Of a KPI: the figure is the share of rows that also meet these."""
    order_by: tuple[OrderBy, ...] = ()

    @property
    def source(self) -> str:
        """`Executions` of `….data.ExecutionsKPI`."""
        return self.type.rpartition(".")[2].removesuffix("KPI")

    def named(self) -> dict[str, Column]:
        """The columns by name; the single one of a KPI is `value`."""
        return {"value": self.columns} if isinstance(self.columns, Column) else self.columns

    @model_validator(mode="after")
    def _fields_exist(self) -> "Data":
        fields = FIELDS.get(self.source)
        if not self.type.startswith(DATA) or fields is None:
            raise ValueError(f"unknown type of data {self.type[:100]!r}")
        named = self.named()
        for name, column in named.items():
            if column.field is not None and column.field not in fields:
                raise ValueError(f"columns.{name}: {self.source} have no field {column.field!r}")
        for order in self.order_by:
            if order.column not in named:
                raise ValueError(f"orderBy: there is no column {order.column!r}")
        return self


class Chart(WireModel):
    """One chart."""

    id: str = Field(pattern=FLOW_ID_PATTERN)
    type: str
    chart_options: dict[str, Any] = Field(default_factory=dict)
    data: Data | None = None
    content: str | None = None
    """Of a Markdown chart: its text."""
    source: dict[str, Any] | None = None

    @property
    def kind(self) -> str:
        """`TimeSeries` of its type."""
        return self.type.rpartition(".")[2]

    @model_validator(mode="after")
    def _is_whole(self) -> "Chart":
        if self.type not in {CHARTS + kind for kind in _KINDS}:
            raise ValueError(f"unknown type of chart {self.type[:100]!r}")
        if self.kind != "Markdown" and self.data is None:
            raise ValueError("`data` must be given")
        named = self.data.named() if self.data is not None else {}
        for option in ("column", "colorByColumn"):
            wanted = self.chart_options.get(option)
            if wanted is not None and (not isinstance(wanted, str) or wanted not in named):
                raise ValueError(f"chartOptions.{option}: there is no column {wanted!r}")
        return self


_KINDS = ("TimeSeries", "Bar", "Pie", "Table", "KPI", "Markdown")


class TimeWindow(WireModel):
    """How far charts look back."""

    default: timedelta = timedelta(days=30)
    max: timedelta = timedelta(days=366)


class Dashboard(WireModel):
    """Charts under a title."""

    id: str | None = Field(None, pattern=FLOW_ID_PATTERN, max_length=100)
    title: str = Field(min_length=1, max_length=200)
    description: str | None = None
    time_window: TimeWindow = TimeWindow()
    charts: tuple[Chart, ...] = Field((), max_length=100)

    @model_validator(mode="after")
    def _ids_differ(self) -> "Dashboard":
        ids = [chart.id for chart in self.charts]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"duplicate chart id {twice[0]}")
        return self
