"""The three dialects: the older and the newest spellings are read as the present one.

What is on its way out is told by its path, and never keeps a flow from being saved.
"""

import re
from pathlib import Path

import pytest

from app.language.advice import advise
from app.language.parse import parse_flow
from app.plugin.registry import default_registry

LOG = "{id: l, type: io.kestra.plugin.core.log.Log, message: m}"
TASKS = f"tasks: [{LOG}]\n"
ONE = "io.kestra.plugin.core."


def read(text):
    head = "id: f\nnamespace: a.b\n"
    return parse_flow(head + text + ("" if "tasks:" in text else TASKS), default_registry())


def advice(text):
    return advise(read(text).document, default_registry())


def compiled(text):
    """The flow as plain data, without the names of types, which are kept as written."""
    return re.sub(r"'type': '[\w.$]+'", "", str(read(text).flow.model_dump()))


def task(text):
    return f"tasks: [{{id: t, {text}}}]\n"


def trigger(text):
    return f"triggers: [{{id: t, {text}}}]\n"


#: older spelling, present spelling, path of what is deprecated
OLDER = [
    ("taskDefaults: [{type: x, values: {a: 1}}]\n", "pluginDefaults: [{type: x, values: {a: 1}}]\n",
     "taskDefaults"),
    ("inputs: [{name: x, type: STRING}]\n", "inputs: [{id: x, type: STRING}]\n", "inputs[0].name"),
    (task(f"type: {ONE}flow.Pause, delay: PT1S"),
     task(f"type: {ONE}flow.Pause, pauseDuration: PT1S"), "tasks[0].delay"),
    (task(f"type: {ONE}debug.Return, retry: {{type: constant, interval: PT1S, maxAttempt: 3}}"),
     task(f"type: {ONE}debug.Return, retry: {{type: constant, interval: PT1S, maxAttempts: 3}}"),
     "tasks[0].retry.maxAttempt"),
    (trigger(f"type: {ONE}trigger.Schedule, cron: '@daily', scheduleConditions: []"),
     trigger(f"type: {ONE}trigger.Schedule, cron: '@daily', conditions: []"),
     "triggers[0].scheduleConditions"),
    (trigger(f"type: {ONE}trigger.Schedule, cron: '@daily', minLogLevel: WARN"),
     trigger(f"type: {ONE}trigger.Schedule, cron: '@daily', logLevel: WARN"),
     "triggers[0].minLogLevel"),
]  # fmt: skip
#: spelling of 2.x, spelling of 1.x
NEWER = [
    (task(f"type: {ONE}debug.Return, when: '{{{{ a }}}}'"),
     task(f"type: {ONE}debug.Return, runIf: '{{{{ a }}}}'")),
    ("checks: [{when: '{{ inputs.a }}', message: m}]\n",
     "checks: [{condition: '{{ inputs.a }}', message: m}]\n"),
]  # fmt: skip


@pytest.mark.parametrize(("older", "present", "path"), OLDER)
def test_an_older_spelling_means_the_present_one_and_is_told(older, present, path):
    assert compiled(older) == compiled(present)
    assert advice(older).deprecations == (path,)
    assert any(text.startswith(f"{path} is replaced by ") for text in advice(older).infos)
    assert advice(present).deprecations == ()


@pytest.mark.parametrize(("newer", "present"), NEWER)
def test_a_spelling_of_the_newest_dialect_means_the_present_one_and_is_no_news(newer, present):
    assert compiled(newer) == compiled(present)
    assert advice(newer).deprecations == advice(newer).infos == ()


#: what is still read, and does what it did, but is on its way out
FADING = [
    ("inputs: [{id: x, type: BOOLEAN}]\n", "inputs[0].type"),
    ("inputs: [{id: x, type: ENUM, values: [a]}]\n", "inputs[0].type"),
    ("inputs: [{id: x, type: ARRAY, itemType: BOOLEAN}]\n", "inputs[0].itemType"),
    ("inputs: [{id: x, type: MULTISELECT, options: [a]}]\n", "inputs[0].options"),
    ("inputs: [{id: x, type: FILE, extension: .csv}]\n", "inputs[0].extension"),
    ("outputs: [{id: x, type: BOOLEAN, value: true}]\n", "outputs[0].type"),
    ("workerGroup: {key: a}\n", "workerGroup"),
    (f"listeners: [{{tasks: [{LOG}]}}]\n{TASKS.replace('id: l', 'id: k')}", "listeners"),
    (task(f"type: {ONE}flow.Pause, tasks: [{LOG}]"), "tasks[0].tasks"),
    (task(f"type: {ONE}flow.Subflow, namespace: a, flowId: b, outputs: {{a: b}}"),
     "tasks[0].outputs"),
    (task(f"type: {ONE}http.Request, uri: u, options: {{basicAuthUser: a}}"),
     "tasks[0].options.basicAuthUser"),
    (task(f"type: {ONE}debug.Echo, format: a"), "tasks[0]"),
    (task(f"type: {ONE}state.Get"), "tasks[0]"),
    (task(f"type: {ONE}flow.EachSequential, value: [a], tasks: [{LOG}]"), "tasks[0]"),
    (task(f"type: {ONE}flow.EachParallel, value: [a], tasks: [{LOG}]"), "tasks[0]"),
    (trigger(f"type: {ONE}trigger.Schedule, cron: '@daily', backfill: {{}}"),
     "triggers[0].backfill"),
    (trigger(f"type: {ONE}trigger.Flow, conditions: [{{type: {ONE}condition.ExecutionNamespace, "
             "namespace: a, prefix: true}]"), "triggers[0].conditions[0].prefix"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "path"), FADING)
def test_what_is_on_its_way_out_is_read_and_told(text, path):
    assert advice(text).deprecations == (path,)


ALIASES = [
    (alias, cls.type_name) for cls in default_registry().list_types() for alias in cls.aliases
]


def test_every_older_name_of_a_type_is_found_and_told_in_any_letter_case():
    registry = default_registry()
    wrong = [
        alias
        for alias, name in ALIASES
        if not registry.find(alias).type_name == registry.find(alias.upper()).type_name == name
        or registry.replacement(alias) != name
    ]

    assert len(ALIASES) > 90
    assert wrong == []


LISTED = Path(__file__).parents[3] / "shared" / "conformance" / "ALIASES.md"


@pytest.mark.skipif(not LISTED.exists(), reason="the list does not lie beside this checkout")
def test_every_older_name_that_the_reference_declares_is_known():
    rows = re.findall(
        r"^\| (io\.kestra[\w.$]+) \| (io\.kestra[\w.$]+) \|$", LISTED.read_text(), re.M
    )
    known = dict(ALIASES)
    unknown = [alias for alias, name in rows if known.get(alias) != name]

    assert len(rows) > 80
    assert unknown == []


def test_a_task_that_cannot_do_its_work_here_is_warned_of_where_it_stands():
    found = advice(task(f"type: {ONE}flow.Template, namespace: a, templateId: b"))
    place = next(each for each in found.places if each.path == "tasks[0].type")

    assert found.deprecations == ("tasks[0]",)
    assert "use a Subflow" in found.warnings[0]
    assert (place.line, place.is_warning) == (3, True)
