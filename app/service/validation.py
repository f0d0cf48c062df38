"""What there is to say of a flow, a task or a trigger before it is saved: all of it at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.database import flows as rows
from app.errors import Invalid, TrunklineError, Violation, by_place
from app.language.advice import Advice, advise
from app.language.document import read_document, read_documents, split_documents
from app.language.parse import InvalidFlow, Parsed, parse_document
from app.language.part import check_part
from app.service import flows
from app.service.runtime import Runtime


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What validating one document found."""

    index: int
    namespace: str | None
    flow_id: str | None
    constraints: str | None
    outdated: bool = False
    deprecations: Sequence[str] = ()  #: paths of what has a newer spelling
    infos: Sequence[str] = ()
    warnings: Sequence[str] = ()
    violations: Sequence[Violation] = ()  #: all of it, each at its place


def validate(rt: Runtime, text: str) -> list[Verdict]:
    """One verdict for each document of a text; never raises for a wrong one."""
    parts = split_documents(text)
    return [_verdict(rt, i, part) for i, part in enumerate(parts)]


def _verdict(rt: Runtime, number: int, text: str) -> Verdict:
    namespace, flow_id = _names(text)
    try:
        document = read_document(text)
    except Invalid as error:
        return Verdict(
            index=number,
            namespace=namespace,
            flow_id=flow_id,
            constraints=str(error),
            violations=error.violations,
        )
    advice = advise(document, rt.registry) if isinstance(document.data, dict) else Advice()
    constraints, outdated = None, False
    wrong: tuple[Violation, ...] = ()
    try:
        parsed = parse_document(document, rt.registry, flows.defaults_of(rt))
    except InvalidFlow as error:
        constraints, wrong = str(error), error.violations
    else:
        outdated = _is_outdated(rt, parsed)
    return Verdict(
        index=number,
        namespace=namespace,
        flow_id=flow_id,
        constraints=constraints,
        outdated=outdated,
        deprecations=advice.deprecations,
        infos=advice.infos,
        warnings=advice.warnings,
        violations=by_place(wrong, advice.places),
    )


def _is_outdated(rt: Runtime, parsed: Parsed) -> bool:
    with rt.database.reading() as tx:
        head = rows.head(tx, parsed.flow.namespace, parsed.flow.id)
    written = parsed.document.data.get("revision")
    return head is not None and isinstance(written, int) and written < head.revision


def _names(text: str) -> tuple[str | None, str | None]:
    try:
        documents = read_documents(text)
    except TrunklineError:
        return None, None
    data = documents[0].data if documents else None
    if not isinstance(data, dict):
        return None, None
    namespace, flow_id = data.get("namespace"), data.get("id")
    return (
        namespace if isinstance(namespace, str) else None,
        flow_id if isinstance(flow_id, str) else None,
    )


def validate_part(rt: Runtime, text: str, section: str) -> Verdict:
    """Validates one task or trigger as it would stand in a flow."""
    try:
        wrong, advice = check_part(text, section.lower(), rt.registry)
    except Invalid as error:
        constraints, violations = str(error), error.violations
        return Verdict(
            index=0, namespace=None, flow_id=None, constraints=constraints, violations=violations
        )
    return Verdict(
        index=0,
        namespace=None,
        flow_id=None,
        constraints=str(InvalidFlow(wrong)) if wrong else None,
        deprecations=advice.deprecations,
        infos=advice.infos,
        warnings=advice.warnings,
        violations=by_place(wrong, advice.places),
    )
