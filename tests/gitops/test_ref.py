"""Refs: names that Git may have, ranges of versions, the newest tag within one."""

import pytest

from app.errors import Invalid
from app.gitops.ref import RefKind, check_ref, newest_tag, read_range

TAGS = {name: name for name in ("v1.0.0", "v1.2.0", "1.2.9", "v1.10.0", "v2.0.0-rc.1", "v2.0.0",
                                "v2.0.0+build", "v3.0.0-alpha", "latest", "v0.3.1")}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "newest"),
    [
        ("^1.0.0", "v1.10.0"),
        ("~1.2", "1.2.9"),
        ("1.x", "v1.10.0"),
        (">=1.2.0 <1.10.0", "1.2.9"),
        ("1.0.0", "v1.0.0"),
        ("^0.3.0", "v0.3.1"),
        ("*", "v2.0.0+build"),
        (">=3.0.0-0", "v3.0.0-alpha"),
        ("<1.0.0 || ^1.2", "v1.10.0"),
    ],
)
def test_the_newest_tag_within_a_range_is_found(text, newest):
    assert newest_tag(TAGS, text)[0] == newest


def test_a_prerelease_is_below_its_release_and_only_taken_when_it_is_named():
    assert newest_tag({"2.0.0-rc.1": "a"}, "^2.0.0") is None
    assert newest_tag({"2.0.0-rc.2": "a", "2.0.0-rc.10": "b"}, ">=2.0.0-rc.1")[1] == "b"


@pytest.mark.parametrize("text", ["", "^", "one", "1.2.3.4", "^1.2 ||", ">=x.y"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(Invalid, match="no range"):
        read_range(text)


@pytest.mark.parametrize(
    "text",
    ["-x", "--upload-pack=touch /tmp/x", "a..b", "a b", "a~1", "a^", "a:b", "a.lock", "/a", "a/",
     "a//b", "@{u}", "a\\b", "a\nb", ""],
)  # fmt: skip
def test_what_git_would_not_take_as_a_name_is_refused(text):
    with pytest.raises(Invalid):
        check_ref(RefKind.BRANCH, text)


@pytest.mark.parametrize("text", ["main", "feature/a-b_c.d", "refs/heads/main", "v1.2.3"])
def test_names_of_branches_and_tags_are_taken(text):
    assert check_ref(RefKind.AUTO, text) == text
