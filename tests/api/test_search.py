"""Filters of lists: old spelling, new spelling, groups, what is refused."""

import csv
import io

import pytest
from sqlalchemy import event

from app.service import downloads
from app.service.search import Wanted


@pytest.fixture
def three(api):
    for flow_id, namespace, team in (
        ("one", "team.a", "x"),
        ("two", "team.a.b", "y"),
        ("three", "team.ab", "x"),
    ):
        api.flow(flow_id, f"labels: {{team: {team}}}", namespace)
        api.run(flow_id, namespace)
    return api


@pytest.fixture
def statements(three):
    """What is sent to the database from here on."""
    sent, engine = [], three.driver.rt.database.engine

    def note(connection, cursor, sql, *rest):
        sent.append(sql)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


FILTERS = [
    ({}, "one two three"),
    ({"namespace": "team.a"}, "one two"),
    ({"flowId": "one"}, "one"),
    ({"q": "THRE"}, "three"),
    ({"labels": "team:x"}, "one three"),
    ({"state": "SUCCESS,FAILED"}, "one two three"),
    ({"state": "FAILED"}, ""),
    ({"filters[namespace][EQUALS]": "team.a"}, "one"),
    ({"filters[namespace][NOT_EQUALS]": "team.a"}, "two three"),
    ({"filters[namespace][PREFIX]": "team.a"}, "one two"),
    ({"filters[namespace][STARTS_WITH]": "team.a"}, "one two three"),
    ({"filters[namespace][ENDS_WITH]": ".b"}, "two"),
    ({"filters[namespace][CONTAINS]": "ab"}, "three"),
    ({"filters[namespace][REGEX]": "^team[.]a.?$"}, "one three"),
    ({"filters[namespace][IN]": "[team.a,team.ab]"}, "one three"),
    ({"filters[namespace][NOT_IN]": "team.a,team.ab"}, "two"),
    ({"filters[flowId][STARTS_WITH]": "t"}, "two three"),
    ({"filters[labels][EQUALS][team]": "x"}, "one three"),
    ({"filters[labels][NOT_EQUALS][team]": "x"}, "two"),
    ({"filters[labels][IN][team]": "x,y"}, "one two three"),
    ({"filters[labels][CONTAINS]": "team:y"}, "two"),
    ({"filters[state][NOT_IN]": "SUCCESS"}, ""),
    ({"filters[childFilter][EQUALS]": "MAIN"}, "one two three"),
    ({"filters[timeRange][EQUALS]": "P1D"}, "one two three"),
    ({"filters[startDate][GREATER_THAN]": "2030-01-01T00:00:00Z"}, ""),
    ({"filters[flowRevision][EQUALS]": "1"}, "one two three"),
    ({"filters[flowRevision][IN]": "2,3"}, ""),
    ({"filters[scope][EQUALS]": "SYSTEM"}, ""),
    (
        {"filters[or][0][flowId][EQUALS]": "one", "filters[or][1][flowId][EQUALS]": "two"},
        "one two",
    ),
    (
        {
            "filters[or][0][and][0][flowId][EQUALS]": "one",
            "filters[or][0][and][1][namespace][EQUALS]": "nowhere",
            "filters[or][1][flowId][EQUALS]": "two",
        },
        "two",
    ),
    ({"filters[q][EQUALS]": "%"}, ""),
    ({"filters[q][EQUALS]": "' or 1=1 --"}, ""),
]


def test_executions_are_found_by_every_filter(three):
    for query, expected in FILTERS:
        found = three.get("/executions/search", size=100, **query)

        assert sorted(item["flowId"] for item in found["results"]) == sorted(expected.split()), (
            query
        )
        assert found["total"] == len(expected.split())


FLOW_FILTERS = [
    ({"namespace": "team.a"}, "one two"),
    ({"labels": "team:x"}, "one three"),
    ({"filters[labels][EQUALS][team]": "y"}, "two"),
    ({"filters[labels][NOT_EQUALS][team]": "y"}, "one three"),
    ({"filters[flowId][REGEX]": "^t"}, "two three"),
    ({"q": "One"}, "one"),
]


def test_flows_are_found_by_every_filter(three):
    for query, expected in FLOW_FILTERS:
        found = three.get("/flows/search", size=100, **query)

        assert sorted(item["id"] for item in found["results"]) == sorted(expected.split()), query


def test_lists_are_sorted_and_paged(three):
    first = three.get("/executions/search", size=2, sort="flowId:asc")
    second = three.get("/executions/search", size=2, page=2, sort="flowId:asc")

    assert [item["flowId"] for item in first["results"]] == ["one", "three"]
    assert [item["flowId"] for item in second["results"]] == ["two"]
    assert first["total"] == second["total"] == 3


REFUSED = [
    ({"filters[nope][EQUALS]": "x"}, 400),
    ({"filters[namespace][NOPE]": "x"}, 400),
    ({"filters[state][REGEX]": "x"}, 400),
    ({"filters[namespace][REGEX]": "("}, 400),
    ({"filters[namespace]": "x"}, 400),
    ({"filters[namespace][EQUALS][a][b]": "x"}, 400),
    ({"filters[state][IN]": "NOPE"}, 422),
    ({"filters[startDate][EQUALS]": "tomorrow"}, 422),
    ({"filters[timeRange][EQUALS]": "P1Y"}, 422),
    ({"startDate": "2024-01-01T00:00:00Z", "timeRange": "P1D"}, 422),
    ({"startDate": "2024-01-02T00:00:00Z", "endDate": "2024-01-01T00:00:00Z"}, 422),
    ({"page": "0"}, 422),
    ({"size": "-1"}, 422),
    ({"sort": "id"}, 422),
    ({"sort": "nope:asc"}, 400),
]


def test_what_cannot_be_used_is_refused_with_the_reason(lite):
    for query, status in REFUSED:
        answer = lite.call("GET", "/executions/search", query_string=query)

        assert answer.status_code == status, query
        assert answer.get_json()["message"]


def test_a_change_by_query_takes_bracket_filters_only(lite):
    lite.flow("one")
    execution = lite.run("one")

    refused = lite.call("DELETE", "/executions/by-query", query_string={"namespace": "nope"})
    done = lite.send("DELETE", "/executions/by-query", **{"filters[flowId][EQUALS]": "one"})

    assert refused.status_code == 400
    assert "filters[namespace][EQUALS]" in refused.get_json()["message"]
    assert done["count"] == 1
    assert lite.call("GET", f"/executions/{execution}").status_code == 404


def test_executions_are_found_by_the_trigger_that_began_them_whatever_its_type(three):
    key = "abcdefghijkl"
    hook = f"triggers: [{{id: call, type: io.kestra.plugin.core.trigger.Webhook, key: {key}}}]"
    three.flow("hooked", hook, "team.a")
    called = three.call("POST", f"/executions/webhook/team.a/hooked/{key}")
    assert called.status_code == 200, called.get_data(as_text=True)

    exact = three.get("/executions/search", **{"filters[triggerId][EQUALS]": "call"})
    every = three.get("/executions/search", **{"filters[triggerId][STARTS_WITH]": ""})
    others = three.get("/executions/search", **{"filters[triggerId][NOT_EQUALS]": "call"})

    assert [row["flowId"] for row in exact["results"]] == ["hooked"]
    assert [row["flowId"] for row in every["results"]] == ["hooked"]
    assert others["total"] == 3
    assert three.get("/executions/distinct-field-values", field="triggerId") == ["call"]
    table = three.send("GET", "/executions/export/by-query/csv").decode()
    (line,) = [line for line in csv.DictReader(io.StringIO(table)) if line["triggerId"] == "call"]
    assert (line["flowId"], line["state"]) == ("hooked", "CREATED")


def test_an_export_goes_on_past_one_part_in_the_order_of_the_list(three):
    listed = [row["id"] for row in three.get("/executions/search")["results"]]

    parts = list(downloads.execution_lines(three.driver.rt, Wanted(), 2))
    table = three.send("GET", "/executions/export/by-query/csv").decode()

    assert [[row.id for row in part] for part in parts] == [listed[:2], listed[2:]]
    assert [line["id"] for line in csv.DictReader(io.StringIO(table))] == listed
    bad = {"filters[flowId][REGEX]": "("}
    three.send("GET", "/executions/export/by-query/csv", status=400, **bad)


def test_a_text_is_looked_for_in_ids_namespaces_and_labels_whatever_its_case(three):
    execution = three.run("one", labels="place:North-Sea")

    def found(text, **more):
        page = three.get("/executions/search", q=text, **more)
        return page["total"], [row["id"] for row in page["results"]]

    assert found(execution.upper()) == found("NORTH-s") == (1, [execution])
    pages = [found("TEAM.", size=3, page=number) for number in (1, 2, 3)]
    assert [(total, len(ids)) for total, ids in pages] == [(4, 3), (4, 1), (4, 0)]
    assert found("north_s") == found("%") == (0, [])
    others = three.get("/executions/search", **{"filters[q][NOT_EQUALS]": "north"})
    assert others["total"] == 3


def test_letters_beyond_a_to_z_have_a_case_too(three):
    for label in ("place:Århus", "place:åhus"):
        three.run("one", labels=label)

    found = {text: three.get("/executions/search", q=text)["total"] for text in ("Å", "å", "ÅHU")}

    assert found == {"Å": 2, "å": 2, "ÅHU": 1}


def test_a_page_that_is_the_last_is_not_counted_again(three, statements):
    three.get("/executions/search", q="nowhere")
    three.get("/logs/search", q="nowhere")

    assert len(statements) == 2
    assert not any("count(" in sql for sql in statements)


def test_executions_next_to_one_are_found_however_far_back(three):
    three.run("one")
    newest_first = [row["id"] for row in three.get("/executions/search")["results"]]

    def ids(**query):
        return [row["id"] for row in three.get("/executions/search", size=2, **query)["results"]]

    assert ids(olderThan=newest_first[0]) == newest_first[1:3]
    assert ids(olderThan=newest_first[2]) == newest_first[3:]
    assert ids(newerThan=newest_first[3]) == newest_first[1:3]
    assert ids(newerThan=newest_first[0]) == []
    assert ids(olderThan=newest_first[0], flowId="one") == newest_first[3:]
    assert three.get("/executions/search", olderThan=newest_first[0], size=1)["total"] == 3
    assert three.get("/executions/search", newerThan=newest_first[2], size=1)["total"] == 2


def test_executions_next_to_one_take_no_sort_and_need_it_to_be_there(three):
    one = three.get("/executions/search")["results"][0]["id"]

    sorted_ = three.call("GET", f"/executions/search?olderThan={one}&sort=id:asc")
    both = three.call("GET", f"/executions/search?olderThan={one}&newerThan={one}")
    nowhere = three.call("GET", f"/executions/search?olderThan={'x' * 22}")

    assert (sorted_.status_code, both.status_code, nowhere.status_code) == (400, 400, 404)
