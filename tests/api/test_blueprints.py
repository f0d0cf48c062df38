"""Blueprints: ready-made flows that hold what they promise."""

import pytest

from app.service import blueprints

ALL = [item.id for item in blueprints.find("flow")]
ENDS = {"hello-world", "branches-in-parallel", "loop-over-values"}


def test_they_are_found_by_text_and_tag(lite):
    page = lite.get("/blueprints/community/flow", size=3)
    found = lite.get("/blueprints/community/flow", q="approv")
    tagged = lite.get("/blueprints/community/flow", **{"filters[tags][IN]": "git"})
    by_title = lite.get("/blueprints/community/flow", size=50, sort="title:desc")

    assert (len(page["results"]), page["total"]) == (3, len(ALL))
    assert [item["id"] for item in found["results"]] == ["approve-before-deploy"]
    assert [item["id"] for item in tagged["results"]] == ["clone-and-test"]
    titles = [item["title"] for item in by_title["results"]]
    assert titles == sorted(titles, reverse=True)
    assert lite.get("/blueprints/community/app")["total"] == 0


def test_the_older_address_without_a_kind_answers(lite):
    tags = lite.get("/blueprints/community/tags")

    assert lite.get("/blueprints/community")["total"] == len(ALL)
    assert tags == lite.get("/blueprints/community/flow/tags")
    assert "git" in [tag["id"] for tag in tags]
    one = lite.send("GET", "/blueprints/community/hello-world/flow")
    assert one == lite.send("GET", "/blueprints/community/flow/hello-world/source")


def test_a_kind_in_capitals_is_the_same_kind(lite):
    below = "/blueprints/community/FLOW"

    assert lite.get(below)["total"] == len(ALL)
    assert lite.get(f"{below}/tags") == lite.get("/blueprints/community/flow/tags")
    assert lite.get(f"{below}/hello-world")["id"] == "hello-world"
    assert lite.send("GET", f"{below}/hello-world/source") is not None
    assert len(lite.get(f"{below}/hello-world/graph")["nodes"]) > 2
    lite.send("GET", f"{below}/nothing", status=404)


def test_an_unknown_one_is_not_found(lite):
    lite.send("GET", "/blueprints/community/flow/nothing", status=404)
    lite.send("GET", "/blueprints/community/app/hello-world/source", status=404)
    lite.send("GET", "/blueprints/community/flow", sort="colour:asc", status=400)


@pytest.mark.parametrize("name", ALL)
def test_each_is_a_valid_flow_with_a_picture(lite, name):
    found = lite.get(f"/blueprints/community/flow/{name}")
    graph = lite.get(f"/blueprints/community/flow/{name}/graph")
    verdicts = lite.call("POST", "/flows/validate", data=found["source"]).get_json()

    assert [v.get("constraints") for v in verdicts] == [None]
    assert f"id: {name}\n" in found["source"]
    assert found["title"]
    assert found["tags"]
    assert len(graph["nodes"]) > 2


@pytest.mark.parametrize("name", sorted(ENDS))
def test_those_that_need_nothing_from_outside_run_to_success(lite, name):
    execution = lite.driver.run(blueprints.get("flow", name).source)

    assert lite.driver.state(execution) == "SUCCESS"


def test_an_item_names_its_types_and_tags_are_those_of_what_is_found(lite):
    (item,) = lite.get("/blueprints/community/flow", q="approve-before")["results"]
    some = [tag["id"] for tag in lite.get("/blueprints/community/flow/tags", q="approve-before")]

    assert "io.kestra.plugin.core.flow.Pause" in item["includedTasks"]
    assert len(item["includedTasks"]) == len(set(item["includedTasks"]))
    assert some == sorted(item["tags"])
    lite.send("GET", "/blueprints/community/flow/tags", status=400, **{"filters[id][IN]": "a"})
