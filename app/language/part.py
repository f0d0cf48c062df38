"""One task or trigger on its own: checked as it would be in a flow."""

from dataclasses import replace
from typing import Any

from app.errors import Violation
from app.language.advice import Advice, advise
from app.language.document import Document, read_document
from app.language.parse import DefaultsOf, InvalidFlow, no_defaults, parse_document
from app.plugin.registry import Registry

_STAND_IN = {"id": "any", "type": "io.kestra.plugin.core.log.Log", "message": "any"}


def check_part(
    text: str, block: str, registry: Registry, defaults_of: DefaultsOf = no_defaults
) -> tuple[tuple[Violation, ...], Advice]:
    """What is wrong with the only entry of a flow's `block` (`tasks`, `triggers`), and what else
    there is to say; paths begin at the entry, places are those of the text.

    Raises DocumentError.
    """
    part = read_document(text)
    data: dict[str, Any] = {"id": "any", "namespace": "any", "tasks": [_STAND_IN]}
    data[block] = [part.data]
    whole = Document(
        data,
        {(block, 0, *path): mark for path, mark in part.marks.items()},
        {(block, 0, *path): end for path, end in part.ends.items()},
    )
    wrong: tuple[Violation, ...] = ()
    try:
        parse_document(whole, registry, defaults_of)
    except InvalidFlow as error:
        wrong = error.violations
    prefix = f"{block}[0]"
    found = advise(whole, registry)
    advice = Advice(
        tuple(_inside(path, prefix) for path in found.deprecations),
        tuple(text.replace(f"{prefix}.", "") for text in found.infos),
        tuple(text.replace(f"{prefix}.", "") for text in found.warnings),
        tuple(_moved(each, prefix) for each in found.places),
    )
    return tuple(_moved(each, prefix) for each in wrong), advice


def _moved(violation: Violation, prefix: str) -> Violation:
    return replace(violation, path=_inside(violation.path, prefix))


def _inside(path: str, prefix: str) -> str:
    return path.removeprefix(prefix).removeprefix(".")
