"""Promotions: a commit that is well in one stage of a pipeline is moved to the next.

Asked for once, a promotion waits until every gate is open. A newer one for the same stage takes
its place. Beat looks at the gates; what needs Git is done by a worker of the stage's source.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings, git_outside
from app.errors import Conflict, Invalid, NotFound, TrunklineError
from app.gitops.layout import Kind
from app.gitops.mirror import Mirror
from app.gitops.plumbing import push
from app.gitops.provider.base import NewPull
from app.gitops.provider.connect import compare_url, connect, has_api
from app.gitops.ref import RefKind
from app.gitops.remote import resolve
from app.gitops.window import judge
from app.model.filter import Filter, Group, Operator
from app.model.ids import new_id
from app.service import search
from app.service.gitops import access, bindings, pins, records, sources
from app.service.gitops.models import Pipeline, Stage
from app.service.runtime import Runtime


def promote(rt: Runtime, pipeline: str, stage: str, sha: str | None, *, actor: str) -> Row[Any]:
    """Asks for a commit (the one of the stage before when absent) in a stage.

    Raises NotFound, Invalid for the first stage, Conflict when the commit is not well in the
    stage before.
    """
    spec = records.pipelines.get(rt, pipeline)[1]
    before = _before(spec, stage)
    row = bindings.find(rt, before.binding)
    chosen = sha or row.applied_sha
    problem = _not_well(row, chosen)
    if problem or chosen is None:
        raise Conflict(problem or f"{row.name} has applied no commit yet")
    promotion_id = new_id()
    now = rt.clock()
    values = {"id": promotion_id, "pipeline": spec.name, "stage": stage, "sha": chosen}
    with rt.database.transaction() as tx:
        for other in git_outside.waiting_promotions(tx):
            if (other.pipeline, other.stage) == (spec.name, stage):
                changes = {"status": "SUPERSEDED", "ended_at": now}
                git_outside.write_promotion(tx, other.id, **changes)
        more = {"status": "WAITING", "gates": [], "actor": actor, "created_at": now}
        git_outside.add_promotion(tx, {**values, **more})
    advance(rt)
    return get(rt, promotion_id)


def get(rt: Runtime, promotion_id: str) -> Row[Any]:
    """One promotion. Raises NotFound."""
    with rt.database.reading() as tx:
        row = git_outside.find_promotion(tx, promotion_id)
    if row is None:
        raise NotFound(f"no promotion {promotion_id!r}")
    return row


def list_of(rt: Runtime, pipeline: str) -> Sequence[Row[Any]]:
    """The promotions of a pipeline, the newest first. Raises NotFound."""
    spec = records.pipelines.get(rt, pipeline)[1]
    with rt.database.reading() as tx:
        return git_outside.promotions_of(tx, spec.name, 200)


def list_of_flow(rt: Runtime, namespace: str, flow_id: str) -> Sequence[Row[Any]]:
    """The promotions into the binding that owns a flow, the newest first; none without one."""
    with rt.database.reading() as tx:
        owned = git_bindings.find_owned(tx, Kind.FLOW.value, f"{namespace}/{flow_id}")
        if owned is None:
            return []
        return git_outside.promotions_into(tx, bindings.find_in(tx, owned.binding_id).name, 200)


def approve(rt: Runtime, promotion_id: str, actor: str) -> Row[Any]:
    """Opens the gate that waits for a person. Raises NotFound, Conflict when it is over."""
    row = get(rt, promotion_id)
    if row.status != "WAITING":
        raise Conflict(f"the promotion is {row.status}, it waits for nothing")
    with rt.database.transaction() as tx:
        git_outside.write_promotion(tx, row.id, approved_by=actor)
    advance(rt)
    return get(rt, promotion_id)


def _before(spec: Pipeline, stage: str) -> Stage:
    names = [one.binding for one in spec.stages]
    if stage not in names:
        raise NotFound(f"the pipeline {spec.name!r} has no stage {stage!r}")
    at = names.index(stage)
    if at == 0:
        raise Invalid(f"{stage!r} is the first stage: it follows its source")
    return spec.stages[at - 1]


def _not_well(row: Row[Any], sha: str | None) -> str:
    if row.applied_sha != sha:
        return f"{row.name} is at {str(row.applied_sha)[:8]}, not at {str(sha)[:8]}"
    if (row.sync_state, row.health) != ("Synced", "Healthy"):
        return f"{row.name} is {row.sync_state} and {row.health}, not Synced and Healthy"
    return ""


# -- gates


def advance(rt: Runtime) -> None:
    """Moves on every promotion whose gates are open now, and ends those whose stage is gone."""
    with rt.database.reading() as tx:
        waiting = list(git_outside.waiting_promotions(tx))
        ready = list(git_outside.ready_promotions(tx))
    for row in (*waiting, *ready):
        try:
            if row.status == "READY":
                bindings.find(rt, row.stage)  # else no worker would ever have it
            else:
                _advance(rt, row)
        except TrunklineError as error:
            _end(rt, row, "FAILED", error=str(error))


def _advance(rt: Runtime, row: Row[Any]) -> None:
    spec = records.pipelines.get(rt, row.pipeline)[1]
    before = bindings.find(rt, _before(spec, row.stage).binding)
    stage = next(one for one in spec.stages if one.binding == row.stage)
    if before.applied_sha != row.sha:
        raise Conflict(_not_well(before, row.sha))
    shut = gates(rt, row, stage, before, rt.clock())
    if shut != row.gates:
        with rt.database.transaction() as tx:
            git_outside.write_promotion(tx, row.id, gates=shut)
    if shut:
        return
    if stage.mode == "pin":
        reason = f"promoted by {row.pipeline}"
        pins.pin(rt, row.stage, row.sha, actor=row.actor, reason=reason)
        _end(rt, row, "SUCCEEDED")
        return
    with rt.database.transaction() as tx:
        git_outside.write_promotion(tx, row.id, status="READY")
    sources.ask_fetch(rt, bindings.find(rt, row.stage).source_id)


def gates(rt: Runtime, row: Row[Any], stage: Stage, before: Row[Any], now: datetime) -> list[str]:
    """What a promotion still waits for."""
    found = []
    if problem := _not_well(before, row.sha):
        found.append(problem)
    with rt.database.reading() as tx:
        windows = records.windows_in(tx)
    verdict = judge(windows, stage.binding, now, manual=False)
    if not verdict.is_open:
        found.append(verdict.reason)
    if stage.approval and row.approved_by is None:
        found.append("an approval")
    if stage.soak is not None and before.synced_at is not None:
        ends = before.synced_at + stage.soak
        if now < ends:
            found.append(f"soak time until {ends.isoformat(timespec='seconds')}")
    found += [words for flow in stage.flows if (words := _runs(rt, flow, stage, row.sha))]
    return found


def _runs(rt: Runtime, flow: str, stage: Stage, sha: str) -> str:
    namespace, _, flow_id = flow.partition("/")
    of_commit = Group((Filter(field="commit", operator=Operator.EQUALS, value=sha),))
    wanted = search.Wanted(where=of_commit, exact_namespace=namespace, flow_id=flow_id)
    rows = search.list_executions(rt, wanted, page=1, size=stage.successes)[0]
    good = sum(1 for row in rows if row.state == "SUCCESS")
    if good >= stage.successes:
        return ""
    return f"{stage.successes} successful executions of {flow} at {sha[:8]} ({good} so far)"


def _end(rt: Runtime, row: Row[Any], status: str, **values: Any) -> None:
    with rt.database.transaction() as tx:
        changes = {"status": status, "ended_at": rt.clock(), **values}
        git_outside.write_promotion(tx, row.id, **changes)


# -- by a worker


def work(rt: Runtime, source: Row[Any], mirror: Mirror) -> None:
    """Moves branches and opens pull requests of promotions that are ready, for one source."""
    with rt.database.reading() as tx:
        names = {row.name for row in git_bindings.list_of(tx, source.id)}
        ready = [r for r in git_outside.ready_promotions(tx) if r.stage in names]
    for row in ready:
        try:
            url = _move(rt, source, mirror, row)
        except TrunklineError as error:
            _end(rt, row, "FAILED", error=str(error))
        else:
            _end(rt, row, "SUCCEEDED", url=url)


def _move(rt: Runtime, source: Row[Any], mirror: Mirror, row: Row[Any]) -> str | None:
    """The address of the pull request; None after a fast-forward."""
    spec = records.pipelines.get(rt, row.pipeline)[1]
    stage = next(one for one in spec.stages if one.binding == row.stage)
    if source.ref_kind not in ("auto", "branch"):
        raise Conflict(f"the source of {row.stage} follows no branch")
    branch = source.ref.removeprefix("refs/heads/")
    with access.environment(rt, source) as env:
        mirror.fetch(source.url, source.ref, row.sha, env)
        head = resolve(source.url, branch, env, RefKind.BRANCH).sha
        mirror.fetch(source.url, branch, head, env)
        if stage.mode == "branch":
            if not mirror.is_ancestor(head, row.sha):
                raise Conflict(f"{branch} at {head[:8]} cannot be fast-forwarded to {row.sha[:8]}")
            if head != row.sha:
                push(mirror.folder, source.url, row.sha, branch, env, head)
            return None
        name = f"trunkline/promote/{row.stage}-{row.sha[:12]}"
        push(mirror.folder, source.url, row.sha, name, env)
    host = access.host_of(rt, source)
    if not has_api(host):
        return compare_url(host, name, branch)
    title = f"Promote {row.sha[:8]} to {row.stage}"
    body = f"Asked for by {row.actor} in the pipeline {row.pipeline}."
    return connect(host).open_pull(NewPull(branch=name, target=branch, title=title, body=body)).url
