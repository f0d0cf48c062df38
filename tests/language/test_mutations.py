"""Mutated flows: whatever is written, a flow or the product's own error comes out, in time."""

import os
import random
import time
from pathlib import Path

import pytest

from app.errors import TrunklineError
from app.language.advice import advise
from app.language.document import read_document
from app.language.parse import parse_document
from app.plugin.registry import default_registry

SOURCES = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent / "corpus").glob("*.yaml"))
]
PIECES = ["null", "[]", "{}", "- ", ": ", "&a", "*a", "!!int", "<<: ", "{{", "}}", "'", '"', "\t",
          "\n", "0", "-1", "1e999", "true", "type: x", "id: id", "tasks:", "é", "\x00", "|", "#",
          "9" * 40, "{a: {b: [c]}}", "io.kestra.plugin.core.flow.If"]  # fmt: skip


def mutated(source, chance):
    """Lines dropped, doubled, moved or shifted, pieces put in, values swapped."""
    lines = source.splitlines()
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(lines))
        act = chance.randrange(7)
        if act == 0 and len(lines) > 1:
            del lines[at]
        elif act == 1:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif act == 2:
            lines[at] = " " * chance.randrange(8) + lines[at].lstrip()
        elif act == 3:
            cut = chance.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:cut] + chance.choice(PIECES) + lines[at][cut:]
        elif act == 4:
            key, colon, _ = lines[at].partition(":")
            lines[at] = key + colon + " " + chance.choice(PIECES)
        elif act == 5:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        else:
            key, colon, rest = lines[at].partition(":")
            lines[at] = key + chance.choice(["s", "X", "_", ""]) + colon + rest
    return "\n".join(lines)


def check(count, seed):
    chance = random.Random(seed)
    accepted = 0
    for _ in range(count):
        text = mutated(chance.choice(SOURCES), chance)
        started = time.thread_time()
        try:
            document = read_document(text)
            if isinstance(document.data, dict):  # a flow that is refused hears of it as well
                advise(document, default_registry())
            parse_document(document, default_registry())
            accepted += 1
        except TrunklineError:
            pass  # refused, as it should be
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error}\n{text}") from error
        assert time.thread_time() - started < 10, text
    return accepted


def test_three_hundred_mutated_flows_are_accepted_or_refused_with_our_error():
    assert 0 < check(300, seed=20) < 300


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_thousand_mutated_flows_are_accepted_or_refused_with_our_error():
    assert 0 < check(10_000, seed=1 if os.environ.get("CI") else time.time_ns()) < 10_000
