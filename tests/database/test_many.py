"""Statements over as many rows as a caller may name: no database takes them all at once."""

from datetime import UTC, datetime
from types import SimpleNamespace

from app.database import executions, triggers

FLOW = (
    "id: f\nnamespace: {}\ntasks: [{{id: a, type: io.kestra.plugin.core.log.Log, message: hi}}]\n"
)
AT = datetime(2026, 5, 1, tzinfo=UTC)


def test_the_namespaces_of_more_executions_than_a_statement_has_parameters(driver):
    known = [driver.run(FLOW.format(name)) for name in ("b", "a")]

    with driver.rt.database.reading() as tx:
        found = executions.namespaces_of(tx, [known[0], *["x"] * 70_000, known[1]])

    assert found == ["a", "b"]


def test_the_last_runs_of_more_triggers_than_a_statement_has_alternatives(driver):
    places = [
        SimpleNamespace(namespace="a", flow_id=f"f{n}", trigger_id="t", last_at=AT)
        for n in range(1100)
    ]

    with driver.rt.database.reading() as tx:
        assert list(triggers.last_runs(tx, places)) == []
