"""Roles and grants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.access import ROLES, Caller, Grant, Permission


def ana(*grants: Grant) -> Caller:
    return Caller("1", "ana", grants=grants)


def test_a_caller_without_grants_may_only_see_to_herself():
    assert [p for p in Permission if ana().may(p, "a.b")] == [Permission.SELF]
    assert ana().visible(Permission.FLOW_READ) == ()


def test_a_grant_reaches_the_namespaces_below_and_no_namesake():
    caller = ana(Grant("viewer", "company.data"))

    assert caller.may(Permission.FLOW_READ, "company.data")
    assert caller.may(Permission.FLOW_READ, "company.data.daily")
    assert not caller.may(Permission.FLOW_READ, "company.database")
    assert not caller.may(Permission.FLOW_READ, "company")
    assert not caller.may(Permission.FLOW_READ)
    assert caller.visible(Permission.FLOW_READ) == ("company.data",)


def test_a_grant_without_a_namespace_reaches_everything():
    caller = ana(Grant("operator"))

    assert caller.may(Permission.EXECUTION_RUN, "any.where")
    assert caller.may(Permission.EXECUTION_RUN)
    assert not caller.may(Permission.FLOW_WRITE, "any.where")
    assert caller.visible(Permission.EXECUTION_READ) is None


@pytest.mark.parametrize(
    ("less", "more"), [("viewer", "operator"), ("operator", "editor"), ("editor", "admin")]
)
def test_each_role_has_all_of_the_one_below(less, more):
    assert ROLES[less] < ROLES[more]


def test_no_role_below_admin_changes_who_may_do_what():
    for role in ("viewer", "operator", "editor"):
        assert not ROLES[role] & {
            Permission.ACCESS_ADMIN,
            Permission.GIT_ADMIN,
            Permission.AUDIT_READ,
        }


def test_a_viewer_sees_no_secrets_and_runs_nothing():
    caller = ana(Grant("viewer"))

    for permission in (Permission.SECRET_LIST, Permission.EXECUTION_RUN, Permission.EXECUTION_EVAL):
        assert not caller.may(permission, "a")


grants = st.builds(
    Grant,
    st.sampled_from([*ROLES, "unknown"]),
    st.sampled_from(["", "a", "a.b", "a.bc", "b"]),
)


@given(
    st.lists(grants),
    st.lists(grants),
    st.sampled_from(Permission),
    st.sampled_from(["a", "a.b", "a.bc.d", "b"]),
)
def test_a_narrowed_caller_never_may_more_than_the_caller_or_the_limits(
    own, limits, permission, where
):
    owner = ana(*own)
    token = owner.limited_to(limits)

    if token.may(permission, where):
        assert owner.may(permission, where)
        assert ana(*limits).may(permission, where)
