"""Accounts, groups, roles and tokens on the command line."""

import io
import json
import sys

import pytest

from app.service.access import accounts, login, tokens


@pytest.fixture
def typed(monkeypatch):
    """Sets what stdin holds."""

    def type_in(text):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return type_in


@pytest.fixture
def ana(run, served, typed):
    """A server with a person."""
    typed("correct horse\n")
    assert run("user", "add", "ana").code == 0
    return served


def may(driver, name):
    """What somebody was given, by whatever way."""
    with driver.rt.database.reading() as tx:
        row = accounts.users.find_by_name(tx, name)
    caller = accounts.caller_of(driver.rt, row)
    return sorted((grant.role, grant.namespace) for grant in caller.grants)


def test_a_person_is_added_with_a_password_that_is_never_an_argument(run, ana):
    listed = run("user", "list")
    wrong = run("user", "add", "bob", "correct horse")

    assert login.check_password(ana.rt, "ana", "correct horse", "") is not None
    assert listed.out == "ana nothing\n"
    assert wrong.code == 2


def test_programs_and_people_of_a_provider_have_no_password(run, served):
    made = [
        run("user", "add", "robot", "--program"),
        run("user", "add", "eve", "--no-password", "--super-admin"),
    ]

    assert [one.code for one in made] == [0, 0]
    assert run("user", "list").out == "eve super admin\nrobot (program) nothing\n"


def test_a_role_is_given_listed_and_taken_back(run, ana):
    done = run("user", "grant", "ana", "viewer", "--namespace", "a")
    again = run("user", "grant", "ana", "viewer", "--namespace", "a")
    listed = run("user", "list")
    elsewhere = run("user", "revoke", "ana", "viewer")
    before = may(ana, "ana")
    taken = run("user", "revoke", "ana", "viewer", "--namespace", "a")

    assert (done.code, again.code, elsewhere.code, taken.code) == (0, 1, 1, 0)
    assert listed.out == "ana viewer in a\n"
    assert "ana was not given viewer everywhere" in elsewhere.err
    assert before == [("viewer", "a")]
    assert may(ana, "ana") == []


def test_a_role_of_the_account_s_own_grants_is_taken_back_too(run, served):
    given = [{"role": "editor"}, {"role": "viewer", "namespace": "b"}]
    accounts.create(served.rt, "bob", kind="SERVICE_ACCOUNT", grants=given)

    taken = run("user", "revoke", "bob", "editor")

    assert taken.code == 0
    assert may(served, "bob") == [("viewer", "b")]


def test_a_role_of_our_own_is_made_changed_given_and_removed(run, ana):
    made = run("role", "add", "watch", "flow:read", "execution:run", "--description", "at night")
    given = run("user", "grant", "ana", "watch")
    listed = run("role", "list", "--q", "wat")
    changed = run("role", "add", "watch", "kv:read")
    shown = json.loads(run("role", "list", "--q", "wat", "--output", "json").out)

    assert [one.code for one in (made, given, changed)] == [0, 0, 0]
    assert listed.out == "watch: execution:run, flow:read\n"
    assert (shown[0]["permissions"], shown[0]["description"]) == (["kv:read"], "at night")
    assert may(ana, "ana") == [("watch", "")]
    assert run("role", "remove", "watch").code == 0
    assert may(ana, "ana") == []


def test_a_group_has_members_and_gives_them_roles(run, ana):
    run("user", "add", "robot", "--program")
    made = run("group", "add", "night shift", "--member", "ana")
    more = run("group", "add", "night shift", "--member", "robot")
    given = run("group", "grant", "night shift", "operator", "--namespace", "a")
    listed = run("group", "list")
    less = run("group", "remove", "night shift", "--member", "ana")

    assert [one.code for one in (made, more, given, less)] == [0] * 4
    assert listed.out == "night shift: operator in a; members: ana, robot\n"
    assert (may(ana, "ana"), may(ana, "robot")) == ([], [("operator", "a")])
    assert run("group", "revoke", "night shift", "operator").code == 1
    assert run("group", "revoke", "night shift", "operator", "--namespace", "a").code == 0
    assert may(ana, "robot") == []
    assert run("group", "remove", "night shift").code == 0
    assert run("group", "list").out == ""


def test_a_token_is_shown_alone_and_once_has_scopes_and_ends(run, ana):
    run("user", "grant", "ana", "editor")
    words = ("--account", "ana")
    made = run("token", "add", "ci", *words, "--max-age", "P1D", "--scope", "viewer:a.b")
    wide = run("token", "add", "all", *words)
    listed = run("token", "list", *words)

    caller = tokens.check_token(ana.rt, made.out.strip())
    assert [(grant.role, grant.namespace) for grant in caller.grants] == [("viewer", "a.b")]
    assert wide.out.startswith("tk_")
    ci, everything = listed.out.splitlines()
    assert ci.startswith("ci tk_")
    assert ": viewer in a.b" in ci
    assert everything.endswith("without an end, never used: all that its owner may")
    assert made.out.strip() not in listed.out
    assert run("token", "remove", "ci", *words).code == 0
    assert tokens.check_token(ana.rt, made.out.strip()) is None


def test_tokens_of_one_name_are_removed_by_id(run, ana):
    for _ in range(2):
        run("token", "add", "ci", "--account", "ana")
    found = json.loads(run("token", "list", "--account", "ana", "-o", "json").out)

    unclear = run("token", "remove", "ci", "--account", "ana")

    assert unclear.code == 1
    assert found[0]["id"] in unclear.err
    assert run("token", "remove", found[0]["id"], "--account", "ana").code == 0
    assert len(run("token", "list", "--account", "ana").out.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("user", "grant", "none", "viewer"), "there is no account 'none'"),
        (("user", "grant", "ana", "none"), "there is no role 'none'"),
        (("user", "remove", "an"), "there is no account 'an'"),
        (("group", "grant", "none", "viewer"), "there is no group 'none'"),
        (("group", "add", "g", "--member", "none"), "there is no account 'none'"),
        (("role", "add", "r", "flow:fly"), "permissions[0]: 'flow:fly' is none of"),
        (("role", "add", "viewer", "flow:read"), "the role viewer is fixed"),
        (("token", "add", "t", "--account", "ana", "--scope", "none"), "scopes[0].role: there is"),
        (("token", "remove", "none", "--account", "ana"), "there is no token 'none'"),
    ],
)
def test_what_is_not_there_is_named(run, ana, words, named):
    found = run(*words)

    assert found.code == 1
    assert named in found.err
