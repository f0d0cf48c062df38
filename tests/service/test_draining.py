"""Marks of drained workers and hosts."""

from socket import gethostname

import pytest

from app.errors import Invalid
from app.service import draining


def test_a_mark_of_a_worker_or_of_its_host_is_found_until_it_is_taken_away(driver):
    none = draining.find_mark(driver.rt, "w1")
    draining.drain(driver.rt, f"w1@{gethostname()}")
    own = draining.find_mark(driver.rt, "w1")
    other = draining.find_mark(driver.rt, "w2")
    draining.drain(driver.rt, gethostname())
    of_host = draining.find_mark(driver.rt, "w2")
    gone = draining.undrain(driver.rt, gethostname())

    assert (none, other) == (None, None)
    assert own is not None
    assert own.name == f"w1@{gethostname()}"
    assert of_host is not None
    assert of_host.name == gethostname()
    assert gone
    assert draining.find_mark(driver.rt, "w2") is None
    assert not draining.undrain(driver.rt, gethostname())


def test_a_second_drain_keeps_the_moment_of_the_first(driver):
    draining.drain(driver.rt, "elsewhere")
    (first,) = draining.list_marks(driver.rt)
    driver.clock.advance(60)
    draining.drain(driver.rt, "elsewhere")

    assert draining.list_marks(driver.rt) == [first]


@pytest.mark.parametrize("wrong", ["", "@", "two words", "x" * 301])
def test_a_name_that_no_worker_can_have_is_refused(driver, wrong):
    with pytest.raises(Invalid, match="names no worker"):
        draining.drain(driver.rt, wrong)

    assert draining.list_marks(driver.rt) == []
