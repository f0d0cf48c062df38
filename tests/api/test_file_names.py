"""No file and folder of one name, however they come; an archive is written whole or not at all."""

import io
import zipfile

import pytest

from app.service.file_names import TakenNames
from tests.support.people import FLOW

WHERE = "/namespaces/a/files"


def put(lite, path, data=b"words", to=WHERE):
    form = {"fileContent": (io.BytesIO(data), path.rpartition("/")[2])}
    return lite.call("POST", to, data=form, query_string={"path": path})


def folder(lite, path):
    return lite.call("POST", f"{WHERE}/directory", query_string={"path": path})


def move(lite, old, new):
    return lite.call("PUT", WHERE, query_string={"from": old, "to": new})


def archive(**members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "/"), text)
    return held.getvalue()


def names(lite):
    return sorted(lite.get(f"{WHERE}/search", q=""))


@pytest.fixture
def filled(lite):
    for path in ("plain", "deep/er/one.txt", "100%"):
        assert put(lite, path).status_code == 200
    assert folder(lite, "empty").status_code == 200
    return lite


@pytest.mark.parametrize(
    ("act", "other"),
    [
        (lambda to: put(to, "plain/x"), "plain"),
        (lambda to: put(to, "plain/x/y"), "plain"),
        (lambda to: put(to, "deep"), "deep/er/one.txt"),
        (lambda to: put(to, "deep/er"), "deep/er/one.txt"),
        (lambda to: put(to, "empty"), "empty/"),
        (lambda to: put(to, "100%/x"), "100%"),
        (lambda to: folder(to, "plain"), "plain"),
        (lambda to: folder(to, "plain/below"), "plain"),
        (lambda to: move(to, "deep", "plain/deep"), "plain"),
        (lambda to: move(to, "plain", "deep/er/one.txt/x"), "deep/er/one.txt"),
        (lambda to: move(to, "empty", "plain"), "plain"),
        (lambda to: put(to, "all.zip", archive(new="x", plain__x="y")), "plain"),
        (lambda to: put(to, "all.zip", archive(new="x", new__x="y")), "new"),
    ],
)
def test_what_would_be_a_file_and_a_folder_is_refused_and_changes_nothing(filled, act, other):
    before = names(filled)

    answer = act(filled)

    assert answer.status_code == 409
    assert f"beside {other!r}" in answer.json["message"]
    assert names(filled) == before


def test_names_that_only_look_alike_are_free(filled):
    for path in ("plain2", "deep2/x", "deep/er2", "deep/er/one.txt2", "1000/x", "plain"):
        assert put(filled, path).status_code == 200, path
    assert folder(filled, "deep/er").status_code == 200
    assert move(filled, "deep", "deeper").status_code == 200
    assert put(filled, "deep").status_code == 200


def test_a_name_is_free_again_once_what_had_it_is_gone(filled):
    filled.call("DELETE", WHERE, query_string={"path": "deep"})

    assert put(filled, "deep").status_code == 200


def test_an_archive_whose_files_cannot_be_written_leaves_no_flow_of_it_either(filled):
    text = FLOW.format("a")
    refused = put(filled, "all.zip", archive(_flows__a=text, plain__x="y"))
    count = filled.get("/flows/search", namespace="a")["total"]
    taken = put(filled, "all.zip", archive(_flows__a=text, plain="y"))

    assert (refused.status_code, count) == (409, 0)
    assert taken.status_code == 200
    assert filled.get("/flows/search", namespace="a")["total"] == 1


def test_many_names_are_looked_at_once():
    taken = TakenNames(f"a{n}/b{n}/c" for n in range(50_000))

    assert taken.in_the_way_of("a7/b7/c/d") == "a7/b7/c"
    assert taken.in_the_way_of("a7/b7") == "a7/b7/c"
    assert taken.in_the_way_of("a7/b7/") is None
