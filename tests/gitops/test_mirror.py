"""The copy of a remote: processes of one machine that want something of it at once."""

from concurrent.futures import ThreadPoolExecutor

from app.gitops.mirror import Mirror
from tests.support.repository import flow


def test_two_that_want_a_first_copy_make_one(repository, tmp_path):
    sha = repository.commit({"a.yaml": flow("a")})
    copies = [Mirror(tmp_path / "mirrors" / "one.git") for _ in range(6)]

    with ThreadPoolExecutor(len(copies)) as pool:
        done = [
            pool.submit(one.fetch, repository.url, "main", sha, {"GIT_ALLOW_PROTOCOL": "file"})
            for one in copies
        ]
    assert [one.exception() for one in done] == [None] * len(copies)
    assert copies[0].has(sha)
    assert sorted(path.name for path in (tmp_path / "mirrors").iterdir()) == ["one.git", "one.lock"]
    copies[0].remove()
    assert list((tmp_path / "mirrors").iterdir()) == []
