"""Patterns of files."""

import pytest

from workers.globs import is_name, matches_any


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*.txt", "a.txt", True),
        ("*.txt", "a/b.txt", False),
        ("**.txt", "a/b.txt", True),
        ("**/*.txt", "a/b/c.txt", True),
        ("**/*.txt", "c.txt", True),
        ("out/**", "out/a/b", True),
        ("out/**", "outer/a", False),
        ("./out/*", "out/a", True),
        ("{a,b}.txt", "b.txt", True),
        ("{a,b}.txt", "c.txt", False),
        ("[ab]?.t", "bx.t", True),
        ("[!ab].t", "a.t", False),
        ("glob:*.t", "a.t", True),
        ("regex:.*\\.json", "x/y.json", True),
        ("regex:y\\.json", "x/y.json", False),
        ("a.b", "axb", False),
        ("a,b", "a,b", True),
    ],
)
def test_a_pattern_fits_as_a_glob_or_a_regular_expression(pattern, path, fits):
    assert matches_any(path, [pattern]) is fits


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("a.txt", "deep/in/a.txt", True),
        ("/a.txt", "deep/a.txt", False),
        ("/a.txt", "a.txt", True),
        ("dir/**", "x/dir/y", True),
        ("glob:a.txt", "deep/a.txt", False),
    ],
)
def test_patterns_of_namespace_files_fit_in_any_folder(pattern, path, fits):
    assert matches_any(path, [pattern], anywhere=True) is fits


def test_a_pattern_without_wildcards_is_a_name():
    assert is_name("a/b.txt")
    assert not is_name("a/*.txt")
