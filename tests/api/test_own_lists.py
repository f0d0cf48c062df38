"""Lists of our own routes: `page`, `size`, `sort` count; a field that cannot sort is named."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from app.database import git_deliveries, git_outside
from app.service.access import accounts, audit, bindings, groups, roles, tokens

NAMES = ("ana", "bob", "cid")
OWNER = "owner"
#: the list, what is sorted by, and the values that it has
LISTS = {
    "/users?q=of-list": ("username", [f"{name}-of-list" for name in NAMES]),
    "/service-accounts": ("name", list(NAMES)),
    "/groups/search": ("name", list(NAMES)),
    "/groups/{group}/members": ("username", [f"{name}-of-list" for name in NAMES]),
    "/roles/search?q=of-list": ("name", [f"{name}-of-list" for name in NAMES]),
    "/bindings/search": ("namespace", list(NAMES)),
    "/users/{owner}/api-tokens": ("name", list(NAMES)),
    "/auditlogs/search?actor=of-list": ("date", None),
    "/gitops/sources": ("name", list(NAMES)),
    "/gitops/bindings": ("name", list(NAMES)),
    "/gitops/webhooks": ("name", list(NAMES)),
    "/gitops/connections": ("name", list(NAMES)),
    "/gitops/deliveries": ("event", list(NAMES)),
    "/gitops/events": ("key", list(NAMES)),
}


@pytest.fixture
def own(lite):
    """Three of everything, made in an order that is neither up nor down."""
    rt = lite.driver.rt
    owner = accounts.create(rt, OWNER)
    group = groups.create(rt, "bob", None, [])
    ids = {"owner": owner.id, "group": group.id}
    for name in ("bob", "cid", "ana"):
        user = accounts.create(rt, f"{name}-of-list")
        accounts.create(rt, name, kind="SERVICE_ACCOUNT")
        if name != "bob":
            groups.create(rt, name, None, [])
        groups.add_member(rt, group.id, user.id)
        roles.create(rt, f"{name}-of-list", ["flow:read"])
        bindings.create(rt, "USER", user.id, "viewer", name)
        tokens.create_token(rt, owner.id, name)
        act = audit.Act(actor="of-list", action=name, target="x", verdict=audit.DONE)
        audit.note(rt, act)
        _of_git(lite, name)
        lite.driver.clock.advance(1)

    def ask(path, **query):
        place, _, asked = path.format(**ids).partition("?")
        return lite.call("GET", place, query_string={**dict(parse_qsl(asked)), **query})

    return ask


def _of_git(lite, name):
    rt = lite.driver.rt
    source = {"name": name, "url": f"https://example.org/{name}.git"}
    made = lite.send("POST", "/gitops/sources", source)
    place = {"source": name, "name": name, "path": name, "namespace": name}
    lite.send("POST", "/gitops/bindings", place)
    lite.send("POST", "/gitops/webhooks", {"name": name})
    lite.send("POST", "/gitops/connections", {"name": name})
    delivery = {"endpoint_id": "e", "delivery_id": f"d-{name}", "provider": "github"}
    delivery |= {"event": name, "pushes": [], "pulls": [], "matched": []}
    with rt.database.transaction() as tx:
        git_deliveries.add(tx, delivery | {"received_at": rt.clock() + timedelta(seconds=1)})
        git_outside.tell(tx, made["id"], name, "commit_status", {}, rt.clock())


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_sorted_both_ways_and_paged(own, path):
    field, wanted = LISTS[path]

    up = own(path, sort=f"{field}:asc", size=10).get_json()
    down = own(path, sort=f"{field}:desc", size=10).get_json()
    second = own(path, sort=f"{field}:asc", page=2, size=2).get_json()

    values = [row[field] for row in up["results"]]
    assert len(values) == up["total"] == 3
    assert values == (wanted or sorted(values))
    assert [row[field] for row in down["results"]] == values[::-1]
    assert ([row[field] for row in second["results"]], second["total"]) == (values[2:], 3)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_names_the_field_that_cannot_sort_and_the_page_that_is_none(own, path):
    sorting = own(path, sort="nothing:asc")
    paging = own(path, page=0)

    assert sorting.status_code == 400
    assert "cannot sort by 'nothing': `sort` takes one of" in sorting.get_json()["message"]
    assert paging.status_code == 422
    assert "`page`" in paging.get_json()["message"]


def test_what_has_no_value_comes_last_both_ways(lite, own):
    rt = lite.driver.rt
    with rt.database.transaction() as tx:
        git_outside.write_event(tx, "bob", sent_at=rt.clock())

    for way in ("asc", "desc"):
        found = lite.get("/gitops/events", sort=f"sentAt:{way}")["results"]
        assert found[0]["key"] == "bob"
