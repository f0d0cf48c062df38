"""A log longer than what a list counts: every line of it is reached."""

from sqlalchemy import insert

from app.database.schema import logs

LINES = 100_003


def test_the_last_line_of_a_long_log_is_reached_by_its_number(lite):
    lite.flow("one")
    execution = lite.run("one")
    first = {
        "execution_id": execution,
        "namespace": "team.a",
        "flow_id": "one",
        "at": lite.driver.rt.clock(),
        "level": 2,
    }
    with lite.driver.rt.database.transaction() as tx:
        known = lite.get(f"/logs/{execution}/lines", count=0)["total"]
        lines = range(known, LINES)
        tx.execute(insert(logs), [{**first, "message": f"line {n}"} for n in lines])

    window = lite.get(f"/logs/{execution}/lines", **{"from": LINES - 1, "count": 10})

    assert window["total"] == LINES
    assert [line["message"] for line in window["lines"]] == [f"line {LINES - 1}"]
