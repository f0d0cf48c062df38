"""Secrets on the command line: values go in by stdin or a file, and never come out."""

import io
import json
import sys

import pytest

from app.service import secrets


@pytest.fixture
def typed(monkeypatch):
    """Sets what stdin holds."""

    def type_in(text):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return type_in


def test_a_secret_is_read_from_stdin_listed_and_deleted(run, served, typed):
    typed("sesame\n")
    done = run("secret", "set", "team.a", "DOOR", "--description", "of the cave")

    listed = run("secret", "list", "team.a")
    stored = secrets.find(served.rt, "team.a", "DOOR")
    gone, again = run("secret", "delete", "team.a", "DOOR"), run("secret", "delete", "team.a", "D")

    assert done.code == 0
    assert done.out == done.err == ""
    assert listed.out == "DOOR\n"
    assert stored == "sesame"
    assert (gone.code, again.code) == (0, 1)


@pytest.mark.parametrize(
    ("text", "kept"), [("a\nb\n", "a\nb\n"), ("a\n", "a"), ("a\r\n", "a"), (" a ", " a ")]
)
def test_only_the_line_end_of_a_single_line_is_left_out(run, served, tmp_path, text, kept):
    file = tmp_path / "value"
    file.write_bytes(text.encode())

    assert run("secret", "set", "team.a", "KEY", "--file", str(file)).code == 0
    assert secrets.find(served.rt, "team.a", "KEY") == kept


def test_a_value_that_is_empty_or_no_text_is_refused(run, served, typed, tmp_path):
    typed("")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")

    empty = run("secret", "set", "team.a", "KEY")
    binary = run("secret", "set", "team.a", "KEY", "--file", str(tmp_path / "bytes"))

    assert (empty.code, binary.code) == (1, 1)
    assert "value: must be a text that is not empty" in empty.err
    assert "not UTF-8" in binary.err
    assert run("secret", "list", "team.a").out == ""


def test_a_value_cannot_be_an_argument(run, served):
    assert run("secret", "set", "team.a", "KEY", "sesame").code == 2


def test_a_list_for_programs_is_json_and_shows_no_value(run, served, typed):
    typed("sesame")
    run("secret", "set", "team.a", "DOOR", "--description", "of the cave")

    found = run("secret", "list", "team.a", "--output", "json")

    assert "sesame" not in found.out
    assert json.loads(found.out)[0]["description"] == "of the cave"
