"""Pull requests against a binding: planned, told in one comment and a status, previewed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings, git_outside, git_sources
from app.database.session import Session
from app.errors import TrunklineError
from app.gitops.cli import GitFailed, RefNotFound
from app.gitops.mirror import Mirror
from app.gitops.plan import Action, Item, Plan, Sync
from app.gitops.provider.base import CheckState
from app.gitops.ref import RefKind, is_ref_name
from app.gitops.remote import resolve
from app.gitops.webhook.delivery import PullEvent
from app.service.gitops import access, bindings, events, previews
from app.service.gitops.diffs import with_diffs
from app.service.gitops.reconcile import draw
from app.service.runtime import Runtime

_MOST_COMMENT, _MOST_DIFF = 60_000, 6_000
_SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.ADOPT: "="}


def note(tx: Session, rt: Runtime, pull: PullEvent, source: Row[Any]) -> bool:
    """Keeps what a delivery says of a pull request; the worker then asks the remote."""
    if not _concerns(pull, source):
        return False
    for binding in git_bindings.list_of(tx, source.id):
        if binding.preview:
            continue
        values = {
            "binding_id": binding.id,
            "number": pull.number,
            "sha": pull.sha,
            "source_ref": pull.source_ref[:300],
            "target_ref": pull.target_ref[:300],
            "is_fork": pull.is_fork,
            "is_open": pull.is_open,
            "updated_at": rt.clock(),
        }
        git_outside.put_pull(tx, values)
    return True


def _concerns(pull: PullEvent, source: Row[Any]) -> bool:
    tracked = source.ref.removeprefix("refs/heads/")
    return source.ref_kind in ("auto", "branch") and pull.target_ref == tracked


def work(rt: Runtime, source: Row[Any], mirror: Mirror, *, forks: bool) -> None:
    """Plans every head of forks, or of others, that was not planned yet; closes the previews of
    what was closed."""
    with rt.database.reading() as tx:
        found = [
            (binding, list(git_outside.pulls_of(tx, binding.id)))
            for binding in git_bindings.list_of(tx, source.id)
            if not binding.preview
        ]
    for binding, listed in found:
        for pull in (one for one in listed if one.is_fork == forks):
            if not pull.is_open:
                previews.close(rt, binding, pull.number)
            elif pull.planned_sha != pull.sha:
                _plan(rt, source, binding, mirror, pull)


def _plan(rt: Runtime, source: Row[Any], binding: Row[Any], mirror: Mirror, pull: Row[Any]) -> None:
    sha: str = pull.sha
    told = sha
    is_branch = False
    plan: Plan | None = None
    error = ""
    try:
        with access.environment(rt, source) as env:
            if not pull.is_fork and is_ref_name(pull.source_ref):
                there = resolve(source.url, pull.source_ref, env, RefKind.BRANCH)
                is_branch = there.sha.startswith(sha)
                sha = there.sha if is_branch else sha
            mirror.fetch(source.url, pull.source_ref, sha, env)
        plan, picture = draw(rt, binding, mirror, sha)
        if not pull.is_fork:  # a difference shows what runs here, and anybody may make a fork
            plan = with_diffs(rt, plan, picture)
    except TrunklineError as problem:
        if isinstance(problem, GitFailed) and not isinstance(problem, RefNotFound):
            return  # the remote is away: the next round asks again
        error = str(problem)
    with rt.database.transaction() as tx:
        git_outside.write_pull(tx, binding.id, pull.number, planned_sha=told)
        body = comment_of(binding.name, sha, plan, error)
        key = f"comment/{binding.id}/{pull.number}/{sha}"
        content = {"binding_id": binding.id, "number": pull.number, "body": body, "sha": told}
        if source.connection is not None:
            git_outside.tell(tx, source.id, key, "comment", content, rt.clock())
        is_well = plan is not None and not plan.problems
        state = CheckState.SUCCESS if is_well else CheckState.FAILURE
        events.status(tx, rt, source, binding, sha, state, headline(plan, error), "plan")
    wants = bindings.settings_of(binding).previews
    if wants and plan is not None and not pull.is_fork and is_branch:
        previews.open_or_move(rt, source, binding, mirror, pull.number, sha)


def headline(plan: Plan | None, error: str) -> str:
    """A plan in one line."""
    if plan is None:
        return f"cannot be planned: {error}"
    if plan.problems:
        return f"{len(plan.problems)} problems: {plan.problems[0]}"
    counts = plan.counts()
    words = [f"{counts[a]} to {a.lower()}" for a in Action if counts.get(a)]
    return ", ".join(words) or "no changes"


def comment_of(name: str, sha: str, plan: Plan | None, error: str) -> str:
    """The comment: counts, problems, a diff for each flow; Markdown."""
    lines = [f"<!-- trunkline/plan/{name} -->", f"### Trunkline plan for `{name}` at {sha[:8]}", ""]
    lines += [headline(plan, error), ""]
    for problem in plan.problems[:50] if plan is not None else []:
        lines.append(f"- :x: {_inline(problem)}")
    warned = [(i.key, w) for i in plan.items for w in i.warnings] if plan is not None else []
    lines += [f"- :warning: {_inline(f'{key}: {words}')}" for key, words in warned[:50]]
    for item in plan.items if plan is not None else ():
        if item.action is Action.NONE and item.state is Sync.SYNCED:
            continue
        sign = _SIGNS.get(item.action, "!")
        title = f"{sign} {item.kind.value} {item.key} ({item.state.value})"
        lines += ["", *_shown(_inline(title), item)]
        if sum(map(len, lines)) > _MOST_COMMENT:
            lines.append("(more changes are not shown)")
            break
    return "\n".join(lines)[: _MOST_COMMENT + 5000]


def _shown(title: str, item: Item) -> list[str]:
    """An item with its difference, but for what is not from Git: readers of the repository, who
    choose what its files are called, are nobody to whom this server shows its flows."""
    diff = "" if item.state is Sync.UNOWNED else (item.diff or "")[:_MOST_DIFF]
    if not diff:
        return [f"- {title}"]
    fence = "`" * (max(3, _longest_fence(diff) + 1))
    head = f"<details><summary>{title}</summary>"
    return [head, "", f"{fence}diff", diff.rstrip(), fence, "</details>"]


def _longest_fence(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest


def _inline(text: str) -> str:
    """A text of the repository within Markdown: it names nobody and links nowhere."""
    plain = " ".join(text.split())
    return plain.replace("<", "&lt;").replace("@", "@\u200b").replace("[", "\\[")


def sources_of(tx: Session, pull: PullEvent) -> Sequence[Row[Any]]:
    """The sources whose repository a pull request is against."""
    return git_sources.with_key(tx, pull.url_keys)
