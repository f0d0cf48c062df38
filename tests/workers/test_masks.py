"""Secrets in the forms in which they may appear in a log."""

import base64
import json
import shlex
from urllib.parse import quote, quote_plus

import pytest

from workers.log import Masks

SECRET = "p'a ss/\"wörd+1"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        quote(SECRET),
        quote_plus(SECRET),
        quote(SECRET, safe=""),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        shlex.quote(SECRET)[1:-1],
        SECRET.replace("'", "'\\''"),
    ],
)
def test_a_secret_is_masked_in_every_form(form):
    masks = Masks()
    masks.add(SECRET)

    assert masks.apply(f"before {form} after") == "before ****** after"


def test_each_line_of_a_secret_is_masked_too():
    masks = Masks()
    masks.add("first-line\nsecond-line")

    assert masks.apply("x first-line y") == "x ****** y"


def test_a_short_value_is_not_masked():
    masks = Masks()
    masks.add("abc")

    assert masks.apply("abc") == "abc"


def test_a_long_line_is_not_cut_within_a_secret():
    masks = Masks()
    masks.add("secret-value")
    text = "x" * 95 + "secret-value" + "y" * 50

    at = masks.cut(text, 100)

    assert at == 95
    assert masks.cut(text, 60) == 60
