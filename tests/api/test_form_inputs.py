"""Inputs as the parts of a form, as clients of all generations send them (HTTP API 2.6)."""

import io

import pytest

INPUTS = """inputs:
  - {id: name, type: STRING, defaults: world}
  - {id: number, type: INT, required: false}
  - {id: doc, type: FILE, required: false}
  - {id: other, type: FILE, required: false}"""


@pytest.fixture
def ready(lite):
    lite.flow("f", INPUTS)
    return lite


def part(content, name):
    return (io.BytesIO(content), name)


def start(api, status=200, **parts):
    answer = api.call("POST", "/executions/team.a/f", data=parts)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def content(api, started, name):
    path = f"/executions/{started['id']}/file"
    return api.call("GET", path, query_string={"path": started["inputs"][name]}).data


def test_a_text_may_come_as_a_file_of_its_own_name(ready):
    started = start(ready, name=part("Ada é".encode(), "name"), number=part(b"3", "number"))

    assert (started["inputs"]["name"], started["inputs"]["number"]) == ("Ada é", 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": (b"Ada", "letter.txt")},
        {"name": (b"\xff\xfe", "name")},
        {"name": (b"a\x00b", "name")},
        {"number": (b"x", "number")},
    ],
)
def test_what_is_no_text_is_refused_by_name(ready, wrong):
    [(name, (data, file))] = wrong.items()
    told = start(ready, status=422, **{name: part(data, file)})

    assert told["errors"][0]["path"] == name


@pytest.mark.parametrize(
    ("field", "file", "name"),
    [
        ("files", "doc", "doc"),
        ("doc", "doc", "doc"),
        ("doc", "report.csv", "doc"),
        ("anything", "doc", "doc"),
        ("doc", "other", "other"),
        ("doc", "name", "doc"),
    ],
)
def test_a_file_is_known_by_its_name_and_else_by_its_parts(ready, field, file, name):
    started = start(ready, **{field: part(b"content", file)})

    assert content(ready, started, name) == b"content"
    assert {n for n, value in started["inputs"].items() if value is not None} == {"name", name}
