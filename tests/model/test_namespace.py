"""Names of namespaces."""

import pytest

from app.errors import Invalid
from app.model.namespace import check_namespace


@pytest.mark.parametrize("name", ["a", "company.team", "0-x_y.z", "a" * 150])
def test_a_name_that_a_namespace_may_have(name):
    assert check_namespace(name) == name


@pytest.mark.parametrize("name", ["", "bad ns", "Team", ".a", "a\n", "a:b", "a" * 151, None, 1])
def test_another_name_is_refused_with_its_field(name):
    with pytest.raises(Invalid) as caught:
        check_namespace(name, "binding.namespace")

    assert caught.value.violations[0].path == "binding.namespace"
