"""Users, groups, roles, bindings, service accounts and tokens, and what each of them may."""

import secrets

import kestrapy
from ground import HOST, NS, T, client, connect, having, made_flow, newer, refused, rows

users, groups, roles, accounts = client.users, client.groups, client.roles, client.service_account
PASSWORD = "correct horse 1"


def fresh(name):
    return f"{name}-{secrets.token_hex(4)}"


def made_user():
    name = fresh("sdk") + "@example.org"
    return users.create_user({"email": name, "username": name, "password": PASSWORD})


def search(room, name):
    """The ids that a search by name finds; 1.x sends `q`, 2.x a filter."""
    more = {"filters": [having("q", name)]} if newer else {"q": name}
    return [one.id for one in rows(room(T, size=100, **more))]


def check_users():
    user = made_user()
    assert users.user(user.id).id == user.id
    assert user.id in {one.id for one in rows(users.list_users(page=1, size=100))}
    assert users.patch_user(user.id, {"firstName": "Ada"}).id == user.id
    assert users.update_user(user.id, {"email": user.username, "firstName": "Eve"}).id == user.id
    users.patch_user_password(user.id, {"password": "other horse 22"})
    other = connect(user.username, "other horse 22")
    refused(403, lambda: other.flows.list_distinct_namespaces(T))  # known, and granted nothing
    stranger = connect(user.username, PASSWORD)
    refused(401, lambda: stranger.flows.list_distinct_namespaces(T))
    users.delete_user(user.id)
    refused(404, lambda: users.user(user.id))
    refused(401, lambda: other.flows.list_distinct_namespaces(T))


def check_tokens_of_users():
    user = made_user()
    made = users.create_api_tokens_for_user(user.id, {"name": "ci", "maxAge": "PT1H"})
    assert [one.id for one in users.list_api_tokens_for_user(user.id).results] == [made.id]
    bearer = kestrapy.KestraClient(host=HOST, token=made.full_token)
    refused(403, lambda: bearer.flows.list_distinct_namespaces(T))
    users.delete_api_token_for_user(user.id, made.id)
    refused(401, lambda: bearer.flows.list_distinct_namespaces(T))
    users.delete_user(user.id)


def check_groups():
    name = fresh("group")
    group = groups.create_group(T, {"name": name})
    refused(409, lambda: groups.create_group(T, {"name": name}))
    assert groups.group(group.id, T).name == name
    assert search(groups.search_groups, name) == [group.id]
    assert groups.update_group(group.id, T, {"name": name + "2"}).name == name + "2"
    user = made_user()
    groups.add_user_to_group(group.id, user.id, T)
    assert [one.id for one in rows(groups.search_group_members(group.id, T))] == [user.id]
    groups.delete_user_from_group(group.id, user.id, T)
    assert rows(groups.search_group_members(group.id, T)) == []
    groups.delete_group(group.id, T)
    refused(404, lambda: groups.group(group.id, T))


def check_roles():
    name = fresh("role")
    asked = {"name": name, "description": "d", "permissions": ["flow:read"]}
    role = roles.create_role(T, asked)
    assert roles.role(role.id, T).name == name
    assert search(roles.search_roles, name) == [role.id]
    changed = roles.update_role(role.id, T, {**asked, "description": "e"})
    assert changed.description == "e"
    roles.delete_role(role.id, T)
    refused(404, lambda: roles.role(role.id, T))
    refused(409, lambda: roles.delete_role("admin", T))  # it comes with the product


def check_service_accounts():
    made = accounts.create_service_account({"name": fresh("robot")})
    assert accounts.service_account(made.id).id == made.id
    assert made.id in {one.id for one in rows(accounts.list_service_accounts(size=100))}
    told = accounts.patch_service_account_details(made.id, {"description": "d"})
    assert told.id == made.id
    token = accounts.create_api_tokens_for_service_account(made.id, {"name": "ci"})
    bearer = kestrapy.KestraClient(host=HOST, token=token["fullToken"])
    refused(403, lambda: bearer.flows.list_distinct_namespaces(T))
    listed = accounts.list_api_tokens_for_service_account(made.id)["results"]
    assert [one["id"] for one in listed] == [token["id"]]
    accounts.delete_api_token_for_service_account(made.id, token["id"])
    assert accounts.list_api_tokens_for_service_account(made.id)["results"] == []
    refused(401, lambda: bearer.flows.list_distinct_namespaces(T))
    accounts.delete_service_account(made.id)
    refused(404, lambda: accounts.service_account(made.id))


def check_service_accounts_of_a_tenant():
    made = accounts.create_service_account_for_tenant(T, {"name": fresh("robot")})
    assert accounts.service_account_for_tenant(made.id, T).id == made.id
    token = accounts.create_api_tokens_for_service_account_with_tenant(made.id, T, {"name": "ci"})
    listed = accounts.list_api_tokens_for_service_account_with_tenant(made.id, T)["results"]
    assert [one["id"] for one in listed] == [token["id"]]
    accounts.delete_api_token_for_service_account_with_tenant(made.id, token["id"], T)
    accounts.delete_service_account_for_tenant(made.id, T)
    refused(404, lambda: accounts.service_account_for_tenant(made.id, T))


if newer:

    def check_bindings():
        bindings, user = client.bindings, made_user()
        made_flow("bound")
        one = connect(user.username, PASSWORD)
        refused(403, lambda: one.flows.flow(NS, "bound", T))
        asked = {"type": "USER", "externalId": user.id, "roleId": "viewer", "namespaceId": NS}
        binding = bindings.create_binding(T, asked)
        assert bindings.binding(binding.id, T).id == binding.id
        found = rows(bindings.search_bindings(T, external_id=user.id))
        assert [item.id for item in found] == [binding.id]
        assert one.flows.flow(NS, "bound", T).id == "bound"
        refused(403, lambda: one.executions.create_execution(T, NS, "bound"))
        bindings.delete_binding(binding.id, T)
        refused(403, lambda: one.flows.flow(NS, "bound", T))
