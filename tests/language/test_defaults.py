"""Plugin defaults of the flow, its namespaces and the installation: who wins."""

import pytest

from app.language.defaults import with_defaults
from app.language.parse import InvalidFlow, parse_flow
from app.plugin.registry import default_registry

LOG = "io.kestra.plugin.core.log.Log"


def entry(message, *, forced=False, type_=LOG, **more):
    return {"type": type_, "forced": forced, "values": {"message": message, **more}}


def applied(own, outer, **task):
    data = {"tasks": [{"id": "t", "type": LOG, **task}], "pluginDefaults": own}
    return with_defaults(data, default_registry(), tuple(outer))["tasks"][0]["message"]


@pytest.mark.parametrize(
    ("own", "outer", "task", "wanted"),
    [
        ([entry("flow")], [entry("team"), entry("server")], {}, "flow"),
        ([], [entry("team"), entry("server")], {}, "team"),
        ([entry("flow")], [], {"message": "task"}, "task"),
        ([entry("first"), entry("second")], [], {}, "first"),
        ([], [entry("team", forced=True)], {"message": "task"}, "team"),
        (
            [entry("flow", forced=True)],
            [entry("team", forced=True), entry("server", forced=True)],
            {"message": "task"},
            "server",
        ),
        ([entry("flow")], [entry("team", forced=True)], {"message": "task"}, "team"),
        ([entry("prefix", type_="io.kestra.plugin.core.log")], [], {}, "prefix"),
        ([entry("alias", type_="io.kestra.core.tasks.log.Log")], [], {}, "alias"),
    ],
)
def test_the_nearest_default_wins_and_the_widest_forced_one(own, outer, task, wanted):
    assert applied(own, outer, **task) == wanted


def test_a_default_does_not_hold_inside_of_its_own_values():
    defaults = "pluginDefaults: [{type: io.kestra, values: {retry: {type: io.kestra.x, a: 1}}}]"
    text = f"id: a\nnamespace: b\ntasks: [{{id: x, type: {LOG}, message: a}}]\n{defaults}\n"

    with pytest.raises(InvalidFlow):
        parse_flow(text, default_registry())


@pytest.mark.parametrize("values", ["1e40", "[1]", "text"])
def test_values_that_are_no_map_are_refused(values):
    defaults = f"pluginDefaults: [{{type: {LOG}, values: {values}}}]"
    text = f"id: a\nnamespace: b\ntasks: [{{id: x, type: {LOG}, message: a}}]\n{defaults}\n"

    with pytest.raises(InvalidFlow):
        parse_flow(text, default_registry())
