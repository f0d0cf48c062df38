"""Moments as the wire writes them."""

from datetime import UTC, datetime, timedelta

import pytest

from app.model.moment import read_moment


def test_a_moment_without_a_zone_is_of_utc():
    assert read_moment(" 2026-05-01T12:00 ") == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert read_moment("2026-05-01 12:00").utcoffset() == timedelta()


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-12:00", "0001-01-01", "9999-01-01", "x", ""])
def test_a_moment_at_the_edge_is_none(text):
    with pytest.raises(ValueError):
        read_moment(text)
