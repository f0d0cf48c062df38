"""Secrets in the forms in which they may appear in a log."""

import base64
import json
import shlex
from urllib.parse import quote, quote_plus

import pytest

from app.expression.evaluate import ExpressionError, World, render
from app.service.masking import Masks

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


def test_what_is_made_of_a_hidden_value_is_hidden_and_nothing_else():
    masks = Masks()
    masks.add("secret-value")

    masks.derive(["secret-value"], "SECRET-VALUE")
    masks.derive([{"deep": ["a secret-value"]}], ["derived", "abc"])
    masks.derive(["something"], "SOMETHING")

    assert masks.apply("SECRET-VALUE derived abc SOMETHING") == "****** ****** abc SOMETHING"


def test_a_common_text_around_a_hidden_value_stays_readable():
    masks = Masks()
    masks.add("secret-value")

    masks.derive(["Bearer secret-value"], "Bearer secret-value")

    assert masks.apply("Bearer secret-value, Bearer x") == "Bearer ******, Bearer x"


def test_the_message_of_an_expression_that_fails_shows_no_secret():
    class Hiding(World):
        masks = Masks()
        hides = True

        def call(self, name, arguments):
            self.masks.add("secret-value")
            return "secret-value"

        def masked(self, text):
            return self.masks.apply(text)

    with pytest.raises(ExpressionError) as error:
        render("{{ secret('A') | number('INT') }}", {}, Hiding())

    assert "secret-value" not in str(error.value)
