"""Tasks on stored files, run as flows."""

import io

import pytest

from app.service.inputs import Upload
from tests.conftest import make_driver

FLOW = """
id: storing
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    extension: .ion
    content: |
{content}
  - id: run
    type: io.kestra.plugin.core.storage.{type}
{more}
"""
ITEMS = """{key: "a", value: 1}
{key: "b", value: "x"}
{key: "a", value: 4}
"""


@pytest.fixture
def driver(tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    yield made
    made.process.stop()
    made.rt.database.close()


def run(driver, type_, *more, content="1\n2\n3\n4\n5\n"):
    lines = [f"    {line}" for line in more]
    text = "".join(f"      {line}\n" for line in content.splitlines())
    return driver.run(FLOW.format(type=type_, more="\n".join(lines), content=text))


def text_of(driver, uri):
    return driver.rt.storage.open(uri).read().decode()


FROM = 'from: "{{ outputs.write.uri }}"'


@pytest.mark.parametrize(
    ("option", "parts"),
    [
        ("rows: 2", ["1\n2\n", "3\n4\n", "5\n"]),
        ("partitions: 2", ["1\n3\n5\n", "2\n4\n"]),
        ("bytes: 3B", ["1\n2\n", "3\n4\n", "5\n"]),
    ],
)
def test_a_file_is_split(driver, option, parts):
    execution = run(driver, "Split", FROM, option)

    uris = driver.outputs(execution, "run")["uris"]
    assert [text_of(driver, uri) for uri in uris] == parts


def test_rows_are_turned_round(driver):
    execution = run(driver, "Reverse", FROM)

    assert text_of(driver, driver.outputs(execution, "run")["uri"]) == "5\n4\n3\n2\n1\n"


def test_files_are_joined_with_a_separator(driver):
    files = 'files: ["{{ outputs.write.uri }}", "{{ outputs.write.uri }}"]'

    execution = run(driver, "Concat", files, 'separator: "--"', content="x\n")

    assert text_of(driver, driver.outputs(execution, "run")["uri"]) == "x\n--x\n--"


def test_a_size_is_told_and_a_file_deleted(driver):
    size = run(driver, "Size", 'uri: "{{ outputs.write.uri }}"')
    gone = run(driver, "Delete", 'uri: "{{ outputs.write.uri }}"')

    assert driver.outputs(size, "run") == {"size": 10}
    assert driver.outputs(gone, "run")["deleted"] is True
    assert not driver.rt.storage.exists(driver.outputs(gone, "run")["uri"])


def test_the_last_item_of_each_key_stays(driver):
    execution = run(driver, "DeduplicateItems", FROM, 'expr: "{{ key }}"', content=ITEMS)

    outputs = driver.outputs(execution, "run")
    assert (outputs["numKeys"], outputs["droppedItemsTotal"]) == (2, 1)
    assert text_of(driver, outputs["uri"]).splitlines() == ITEMS.splitlines()[1:]


@pytest.mark.parametrize(
    ("more", "state", "dropped"),
    [
        ([], "FAILED", None),
        (["errorOrNullBehavior: EXCLUDE"], "SUCCESS", 2),
        (["errorOrNullBehavior: INCLUDE"], "SUCCESS", 1),
        (["errorOrNullBehavior: EXCLUDE", "filterType: EXCLUDE"], "SUCCESS", 2),
    ],
)
def test_items_are_filtered(driver, more, state, dropped):
    condition = 'filterCondition: "{{ value % 2 == 0 }}"'

    execution = run(driver, "FilterItems", FROM, condition, *more, content=ITEMS)

    assert driver.state(execution) == state
    if dropped is not None:
        outputs = driver.outputs(execution, "run")
        assert (outputs["processedItemsTotal"], outputs["droppedItemsTotal"]) == (3, dropped)


def test_a_file_of_another_execution_can_neither_be_read_nor_deleted(driver):
    first = run(driver, "Size", 'uri: "{{ outputs.write.uri }}"')
    uri = driver.outputs(first, "write")["uri"].replace("storing", "other")

    for type_ in ("Size", "Delete"):
        execution = run(
            driver, type_, f'uri: "{uri}"', "errorOnMissing: true"[: 40 * (type_ == "Delete")]
        )

        assert driver.state(execution) == "FAILED"


MANY = """
id: many
namespace: company.team
inputs: [{id: file, type: FILE}]
tasks:
  - {id: turned, type: io.kestra.plugin.core.storage.Reverse, from: "{{ inputs.file }}"}
  - id: dealt
    type: io.kestra.plugin.core.storage.Split
    from: "{{ inputs.file }}"
    partitions: 2
"""


def test_more_rows_than_one_piece_holds_are_turned_and_dealt(driver):
    rows = [str(number) for number in range(250_001)]
    stream = io.BytesIO("".join(row + "\n" for row in rows).encode())
    execution = driver.run(MANY, file=Upload("rows.txt", stream))

    turned = text_of(driver, driver.outputs(execution, "turned")["uri"])
    parts = [text_of(driver, uri) for uri in driver.outputs(execution, "dealt")["uris"]]
    assert turned.split() == rows[::-1]
    assert [part.split() for part in parts] == [rows[0::2], rows[1::2]]
