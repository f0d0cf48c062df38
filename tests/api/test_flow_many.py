"""Many flows at once: run, labels, what an import would do; and texts in sources."""

import io

import pytest

NEEDS = "inputs: [{id: day, type: STRING, required: true}]"
BOTH = [{"namespace": "team.a", "id": "one"}, {"namespace": "team.a", "id": "two"}]
LABELS = [{"key": "owner", "value": "ana"}]


@pytest.fixture
def two(lite):
    lite.flow("one", "# kept\nlabels: {team: data}")
    lite.flow("two", NEEDS)
    return lite


def test_several_flows_start_and_those_that_do_not_are_told(two):
    done = two.send("POST", "/flows/run/by-ids", BOTH)
    by_query = two.send("POST", "/flows/run/by-query", **{"filters[namespace][EQUALS]": "team.a"})
    two.driver.work()

    assert (done["count"], done["totalItems"]) == (1, 2)
    assert done["failed"][0]["id"] == "two"
    assert "day" in done["failed"][0]["message"]
    assert by_query["count"] == 1
    found = two.get("/executions/search", **{"filters[flowId][EQUALS]": "one"})
    assert [row["state"]["current"] for row in found["results"]] == ["SUCCESS"] * 2


def test_labels_are_written_into_sources_beside_others(two):
    done = two.send("POST", "/flows/labels/by-ids", {"flows": BOTH, "labels": LABELS})
    one = two.get("/flows/team.a/one", source="true")
    two_ = two.get("/flows/team.a/two")

    assert (done["count"], done["failed"]) == (2, [])
    assert "# kept" in one["source"]
    assert one["labels"] == [{"key": "team", "value": "data"}, *LABELS]
    assert (two_["labels"], two_["revision"]) == (LABELS, 2)


def test_labels_of_a_list_and_by_query(lite):
    lite.flow("one", "labels: [{key: owner, value: bob}]")
    place = {"filters[namespace][EQUALS]": "team.a"}

    done = lite.send("POST", "/flows/labels/by-query", LABELS, **place)

    assert done["count"] == 1
    assert lite.get("/flows/team.a/one")["labels"] == LABELS
    system = [{"key": "system.x", "value": "1"}]
    lite.send("POST", "/flows/labels/by-query", system, status=422, **place)
    lite.send("POST", "/flows/labels/by-ids", {"flows": ["one"], "labels": LABELS}, status=422)


def report(lite, text, name="flows.yaml"):
    data = {"fileUpload": (io.BytesIO(text.encode()), name)}
    answer = lite.call("POST", "/flows/import/report", data=data)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_an_import_is_told_before_anything_is_written(two):
    source = two.get("/flows/team.a/one", source="true")["source"]
    new = source.replace("id: one", "id: three")
    wrong = "id: four\nnamespace: team.a\ntasks: [{id: a, type: no.such.Type}]\n"
    text = "\n---\n".join([source, new, wrong, source.replace("hello", "bye")])

    found = report(two, text)

    assert [item["action"] for item in found] == ["SAME", "CREATE", "REFUSED", "UPDATE"]
    assert found[2]["verdict"]["violations"][0]["line"] == 3
    assert two.get("/flows/search")["total"] == 2


def test_a_file_of_another_kind_has_no_report(lite):
    answer = lite.call(
        "POST", "/flows/import/report", data={"fileUpload": (io.BytesIO(b"x"), "flows.txt")}
    )

    assert answer.status_code == 422
    assert ".zip, .yml or .yaml" in answer.get_json()["message"]
    lite.send("POST", "/flows/import/report", status=422)


def test_sources_are_searched_by_expression_with_lines_around(two):
    found = two.get("/flows/source", q="^labels: .*data", isRegex="true", context=1)
    (only,) = found["results"]

    assert (only["id"], only["count"]) == ("one", 1)
    assert only["lines"] == [{"line": 4, "text": "labels: {team: data}"}]
    assert [line["line"] for line in only["around"]] == [3, 4, 5]
    assert two.get("/flows/source", q="TEAM: data")["total"] == 1
    assert two.get("/flows/source", q="team.*data")["total"] == 0
    (last, _) = two.get("/flows/source", q="tasks:", context=5)["results"]
    assert last["around"][-1] == last["lines"][-1]  # nothing comes after the last line
    two.send("GET", "/flows/source", status=422, q="(", isRegex="true")
