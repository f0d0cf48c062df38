"""Totals that are remembered."""

import uuid

from app.service import totals


def test_a_long_list_is_not_counted_again_at_once():
    question = ("url", uuid.uuid4())
    before = totals.find(question)
    totals.keep(question, totals.LEAST)

    assert (before, totals.find(question)) == (None, totals.LEAST)


def test_a_short_list_is_counted_each_time():
    question = ("url", uuid.uuid4())
    totals.keep(question, totals.LEAST - 1)

    assert totals.find(question) is None


def test_what_is_remembered_is_bounded():
    first = ("url", uuid.uuid4())
    totals.keep(first, 5_000)
    for _ in range(1_000):
        totals.keep(("url", uuid.uuid4()), 5_000)

    assert totals.find(first) is None
