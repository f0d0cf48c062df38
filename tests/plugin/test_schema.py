"""The JSON Schema of the language: draft 7, true to what the parser accepts; the pages from it."""

import json
from enum import Enum
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from app.language.document import read_document
from app.model.flow import Flow
from app.model.names import older_names, spellings
from app.plugin.reference import pages
from app.plugin.registry import default_registry
from app.plugin.schema import SchemaNotFound, definitions, language_schema, type_schema

ROOT = Path(__file__).parents[2]
FLOWS = [
    *sorted((ROOT / "examples").rglob("flows/*.yaml")),
    *sorted((ROOT / "tests/language/corpus").glob("*.yaml")),
]
FLOW = "io.kestra.core.models.flows.Flow"
LOG = "io.kestra.plugin.core.log.Log"
HEAD = "id: f\nnamespace: a\ntasks:\n  - "


@pytest.fixture(scope="module")
def validator():
    schema = language_schema("flow", default_registry())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_a_flow_that_parses_is_valid_by_the_schema(validator, path):
    data = read_document(path.read_text(encoding="utf-8")).data

    assert list(validator.iter_errors(data)) == []


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "{id: t, type: no.such.Type}",
        HEAD + f"{{id: t, type: {LOG}}}",
        HEAD + f"{{id: t, type: {LOG}, message: m, level2: x}}",
        HEAD + f"{{id: 'a b', type: {LOG}, message: m}}",
        HEAD + f"{{id: t, type: {LOG}, message: m, disabled: perhaps}}",
        HEAD + f"{{id: t, type: {LOG}, message: m, retry: {{type: never}}}}",
        HEAD + "{id: t, type: io.kestra.plugin.core.flow.If, condition: x, then: []}",
        HEAD + "{id: t, type: io.kestra.plugin.core.flow.If, condition: x, then: [{id: u}]}",
        HEAD + f"{{id: t, type: {LOG}, message: m}}\ninputs: [{{id: a, type: NOPE}}]",
        HEAD + f"{{id: t, type: {LOG}, message: m}}\nnonsense: 1",
        HEAD + f"{{id: t, type: {LOG}, message: m}}\ntriggers: [{{id: x, type: {LOG}}}]",
        f"id: f\ntasks: [{{id: t, type: {LOG}, message: m}}]",
        "id: f\nnamespace: a\ntasks: []",
    ],
    ids=range(13),
)
def test_a_wrong_flow_is_wrong_by_the_schema(validator, text):
    assert not validator.is_valid(read_document(text).data)


def test_a_property_says_whether_it_is_required_dynamic_or_old():
    known = definitions(default_registry())
    log, pause = known[LOG]["properties"], known["io.kestra.plugin.core.flow.Pause"]["properties"]

    assert log["type"]["anyOf"][0] == {"const": LOG}
    assert log["message"]["$required"]
    assert log["level"]["$dynamic"]
    assert log["level"]["default"] == "INFO"
    assert pause["delay"]["$deprecated"]
    assert pause["pauseDuration"]["markdownDescription"]
    assert known["io.kestra.plugin.core.debug.Echo"]["$deprecated"]


def test_every_property_of_the_language_is_documented():
    known = definitions(default_registry())
    silent = [
        f"{name}.{key}"
        for name, schema in known.items()
        for key, prop in schema.get("properties", {}).items()
        if key != "type" and len(prop.get("description", "")) < 4
    ]

    assert len(known) > 200
    assert silent == []


def fields_in_documents():
    for cls in [Flow, *default_registry().list_types()]:
        schema = definitions(default_registry())[getattr(cls, "type_name", FLOW)]
        for name, field in cls.model_fields.items():
            if name != "type":
                yield cls, field, spellings(name, field), schema["properties"]


def test_every_default_and_every_older_name_of_the_models_is_in_the_schema():
    defaults, older = [], []
    for cls, field, (present, *others), properties in fields_in_documents():
        if isinstance(field.default, str | int | float):
            defaults.append((cls.__name__, present, "default" in properties[present]))
        older += [
            (cls.__name__, other, properties[other].get("$deprecated", False))
            for other in others
            if other in older_names(cls)
        ]

    assert len(defaults) > 500
    assert len(older) > 5
    assert [found for found in defaults + older if not found[-1]] == []


def kinds_of(annotation):
    """The types that an annotation is made of."""
    yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from kinds_of(part)


def test_every_property_with_fixed_values_lists_them():
    known = definitions(default_registry())
    open_ones = []
    for cls, field, (present, *_), properties in fields_in_documents():
        text = json.dumps(properties[present])
        names = [part.split('"')[0] for part in text.split('"#/definitions/')[1:]]
        text += "".join(json.dumps(known[name]) for name in names if "enum" in known[name])
        for kind in kinds_of(field.annotation):
            if (
                isinstance(kind, type)
                and issubclass(kind, Enum)
                and f'"{next(iter(kind)).value}"' not in text
            ):
                open_ones.append((cls.__name__, present))

    assert open_ones == []


@pytest.mark.parametrize("kind", ["FLOW", "task", "Trigger", "plugindefault"])
def test_each_kind_has_a_schema_whatever_its_letter_case(kind):
    schema = language_schema(kind, default_registry(), array=True)

    assert schema["type"] == "array"
    assert schema["items"]["$ref"].removeprefix("#/definitions/") in schema["definitions"]


def test_an_unknown_kind_is_not_found():
    with pytest.raises(SchemaNotFound):
        language_schema("nonsense", default_registry())


@pytest.mark.parametrize("cls", default_registry().list_types(), ids=lambda cls: cls.type_name)
def test_each_type_has_a_schema_of_its_own_that_needs_nothing_else(cls):
    schema = type_schema(cls, default_registry())
    text = json.dumps(schema)
    needed = {part.split('"')[0] for part in text.split('"#/definitions/')[1:]}

    assert needed <= set(schema["definitions"])


@pytest.mark.parametrize("cls", default_registry().list_types(), ids=lambda cls: cls.type_name)
def test_each_type_says_in_one_line_what_it_does(cls):
    assert "__doc__" in vars(cls)
    assert len((vars(cls)["__doc__"] or "").strip()) > 10


def test_the_reference_pages_are_those_of_the_installed_types():
    folder = ROOT / "docs" / "reference"
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    wanted = pages(default_registry())

    assert sorted(written) == sorted(wanted), "run `trunkline docs reference docs/reference`"
    assert [name for name in wanted if wanted[name] != written[name]] == []


def test_the_command_prints_the_schema_and_writes_the_pages(tmp_path):
    shown = CliRunner().invoke(cli, ["schema", "flow"])
    wrote = CliRunner().invoke(cli, ["docs", "reference", str(tmp_path)])

    assert json.loads(shown.output)["$schema"].endswith("draft-07/schema#")
    assert wrote.exit_code == 0
    assert (tmp_path / f"{LOG}.md").exists()
