"""A part of a plan: what somebody has chosen of it, and what is left then."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from app.gitops.plan import Action, Item, Key, Plan, Sync

_GOES = (Action.DELETE, Action.FORGET)


def unfit(plan: Plan, keys: Sequence[Key]) -> list[str]:
    """Why keys cannot be applied, a line for each that the plan does not change."""
    items = {(item.kind, item.key): item for item in plan.items}
    found = []
    for key in keys:
        item = items.get(key)
        name = f"{key[0].value} {key[1]}"
        if item is None:
            found.append(f"{name} is not in the plan")
        elif item.action is Action.NONE:
            why = "; ".join(item.problems) or f"it is {item.state.value}"
            found.append(f"the plan does nothing to {name}: {why}")
    return found


def split(
    plan: Plan, keys: Sequence[Key], judge: Callable[[Sequence[Item]], Sequence[str]]
) -> tuple[Plan, Plan]:
    """The chosen part of a plan, and the plan of what is left once that is applied.

    `judge` says what stops some items: what was not chosen does not stop what was.
    """
    wanted = set(keys)
    chosen = tuple(item for item in plan.items if (item.kind, item.key) in wanted)
    left = tuple(_left(item, wanted) for item in plan.items if not _is_gone(item, wanted))
    return Plan(chosen, tuple(judge(chosen))), Plan(left, tuple(judge(left)))


def _is_gone(item: Item, wanted: set[Key]) -> bool:
    return (item.kind, item.key) in wanted and item.action in _GOES


def _left(item: Item, wanted: set[Key]) -> Item:
    if (item.kind, item.key) not in wanted:
        return item
    return replace(item, action=Action.NONE, state=Sync.SYNCED, problems=(), warnings=())
