"""JSON that every database takes and every client reads."""

import json
import math

import pytest

from app.model.json_text import decode, encode, encoder


def test_numbers_without_a_word_in_json_become_texts_wherever_they_stand():
    value = {"a": math.nan, "b": [math.inf, (-math.inf, 1.5)], "c": {"d": math.nan}}

    found = json.loads(encode(value), parse_constant=pytest.fail)

    assert found == {"a": "NaN", "b": ["Infinity", ["-Infinity", 1.5]], "c": {"d": "NaN"}}


def test_an_encoder_keeps_its_options():
    readable = encoder(ensure_ascii=False, default=str)

    assert readable({"é": {1}}) == '{"é": "{1}"}'
    assert readable(["é", math.inf]) == '["é", "Infinity"]'


@pytest.mark.parametrize("text", ["NaN", "[-Infinity]", "1e999", "[" * 100_000, "{", b"\xff"])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ValueError):
        decode(text)


def test_what_is_json_is_read():
    assert decode('{"a": [1, 1.5, 1e300, null]}') == {"a": [1, 1.5, 1e300, None]}
