"""Marks of deliveries: the first one wins, whatever else it is marked with."""

from app.database import hook_marks


def test_a_mark_is_kept_once_for_each_trigger(driver):
    now = driver.rt.clock()
    with driver.rt.database.transaction() as tx:
        first = hook_marks.add(tx, "a/f/t", ["one", "proof"], "e1", now)
        other = hook_marks.add(tx, "a/f/u", ["one"], "e2", now)
        again = hook_marks.add(tx, "a/f/t", ["two", "proof"], "e3", now)

        assert (first, other, again) == (True, True, False)
        assert hook_marks.find(tx, "a/f/t", ["none", "proof"]) == "e1"
        assert hook_marks.find(tx, "a/f/t", ["none"]) is None
