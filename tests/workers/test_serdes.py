"""Files of rows from one format into another, run as flows."""

import pytest

from tests.conftest import make_driver

FLOW = """
id: converting
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    content: |
{content}
  - id: run
    type: io.kestra.plugin.serdes.{type}
    from: "{{{{ outputs.write.uri }}}}"
{more}
"""


@pytest.fixture
def driver(tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    yield made
    made.process.stop()
    made.rt.database.close()


def run(driver, type_, content, *more):
    lines = "\n".join(f"    {line}" for line in more)
    text = "".join(f"      {line}\n" for line in content.splitlines())
    execution = driver.run(FLOW.format(type=type_, more=lines, content=text))
    outputs = driver.outputs(execution, "run") or {}
    uri = outputs.get("uri")
    found = driver.rt.storage.open(uri).read().decode() if uri else None
    return driver.state(execution), found


@pytest.mark.parametrize(
    ("options", "content", "wanted"),
    [
        ([], 'a,b\n1,"x, y"\n', '{a:"1",b:"x, y"}\n'),
        (["header: false"], "1,\\N\n", '["1",null]\n'),
        (["fieldSeparator: ';'"], "a;b\n1;2\n", '{a:"1",b:"2"}\n'),
        (["skipRows: 1"], "a\n1\n2\n", '{a:"2"}\n'),
        (["onBadLines: SKIP"], "a,b\n1\n1,2\n", '{a:"1",b:"2"}\n'),
    ],
)
def test_csv_becomes_ion(driver, options, content, wanted):
    state, found = run(driver, "csv.CsvToIon", content, *options)

    assert (state, found.replace(", y", ",~y").replace(" ", "").replace("~", " ")) == (
        "SUCCESS",
        wanted,
    )


def test_a_line_with_too_few_fields_fails_the_task(driver):
    assert run(driver, "csv.CsvToIon", "a,b\n1\n")[0] == "FAILED"


ROWS = '{a: 1, b: "x, y", c: 2024-01-02T03:04:05.000Z}\n{a: 2.5, b: null, c: 2024-01-02}\n'


@pytest.mark.parametrize(
    ("options", "first", "second"),
    [
        ([], '1,"x, y",2024-01-02T03:04:05.000Z', "2.5,,2024-01-02"),
        (["quoteMode: ALWAYS"], '"1","x, y","2024-01-02T03:04:05.000Z"', '"2.5","","2024-01-02"'),
        (
            ["quoteMode: NON_NUMERIC"],
            '1,"x, y","2024-01-02T03:04:05.000Z"',
            '2.5,"","2024-01-02"',
        ),
        (["dateFormat: dd/MM/yyyy"], '1,"x, y",2024-01-02T03:04:05.000Z', "2.5,,02/01/2024"),
    ],
)
def test_ion_becomes_csv(driver, options, first, second):
    state, found = run(driver, "csv.IonToCsv", ROWS, *options)

    lines = found.splitlines()
    assert state == "SUCCESS"
    assert lines[0].replace('"', "") == "a,b,c"
    assert lines[1:] == [first, second]


def test_lists_of_ion_need_a_csv_without_header(driver):
    assert run(driver, "csv.IonToCsv", "[1, 2]\n")[0] == "FAILED"
    assert run(driver, "csv.IonToCsv", "[1, 2]\n", "header: false") == ("SUCCESS", "1,2\n")


def test_ion_becomes_json_by_line_or_as_a_list(driver):
    by_line = run(driver, "json.IonToJson", '{a: 1, b: [true, null], c: "é"}\n{a: 1.5}\n')
    whole = run(driver, "json.IonToJson", "{a: 1}\n{a: 2}\n", "newLine: false")

    assert by_line == ("SUCCESS", '{"a":1,"b":[true,null],"c":"é"}\n{"a":1.5}\n')
    assert whole == ("SUCCESS", '[{"a":1},{"a":2}]')


def test_json_becomes_ion_and_comes_back(driver):
    state, found = run(driver, "json.JsonToIon", '[{"a": 1}, {"b": [1.5, "x"]}]', "newLine: false")
    again = run(driver, "json.IonToJson", found)

    assert state == "SUCCESS"
    assert again == ("SUCCESS", '{"a":1}\n{"b":[1.5,"x"]}\n')


def test_what_is_no_json_fails_and_names_the_line(driver):
    text = FLOW.format(type="json.JsonToIon", more="", content='      {"a": 1}\n      {oops\n')
    execution = driver.run(text)

    assert driver.state(execution) == "FAILED"
    assert any("line 2 is no JSON" in message for message in driver.messages(execution))
